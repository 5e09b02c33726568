/* SPDX-License-Identifier: MIT */
/* Photos with captions, for benchmarks: DIR/captions.tsv, with a line of column names and then one
 * line for each caption, of which the columns file, split and caption are used; the photos are in
 * DIR/images. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "clip/clip.h"
#include "image/image.h"

enum { COLLECTION_BATCH = 16, COLLECTION_COLUMNS = 32, COLLECTION_FILE_MB = 512 };

struct caption {
    const char *text;
    size_t photo;
};

struct collection {
    struct file table; /* captions.tsv, cut into strings in place */
    const char **photos;
    size_t n_photos, photos_cap;
    struct caption *captions;
    size_t n_captions, captions_cap;
};

struct columns {
    size_t file, split, caption; /* positions; COLLECTION_COLUMNS: none */
};

_Noreturn static inline void collection_fail(const char *sentence)
{
    fprintf(stderr, "captions: %s\n", sentence);
    exit(1);
}

/* Cuts a line at its tabs. */
static inline size_t cut_line(char *line, const char *ret_fields[COLLECTION_COLUMNS])
{
    size_t n = 0;
    for (char *field; n < COLLECTION_COLUMNS && (field = strsep(&line, "\t"));)
        ret_fields[n++] = field;
    return n;
}

static inline size_t find_column(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return COLLECTION_COLUMNS;
}

/* The lines of a photo follow one another, or not: all earlier photos are looked at. */
static inline size_t find_or_add_photo(struct collection *c, const char *name)
{
    for (size_t i = c->n_photos; i-- > 0;)
        if (strcmp(c->photos[i], name) == 0)
            return i;
    ARRAY_GROW(c->photos, c->photos_cap, c->n_photos + 1);
    c->photos[c->n_photos] = name;
    return c->n_photos++;
}

static inline void add_line(struct collection *c, char *line, struct columns at, bool all)
{
    const char *fields[COLLECTION_COLUMNS];
    size_t n = cut_line(line, fields);
    if (at.file >= n || at.caption >= n)
        return;
    if (!all && (at.split >= n || strcmp(fields[at.split], "test") != 0))
        return;
    size_t photo = find_or_add_photo(c, fields[at.file]);
    ARRAY_GROW(c->captions, c->captions_cap, c->n_captions + 1);
    c->captions[c->n_captions++] = (struct caption){fields[at.caption], photo};
}

/* Reads the captions of the split "test", or with `all` of every photo. */
static inline void collection_read(const char *folder, bool all, struct collection *c)
{
    struct error err;
    AUTO_FREE char *path = file_join(folder, "captions.tsv");
    if (file_read(path, (size_t)COLLECTION_FILE_MB << 20, &c->table, &err))
        collection_fail(err.message);
    char *rest = (char *)c->table.data, *line = strsep(&rest, "\n");
    const char *names[COLLECTION_COLUMNS];
    size_t n = cut_line(line, names);
    struct columns at = {find_column(names, n, "file"), find_column(names, n, "split"),
                         find_column(names, n, "caption")};
    if (at.file == COLLECTION_COLUMNS || at.caption == COLLECTION_COLUMNS)
        collection_fail("captions.tsv has no columns named file and caption");
    while ((line = strsep(&rest, "\n")))
        add_line(c, line, at, all);
    if (c->n_captions == 0)
        collection_fail("no caption of split \"test\"; --all takes every line");
}

static inline void read_photo(const struct clip *clip, const char *path, float *ret_pixels)
{
    struct error err;
    struct file f;
    if (file_read(path, (size_t)COLLECTION_FILE_MB << 20, &f, &err))
        collection_fail(err.message);
    AUTO(image) *image = NULL;
    struct decode_options options = {.short_edge_px = clip_image_px(clip)};
    int rc = image_decode(f.data, f.size, &options, &image, NULL, &err);
    if (!rc)
        rc = clip_preprocess(clip, image, ret_pixels, &err);
    file_release(&f);
    if (rc) {
        error_add(&err, "%s", path);
        collection_fail(err.message);
    }
}

/* [n_photos][dim]. */
static inline float *collection_embed(struct clip *clip, const char *folder,
                                      const struct collection *c)
{
    size_t dim = clip_dim(clip), pixels = clip_pixel_count(clip);
    float *vectors = xmalloc(c->n_photos * dim * sizeof *vectors);
    AUTO_FREE float *batch = xmalloc(COLLECTION_BATCH * pixels * sizeof *batch);
    AUTO_FREE char *images = file_join(folder, "images");
    for (size_t first = 0; first < c->n_photos; first += COLLECTION_BATCH) {
        size_t n = c->n_photos - first < COLLECTION_BATCH ? c->n_photos - first : COLLECTION_BATCH;
        for (size_t i = 0; i < n; i++) {
            AUTO_FREE char *path = file_join(images, c->photos[first + i]);
            read_photo(clip, path, batch + i * pixels);
        }
        struct error err;
        if (clip_embed_pixels(clip, batch, n, vectors + first * dim, &err))
            collection_fail(err.message);
    }
    return vectors;
}

static inline void collection_release(struct collection *c)
{
    file_release(&c->table);
    free(c->photos);
    free(c->captions);
}
