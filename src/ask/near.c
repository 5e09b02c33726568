/* SPDX-License-Identifier: MIT */
/* Photos that look nearly like one that a never-send rule keeps here: an edit or another shot of
 * it, which no rule for the original's place can know. */
#include <stdlib.h>
#include <string.h>

#include "ask/ask_internal.h"
#include "ask/rule_set.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

/* Cosine of the vectors. Of 681,528 pairs of different photos (OpenAI's ViT-B/32) none reaches it;
 * what was only saved anew does. */
#define NEAR 0.97
#define FIRST_LOOK 32
#define WIDER 8

/* A photo that the rules cover among the hits that are near; *ret_phrase says by what. */
static int find_covered(struct store *store, const struct rule_set *rules,
                        const struct store_hit *hits, size_t n, char **ret_phrase,
                        struct error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && !*ret_phrase && i < n && hits[i].score >= NEAR; i++) {
        struct store_photo photo;
        struct error why;
        rc = store_get_photo(store, hits[i].id, &photo, &why);
        if (rc == ERR_NOT_FOUND) { /* forgotten meanwhile */
            rc = 0;
            continue;
        }
        if (rc)
            return error_set(err, rc, "%s", why.message);
        rc = rule_set_covering(rules, &photo, ret_phrase, err);
        store_photo_release(&photo);
    }
    return rc;
}

/* All that is near is looked at: the search widens until its last hit is not. */
static int look_around(struct ask *ask, const struct rule_set *rules, const float *vector,
                       char **ret_phrase, struct error *err)
{
    for (size_t k = FIRST_LOOK;; k = k * WIDER < LIMIT_RESULTS ? k * WIDER : LIMIT_RESULTS) {
        size_t n = 0;
        AUTO_FREE struct store_hit *hits = xmalloc(k * sizeof *hits);
        int rc = store_search_exact(ask->store, vector, k, NULL, hits, &n, err);
        if (!rc)
            rc = find_covered(ask->store, rules, hits, n, ret_phrase, err);
        bool ends = n < k || k == LIMIT_RESULTS || hits[n - 1].score < NEAR;
        if (rc || *ret_phrase || ends)
            return rc;
    }
}

static char *near_sentence(const struct picture *picture, const char *phrase)
{
    AUTO_FREE char *name = text_printable(picture->photo.path, strlen(picture->photo.path));
    return xasprintf("%s looks nearly like one that never-send keeps here by %s", name, phrase);
}

int near_find(struct ask *ask, size_t first, size_t *ret_count, char **ret_why, struct error *err)
{
    struct rule_set rules;
    size_t count = 0, dim = clip_dim(ask->clip);
    char *why = NULL;
    int rc = rule_set_load(ask->store, &rules, err);
    if (rc)
        return rc;
    AUTO_FREE float *vector = xmalloc(dim * sizeof *vector);
    for (size_t i = first; !rc && rules.count > 0 && i < ask->pictures.count; i++) {
        const struct picture *picture = &ask->pictures.items[i];
        AUTO_FREE char *phrase = NULL;
        struct error unknown;
        if (!store_get_vector(ask->store, picture->photo.id, vector, &unknown))
            rc = look_around(ask, &rules, vector, &phrase, err);
        count += phrase != NULL;
        if (phrase && !why)
            why = near_sentence(picture, phrase);
    }
    rule_set_release(&rules);
    if (rc) {
        free(why);
        return rc;
    }
    *ret_count = count;
    *ret_why = why;
    return 0;
}
