/* SPDX-License-Identifier: MIT */
/* Finds photos that look nearly like one that a never-send rule withholds: an edit or another shot
 * of it, which a rule for the original's place cannot cover. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ask/ask_internal.h"
#include "ask/rule_set.h"
#include "base/memory.h"
#include "base/text.h"

/* Cosine of the vectors. None of 681,528 pairs of different photos (OpenAI's ViT-B/32) reaches it;
 * pictures that were merely saved again do. */
#define NEAR 0.97

/* A photo that is near to a picture. */
struct neighbour {
    size_t picture; /* index of the picture in the question */
    int64_t id;
    double score;
};

struct neighbours {
    const struct picture *pictures;
    size_t n;
    struct neighbour *items;
    size_t count, cap;
};

/* The pictures' own photos may be sent: the rules have been checked for them. */
static bool is_picture(const struct neighbours *found, int64_t id)
{
    for (size_t i = 0; i < found->n; i++)
        if (found->pictures[i].photo.id == id)
            return true;
    return false;
}

static int add_neighbour(void *context, size_t vector, const struct store_hit *hit)
{
    struct neighbours *found = context;
    if (is_picture(found, hit->id))
        return 0;
    ARRAY_GROW(found->items, found->cap, found->count + 1);
    found->items[found->count++] = (struct neighbour){vector, hit->id, hit->score};
    return 0;
}

static int compare_neighbours(const void *a, const void *b)
{
    const struct neighbour *x = a, *y = b;
    if (x->picture != y->picture)
        return x->picture < y->picture ? -1 : 1;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static void release_photos(struct store_photo *photos, size_t n)
{
    for (size_t i = 0; i < n; i++)
        store_photo_release(&photos[i]);
    free(photos);
}

/* Finds the neighbours of all pictures. A picture without a valid vector has none. */
static int find_neighbours(struct ask *ask, struct neighbours *found, struct error *err)
{
    size_t dim = clip_dim(ask->clip);
    AUTO_FREE int64_t *ids = xmalloc((found->n + 1) * sizeof *ids);
    AUTO_FREE float *vectors = xmalloc((found->n * dim + 1) * sizeof *vectors);
    struct store_photo *photos = xcalloc(found->n + 1, sizeof *photos);
    for (size_t i = 0; i < found->n; i++)
        ids[i] = found->pictures[i].photo.id;
    int rc = store_get_photos(ask->store, ids, found->n, photos, vectors, err);
    for (size_t i = 0; !rc && i < found->n; i++)
        if (!photos[i].path || isnan(vectors[i * dim]))
            memset(vectors + i * dim, 0, dim * sizeof *vectors);
    if (!rc)
        rc = store_list_near(ask->store, vectors, found->n, NEAR, add_neighbour, found, err);
    release_photos(photos, found->n);
    if (!rc && found->count > 1)
        qsort(found->items, found->count, sizeof *found->items, compare_neighbours);
    return rc;
}

/* Finds the rule that withholds each neighbour; NULL: none, or the photo has since been removed. */
static int judge_neighbours(struct store *store, const struct rule_set *rules,
                            const struct neighbours *found, char **ret_phrases, struct error *err)
{
    size_t n = found->count, count = 0;
    AUTO_FREE int64_t *ids = xmalloc((n + 1) * sizeof *ids);
    AUTO_FREE const struct store_photo **present = xcalloc(n + 1, sizeof *present);
    AUTO_FREE size_t *places = xcalloc(n + 1, sizeof *places);
    AUTO_FREE char **phrases = xcalloc(n + 1, sizeof *phrases);
    struct store_photo *photos = xcalloc(n + 1, sizeof *photos);
    for (size_t i = 0; i < n; i++)
        ids[i] = found->items[i].id;
    int rc = store_get_photos(store, ids, n, photos, NULL, err);
    for (size_t i = 0; !rc && i < n; i++)
        if (photos[i].path) {
            present[count] = &photos[i];
            places[count++] = i;
        }
    if (!rc)
        rc = rule_set_covering_all(rules, present, count, phrases, err);
    for (size_t i = 0; !rc && i < count; i++)
        ret_phrases[places[i]] = phrases[i];
    release_photos(photos, n);
    return rc;
}

static char *near_sentence(const struct picture *picture, const char *phrase)
{
    AUTO_FREE char *name = text_printable(picture->photo.path, strlen(picture->photo.path));
    return xasprintf("%s looks very similar to a photo that never-send withholds by %s", name,
                     phrase);
}

/* Counts each picture once, by its nearest withheld neighbour. */
static size_t count_near(const struct neighbours *found, char **phrases, char **ret_why)
{
    size_t count = 0, last = found->n;
    for (size_t i = 0; i < found->count; i++) {
        size_t picture = found->items[i].picture;
        if (!phrases[i] || picture == last)
            continue;
        last = picture;
        if (count++ == 0)
            *ret_why = near_sentence(&found->pictures[picture], phrases[i]);
    }
    return count;
}

int near_find(struct ask *ask, size_t first, const struct rule_set *rules, size_t *ret_count,
              char **ret_why, struct error *err)
{
    const struct pictures *pictures = &ask->pictures;
    struct neighbours found = {.n = pictures->count - first};
    if (found.n)
        found.pictures = pictures->items + first;
    char *why = NULL;
    size_t count = 0;
    int rc = found.n && rules->count ? find_neighbours(ask, &found, err) : 0;
    AUTO_FREE char **phrases = xcalloc(found.count + 1, sizeof *phrases);
    if (!rc && found.count)
        rc = judge_neighbours(ask->store, rules, &found, phrases, err);
    if (!rc)
        count = count_near(&found, phrases, &why);
    for (size_t i = 0; i < found.count; i++)
        free(phrases[i]);
    free(found.items);
    if (rc)
        return rc;
    *ret_count = count;
    *ret_why = why;
    return 0;
}
