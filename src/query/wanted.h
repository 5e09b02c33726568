/* SPDX-License-Identifier: MIT */
/* Describes a wanted picture: a text, a picture, a vector, or a sum of those.
 *
 *     struct wanted *night;
 *     struct wanted *sum = wanted_sum();                       this beach, but at night
 *     rc = wanted_add(sum, wanted_photo(812), 1, err);
 *     if (!rc) rc = wanted_text("at night", &night, err);
 *     if (!rc) rc = wanted_add(sum, night, 0.5, err);
 *
 * Each is one vector: that of a sum is the sum of the unit vectors of its parts, times their
 * weights. Parts that are graded separately are the subject of query/query_tree.h. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"

enum wanted_kind {
    WANTED_TEXT,    /* a caption */
    WANTED_FILE,    /* a picture file, by its path */
    WANTED_PICTURE, /* the bytes of a picture file */
    WANTED_PHOTO,   /* a photo of the gallery, by its id */
    WANTED_VECTOR,
    WANTED_SUM, /* parts are leaves and sums; a negative weight subtracts */
};

struct wanted {
    enum wanted_kind kind;
    double weight;         /* in its sum */
    struct wanted **parts; /* owned, as are text and vector */
    size_t count, cap;
    char *text;          /* WANTED_TEXT, WANTED_FILE */
    const void *data;    /* WANTED_PICTURE; borrowed */
    float *vector;       /* WANTED_VECTOR */
    size_t size;         /* of `data` in bytes, or of `vector` in numbers */
    int64_t photo;       /* WANTED_PHOTO */
    size_t depth, nodes; /* of the tree below, including this node */
};

/* ERR_INVALID: empty, or not UTF-8; ERR_LIMIT: longer than LIMIT_QUERY_BYTES. */
int wanted_text(const char *text, struct wanted **ret_wanted, struct error *err) MUST_CHECK;
/* Files, pictures and photos are not examined before the search. */
struct wanted *wanted_file(const char *path);
/* `data` is borrowed. */
struct wanted *wanted_picture(const void *data, size_t size);
struct wanted *wanted_photo(int64_t id);
/* The vector need not have unit length. ERR_INVALID: not finite, or all zeros. */
int wanted_vector(const float *vector, size_t n, struct wanted **ret_wanted,
                  struct error *err) MUST_CHECK;

/* Returns a sum without parts, which is not a valid query yet. */
struct wanted *wanted_sum(void);
/* Takes ownership of `part`, and frees it on failure. A weight of 2 counts like two equal parts.
 * ERR_INVALID: a weight that is 0, not finite or beyond 1000. ERR_LIMIT: the tree would be too
 * large. */
int wanted_add(struct wanted *sum, struct wanted *part, double weight,
               struct error *err) MUST_CHECK;

struct wanted *wanted_copy(const struct wanted *wanted); /* `data` stays borrowed */
void wanted_free(struct wanted *wanted);                 /* NULL is fine */
DEFINE_AUTO(wanted, wanted_free)

/* ERR_INVALID: a sum without a part. */
int wanted_check(const struct wanted *wanted, struct error *err) MUST_CHECK;
