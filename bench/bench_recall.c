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

#include "captions_table.h"
#include "vectors/vectors.h"

enum { K = 10 };

_Noreturn static void fail(const char *sentence)
{
    fprintf(stderr, "bench_recall: %s\n", sentence);
    exit(1);
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
    AUTO_FREE float *photos = collection_embed(clip, folder, c);
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
    collection_read(folder, all, &c);
    measure(clip, folder, &c);
    collection_release(&c);
    return 0;
}
