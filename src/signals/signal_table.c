/* SPDX-License-Identifier: MIT */
/* The table of the kinds of signals. */
#include <string.h>

#include "signals/perceptual_hash.h"
#include "signals/signal_kind.h"

static const struct signal_kind kinds[] = {
    {.name = PERCEPTUAL_HASH_KIND,
     .version = PERCEPTUAL_HASH_VERSION,
     .short_edge_px = PERCEPTUAL_HASH_EDGE,
     .compute = perceptual_hash_compute},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

const struct signal_kind *signal_kinds(size_t *ret_count)
{
    *ret_count = KINDS;
    return kinds;
}

const struct signal_kind *signal_kind_find(const char *name)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

bool signal_kind_suffices(const struct signal_kind *kind, const struct image *picture, int width,
                          int height)
{
    int least = 2 * kind->short_edge_px;
    bool is_full = picture->width == width && picture->height == height;
    return is_full || (picture->width >= least && picture->height >= least);
}
