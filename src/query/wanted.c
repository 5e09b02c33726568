/* SPDX-License-Identifier: MIT */
/* Builds and checks wanted texts, pictures and sums of them. */
#include "query/wanted.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"

#define HEAVIEST 1000.0

static struct wanted *new_wanted(enum wanted_kind kind)
{
    struct wanted *wanted = xcalloc(1, sizeof *wanted);
    wanted->kind = kind;
    wanted->weight = 1;
    wanted->depth = wanted->nodes = 1;
    return wanted;
}

int wanted_text(const char *text, struct wanted **ret_wanted, struct error *err)
{
    size_t length = strlen(text);
    if (text[strspn(text, " \t\r\n")] == '\0')
        return error_set(err, ERR_INVALID, "the query is empty: say what the photos should show");
    if (length > LIMIT_QUERY_BYTES)
        return error_set(err, ERR_LIMIT, "the query is %zu bytes long; the limit is %zu", length,
                         LIMIT_QUERY_BYTES);
    if (!text_is_utf8(text, length))
        return error_set(err, ERR_INVALID, "the query is not UTF-8 text");
    struct wanted *wanted = new_wanted(WANTED_TEXT);
    wanted->text = xstrdup(text);
    *ret_wanted = wanted;
    return 0;
}

struct wanted *wanted_file(const char *path)
{
    struct wanted *wanted = new_wanted(WANTED_FILE);
    wanted->text = xstrdup(path);
    return wanted;
}

struct wanted *wanted_picture(const void *data, size_t size)
{
    struct wanted *wanted = new_wanted(WANTED_PICTURE);
    wanted->data = data;
    wanted->size = size;
    return wanted;
}

struct wanted *wanted_photo(int64_t id)
{
    struct wanted *wanted = new_wanted(WANTED_PHOTO);
    wanted->photo = id;
    return wanted;
}

int wanted_vector(const float *vector, size_t n, struct wanted **ret_wanted, struct error *err)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)vector[i] * vector[i];
    if (!isfinite(sum) || sum == 0)
        return error_set(err, ERR_INVALID, "a vector to search for is all zeros, or not finite");
    struct wanted *wanted = new_wanted(WANTED_VECTOR);
    wanted->vector = xmalloc(n * sizeof *vector);
    memcpy(wanted->vector, vector, n * sizeof *vector);
    wanted->size = n;
    *ret_wanted = wanted;
    return 0;
}

struct wanted *wanted_sum(void)
{
    return new_wanted(WANTED_SUM);
}

static int check_part(const struct wanted *sum, const struct wanted *part, double weight,
                      struct error *err)
{
    if (!(fabs(weight) <= HEAVIEST) || weight == 0)
        return error_set(
            err, ERR_INVALID,
            "%g is not a weight of a part of the query: write a number up to %g, but not 0", weight,
            HEAVIEST);
    if (part->depth >= LIMIT_WANTED_DEPTH)
        return error_set(err, ERR_LIMIT,
                         "the query is nested more than %d deep: write it more simply",
                         LIMIT_WANTED_DEPTH);
    if (sum->nodes + part->nodes > LIMIT_WANTED_NODES)
        return error_set(err, ERR_LIMIT, "the query has more than %d parts: ask for fewer things",
                         LIMIT_WANTED_NODES);
    return 0;
}

int wanted_add(struct wanted *sum, struct wanted *part, double weight, struct error *err)
{
    int rc = check_part(sum, part, weight, err);
    if (rc) {
        wanted_free(part);
        return rc;
    }
    part->weight = weight;
    sum->nodes += part->nodes;
    sum->depth = part->depth >= sum->depth ? part->depth + 1 : sum->depth;
    ARRAY_GROW(sum->parts, sum->cap, sum->count + 1);
    sum->parts[sum->count++] = part;
    return 0;
}

struct wanted *wanted_copy(const struct wanted *wanted)
{
    struct wanted *copy = xmalloc(sizeof *copy);
    *copy = *wanted;
    copy->cap = wanted->count;
    copy->parts = xmalloc((copy->cap + 1) * sizeof *copy->parts);
    for (size_t i = 0; i < copy->count; i++)
        copy->parts[i] = wanted_copy(wanted->parts[i]);
    copy->text = wanted->text ? xstrdup(wanted->text) : NULL;
    if (wanted->vector) {
        copy->vector = xmalloc(wanted->size * sizeof *copy->vector);
        memcpy(copy->vector, wanted->vector, wanted->size * sizeof *copy->vector);
    }
    return copy;
}

void wanted_free(struct wanted *wanted)
{
    if (!wanted)
        return;
    for (size_t i = 0; i < wanted->count; i++)
        wanted_free(wanted->parts[i]);
    free(wanted->parts);
    free(wanted->text);
    free(wanted->vector);
    free(wanted);
}

int wanted_check(const struct wanted *wanted, struct error *err)
{
    if (wanted->kind == WANTED_SUM && wanted->count == 0)
        return error_set(err, ERR_INVALID, "the query is empty: say what the photos should show");
    for (size_t i = 0; i < wanted->count; i++) {
        int rc = wanted_check(wanted->parts[i], err);
        if (rc)
            return rc;
    }
    return 0;
}
