/* SPDX-License-Identifier: MIT */
/* Lists the names of labels that a client may know: those of which one photo is under no rule. */
#include <stdlib.h>
#include <string.h>

#include "ask/rule_set.h"
#include "mcp/mcp_tools.h"
#include "store/labels.h"

struct candidate {
    struct store_photo photo; /* id, path and hash */
    char *name;
    bool is_new; /* the first one with its name */
};

struct candidates {
    struct candidate *items;
    size_t count, cap;
    char *folded; /* comparison key of the last one's name */
};

/* Labels come sorted by name. */
static int note_label(void *context, const struct store_label *label)
{
    struct candidates *c = context;
    if (!label->photo)
        return 0;
    ARRAY_GROW(c->items, c->cap, c->count + 1);
    struct candidate *item = &c->items[c->count++];
    *item = (struct candidate){.photo = {.id = label->photo, .path = xstrdup(label->path)},
                               .name = xstrdup(label->name),
                               .is_new = !c->folded || strcmp(c->folded, label->folded) != 0};
    memcpy(item->photo.hash, label->hash, HASH_BYTES);
    if (item->is_new) {
        free(c->folded);
        c->folded = xstrdup(label->folded);
    }
    return 0;
}

static void release_candidates(struct candidates *c)
{
    for (size_t i = 0; i < c->count; i++) {
        store_photo_release(&c->items[i].photo);
        free(c->items[i].name);
    }
    free(c->items);
    free(c->folded);
}

/* A name whose photos are tried, those of all names at the same time. */
struct trial {
    size_t first, end; /* its candidates */
    size_t next;       /* the first one that was not tried */
    size_t known;      /* one that no rule covers; `end` if there is none */
};

static size_t make_trials(const struct candidates *c, struct trial *ret_trials)
{
    size_t n = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (c->items[i].is_new)
            ret_trials[n++] = (struct trial){.first = i, .next = i};
        ret_trials[n - 1].end = ret_trials[n - 1].known = i + 1;
    }
    return n;
}

/* Puts the next `most` photos of each name that is undecided into ret_photos. */
static size_t take_photos(const struct candidates *c, struct trial *trials, size_t n, size_t most,
                          const struct store_photo **ret_photos)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; trials[i].known == trials[i].end && k < most; k++)
            if (trials[i].next < trials[i].end)
                ret_photos[count++] = &c->items[trials[i].next++].photo;
    return count;
}

/* Notes the photos that no rule covers; their phrases are in the order of take_photos. */
static void note_known(struct trial *trials, size_t n, const size_t *before, char **phrases)
{
    for (size_t i = 0, k = 0; i < n; i++)
        for (size_t at = before[i]; at < trials[i].next; at++, k++) {
            if (!phrases[k] && trials[i].known == trials[i].end)
                trials[i].known = at;
            free(phrases[k]);
        }
}

/* Tries one photo of each name, then twice as many of those that are left, and so on, so that a
 * server needs few statements for any number of names and photos. */
static int try_photos(const struct rule_set *rules, const struct candidates *c,
                      struct trial *trials, size_t n, struct error *err)
{
    AUTO_FREE const struct store_photo **photos = xcalloc(c->count + 1, sizeof *photos);
    AUTO_FREE char **phrases = xcalloc(c->count + 1, sizeof *phrases);
    AUTO_FREE size_t *before = xcalloc(n + 1, sizeof *before);
    size_t count = 1;
    for (size_t most = 1; count; most *= 2) {
        for (size_t i = 0; i < n; i++)
            before[i] = trials[i].next;
        count = take_photos(c, trials, n, most, photos);
        int rc = rule_set_covering_all(rules, photos, count, phrases, err);
        if (rc)
            return rc;
        note_known(trials, n, before, phrases);
    }
    return 0;
}

static int add_known(struct store *store, const struct rule_set *rules, json_t *array,
                     struct error *err)
{
    struct candidates c = {NULL, 0, 0, NULL};
    int rc = store_list_labels(store, 0, NULL, note_label, &c, err);
    AUTO_FREE struct trial *trials = xcalloc(c.count + 1, sizeof *trials);
    size_t n = make_trials(&c, trials);
    if (!rc)
        rc = try_photos(rules, &c, trials, n, err);
    for (size_t i = 0; !rc && i < n; i++)
        if (trials[i].known < trials[i].end)
            json_array_append_new(array, json_string(c.items[trials[i].known].name));
    release_candidates(&c);
    return rc;
}

int mcp_add_names(struct store *store, json_t *array, struct error *err)
{
    struct rule_set rules;
    int rc = rule_set_load(store, &rules, err);
    if (rc)
        return rc;
    rc = add_known(store, &rules, array, err);
    rule_set_release(&rules);
    return rc;
}
