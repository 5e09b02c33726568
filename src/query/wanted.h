/* SPDX-License-Identifier: MIT */
/* Describes the wanted photos: a tree of texts and pictures.
 *
 *     struct wanted *beach, *crowd;
 *     AUTO(wanted) *both = wanted_group(WANTED_ALL);          beach, and no crowd
 *     rc = wanted_text("beach", &beach, err);
 *     if (!rc) rc = wanted_add(both, beach, 1, err);
 *     if (!rc) rc = wanted_text("a crowd of people", &crowd, err);
 *     if (!rc) rc = wanted_add(both, crowd, -1, err);
 *
 * A leaf is compared with photos by the cosine of its vector. A sum is also one vector: the sum of
 * the unit vectors of its parts, times their weights. The parts of the other groups are graded
 * separately, each by its contrast with a photo (search/strength.h). */
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
    WANTED_SUM, /* one vector; parts are leaves and sums; a negative weight subtracts */
    WANTED_ALL, /* all parts of positive weight must match: the grade is that of the weakest. A part
                   of negative weight reduces the grade as far as it matches the photo */
    WANTED_ANY, /* one part must match: the grade is that of the strongest */
};

struct wanted {
    enum wanted_kind kind;
    double weight;         /* in its group */
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

/* Returns a WANTED_SUM, WANTED_ALL or WANTED_ANY without parts, which is not a valid query yet. */
struct wanted *wanted_group(enum wanted_kind kind);
/* Takes ownership of `part`, and frees it on failure. A weight of 2 counts like two equal parts in
 * a sum, and requires twice the grade in a WANTED_ALL. ERR_INVALID: a weight that is 0, not finite
 * or beyond 1000; a negative one in a WANTED_ANY; a graded group in a sum. ERR_LIMIT: the tree
 * would be too large. */
int wanted_add(struct wanted *group, struct wanted *part, double weight,
               struct error *err) MUST_CHECK;

void wanted_free(struct wanted *wanted); /* NULL is fine */
DEFINE_AUTO(wanted, wanted_free)

/* ERR_INVALID: a group without a part of positive weight, which searches for nothing. */
int wanted_check(const struct wanted *wanted, struct error *err) MUST_CHECK;
