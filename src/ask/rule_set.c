/* SPDX-License-Identifier: MIT */
/* The never-send rules as of one moment, and whether one of them covers a photo. */
#include "ask/rule_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "store/labels.h"

/* ---- the set ---- */

/* Where links lead, when that is elsewhere; NULL: nowhere else, or nothing is there. */
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
    set->items[set->count++] = (struct rule_set_item){
        rule->kind, xstrdup(rule->value), is_folder ? real_elsewhere(rule->value) : NULL};
    set->folders += is_folder;
    set->labels += !is_folder;
    return 0;
}

int rule_set_load(struct store *store, struct rule_set *ret_set, struct error *err)
{
    struct rule_set set = {.store = store};
    int rc = store_check_rules(store, err);
    if (!rc)
        rc = store_list_rules(store, add_rule, &set, err);
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

static int add_copy(void *context, const char *path)
{
    add_place(context, path);
    return 0;
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

static int try_folders(const struct rule_set *set, const struct store_photo *photo,
                       char **ret_phrase, struct error *err)
{
    static const uint8_t unknown[HASH_BYTES];
    struct places own = {NULL, 0, 0}, copies = {NULL, 0, 0};
    int rc = 0;
    add_place(&own, photo->path);
    if (memcmp(photo->hash, unknown, HASH_BYTES) != 0)
        rc = store_list_copies(set->store, photo->hash, add_copy, &copies, err);
    if (!rc)
        *ret_phrase = phrase_of_folders(set, &own, &copies);
    release_places(&own);
    release_places(&copies);
    return rc;
}

/* ---- labels ---- */

static int found_label(void *context, const struct store_label *label)
{
    (void)context, (void)label;
    return 1;
}

static int try_labels(const struct rule_set *set, int64_t photo, char **ret_phrase,
                      struct error *err)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct rule_set_item *rule = &set->items[i];
        if (rule->kind != STORE_RULE_LABEL)
            continue;
        int has = store_list_labels(set->store, photo, rule->value, found_label, NULL, err);
        if (has < 0)
            return has;
        if (has > 0) {
            AUTO_FREE char *name = text_printable(rule->value, strlen(rule->value));
            *ret_phrase = xasprintf("the label '%s'", name);
            return 0;
        }
    }
    return 0;
}

int rule_set_covering(const struct rule_set *set, const struct store_photo *photo,
                      char **ret_phrase, struct error *err)
{
    char *phrase = NULL;
    int rc = set->folders ? try_folders(set, photo, &phrase, err) : 0;
    if (!rc && !phrase && set->labels)
        rc = try_labels(set, photo->id, &phrase, err);
    if (!rc)
        *ret_phrase = phrase;
    return rc;
}
