/* SPDX-License-Identifier: MIT */
/* Flickr8k's captions in KEEPSAKE_SHARED, and the vectors of those of its photos that mini never
 * saw: people's own words as labels. */
#pragma once

#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "clip/clip.h"
#include "shared.h"
#include "tap.h"

enum { CAPTIONS_MAX = 2000 };

struct caption { /* those of a photo follow each other */
    char file[80], text[400];
    bool test; /* mini never saw the photo */
};
static struct caption captions[CAPTIONS_MAX];
static size_t caption_count;

/* False when they are not here. */
static inline bool read_captions(void)
{
    char path[4096], line[1024];
    FILE *f = fopen(shared_path(path, sizeof path, "photos/flickr8k-300/captions.tsv"), "r");
    if (!f)
        return false;
    while (fgets(line, sizeof line, f) && caption_count < CAPTIONS_MAX) {
        struct caption *c = &captions[caption_count];
        char split[16];
        if (sscanf(line, "%79[^\t]\t%15[^\t]\t%399[^\n]", c->file, split, c->text) != 3)
            continue;
        c->test = strcmp(split, "test") == 0;
        caption_count += strcmp(c->file, "file") != 0;
    }
    fclose(f);
    return caption_count > 0;
}

static inline int embed_photo(struct clip *clip, const char *path, float *ret_vector,
                              struct error *err)
{
    struct file file;
    AUTO(image) *picture = NULL;
    int rc = file_read(path, LIMIT_PHOTO_FILE_BYTES, &file, err);
    if (rc)
        return rc;
    rc = image_decode(file.data, file.size, NULL, &picture, NULL, err);
    file_release(&file);
    AUTO_FREE float *pixels = xmalloc(clip_pixel_count(clip) * sizeof *pixels);
    if (!rc)
        rc = clip_preprocess(clip, picture, pixels, err);
    return rc ? rc : clip_embed_pixels(clip, pixels, 1, ret_vector, err);
}

/* The vectors of the photos that mini never saw, in the order of their captions; the caller frees.
 * NULL after a failed check. */
static inline float *embed_unseen(struct clip *clip, size_t *ret_count)
{
    size_t dim = clip_dim(clip), count = 0;
    const char *last = "";
    AUTO_FREE float *vectors = xmalloc(caption_count * dim * sizeof *vectors);
    for (size_t i = 0; i < caption_count; i++) {
        char path[4096];
        struct error err;
        if (!captions[i].test || strcmp(captions[i].file, last) == 0)
            continue;
        last = captions[i].file;
        AUTO_FREE char *name = xasprintf("photos/flickr8k-300/images/%s", last);
        if (embed_photo(clip, shared_path(path, sizeof path, name), vectors + count++ * dim,
                        &err)) {
            ok(false, "%s: %s", name, err.message);
            return NULL;
        }
    }
    *ret_count = count;
    float *taken = vectors;
    vectors = NULL;
    return taken;
}
