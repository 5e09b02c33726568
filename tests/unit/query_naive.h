/* SPDX-License-Identifier: MIT */
/* Random trees of queries over photos that the test itself knows, and the value of each photo by a
 * naive evaluator that follows the definition in query/query_tree.h and shares nothing with the
 * program. */
#pragma once

#include "clip/background.h"
#include "criteria_naive.h"
#include "query/query_tree.h"

enum { MOST_TERMS = 64 };

struct query_spec {
    enum query_tree_kind kind;
    double weight;
    struct query_spec *parts[MOST_PARTS];
    size_t count;
    struct spec *criteria; /* QUERY_CRITERIA */
    float vector[FIXTURE_DIM];
};

static void free_query_spec(struct query_spec *spec)
{
    for (size_t i = 0; i < spec->count; i++)
        free_query_spec(spec->parts[i]);
    if (spec->criteria)
        free_spec(spec->criteria);
    free(spec);
}

static struct query_spec *make_query_spec(uint64_t *state, const struct known *photos, int depth)
{
    static const enum query_tree_kind kinds[] = {QUERY_ALL, QUERY_ALL, QUERY_ANY, QUERY_NOT};
    static const double weights[] = {1, 1, 1, 2, 0.5};
    struct query_spec *spec = xcalloc(1, sizeof *spec);
    spec->weight = weights[pick(state, COUNT(weights))];
    if (depth > 0 && pick(state, 4)) {
        spec->kind = kinds[pick(state, COUNT(kinds))];
        size_t n = spec->kind == QUERY_NOT ? 1
                   : pick(state, 12)       ? 2 + pick(state, 2)
                                           : pick(state, 2);
        while (spec->count < n)
            spec->parts[spec->count++] = make_query_spec(state, photos, depth - 1);
    } else if (pick(state, 2)) {
        spec->kind = QUERY_CRITERIA;
        spec->weight = 1;
        spec->criteria = make_spec(state, photos, (int)pick(state, 2));
    } else {
        spec->kind = QUERY_WANTED;
        fixture_vector(1000 + pick(state, 50), FIXTURE_DIM, spec->vector);
        if (pick(state, 3) == 0) /* near a photo, for grades far above chance */
            for (size_t i = 0, k = pick(state, N); i < FIXTURE_DIM; i++)
                spec->vector[i] = spec->vector[i] / 2 + photos[k].row.vector[i];
    }
    return spec;
}

/* ---- the definition ---- */

static double naive_cosine(const float *a, const float *b)
{
    double sum = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < FIXTURE_DIM; i++) {
        sum += (double)a[i] * b[i];
        aa += (double)a[i] * a[i];
        bb += (double)b[i] * b[i];
    }
    return sum / sqrt(aa * bb);
}

/* The contrast of a picture: a correlation over the background, with 0.1, 0.5 and 0.7 at 2, 3 and
 * 4. */
static double naive_contrast(const float *wanted, const float *photo, const float *background)
{
    double a[CLIP_BACKGROUND_TEXTS], b[CLIP_BACKGROUND_TEXTS], mean_a = 0, mean_b = 0;
    for (size_t i = 0; i < CLIP_BACKGROUND_TEXTS; i++) {
        mean_a += (a[i] = naive_cosine(wanted, background + i * FIXTURE_DIM));
        mean_b += (b[i] = naive_cosine(photo, background + i * FIXTURE_DIM));
    }
    mean_a /= CLIP_BACKGROUND_TEXTS;
    mean_b /= CLIP_BACKGROUND_TEXTS;
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < CLIP_BACKGROUND_TEXTS; i++) {
        ab += (a[i] - mean_a) * (b[i] - mean_b);
        aa += (a[i] - mean_a) * (a[i] - mean_a);
        bb += (b[i] - mean_b) * (b[i] - mean_b);
    }
    double r = ab / sqrt(aa * bb);
    return r < 0.5 ? 2 + (r - 0.1) / 0.4 : 3 + (r - 0.5) / 0.2;
}

/* What a group of one part of weight 1 is equal to. */
static const struct query_spec *stripped(const struct query_spec *spec)
{
    while ((spec->kind == QUERY_ALL || spec->kind == QUERY_ANY) && spec->count == 1 &&
           spec->parts[0]->weight == 1)
        spec = spec->parts[0];
    return spec;
}

struct term {
    const struct query_spec *spec;
    double weight;
};

/* The parts of an ALL, with those of each ALL of weight 1 in it. */
static size_t all_terms(const struct query_spec *spec, struct term *terms, size_t n)
{
    for (size_t i = 0; i < spec->count; i++) {
        const struct query_spec *part = stripped(spec->parts[i]);
        double weight = spec->parts[i]->weight;
        if (part->kind == QUERY_ALL && weight == 1)
            n = all_terms(part, terms, n);
        else
            terms[n++] = (struct term){part, weight};
    }
    return n;
}

static double naive_value(const struct query_spec *spec, const struct known *photo,
                          const float *background)
{
    struct term terms[MOST_TERMS];
    spec = stripped(spec);
    if (spec->kind == QUERY_CRITERIA)
        return holds(photo, spec->criteria) ? INFINITY : -INFINITY;
    if (spec->kind == QUERY_WANTED)
        return naive_contrast(spec->vector, photo->row.vector, background);
    if (spec->kind == QUERY_NOT)
        return 4 - naive_value(spec->parts[0], photo, background);
    double best = -INFINITY, base = INFINITY, mirrored = INFINITY, against = 0;
    for (size_t i = 0; spec->kind == QUERY_ANY && i < spec->count; i++) {
        double v = naive_value(spec->parts[i], photo, background), w = spec->parts[i]->weight;
        best = fmax(best, v > 0 ? v * w : v / w);
    }
    if (spec->kind == QUERY_ANY)
        return best;
    size_t n = all_terms(spec, terms, 0);
    for (size_t i = 0; i < n; i++) {
        double w = terms[i].weight;
        bool not = terms[i].spec->kind == QUERY_NOT;
        double v = naive_value(not ? terms[i].spec->parts[0] : terms[i].spec, photo, background);
        double own = not ? 4 - v : v;
        own = own > 0 ? own / w : own * w;
        if (own == -INFINITY)
            return -INFINITY;
        if (not )
            mirrored = fmin(mirrored, own), against += w / 2 * fmax(0, v);
        else
            base = fmin(base, own);
    }
    return base == INFINITY ? mirrored : base - against;
}
