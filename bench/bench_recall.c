/* SPDX-License-Identifier: MIT */
/* How often a caption finds its own photo among the first 1, 5 and 10.
 *
 *     bench_recall DIR [--model FOLDER] [--all]
 *
 * DIR/captions.tsv: a line of column names, then one line a caption; the columns file, split and
 * caption are used. Photos are in DIR/images. Without --all only lines whose split is "test" count,
 * and only their photos are candidates. The search is the index's own, which is exact. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "clip/clip.h"
#include "image/image.h"
#include "vectors/vectors.h"

enum { K = 10, BATCH = 16, MAX_COLUMNS = 32, MAX_FILE_MB = 512 };

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
    size_t file, split, caption; /* positions; MAX_COLUMNS: none */
};

_Noreturn static void fail(const char *sentence)
{
    fprintf(stderr, "bench_recall: %s\n", sentence);
    exit(1);
}

/* Cuts a line at its tabs. */
static size_t cut_line(char *line, const char *ret_fields[MAX_COLUMNS])
{
    size_t n = 0;
    for (char *field; n < MAX_COLUMNS && (field = strsep(&line, "\t"));)
        ret_fields[n++] = field;
    return n;
}

static size_t find_column(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return MAX_COLUMNS;
}

/* The lines of a photo follow one another, or not: all earlier photos are looked at. */
static size_t find_or_add_photo(struct collection *c, const char *name)
{
    for (size_t i = c->n_photos; i-- > 0;)
        if (strcmp(c->photos[i], name) == 0)
            return i;
    ARRAY_GROW(c->photos, c->photos_cap, c->n_photos + 1);
    c->photos[c->n_photos] = name;
    return c->n_photos++;
}

static void add_line(struct collection *c, char *line, struct columns at, bool all)
{
    const char *fields[MAX_COLUMNS];
    size_t n = cut_line(line, fields);
    if (at.file >= n || at.caption >= n)
        return;
    if (!all && (at.split >= n || strcmp(fields[at.split], "test") != 0))
        return;
    size_t photo = find_or_add_photo(c, fields[at.file]);
    ARRAY_GROW(c->captions, c->captions_cap, c->n_captions + 1);
    c->captions[c->n_captions++] = (struct caption){fields[at.caption], photo};
}

static void read_collection(const char *folder, bool all, struct collection *c)
{
    struct error err;
    AUTO_FREE char *path = file_join(folder, "captions.tsv");
    if (file_read(path, (size_t)MAX_FILE_MB << 20, &c->table, &err))
        fail(err.message);
    char *rest = (char *)c->table.data, *line = strsep(&rest, "\n");
    const char *names[MAX_COLUMNS];
    size_t n = cut_line(line, names);
    struct columns at = {find_column(names, n, "file"), find_column(names, n, "split"),
                         find_column(names, n, "caption")};
    if (at.file == MAX_COLUMNS || at.caption == MAX_COLUMNS)
        fail("captions.tsv has no columns named file and caption");
    while ((line = strsep(&rest, "\n")))
        add_line(c, line, at, all);
    if (c->n_captions == 0)
        fail("no caption of split \"test\"; --all takes every line");
}

static void read_photo(const struct clip *clip, const char *path, float *ret_pixels)
{
    struct error err;
    struct file f;
    if (file_read(path, (size_t)MAX_FILE_MB << 20, &f, &err))
        fail(err.message);
    AUTO(image) *image = NULL;
    struct decode_options options = {.short_edge_px = clip_image_px(clip)};
    int rc = image_decode(f.data, f.size, &options, &image, NULL, &err);
    if (!rc)
        rc = clip_preprocess(clip, image, ret_pixels, &err);
    file_release(&f);
    if (rc) {
        error_add(&err, "%s", path);
        fail(err.message);
    }
}

/* [n_photos][dim]. */
static float *embed_photos(struct clip *clip, const char *folder, const struct collection *c)
{
    size_t dim = clip_dim(clip), pixels = clip_pixel_count(clip);
    float *vectors = xmalloc(c->n_photos * dim * sizeof *vectors);
    AUTO_FREE float *batch = xmalloc(BATCH * pixels * sizeof *batch);
    AUTO_FREE char *images = file_join(folder, "images");
    for (size_t first = 0; first < c->n_photos; first += BATCH) {
        size_t n = c->n_photos - first < BATCH ? c->n_photos - first : BATCH;
        for (size_t i = 0; i < n; i++) {
            AUTO_FREE char *path = file_join(images, c->photos[first + i]);
            read_photo(clip, path, batch + i * pixels);
        }
        struct error err;
        if (clip_embed_pixels(clip, batch, n, vectors + first * dim, &err))
            fail(err.message);
    }
    return vectors;
}

struct photo_vectors {
    const float *vectors;
    size_t dim;
};

static int fetch(void *context, int64_t id, float *ret_vector, struct error *err)
{
    const struct photo_vectors *p = context;
    (void)err;
    memcpy(ret_vector, p->vectors + (size_t)id * p->dim, p->dim * sizeof *ret_vector);
    return 0;
}

/* The place of the caption's own photo among the first K, from 0; K when it is not there. */
static size_t find_rank(struct clip *clip, const struct vectors *index, struct photo_vectors *p,
                        const struct caption *caption)
{
    struct error err;
    AUTO_FREE float *query = xmalloc(p->dim * sizeof *query);
    struct vectors_source source = {p, fetch, NULL};
    struct vectors_hit hits[K];
    size_t count;
    if (clip_embed_text(clip, caption->text, query, NULL, &err) ||
        vectors_search(index, query, K, &source, NULL, hits, &count, &err))
        fail(err.message);
    for (size_t rank = 0; rank < count; rank++)
        if (hits[rank].id == (int64_t)caption->photo)
            return rank;
    return K;
}

static void measure(struct clip *clip, const char *folder, const struct collection *c)
{
    AUTO_FREE float *photos = embed_photos(clip, folder, c);
    struct photo_vectors p = {photos, clip_dim(clip)};
    AUTO(vectors) *index = vectors_new(p.dim);
    for (size_t i = 0; i < c->n_photos; i++)
        vectors_add(index, (int64_t)i, photos + i * p.dim);
    size_t found[K + 1] = {0}; /* by rank */
    for (size_t i = 0; i < c->n_captions; i++)
        found[find_rank(clip, index, &p, &c->captions[i])]++;
    double percent = 100.0 / (double)c->n_captions;
    size_t in_1 = found[0], in_5 = 0, in_10 = 0;
    for (size_t rank = 0; rank < K; rank++) {
        in_5 += rank < 5 ? found[rank] : 0;
        in_10 += found[rank];
    }
    printf("%s: %zu photos, %zu captions: recall@1/5/10 %.1f / %.1f / %.1f (chance@10 %.1f)\n",
           folder, c->n_photos, c->n_captions, percent * (double)in_1, percent * (double)in_5,
           percent * (double)in_10, 100.0 * K / (double)(c->n_photos > K ? c->n_photos : K));
}

int main(int argc, char **argv)
{
    const char *folder = NULL, *model = "models/mini";
    bool all = false, wrong = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--all") == 0)
            all = true;
        else if (strcmp(argv[i], "--model") == 0 && i + 1 < argc)
            model = argv[++i];
        else if (argv[i][0] != '-' && !folder)
            folder = argv[i];
        else
            wrong = true;
    }
    if (!folder || wrong) {
        fprintf(stderr, "usage: bench_recall DIR [--model FOLDER] [--all]\n");
        return 2;
    }
    struct error err;
    AUTO(clip) *clip = NULL;
    if (clip_open(model, NULL, &clip, &err))
        fail(err.message);
    struct collection c = {0};
    read_collection(folder, all, &c);
    measure(clip, folder, &c);
    file_release(&c.table);
    free(c.photos);
    free(c.captions);
    return 0;
}
