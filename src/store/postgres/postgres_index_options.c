/* SPDX-License-Identifier: MIT */
/* The numbers of a vector index: which there are, those that the owner chose, and the statement
 * that builds an index with them. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres/postgres_effort.h"
#include "store/postgres/postgres_internal.h"

/* Text vectors are far from photo vectors, which makes them hard queries for a graph of photos.
 * bench/store, recall@10 among 31,783 photos with ef_search 400: 0.96 with pgvector's defaults of
 * 16 and 64, 0.98 with these values; the build takes twice as long. */
#define HNSW_M 24
#define HNSW_EF_CONSTRUCTION 128
/* VectorChord's documentation advises lists only for tables larger than this, and then between 4
 * and 16 times the square root of the rows. */
#define VCHORDRQ_LISTED_PHOTOS 100000

static const struct index_option {
    const char *name;
    int64_t least, most;
    bool builds; /* another value needs another index */
} index_options[] = {
    {"m", 2, 100, true},                /* hnsw: neighbours of a photo */
    {"ef_construction", 4, 1000, true}, /* hnsw: candidates for them */
    {"ef_search", 1, 1000, false},      /* hnsw: candidates of a search */
    {"candidates", 1, 100000, false},   /* hnsw of bits: photos whose true score is computed */
    {"lists", 1, 32768, true},          /* ivfflat, vchordrq */
    {"probes", 1, 32768, false},        /* ivfflat, vchordrq: lists that a search reads */
    {"num_neighbors", 10, 1000, true},  /* diskann */
    {"search_list_size", 10, 1000, true},
    {"query_search_list_size", 1, 10000, false},
    {"query_rescore", 0, 100000, false},
    {"exact_below", 0, INT32_MAX, false}, /* a filter that leaves fewer photos: exact search */
};
enum { INDEX_OPTIONS = sizeof index_options / sizeof *index_options };

int64_t postgres_option(const char *list, const char *name, int64_t otherwise)
{
    size_t length = strlen(name);
    for (const char *at = list; *at; at += strcspn(at, " "), at += *at == ' ')
        if (strncmp(at, name, length) == 0 && at[length] == '=')
            return strtoll(at + length + 1, NULL, 10);
    return otherwise;
}

static int refuse_option(const char *word, size_t length, struct error *err)
{
    return error_set(err, ERR_INVALID,
                     "the index option \"%.*s\" is none of m, ef_construction, ef_search, "
                     "candidates, lists, probes, num_neighbors, search_list_size, "
                     "query_search_list_size, query_rescore and exact_below with a number: write "
                     "NAME=NUMBER, or NAME=auto for the computed one",
                     (int)length, word);
}

/* Reads "NAME=NUMBER" or "NAME=auto" into the values, where -1 is "auto". */
static int read_option(const char *word, size_t length, int64_t values[INDEX_OPTIONS],
                       struct error *err)
{
    const char *equals = memchr(word, '=', length);
    size_t name = equals ? (size_t)(equals - word) : length;
    char number[16] = "";
    int i = 0;
    while (i < INDEX_OPTIONS && (strlen(index_options[i].name) != name ||
                                 strncmp(index_options[i].name, word, name) != 0))
        i++;
    if (!equals || i == INDEX_OPTIONS || length - name - 1 >= sizeof number)
        return refuse_option(word, length, err);
    memcpy(number, equals + 1, length - name - 1);
    values[i] = -1;
    if (strcmp(number, "auto") == 0)
        return 0;
    if (!number[0] || strspn(number, "0123456789") != strlen(number))
        return refuse_option(word, length, err);
    values[i] = strtoll(number, NULL, 10);
    if (values[i] >= index_options[i].least && values[i] <= index_options[i].most)
        return 0;
    return error_set(err, ERR_INVALID,
                     "the index option %s is from %" PRId64 " to %" PRId64 ", not %s",
                     index_options[i].name, index_options[i].least, index_options[i].most, number);
}

int postgres_merge_options(const char *has, const char *wanted,
                           char ret_options[STORE_INDEX_OPTIONS_SIZE], struct error *err)
{
    int64_t values[INDEX_OPTIONS];
    for (int i = 0; i < INDEX_OPTIONS; i++)
        values[i] = postgres_option(has, index_options[i].name, -1);
    for (const char *at = wanted; *at; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        int rc = read_option(at, length, values, err);
        if (rc)
            return rc;
        at += length;
    }
    int64_t m = values[0], construction = values[1];
    if (m > 0 && construction > 0 && construction < 2 * m)
        return error_set(err, ERR_INVALID,
                         "the index option ef_construction is %" PRId64 ", and must be at least "
                         "twice m, which is %" PRId64,
                         construction, m);
    size_t used = 0;
    ret_options[0] = '\0';
    for (int i = 0; i < INDEX_OPTIONS; i++)
        if (values[i] >= 0)
            used += (size_t)snprintf(ret_options + used, STORE_INDEX_OPTIONS_SIZE - used,
                                     "%s%s=%" PRId64, used ? " " : "", index_options[i].name,
                                     values[i]);
    return 0;
}

bool postgres_options_agree(const char *wanted, const char *made)
{
    for (int i = 0; i < INDEX_OPTIONS; i++) {
        const struct index_option *o = &index_options[i];
        int64_t chosen = postgres_option(wanted, o->name, -1);
        int64_t has = postgres_option(made, o->name, -1);
        if (o->builds && chosen >= 0 && has >= 0 && chosen != has)
            return false;
    }
    return true;
}

/* ---- the statement ---- */

int64_t postgres_ivfflat_lists(const struct store_index *index, int64_t photos)
{
    int64_t lists = photos > 1000000 ? (int64_t)sqrt((double)photos) : photos / 1000;
    return postgres_option(index->options, "lists", lists < 1 ? 1 : lists);
}

int64_t postgres_ivfflat_probes(const struct store_index *index, int64_t photos)
{
    int64_t lists = postgres_ivfflat_lists(index, photos);
    return postgres_option(index->options, "probes",
                           (int64_t)ceil((double)lists * strtod(POSTGRES_PROBED_SHARE, NULL)));
}

static int64_t vchordrq_lists(const struct store_index *index, int64_t photos)
{
    int64_t lists = photos > VCHORDRQ_LISTED_PHOTOS ? 4 * (int64_t)sqrt((double)photos) : 0;
    return postgres_option(index->options, "lists", lists);
}

static char *hnsw_with(const struct store_index *index, char *ret_made, size_t size)
{
    int64_t m = postgres_option(index->options, "m", HNSW_M);
    int64_t usual = HNSW_EF_CONSTRUCTION > 2 * m ? HNSW_EF_CONSTRUCTION : 2 * m;
    int64_t construction = postgres_option(index->options, "ef_construction", usual);
    m = 2 * m > construction ? construction / 2 : m;
    snprintf(ret_made, size, "m=%" PRId64 " ef_construction=%" PRId64, m, construction);
    return xasprintf(" WITH (m = %" PRId64 ", ef_construction = %" PRId64 ")", m, construction);
}

static char *diskann_with(const struct store_index *index, char *ret_made, size_t size)
{
    int64_t neighbors = postgres_option(index->options, "num_neighbors", 50);
    int64_t list = postgres_option(index->options, "search_list_size", 100);
    snprintf(ret_made, size, "num_neighbors=%" PRId64 " search_list_size=%" PRId64, neighbors,
             list);
    return xasprintf(" WITH (num_neighbors = %" PRId64 ", search_list_size = %" PRId64 ")",
                     neighbors, list);
}

/* Residuals are for l2 only, and centres of unit length for the other metrics, as VectorChord's
 * documentation advises. */
static char *vchordrq_with(const struct store_index *index, int64_t photos, char *ret_made,
                           size_t size)
{
    int64_t lists = vchordrq_lists(index, photos);
    bool l2 = index->metric == STORE_METRIC_L2;
    char number[32] = "";
    snprintf(ret_made, size, "lists=%" PRId64, lists);
    if (lists)
        snprintf(number, sizeof number, "%" PRId64, lists);
    return xasprintf(" WITH (options = $options$residual_quantization = %s\n[build.internal]\n"
                     "lists = [%s]\nspherical_centroids = %s\n$options$)",
                     l2 ? "true" : "false", number, l2 ? "false" : "true");
}

char *postgres_index_sql(const struct postgres *p, enum store_index_kind kind, int64_t photos,
                         bool concurrently, char ret_made[STORE_INDEX_OPTIONS_SIZE])
{
    const struct store_index *index = &p->settings.index;
    const size_t size = STORE_INDEX_OPTIONS_SIZE;
    char class[POSTGRES_CLASS];
    char *with = NULL;
    if (kind == STORE_INDEX_HNSW) {
        with = hnsw_with(index, ret_made, size);
    } else if (kind == STORE_INDEX_IVFFLAT) {
        int64_t lists = postgres_ivfflat_lists(index, photos);
        snprintf(ret_made, size, "lists=%" PRId64, lists);
        with = xasprintf(" WITH (lists = %" PRId64 ")", lists);
    } else if (kind == STORE_INDEX_DISKANN) {
        with = diskann_with(index, ret_made, size);
    } else {
        with = vchordrq_with(index, photos, ret_made, size);
    }
    enum store_quantize quantize = kind == STORE_INDEX_HNSW ? index->quantize : STORE_QUANTIZE_NONE;
    postgres_index_class(p, kind, class);
    AUTO_FREE char *options = with;
    AUTO_FREE char *what = postgres_quantized(p, quantize, "embedding");
    if (kind == STORE_INDEX_DISKANN) /* not built concurrently with writers */
        concurrently = false;
    return xasprintf("CREATE INDEX %s " POSTGRES_NEW_INDEX " ON image_gallery USING %s (%s %s)%s",
                     concurrently ? "CONCURRENTLY" : "", store_index_name(kind), what, class,
                     options);
}

char *postgres_quantized(const struct postgres *p, enum store_quantize quantize, const char *vector)
{
    if (quantize == STORE_QUANTIZE_HALFVEC)
        return xasprintf("(%s::halfvec(%zu))", vector, p->dim);
    if (quantize == STORE_QUANTIZE_BIT)
        return xasprintf("(binary_quantize(%s)::bit(%zu))", vector, p->dim);
    return xstrdup(vector);
}
