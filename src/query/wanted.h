/* SPDX-License-Identifier: MIT */
/* What the photos should show: a tree of texts and pictures.
 *
 *     struct wanted *beach, *crowd;
 *     AUTO(wanted) *both = wanted_group(WANTED_ALL);          beach, and no crowd
 *     rc = wanted_text("beach", &beach, err);
 *     if (!rc) rc = wanted_add(both, beach, 1, err);
 *     if (!rc) rc = wanted_text("a crowd of people", &crowd, err);
 *     if (!rc) rc = wanted_add(both, crowd, -1, err);
 *
 * A leaf is compared with photos by the cosine of its vector. A sum is one vector, too: that of its
 * parts, each of unit length, times their weights. The parts of the other groups are graded by
 * themselves, each by how far it stands out above chance in a photo (search/strength.h). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"

enum wanted_kind {
    WANTED_TEXT,    /* a caption */
    WANTED_FILE,    /* a picture file, by its path */
    WANTED_PICTURE, /* the bytes of one */
    WANTED_PHOTO,   /* a photo of the gallery, by its id */
    WANTED_VECTOR,
    WANTED_SUM, /* one vector; parts are leaves and sums; a negative weight takes away */
    WANTED_ALL, /* all parts of positive weight must be seen: the weakest decides. What a part of
                   negative weight shows counts against the photo, as far as it is seen in it */
    WANTED_ANY, /* one must be seen: the strongest decides */
};

struct wanted {
    enum wanted_kind kind;
    double weight;         /* in the group that it is a part of */
    struct wanted **parts; /* owned, as are text and vector */
    size_t count, cap;
    char *text;          /* WANTED_TEXT, WANTED_FILE */
    const void *data;    /* WANTED_PICTURE; borrowed */
    float *vector;       /* WANTED_VECTOR */
    size_t size;         /* of data in bytes, or of vector in numbers */
    int64_t photo;       /* WANTED_PHOTO */
    size_t depth, nodes; /* of the tree below, itself included */
};

/* ERR_INVALID: empty, or not UTF-8; ERR_LIMIT: longer than LIMIT_QUERY_BYTES. */
int wanted_text(const char *text, struct wanted **ret_wanted, struct error *err) MUST_CHECK;
/* What they name or hold is looked at when it is searched for. */
struct wanted *wanted_file(const char *path);
/* `data` is borrowed. */
struct wanted *wanted_picture(const void *data, size_t size);
struct wanted *wanted_photo(int64_t id);
/* Need not be of unit length. ERR_INVALID: not finite, or all zeros. */
int wanted_vector(const float *vector, size_t n, struct wanted **ret_wanted,
                  struct error *err) MUST_CHECK;

/* A WANTED_SUM, _ALL or _ANY without parts, which nothing can be searched by. */
struct wanted *wanted_group(enum wanted_kind kind);
/* Takes `part` over, which is freed when it fails. A weight of 2 counts as much as two parts in a
 * sum, and asks for twice the grade in a WANTED_ALL. ERR_INVALID: a weight that is 0, not finite or
 * beyond 1000; a negative one in a WANTED_ANY; a graded group in a sum. ERR_LIMIT: the tree would
 * be too large. */
int wanted_add(struct wanted *group, struct wanted *part, double weight,
               struct error *err) MUST_CHECK;

void wanted_free(struct wanted *wanted); /* NULL is fine */
DEFINE_AUTO(wanted, wanted_free)

/* ERR_INVALID: a group without a part of positive weight: there is nothing to search for. */
int wanted_check(const struct wanted *wanted, struct error *err) MUST_CHECK;
