/* SPDX-License-Identifier: MIT */
/* A sound gallery for fuzz targets: photos, a failure, a label, a rule, the ledger. */
#pragma once

#include <math.h>

#include "fuzz/files.h"
#include "store/labels.h"
#include "store/ledger.h"
#include "store/rules.h"
#include "store/store.h"

enum { FUZZ_PHOTOS = 4 };

static inline void fuzz_must(int rc, const struct error *err)
{
    if (rc)
        BUG("%s", err->message);
}

static inline void fuzz_add_photo(struct store *store, int n, int dim, const char *path)
{
    struct error err = ERROR_INIT;
    uint8_t hash[HASH_BYTES];
    AUTO_FREE float *vector = xcalloc((size_t)dim, sizeof *vector);
    struct photo_facts facts = {.format = "png",
                                .width = 16,
                                .height = 16,
                                .taken = "2019-07-04T18:30:00",
                                .has_place = true,
                                .latitude = 48.85,
                                .longitude = 2.29,
                                .make = "Camera"};
    memset(hash, n, sizeof hash);
    vector[n % dim] = 1;
    struct store_change change = {.kind = STORE_ADD,
                                  .path = path,
                                  .size = 100,
                                  .mtime_ns = 5000000000,
                                  .hash = hash,
                                  .facts = &facts,
                                  .vector = vector};
    fuzz_must(store_apply(store, &change, 1, &err), &err);
}

/* A closed gallery at `path` whose model has so many dimensions. */
static inline void fuzz_make_gallery(const char *path, const struct store_model *model)
{
    struct error err = ERROR_INIT;
    int64_t label;
    struct store_box box = {0.25, 0.25, 0.5, 0.5};
    struct ledger_entry entry = {.request = "1234",
                                 .event = LEDGER_SENT,
                                 .purpose = "ask",
                                 .provider = "openai",
                                 .host = "127.0.0.1",
                                 .model = "m",
                                 .photos = "[]",
                                 .bytes = 10,
                                 .cost_usd = NAN};
    AUTO(store) *store = NULL;
    fuzz_must(store_open(path, STORE_WRITE, &store, &err), &err);
    fuzz_must(store_bind_model(store, model, &err), &err);
    for (int i = 1; i <= FUZZ_PHOTOS; i++) {
        char photo[32];
        snprintf(photo, sizeof photo, i < 3 ? "/photos/%d.png" : "/photos/trip/%d.png", i);
        fuzz_add_photo(store, i, model->dim, photo);
    }
    struct store_change failure = {.kind = STORE_FAIL,
                                   .path = "/photos/bad.png",
                                   .size = 5,
                                   .mtime_ns = 1,
                                   .reason = "the file ends early"};
    fuzz_must(store_apply(store, &failure, 1, &err), &err);
    fuzz_must(store_add_label(store, 1, "Mia", &box, &label, &err), &err);
    fuzz_must(store_add_label(store, 3, "Mia", NULL, &label, &err), &err);
    fuzz_must(store_add_rule(store, STORE_RULE_FOLDER, "/photos/trip", &err), &err);
    fuzz_must(store_add_rule(store, STORE_RULE_LABEL, "Mia", &err), &err);
    fuzz_must(store_ledger_add(store, &entry, &err), &err);
    fuzz_must(store_seal(store, &err), &err);
}

static inline struct store_model fuzz_model(int dim)
{
    struct store_model model = {.id = "test", .preprocessing = 1, .dim = dim};
    memset(model.fingerprint, 'a', HASH_HEX_SIZE - 1);
    return model;
}
