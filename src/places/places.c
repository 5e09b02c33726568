/* SPDX-License-Identifier: MIT */
/* Finds the town at a position. */
#include "places/places.h"

#include <math.h>

#include "places/places_internal.h"

#define EARTH_KM 6371.0088 /* mean radius */

size_t places_count(void)
{
    return places_table.count;
}

const char *places_version(void)
{
    return places_table.version;
}

void places_read_node(const struct places_node *node, struct place *ret_place)
{
    const struct places_table *t = &places_table;
    const struct places_country *country = &t->countries[node->country];
    double across = hypot(node->at[0], node->at[1]);
    *ret_place = (struct place){
        .town = t->texts + node->name,
        .region = t->texts + t->regions[node->region],
        .country = t->texts + country->english,
        .country_code = t->texts + country->code,
        .latitude = atan2(node->at[2], across) * 180 / M_PI,
        .longitude = atan2(node->at[1], node->at[0]) * 180 / M_PI,
        .population = node->population,
    };
}

/* ---- the k-d tree ---- */

struct nearest {
    double at[3];
    double farthest; /* square of the distance to the farthest place that counts */
    double score;    /* of the best place so far */
    const struct places_node *best;
};

/* Distances are chords in kilometres; an arc of 50 km is longer by less than a millionth part.
 * Scores are compared as their squares, distance^10 / population^2, because roots take longer. */
static double power_5(double square)
{
    return square * square * square * square * square;
}

static double square_of(double x)
{
    return x * x;
}

static void consider_node(struct nearest *n, const struct places_node *node)
{
    double square = 0;
    for (int i = 0; i < 3; i++)
        square += square_of(node->at[i] * EARTH_KM - n->at[i]);
    double people2 = square_of(node->population);
    if (square > n->farthest || power_5(square) >= n->score * people2)
        return;
    n->score = power_5(square) / people2;
    n->best = node;
}

static size_t middle_of(size_t begin, size_t end)
{
    return begin + (end - begin) / 2;
}

/* Visits a subtree in a box that is at least offset[axis] away along each axis, unless it is too
 * far away for its largest population. */
static void visit_subtree(struct nearest *n, size_t begin, size_t end, double offset[3])
{
    if (begin >= end)
        return;
    size_t middle = middle_of(begin, end);
    const struct places_node *node = &places_table.nodes[middle];
    double square = square_of(offset[0]) + square_of(offset[1]) + square_of(offset[2]);
    double most_people2 = (double)(UINT64_C(1) << 2 * (node->split >> 2));
    if (square > n->farthest || power_5(square) >= n->score * most_people2)
        return;
    int axis = node->split & 3;
    double aside = n->at[axis] - node->at[axis] * EARTH_KM, before = offset[axis];
    consider_node(n, node);
    if (aside < 0)
        visit_subtree(n, begin, middle, offset);
    else
        visit_subtree(n, middle + 1, end, offset);
    offset[axis] = fabs(aside) > before ? fabs(aside) : before;
    if (aside < 0)
        visit_subtree(n, middle + 1, end, offset);
    else
        visit_subtree(n, begin, middle, offset);
    offset[axis] = before;
}

bool places_nearest(double latitude, double longitude, struct place *ret_place)
{
    if (!(fabs(latitude) <= 90) || !isfinite(longitude))
        return false;
    double phi = latitude * M_PI / 180, lambda = longitude * M_PI / 180;
    double chord = 2 * EARTH_KM * sin(PLACES_FARTHEST_KM / EARTH_KM / 2), offset[3] = {0, 0, 0};
    struct nearest n = {.at = {EARTH_KM * cos(phi) * cos(lambda), EARTH_KM * cos(phi) * sin(lambda),
                               EARTH_KM * sin(phi)},
                        .farthest = chord * chord,
                        .score = INFINITY};
    visit_subtree(&n, 0, places_table.tree_count, offset);
    if (!n.best)
        return false;
    places_read_node(n.best, ret_place);
    return true;
}
