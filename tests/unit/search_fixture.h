/* SPDX-License-Identifier: MIT */
/* A gallery of photos with the vectors that PyTorch gives for them and for some sentences
 * (towers.json), for tests of searches with mini. */
#pragma once

#include "base/json.h"
#include "base/limits.h"
#include "search/search.h"
#include "shared.h"
#include "store_fixture.h"

enum { DIM = 256, IMAGES_MAX = 16 };

/* float32 towers on f16 weights, and six printed digits a component. */
#define TEXT_TOLERANCE 1e-4
static struct error err;

struct reference {
    json_t *root;
    size_t images;
    char paths[IMAGES_MAX][128]; /* below the shared folder */
    float vectors[IMAGES_MAX][DIM];
};

static inline bool says(const char *part)
{
    bool found = strstr(err.message, part) != NULL;
    if (!found)
        diag("message: %s", err.message);
    return found;
}

static inline bool read_vector(const json_t *entry, float *ret_vector)
{
    const json_t *numbers = json_object_get(entry, "vector");
    if (json_array_size(numbers) != DIM)
        return false;
    double sum = 0;
    for (size_t i = 0; i < DIM; i++) {
        ret_vector[i] = (float)json_number_value(json_array_get(numbers, i));
        sum += (double)ret_vector[i] * ret_vector[i];
    }
    for (size_t i = 0; i < DIM; i++)
        ret_vector[i] = (float)(ret_vector[i] / sqrt(sum));
    return true;
}

static inline bool read_reference(struct reference *r)
{
    char path[4096];
    shared_path(path, sizeof path, "mini/towers.json");
    if (json_read_file(path, LIMIT_SAFETENSORS_HEADER_BYTES, &r->root, &err)) {
        ok(false, "%s", err.message);
        return false;
    }
    const json_t *images = json_object_get(r->root, "images");
    r->images = json_array_size(images);
    bool good = r->images > 1 && r->images <= IMAGES_MAX;
    for (size_t i = 0; good && i < r->images; i++) {
        const json_t *entry = json_array_get(images, i);
        snprintf(r->paths[i], sizeof r->paths[i], "/%s",
                 json_string_value(json_object_get(entry, "file")));
        good = read_vector(entry, r->vectors[i]);
    }
    return ok(good, "%zu reference vectors of photos", r->images);
}

static inline struct store_model model_of(const struct clip *clip, const char *id)
{
    struct store_model model = {.preprocessing = CLIP_PREPROCESSING_VERSION, .dim = DIM};
    snprintf(model.id, sizeof model.id, "%s", id);
    snprintf(model.fingerprint, sizeof model.fingerprint, "%s", clip_fingerprint(clip));
    return model;
}

/* A gallery of the reference photos with PyTorch's vectors. */
static inline struct store *fill(const struct reference *r, const struct clip *clip,
                                 const char *gallery)
{
    struct store *store;
    struct store_model model = model_of(clip, "mini");
    struct photo_facts facts = {.format = "jpeg", .width = 640, .height = 480};
    uint8_t hashes[IMAGES_MAX][HASH_BYTES];
    struct store_change changes[IMAGES_MAX];
    for (size_t i = 0; i < r->images; i++) {
        hash_bytes(r->paths[i], strlen(r->paths[i]), hashes[i]);
        changes[i] = (struct store_change){.kind = STORE_ADD,
                                           .path = r->paths[i],
                                           .hash = hashes[i],
                                           .facts = &facts,
                                           .vector = r->vectors[i]};
    }
    if (store_open(gallery, STORE_WRITE, &store, &err) || store_bind_model(store, &model, &err) ||
        store_apply(store, changes, r->images, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    return store;
}

static inline double reference_score(const struct reference *r, const char *path,
                                     const float *query)
{
    for (size_t i = 0; i < r->images; i++) {
        if (strcmp(r->paths[i], path) != 0)
            continue;
        double sum = 0;
        for (size_t j = 0; j < DIM; j++)
            sum += (double)r->vectors[i][j] * query[j];
        return sum;
    }
    return NAN;
}

/* All photos come, each once, best first, with the scores that `query` gives them. */
static inline bool ranks_like(const struct reference *r, const struct search_results *got,
                              const float *query, double tolerance)
{
    if (got->count != r->images)
        return false;
    double previous = INFINITY, worst = 0;
    int64_t ids = 0;
    for (size_t i = 0; i < got->count; i++) {
        const struct search_result *item = &got->items[i];
        double want = reference_score(r, item->photo.path, query);
        worst = fmax(worst, fabs(item->score - want));
        if (!(fabs(item->score - want) <= tolerance) || item->score > previous) {
            diag("rank %zu %s: %g, want %g", i, item->photo.path, item->score, want);
            return false;
        }
        previous = item->score;
        ids |= (int64_t)1 << item->photo.id;
    }
    diag("largest difference of a score: %.2g", worst);
    return __builtin_popcountll((unsigned long long)ids) == (int)r->images;
}
