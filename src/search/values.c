/* SPDX-License-Identifier: MIT */
/* Lists the values that a criterion can have in a gallery. */
#include "search/values.h"

#include <stdlib.h>
#include <string.h>

#include "base/facts.h"
#include "base/memory.h"
#include "base/text.h"
#include "query/syntax.h"
#include "search/understood.h"
#include "search/values_internal.h"
#include "store/albums.h"
#include "store/fact_values.h"
#include "store/labels.h"

static void release_candidates(struct candidates *all)
{
    for (size_t i = 0; i < all->count; i++)
        free(all->items[i].text);
    free(all->items);
}

/* Returns whether a word of the text begins with the prefix; *ret_first: the first one does. */
static bool has_prefix(const char *text, const char *prefix, bool *ret_first)
{
    AUTO_FREE char *printable = text_printable(text, strlen(text));
    AUTO_FREE char *folded = text_fold_loosely(printable);
    const char *at = strstr(folded, prefix);
    *ret_first = at == folded;
    for (; at; at = strstr(at + 1, prefix))
        if (at == folded || strchr(" -_./,'(", at[-1]) || !*prefix)
            return true;
    return false;
}

void values_add(struct candidates *all, const char *text, int64_t photos)
{
    bool is_first;
    if (!photos || !has_prefix(text, all->prefix, &is_first))
        return;
    ARRAY_GROW(all->items, all->cap, all->count + 1);
    all->items[all->count++] = (struct candidate){xstrdup(text), photos, is_first};
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->is_first != y->is_first)
        return x->is_first ? -1 : 1;
    if (x->photos != y->photos)
        return x->photos < y->photos ? 1 : -1;
    return strcmp(x->text, y->text);
}

static int compare_texts(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return strcmp(x->text, y->text);
}

/* Adds up the photos of candidates with equal texts, which come from two facts. */
static void unite_equal(struct candidates *all)
{
    size_t kept = 0;
    if (all->count)
        qsort(all->items, all->count, sizeof *all->items, compare_texts);
    for (size_t i = 0; i < all->count; i++) {
        struct candidate *last = kept ? &all->items[kept - 1] : NULL;
        if (last && strcmp(last->text, all->items[i].text) == 0) {
            last->photos += all->items[i].photos;
            free(all->items[i].text);
        } else {
            all->items[kept++] = all->items[i];
        }
    }
    all->count = kept;
}

/* ---- where values come from ---- */

static int take_value(void *context, const struct store_value *value)
{
    values_add(context, value->text, value->photos);
    return 0;
}

static int take_name(void *context, const struct store_name *name)
{
    values_add(context, name->name, name->labels);
    return 0;
}

static int take_album(void *context, const struct store_album *album)
{
    values_add(context, album->name, -1);
    return 0;
}

/* Counts the photos that meet a criterion with this value. */
static int count_value(struct store *store, const char *criterion, const char *value,
                       int64_t *ret_photos, struct error *err)
{
    AUTO(criteria) *leaf = NULL;
    int rc = criteria_leaf(criterion, CRITERIA_IS, &value, 1, &leaf, err);
    return rc ? rc : understood_count(store, leaf, ret_photos, err);
}

/* Adds the choices of a keyword, such as the names of months. */
static int add_choices(struct store *store, const struct keyword *keyword, struct candidates *all,
                       struct error *err)
{
    const char *choice;
    int rc = 0;
    for (size_t i = 0; !rc && (choice = keyword_choice(keyword, i)) != NULL; i++) {
        int64_t photos = -1;
        AUTO_FREE char *value = keyword_value(keyword, choice);
        if (keyword->criterion)
            rc = count_value(store, keyword->criterion, value, &photos, err);
        if (!rc && strcmp(choice, "failed") != 0) /* the same as "damaged" */
            values_add(all, choice, photos);
    }
    return rc;
}

static int add_fact(struct store *store, const char *name, struct candidates *all,
                    struct error *err)
{
    const struct fact *fact = name ? fact_find(name) : NULL;
    return fact && fact->since && (fact->type == FACT_TEXT || fact->type == FACT_LIST)
               ? store_list_values(store, fact, take_value, all, err)
               : 0;
}

static bool is_town(const struct keyword *keyword)
{
    return keyword->form == KEYWORD_PLACE && keyword->unit != UNIT_COUNTRY;
}

static int add_values(struct store *store, const struct keyword *keyword, struct candidates *all,
                      struct error *err)
{
    if (keyword_choice(keyword, 0))
        return add_choices(store, keyword, all, err);
    if (keyword->form == KEYWORD_LABEL)
        return store_list_names(store, take_name, all, err);
    if (keyword->form == KEYWORD_ALBUM)
        return store_list_albums(store, take_album, all, err);
    if (keyword->form == KEYWORD_FOLDER)
        return values_add_folders(store, all, err);
    const char *also = is_town(keyword) ? "region" : keyword->also;
    int rc = add_fact(store, is_town(keyword) ? "town" : keyword->criterion, all, err);
    return rc || !also ? rc : add_fact(store, also, all, err);
}

/* Counts the photos of the chosen values: a photo may have several labels of one name, and be in a
 * town and a region of the same name. */
static int count_chosen(struct store *store, const struct keyword *keyword, struct candidates *all,
                        size_t limit, struct error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < all->count && i < limit; i++)
        rc = count_value(store, keyword->criterion, all->items[i].text, &all->items[i].photos, err);
    return rc;
}

static int sort_candidates(struct store *store, const struct keyword *keyword,
                           struct candidates *all, size_t limit, struct error *err)
{
    if (keyword->also || is_town(keyword))
        unite_equal(all);
    if (all->count && keyword->form != KEYWORD_SORT)
        qsort(all->items, all->count, sizeof *all->items, compare_candidates);
    return keyword->form == KEYWORD_LABEL || is_town(keyword)
               ? count_chosen(store, keyword, all, limit, err)
               : 0;
}

int search_list_values(struct store *store, const char *keyword, const char *prefix, size_t limit,
                       int (*each)(void *context, const struct search_value *value), void *context,
                       bool *ret_more, struct error *err)
{
    const struct keyword *known = keyword_find(keyword, strlen(keyword));
    if (!known) {
        AUTO_FREE char *shown = text_printable(keyword, strlen(keyword));
        return error_set(err, ERR_INVALID,
                         "there is no criterion %s: `keepsake help query` lists "
                         "them",
                         shown);
    }
    AUTO_FREE char *folded = text_fold_loosely(prefix);
    struct candidates all = {.prefix = folded};
    int rc = add_values(store, known, &all, err);
    if (!rc)
        rc = sort_candidates(store, known, &all, limit, err);
    for (size_t i = 0; !rc && i < all.count && i < limit; i++)
        if (all.items[i].photos)
            rc = each(context, &(struct search_value){all.items[i].text, all.items[i].photos});
    if (!rc)
        *ret_more = all.count > limit;
    release_candidates(&all);
    return rc;
}
