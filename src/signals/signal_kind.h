/* SPDX-License-Identifier: MIT */
/* The kinds of signals that index runs compute from the pixels of every photo.
 *
 * A kind is one row of the table in signal_table.c. An index run computes all kinds for each new
 * photo, from the picture that it decodes for the model, and decodes those photos of the gallery
 * again that lack one (store/signals.h says where the results are stored). A change of `version`
 * therefore makes the signals of all photos again. Vectors of further models are signals as well,
 * but are not in this table, because they need a model that the user chose. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "image/image.h"

struct signal_payload {
    void *data; /* the caller frees it */
    size_t size;
};

struct signal_kind {
    const char *name; /* 1 to 64 bytes; "vector" is taken */
    int version;      /* from 1; it rises with each change of the result */
    /* The pixels that it needs: a picture in its full size, or with a short edge of at least twice
     * this many pixels (as in struct decode_options). */
    int short_edge_px;
    /* Computes the signals of n upright pictures into ret_payloads [n]. Payloads have at most
     * STORE_SIGNAL_PAYLOAD_MAX bytes, in a byte order that does not depend on the machine. It must
     * be thread-safe. On an error, no payload is kept, and the error is recorded for the pictures.
     */
    int (*compute)(const struct image *const *pictures, size_t n,
                   struct signal_payload *ret_payloads, struct error *err);
};

/* Returns the table: ret_count kinds, with different names. */
const struct signal_kind *signal_kinds(size_t *ret_count);
/* Returns NULL if there is no kind of that name. */
const struct signal_kind *signal_kind_find(const char *name);
/* Returns whether a picture has the pixels that the kind needs, given the photo's full size. */
bool signal_kind_suffices(const struct signal_kind *kind, const struct image *picture, int width,
                          int height);
