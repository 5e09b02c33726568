/* SPDX-License-Identifier: MIT */
/* Signals of each sort for the tests of export and import. */
#pragma once

#include "store/signals.h"
#include "store_fixture.h"

static const struct store_signal_kind dummy = {"dummy", "", 3};

/* Of three pictures: a payload, a failure, and a vector of a model that is not in use. */
static int add_signals(void *context, const struct store_lacking *lacking)
{
    struct store_signal **next = context;
    memcpy((*next)++->hash, lacking->hash, HASH_BYTES);
    return 0;
}

static void fill_signals(struct store *store)
{
    static const float vector[2 * FIXTURE_DIM] = {0.6F, 0.8F};
    struct store_model other = fixture_model();
    snprintf(other.id, sizeof other.id, "other");
    snprintf(other.arithmetic, sizeof other.arithmetic, "bf16,f32");
    memset(other.fingerprint, 'c', 64);
    other.dim = 2 * FIXTURE_DIM;
    struct store_signal signals[3] = {
        {.kind = dummy, .payload = "\0\1\377", .size = 3},
        {.kind = dummy, .reason = "cut off é"},
        {.kind = {STORE_SIGNAL_VECTOR, other.fingerprint, other.preprocessing},
         .payload = vector,
         .size = sizeof vector},
    };
    struct store_signal *next = signals;
    if (store_list_lacking(store, &dummy, 0, 3, add_signals, &next, &err) ||
        store_add_model(store, &other, &err) || store_put_signals(store, signals, 3, &err))
        ok(false, "%s", err.message);
}
