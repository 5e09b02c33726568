/* SPDX-License-Identifier: MIT */
/* Checks every vector, and measures the recall of search against brute force. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "doctor/findings.h"
#include "vectors/vectors.h"

/* Limit on the products of a query and a photo in brute force: some seconds. */
#define PRODUCTS 10000000
#define FEWEST_QUERIES 20
#define EXAMPLES 3
#define PROGRESS_EVERY 4096

/* A vector of the gallery as query, and the best matches that brute force found for it, best
 * first. */
struct sample {
    int64_t id;
    float *vector;
    struct store_hit best[DOCTOR_NEAREST];
    size_t count;
};

struct examination {
    struct store *store;
    const struct doctor_options *options;
    size_t dim;
    int64_t total, seen;
    struct sample samples[DOCTOR_SAMPLE + DOCTOR_TEXTS]; /* first photos, then texts */
    size_t wanted, count;
    size_t texts; /* how many of `count` */
    int64_t without, not_unit;
    char *examples[EXAMPLES];
    size_t example_count;
};

/* ---- the queries: photos at equal distances in order of path ---- */

static int take_sample(void *context, const struct store_file *file)
{
    struct examination *x = context;
    if (file->failed)
        return 0;
    int64_t n = x->seen++, wanted = (int64_t)x->wanted;
    if (n * wanted / x->total == (n + 1) * wanted / x->total || x->count == x->wanted)
        return 0;
    struct sample *s = &x->samples[x->count];
    s->vector = xmalloc(x->dim * sizeof *s->vector);
    s->id = file->id;
    if (store_get_vector(x->store, s->id, s->vector, NULL) == 0 && store_is_unit(s->vector, x->dim))
        x->count++;
    else
        free(s->vector); /* the scan of all vectors reports it */
    return 0;
}

static int take_samples(struct examination *x, struct error *err)
{
    struct store_status status;
    int rc = store_status(x->store, &status, err);
    if (rc)
        return rc;
    x->dim = status.bound ? (size_t)status.model.dim : 0;
    x->total = status.photos;
    if (!x->dim || !x->total)
        return 0;
    int64_t affordable = PRODUCTS / x->total;
    if (affordable < FEWEST_QUERIES)
        affordable = FEWEST_QUERIES;
    x->wanted = (size_t)(affordable < DOCTOR_SAMPLE ? affordable : DOCTOR_SAMPLE);
    if ((int64_t)x->wanted > x->total)
        x->wanted = (size_t)x->total;
    return store_list_files(x->store, NULL, take_sample, x, err);
}

/* Adds as many texts as photos, because each costs a product with every photo. */
static void take_texts(struct examination *x)
{
    const struct doctor_options *o = x->options;
    size_t photos = x->count;
    if (!o->model || !o->texts || (size_t)o->model->dim != x->dim)
        return;
    for (size_t i = 0; i < o->text_count && i < DOCTOR_TEXTS && i < photos; i++) {
        struct sample *s = &x->samples[x->count++];
        s->vector = xmalloc(x->dim * sizeof *s->vector);
        memcpy(s->vector, o->texts + i * x->dim, x->dim * sizeof *s->vector);
        x->texts++;
    }
}

/* ---- the scan of all vectors ---- */

static void rank_photo(struct sample *s, int64_t id, double score)
{
    if (s->count == DOCTOR_NEAREST && score <= s->best[DOCTOR_NEAREST - 1].score)
        return;
    size_t i = s->count < DOCTOR_NEAREST ? s->count++ : DOCTOR_NEAREST - 1;
    for (; i > 0 && s->best[i - 1].score < score; i--)
        s->best[i] = s->best[i - 1];
    s->best[i] = (struct store_hit){id, score};
}

static void add_example(struct examination *x, const char *path, const char *why)
{
    if (x->example_count == EXAMPLES)
        return;
    AUTO_FREE char *name = text_printable(path, strlen(path));
    x->examples[x->example_count++] = xasprintf("%s: %s", name, why);
}

static int examine_vector(void *context, const struct store_change *change)
{
    struct examination *x = context;
    if (change->kind != STORE_ADD)
        return 0;
    if (++x->seen % PROGRESS_EVERY == 0 && x->options->progress)
        x->options->progress(x->options->context, x->seen, x->total);
    if (!change->vector) {
        x->without++;
        add_example(x, change->path, change->reason);
    } else if (!store_is_unit(change->vector, x->dim)) {
        x->not_unit++;
        add_example(x, change->path, "its vector is not of length 1");
    } else {
        for (size_t i = 0; i < x->count; i++)
            rank_photo(&x->samples[i], change->id,
                       vectors_score(x->samples[i].vector, change->vector, x->dim));
    }
    return 0;
}

static void tell_vectors(const struct examination *x)
{
    if (x->seen == 0) {
        doctor_find(x->options, "vectors", STORE_GOOD, "none yet");
        return;
    }
    if (x->without + x->not_unit == 0) {
        AUTO_FREE char *photos = doctor_count(x->seen, "photo");
        doctor_find(x->options, "vectors", STORE_GOOD,
                    "%s, and each has a vector of %zu numbers and length 1", photos, x->dim);
        return;
    }
    AUTO_FREE char *without = doctor_count(x->without, "photo");
    AUTO_FREE char *not_unit = doctor_count(x->not_unit, "photo");
    doctor_find(x->options, "vectors", STORE_BAD,
                "%s without a vector of %zu numbers, %s with a vector whose length is not 1: "
                "run `keepsake index` on their folders (PostgreSQL: `keepsake index --missing` if "
                "the vectors are missing)",
                without, x->dim, not_unit);
    for (size_t i = 0; i < x->example_count; i++)
        doctor_find(x->options, "vectors", STORE_BAD, "%s", x->examples[i]);
}

/* ---- recall ---- */

struct recall {
    size_t found, expected;
};

/* True for one of the best, and for a photo that scores as well as the last of them: a copy of it,
 * or a photo that was added after the scan. */
static bool belongs_to_best(struct examination *x, const struct sample *s, int64_t id,
                            float *vector)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->best[i].id == id)
            return true;
    return store_get_vector(x->store, id, vector, NULL) == 0 &&
           vectors_score(s->vector, vector, x->dim) >= s->best[s->count - 1].score;
}

static int measure_recall(struct examination *x, const struct sample *s, float *vector,
                          struct recall *recall, struct error *err)
{
    struct store_hit hits[DOCTOR_NEAREST];
    size_t count, found = 0;
    int rc = store_search(x->store, s->vector, DOCTOR_NEAREST, NULL, hits, &count, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < count && s->count > 0; i++)
        found += belongs_to_best(x, s, hits[i].id, vector);
    recall->found += found < s->count ? found : s->count;
    recall->expected += s->count;
    return 0;
}

/* Says what brings the recall up. The caller frees it. */
static char *recall_remedy(struct examination *x, enum store_verdict *ret_verdict)
{
    struct store_index index;
    struct error ignored;
    *ret_verdict = STORE_BAD;
    if (store_get_index(x->store, &index, &ignored) || index.built == STORE_INDEX_NONE)
        return xstrdup("rebuild codes and index with `keepsake export` and `import` into a new "
                       "gallery");
    *ret_verdict = STORE_WARNING; /* the owner chose an approximate index */
    if (index.built_quantize == STORE_QUANTIZE_BIT)
        return xstrdup("`keepsake index --vector-quantize halfvec` (or none) finds more, "
                       "--vector-option candidates=N looks at more, and --vector-index none is "
                       "exact");
    if (index.built == STORE_INDEX_HNSW)
        return xstrdup("`keepsake index --vector-option ef_search=1000` looks at more photos, "
                       "--vector-option m=32 makes a denser graph, and --vector-index none is "
                       "exact");
    return xasprintf("`keepsake index --vector-index hnsw` finds more than %s, --vector-option "
                     "probes=N looks at more photos, and --vector-index none is exact",
                     store_index_name(index.built));
}

static void tell_share(struct examination *x, size_t first, size_t n, double least,
                       const char *queries)
{
    struct recall recall = {0, 0};
    struct error why;
    AUTO_FREE float *vector = xmalloc(x->dim * sizeof *vector + 1);
    for (size_t i = first; i < first + n; i++)
        if (measure_recall(x, &x->samples[i], vector, &recall, &why)) {
            doctor_find(x->options, "recall", STORE_BAD, "searching fails: %s", why.message);
            return;
        }
    if (recall.expected == 0) {
        doctor_find(x->options, "recall", x->seen ? STORE_BAD : STORE_GOOD,
                    x->seen ? "not measured: no photo has a valid vector"
                            : "nothing to search yet");
        return;
    }
    double share = (double)recall.found / (double)recall.expected;
    enum store_verdict verdict = STORE_GOOD;
    AUTO_FREE char *remedy = share < least ? recall_remedy(x, &verdict) : NULL;
    doctor_find(x->options, "recall", verdict, "recall@%d %.3f over %zu %s%s%s", DOCTOR_NEAREST,
                share, n, queries, remedy ? ": searches miss photos; " : "", remedy ? remedy : "");
}

static void tell_recall(struct examination *x)
{
    size_t photos = x->count - x->texts;
    tell_share(x, 0, photos, DOCTOR_RECALL, "of the gallery's own vectors");
    if (x->texts)
        tell_share(x, photos, x->texts, DOCTOR_TEXT_RECALL, "texts");
}

void doctor_examine_vectors(struct store *store, const struct doctor_options *options)
{
    struct examination *x = xcalloc(1, sizeof *x);
    struct error why;
    x->store = store;
    x->options = options;
    int rc = take_samples(x, &why);
    if (!rc)
        take_texts(x);
    x->seen = 0;
    if (!rc)
        rc = store_dump(store, examine_vector, x, &why);
    if (rc) {
        doctor_find(options, "vectors", STORE_BAD, "%s", why.message);
    } else {
        tell_vectors(x);
        tell_recall(x);
    }
    for (size_t i = 0; i < x->count; i++)
        free(x->samples[i].vector);
    for (size_t i = 0; i < x->example_count; i++)
        free(x->examples[i]);
    free(x);
}
