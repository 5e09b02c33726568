/* SPDX-License-Identifier: MIT */
/* A snapshot of the never-send rules, and whether one of them covers a photo. */
#include "ask/rule_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "store/labels.h"

/* ---- the set ---- */

/* The target of links in the path; NULL: it is the path itself, or it does not exist. */
static char *real_elsewhere(const char *path)
{
    char *real = realpath(path, NULL);
    if (real && strcmp(real, path) != 0)
        return real;
    free(real);
    return NULL;
}

static int add_rule(void *context, const struct store_rule *rule)
{
    struct rule_set *set = context;
    bool is_folder = rule->kind == STORE_RULE_FOLDER;
    ARRAY_GROW(set->items, set->cap, set->count + 1);
    set->items[set->count++] =
        (struct rule_set_item){.kind = rule->kind,
                               .value = xstrdup(rule->value),
                               .real = is_folder ? real_elsewhere(rule->value) : NULL,
                               .folded = is_folder ? NULL : text_fold(rule->value)};
    set->folders += is_folder;
    set->labels += !is_folder;
    return 0;
}

int rule_set_load(struct store *store, struct rule_set *ret_set, struct error *err)
{
    struct rule_set set = {.store = store};
    int rc = store_list_rules(store, add_rule, &set, err);
    if (!rc)
        rc = store_check_rules(store, set.labels > 0, err);
    if (rc)
        rule_set_release(&set);
    else
        *ret_set = set;
    return rc;
}

void rule_set_of(struct store *store, const struct store_rule *rule, struct rule_set *ret_set)
{
    *ret_set = (struct rule_set){.store = store};
    add_rule(ret_set, rule);
}

void rule_set_release(struct rule_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        free(set->items[i].value);
        free(set->items[i].real);
        free(set->items[i].folded);
    }
    free(set->items);
    *set = (struct rule_set){0};
}

/* ---- places ---- */

struct places {
    char **paths;
    size_t count, cap;
};

static void add_place(struct places *places, const char *path)
{
    char *real = real_elsewhere(path);
    ARRAY_GROW(places->paths, places->cap, places->count + 2);
    places->paths[places->count++] = xstrdup(path);
    if (real)
        places->paths[places->count++] = real;
}

static void release_places(struct places *places)
{
    for (size_t i = 0; i < places->count; i++)
        free(places->paths[i]);
    free(places->paths);
}

static bool lies_in(const struct rule_set_item *folder, const struct places *places)
{
    for (size_t i = 0; i < places->count; i++)
        if (path_is_below(places->paths[i], folder->value) ||
            (folder->real && path_is_below(places->paths[i], folder->real)))
            return true;
    return false;
}

static char *folder_phrase(const char *folder, const char *more)
{
    AUTO_FREE char *name = text_printable(folder, strlen(folder));
    return xasprintf("the folder %s%s", name, more);
}

static char *phrase_of_folders(const struct rule_set *set, const struct places *own,
                               const struct places *copies)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct rule_set_item *rule = &set->items[i];
        if (rule->kind != STORE_RULE_FOLDER)
            continue;
        if (lies_in(rule, own))
            return folder_phrase(rule->value, "");
        if (lies_in(rule, copies))
            return folder_phrase(rule->value, " (a copy is in it)");
    }
    return NULL;
}

/* ---- copies: the places of the photos with the same content ---- */

struct contents {
    uint8_t (*hashes)[HASH_BYTES]; /* sorted, without repetitions */
    struct places *places;         /* of each */
    size_t count;
};

static int compare_hashes(const void *a, const void *b)
{
    return memcmp(a, b, HASH_BYTES);
}

static struct places *find_content(const struct contents *c, const uint8_t hash[HASH_BYTES])
{
    const uint8_t(*found)[HASH_BYTES] =
        c->count ? bsearch(hash, c->hashes, c->count, HASH_BYTES, compare_hashes) : NULL;
    return found ? &c->places[found - c->hashes] : NULL;
}

static int add_copy(void *context, const struct store_copy *copy)
{
    struct places *places = find_content(context, copy->hash);
    if (places)
        add_place(places, copy->path);
    return 0;
}

static void release_contents(struct contents *c)
{
    for (size_t i = 0; i < c->count; i++)
        release_places(&c->places[i]);
    free(c->places);
    free(c->hashes);
}

/* The caller releases *ret_contents, even on failure. */
static int read_contents(struct store *store, const struct store_photo *const *photos, size_t n,
                         struct contents *ret_contents, struct error *err)
{
    static const uint8_t unknown[HASH_BYTES];
    struct contents c = {.hashes = xmalloc((n + 1) * HASH_BYTES),
                         .places = xcalloc(n + 1, sizeof(struct places))};
    size_t known = 0;
    for (size_t i = 0; i < n; i++)
        if (memcmp(photos[i]->hash, unknown, HASH_BYTES) != 0)
            memcpy(c.hashes[known++], photos[i]->hash, HASH_BYTES);
    qsort(c.hashes, known, HASH_BYTES, compare_hashes);
    for (size_t i = 0; i < known; i++)
        if (c.count == 0 || memcmp(c.hashes[c.count - 1], c.hashes[i], HASH_BYTES) != 0)
            memmove(c.hashes[c.count++], c.hashes[i], HASH_BYTES);
    *ret_contents = c;
    return store_list_copies(store, (const uint8_t(*)[HASH_BYTES])c.hashes, c.count, add_copy,
                             ret_contents, err);
}

static int try_folders(const struct rule_set *set, const struct store_photo *const *photos,
                       size_t n, char **phrases, struct error *err)
{
    static const struct places nowhere;
    struct contents contents;
    int rc = read_contents(set->store, photos, n, &contents, err);
    for (size_t i = 0; !rc && i < n; i++) {
        struct places own = {NULL, 0, 0};
        const struct places *copies = find_content(&contents, photos[i]->hash);
        add_place(&own, photos[i]->path);
        phrases[i] = phrase_of_folders(set, &own, copies ? copies : &nowhere);
        release_places(&own);
    }
    release_contents(&contents);
    return rc;
}

/* ---- labels ---- */

struct labelling {
    const struct rule_set *set;
    const struct store_photo *const *photos;
    size_t n;
    /* [n] the first rule that covers one of its labels; or NULL. */
    const struct rule_set_item **found;
};

/* The rules are in one array, so the first one has the lowest address. */
static void note_rule(struct labelling *l, int64_t photo, const struct rule_set_item *rule)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->photos[i]->id == photo && (!l->found[i] || rule < l->found[i]))
            l->found[i] = rule;
}

static int try_label(void *context, const struct store_label *label)
{
    struct labelling *l = context;
    for (size_t i = 0; i < l->set->count; i++) {
        const struct rule_set_item *rule = &l->set->items[i];
        if (rule->folded && strcmp(rule->folded, label->folded) == 0)
            note_rule(l, label->photo, rule);
    }
    return 0;
}

/* Checks the labels of photos that no rule for a folder covers. */
static int try_labels(const struct rule_set *set, const struct store_photo *const *photos, size_t n,
                      char **phrases, struct error *err)
{
    AUTO_FREE int64_t *ids = xmalloc((n + 1) * sizeof *ids);
    AUTO_FREE const struct rule_set_item **found = xcalloc(n + 1, sizeof *found);
    struct labelling labelling = {set, photos, n, found};
    size_t asked = 0;
    for (size_t i = 0; i < n; i++)
        if (!phrases[i])
            ids[asked++] = photos[i]->id;
    int rc = store_list_labels_of(set->store, ids, asked, try_label, &labelling, err);
    for (size_t i = 0; !rc && i < n; i++) {
        if (phrases[i] || !found[i])
            continue;
        AUTO_FREE char *name = text_printable(found[i]->value, strlen(found[i]->value));
        phrases[i] = xasprintf("the label '%s'", name);
    }
    return rc;
}

int rule_set_covering_all(const struct rule_set *set, const struct store_photo *const *photos,
                          size_t n, char **ret_phrases, struct error *err)
{
    for (size_t i = 0; i < n; i++)
        ret_phrases[i] = NULL;
    int rc = n && set->folders ? try_folders(set, photos, n, ret_phrases, err) : 0;
    if (!rc && n && set->labels)
        rc = try_labels(set, photos, n, ret_phrases, err);
    for (size_t i = 0; rc && i < n; i++) {
        free(ret_phrases[i]);
        ret_phrases[i] = NULL;
    }
    return rc;
}

int rule_set_covering(const struct rule_set *set, const struct store_photo *photo,
                      char **ret_phrase, struct error *err)
{
    return rule_set_covering_all(set, &photo, 1, ret_phrase, err);
}
