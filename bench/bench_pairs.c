/* SPDX-License-Identifier: MIT */
/* Measures searches for "A but not B" and "A and B", for pairs of words of captions.
 *
 *     bench_pairs DIR [--model FOLDER] [--all] [--real FOLDER] [--tune]
 *
 * DIR is as for bench_recall. A photo shows a thing if one of its captions has the word. A pair
 * counts if a photo shows both and another one only the first. Each figure is the mean over the
 * pairs of the average precision: 1 if every photo that is meant comes before every other one.
 *
 * --real: a folder with recorded vectors (images.f32, texts.f32, texts.tsv, images.tsv,
 * word_queries.tsv) of a model that is not here. It has no vectors of joined texts, whose place the
 * sum of both vectors takes. --tune prints other ways to grade, on the pairs of the first half;
 * without it only the pairs of the second half count. */
#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "captions_table.h"
#include "clip/background.h"
#include "search/tree_grade.h"

enum { LEAST_PHOTOS = 1, MAX_FILE_MB = 512 };

/* Things that can be seen. */
static const char *const words[] = {
    "dog",        "man",        "woman",      "boy",      "girl",     "child",    "people",
    "baby",       "crowd",      "beach",      "water",    "ocean",    "snow",     "grass",
    "field",      "rock",       "tree",       "mountain", "street",   "road",     "building",
    "car",        "bike",       "bicycle",    "boat",     "ball",     "soccer",   "football",
    "basketball", "tennis",     "skateboard", "swing",    "slide",    "pool",     "lake",
    "river",      "sand",       "stick",      "toy",      "hat",      "shirt",    "jacket",
    "sunglasses", "camera",     "bench",      "fence",    "wall",     "stairs",   "table",
    "horse",      "bird",       "helmet",     "uniform",  "costume",  "climbing", "jumping",
    "running",    "swimming",   "sitting",    "standing", "riding",   "sunset",   "night",
    "rope",       "motorcycle", "guitar",     "food",     "umbrella", "flower",   "dirt"};
enum { WORDS = sizeof words / sizeof *words };

struct things {
    size_t dim, photos;
    const float *images, *background; /* [photos][dim], [CLIP_BACKGROUND_TEXTS][dim] */
    size_t count;
    const char *names[WORDS];
    float *texts[WORDS]; /* [dim] */
    bool *shown[WORDS];  /* [photos] */
    struct clip *clip;   /* NULL: recorded vectors */
};

_Noreturn static void fail(const char *sentence)
{
    fprintf(stderr, "bench_pairs: %s\n", sentence);
    exit(1);
}

/* ---- average precision ---- */

struct place {
    double score;
    bool meant;
};

static int compare_place(const void *a, const void *b)
{
    double x = ((const struct place *)a)->score, y = ((const struct place *)b)->score;
    return (x < y) - (x > y);
}

static double average_precision(struct place *places, size_t n)
{
    double sum = 0;
    size_t found = 0;
    qsort(places, n, sizeof *places, compare_place);
    for (size_t i = 0; i < n; i++)
        if (places[i].meant)
            sum += (double)++found / (double)(i + 1);
    return found ? sum / (double)found : 0;
}

/* ---- ways to score a photo for a pair ---- */

struct pair {
    const struct things *t;
    size_t a, b;
    double chance, strength; /* of an exclusion */
    float *joined;           /* [dim]: vector of both texts together */
};

static double dot(const float *a, const float *b, size_t dim)
{
    double sum = 0;
    for (size_t i = 0; i < dim; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

static double contrast(const struct pair *p, size_t word, const float *photo)
{
    return search_contrast(p->t->texts[word], photo, p->t->background, CLIP_BACKGROUND_TEXTS,
                           p->t->dim);
}

static double cosine_a(const struct pair *p, const float *photo)
{
    return dot(p->t->texts[p->a], photo, p->t->dim);
}

static double contrast_a(const struct pair *p, const float *photo)
{
    return contrast(p, p->a, photo);
}

/* The direction of a - b; its length does not change the order. */
static double subtracted(const struct pair *p, const float *photo)
{
    return cosine_a(p, photo) - dot(p->t->texts[p->b], photo, p->t->dim);
}

static double half_subtracted(const struct pair *p, const float *photo)
{
    return cosine_a(p, photo) - dot(p->t->texts[p->b], photo, p->t->dim) / 2;
}

static double pushed_down(const struct pair *p, const float *photo)
{
    return contrast_a(p, photo) - p->strength * fmax(0, contrast(p, p->b, photo) - p->chance);
}

/* As the program grades the tree. */
static double graded(const struct pair *p, const float *photo, bool without)
{
    struct query_tree all = {.kind = QUERY_ALL, .weight = 1, .count = 2};
    struct query_tree not = {.kind = QUERY_NOT, .weight = 1, .count = 1};
    struct query_tree leaf = {.kind = QUERY_WANTED, .weight = 1};
    struct tree_node a = {.tree = &leaf, .vector = p->t->texts[p->a], .is_text = true};
    struct tree_node b = {.tree = &leaf, .vector = p->t->texts[p->b], .is_text = true};
    struct tree_node parts[] = {a, b};
    if (without)
        parts[1] = (struct tree_node){.tree = &not, .parts = &b};
    struct tree_grader grader = {
        .root = {.tree = &all, .parts = parts}, .dim = p->t->dim, .background = p->t->background};
    return tree_grade(&grader, 0, photo);
}

static double excluded(const struct pair *p, const float *photo)
{
    return graded(p, photo, true);
}

static double together(const struct pair *p, const float *photo)
{
    return graded(p, photo, false);
}

static double joined(const struct pair *p, const float *photo)
{
    return dot(p->joined, photo, p->t->dim);
}

static double least_cosine(const struct pair *p, const float *photo)
{
    return fmin(cosine_a(p, photo), dot(p->t->texts[p->b], photo, p->t->dim));
}

static double summed_contrast(const struct pair *p, const float *photo)
{
    return contrast_a(p, photo) + contrast(p, p->b, photo);
}

/* ---- pairs ---- */

static bool is_pair(const struct things *t, size_t a, size_t b)
{
    size_t both = 0, only = 0;
    for (size_t i = 0; i < t->photos; i++) {
        both += t->shown[a][i] && t->shown[b][i];
        only += t->shown[a][i] && !t->shown[b][i];
    }
    return a != b && both >= LEAST_PHOTOS && only >= LEAST_PHOTOS;
}

/* Divides the pairs into halves that look random and are always the same. */
static bool is_first_half(const char *a, const char *b)
{
    uint32_t hash = 2166136261u;
    for (const char *c = a; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    for (const char *c = b; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    return hash >> 16 & 1;
}

static void join_texts(struct pair *p)
{
    const struct things *t = p->t;
    struct error err;
    for (size_t i = 0; i < t->dim; i++)
        p->joined[i] = t->texts[p->a][i] + t->texts[p->b][i];
    if (!t->clip)
        return;
    AUTO_FREE char *text = xasprintf("a %s and a %s", t->names[p->a], t->names[p->b]);
    if (clip_embed_text(t->clip, text, p->joined, NULL, &err))
        fail(err.message);
}

/* Prints the mean average precision of a way to score; without: of photos with A and without B. */
static void measure_way(const struct things *t, const char *name, bool without, bool first_half,
                        double chance, double strength,
                        double (*score)(const struct pair *p, const float *photo))
{
    AUTO_FREE struct place *places = xmalloc(t->photos * sizeof *places);
    AUTO_FREE float *joined_vector = xmalloc(t->dim * sizeof *joined_vector);
    double sum = 0;
    size_t n = 0;
    for (size_t a = 0; a < t->count; a++)
        for (size_t b = 0; b < t->count; b++) {
            if (!is_pair(t, a, b) || is_first_half(t->names[a], t->names[b]) != first_half ||
                (!without && a > b && is_pair(t, b, a)))
                continue;
            struct pair p = {t, a, b, chance, strength, joined_vector};
            if (!without)
                join_texts(&p);
            for (size_t i = 0; i < t->photos; i++)
                places[i] = (struct place){score(&p, t->images + i * t->dim),
                                           t->shown[a][i] && t->shown[b][i] != without};
            sum += average_precision(places, t->photos);
            n++;
        }
    printf("  %-32s %.3f   (%zu pairs)\n", name, n ? sum / (double)n : NAN, n);
}

static void tune(const struct things *t)
{
    static const double chances[] = {-0.5, 0, 0.5, 1, 2}, strengths[] = {0.25, 0.5, 0.75, 1, 2};
    for (size_t i = 0; i < sizeof chances / sizeof *chances; i++)
        for (size_t j = 0; j < sizeof strengths / sizeof *strengths; j++) {
            AUTO_FREE char *name = xasprintf("chance %g, times %g", chances[i], strengths[j]);
            measure_way(t, name, true, true, chances[i], strengths[j], pushed_down);
        }
}

static void measure(const struct things *t, bool tuning)
{
    printf(" A but not B, %s half of the pairs\n", tuning ? "first" : "second");
    measure_way(t, "A alone", true, tuning, 0, 0, cosine_a);
    measure_way(t, "A alone, by contrast", true, tuning, 0, 0, contrast_a);
    measure_way(t, "vectors subtracted", true, tuning, 0, 0, subtracted);
    measure_way(t, "vectors subtracted, half", true, tuning, 0, 0, half_subtracted);
    measure_way(t, "A -B", true, tuning, 0, 0, excluded);
    if (tuning)
        tune(t);
    printf(" A and B, %s half of the pairs\n", tuning ? "first" : "second");
    measure_way(t, t->clip ? "\"a A and a B\"" : "sum of vectors", false, tuning, 0, 0, joined);
    measure_way(t, "lesser cosine", false, tuning, 0, 0, least_cosine);
    measure_way(t, "sum of contrasts", false, tuning, 0, 0, summed_contrast);
    measure_way(t, "A + B", false, tuning, 0, 0, together);
}

/* ---- a model that is here ---- */

static bool is_mentioned(const char *caption, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = caption; (at = strcasestr(at, word)); at++) {
        bool begins = at == caption || !isalpha((unsigned char)at[-1]);
        const char *end = at + n;
        end += strncasecmp(end, "es", 2) == 0 ? 2 : tolower((unsigned char)*end) == 's';
        if (begins && !isalpha((unsigned char)*end))
            return true;
    }
    return false;
}

static void add_word(struct things *t, const char *word, const struct collection *c)
{
    struct error err;
    bool *shown = xcalloc(c->n_photos, sizeof *shown);
    AUTO_FREE char *text = xasprintf("a %s", word);
    for (size_t i = 0; i < c->n_captions; i++)
        shown[c->captions[i].photo] |= is_mentioned(c->captions[i].text, word);
    t->names[t->count] = word;
    t->shown[t->count] = shown;
    t->texts[t->count] = xmalloc(t->dim * sizeof(float));
    if (clip_embed_text(t->clip, text, t->texts[t->count++], NULL, &err))
        fail(err.message);
}

static void release_things(struct things *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free(t->texts[i]);
        free(t->shown[i]);
    }
}

static void measure_model(const char *folder, const char *model, bool all, bool tuning)
{
    struct error err;
    AUTO(clip) *clip = NULL;
    struct collection c = {0};
    struct things t = {0};
    if (clip_open(model, NULL, &clip, &err) || clip_background(clip, &t.background, &err))
        fail(err.message);
    collection_read(folder, all, &c);
    AUTO_FREE float *images = collection_embed(clip, folder, &c);
    t.clip = clip;
    t.dim = clip_dim(clip);
    t.photos = c.n_photos;
    t.images = images;
    for (size_t i = 0; i < WORDS; i++)
        add_word(&t, words[i], &c);
    printf("%s, %s, %zu photos:\n", model, folder, t.photos);
    measure(&t, tuning);
    release_things(&t);
    collection_release(&c);
}

/* ---- recorded vectors ---- */

static struct file read_part(const char *folder, const char *name)
{
    struct error err;
    struct file file;
    AUTO_FREE char *path = file_join(folder, name);
    if (file_read(path, (size_t)MAX_FILE_MB << 20, &file, &err))
        fail(err.message);
    return file;
}

static void normalize(float *vector, size_t dim)
{
    double length = sqrt(dot(vector, vector, dim));
    for (size_t i = 0; i < dim; i++)
        vector[i] = (float)(vector[i] / length);
}

/* Finds the row of "a THING", of LVIS's names, in texts.tsv. */
static size_t find_text(const char *table, const char *text)
{
    AUTO_FREE char *end = xasprintf("\t%s\n", text);
    for (const char *line = table; *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n") + 1;
        if (length > strlen(end) && strstr(line, "\tlvis\t") &&
            strncmp(line + length - strlen(end), end, strlen(end)) == 0)
            return strtoul(line, NULL, 10);
    }
    fail("a text of the background is missing in texts.tsv");
}

/* Reads "text_row word relevant P@10 AP rows" into a thing. */
static void add_recorded(struct things *t, char *line, const float *texts)
{
    char *fields[6], *row;
    for (size_t i = 0; i < 6; i++)
        if (!(fields[i] = strsep(&line, "\t")))
            return;
    t->names[t->count] = fields[1];
    t->texts[t->count] = xmalloc(t->dim * sizeof(float));
    memcpy(t->texts[t->count], texts + strtoul(fields[0], NULL, 10) * t->dim,
           t->dim * sizeof(float));
    normalize(t->texts[t->count], t->dim);
    t->shown[t->count] = xcalloc(t->photos, sizeof(bool));
    while ((row = strsep(&fields[5], ",")))
        if (strtoul(row, NULL, 10) < t->photos)
            t->shown[t->count][strtoul(row, NULL, 10)] = true;
    t->count++;
}

static void measure_recorded(const char *folder, bool tuning)
{
    enum { DIM = 512, PHOTOS = 986 }; /* of Flickr8k, to which word_queries.tsv refers */
    struct file images = read_part(folder, "images.f32"), texts = read_part(folder, "texts.f32");
    struct file table = read_part(folder, "texts.tsv"),
                queries = read_part(folder, "word_queries.tsv");
    struct things t = {.dim = DIM, .photos = PHOTOS};
    AUTO_FREE float *background = xmalloc(CLIP_BACKGROUND_TEXTS * DIM * sizeof *background);
    float *photos = (float *)(void *)images.data;
    const float *vectors = (const float *)(const void *)texts.data;
    char *rest = (char *)queries.data, *line = strsep(&rest, "\n");
    for (size_t i = 0; i < CLIP_BACKGROUND_TEXTS; i++) {
        AUTO_FREE char *text = clip_background_text(i);
        memcpy(background + i * DIM, vectors + find_text((const char *)table.data, text) * DIM,
               DIM * sizeof(float));
        normalize(background + i * DIM, DIM);
    }
    for (size_t i = 0; i < PHOTOS; i++)
        normalize(photos + i * DIM, DIM);
    t.images = photos;
    t.background = background;
    while ((line = strsep(&rest, "\n")) && t.count < WORDS)
        add_recorded(&t, line, vectors);
    printf("recorded vectors of %s, %d photos:\n", folder, PHOTOS);
    measure(&t, tuning);
    measure(&t, !tuning);
    release_things(&t);
    file_release(&images);
    file_release(&texts);
    file_release(&table);
    file_release(&queries);
}

int main(int argc, char **argv)
{
    const char *folder = NULL, *model = "models/mini", *real = NULL;
    bool all = false, tuning = false, wrong = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--all") == 0)
            all = true;
        else if (strcmp(argv[i], "--tune") == 0)
            tuning = true;
        else if (strcmp(argv[i], "--model") == 0 && i + 1 < argc)
            model = argv[++i];
        else if (strcmp(argv[i], "--real") == 0 && i + 1 < argc)
            real = argv[++i];
        else if (argv[i][0] != '-' && !folder)
            folder = argv[i];
        else
            wrong = true;
    }
    if (!folder || wrong) {
        fprintf(stderr,
                "usage: bench_pairs DIR [--model FOLDER] [--all] [--real FOLDER] [--tune]\n");
        return 2;
    }
    measure_model(folder, model, all, tuning);
    if (real)
        measure_recorded(real, tuning);
    return 0;
}
