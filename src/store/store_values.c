/* SPDX-License-Identifier: MIT */
/* Counts photos by the values of a fact, and caches the counts until the gallery changes. */
#include "store/fact_values.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash_table.h"
#include "store/store_internal.h"

/* On a server, other programs may change the gallery without counting a change. */
#define KEPT_SECONDS 10.0

struct counted {
    char *text; /* owned */
    int64_t photos;
};

struct counts {
    bool filled;
    int64_t change;
    double read; /* clock_seconds */
    struct counted *items;
    size_t count, cap;
};

struct store_values {
    struct counts of[FACT_COUNT + 1]; /* the last ones are of the folders */
};

static void empty_counts(struct counts *counts)
{
    for (size_t i = 0; i < counts->count; i++)
        free(counts->items[i].text);
    free(counts->items);
    *counts = (struct counts){.filled = false};
}

void store_values_free(struct store_values *values)
{
    for (size_t i = 0; values && i <= FACT_COUNT; i++)
        empty_counts(&values->of[i]);
    free(values);
}

/* ---- counting ---- */

struct counting {
    struct counts *counts;
    struct hash_table table;
    bool is_list;
};

static uint32_t hash_of_counted(const void *items, size_t item)
{
    const struct counted *counted = items;
    return hash_table_hash(counted[item].text, strlen(counted[item].text));
}

static bool has_text(const void *items, size_t item, const void *key)
{
    const struct counted *counted = items;
    return strcmp(counted[item].text, key) == 0;
}

/* Takes ownership of `text`. */
static void add_count(struct counting *c, char *text, int64_t photos)
{
    struct counts *counts = c->counts;
    uint32_t hash = hash_table_hash(text, strlen(text));
    size_t found = hash_table_find(&c->table, hash, has_text, counts->items, text);
    if (found != HASH_TABLE_NONE) {
        counts->items[found].photos += photos;
        free(text);
        return;
    }
    hash_table_reserve(&c->table, counts->count + 1, hash_of_counted, counts->items);
    hash_table_add(&c->table, hash, counts->count);
    ARRAY_GROW(counts->items, counts->cap, counts->count + 1);
    counts->items[counts->count++] = (struct counted){text, photos};
}

/* Returns whether the list contained this text before `at`. */
static bool is_repeated(const char *list, const char *at, size_t length)
{
    for (const char *text = list; text < at; text += strcspn(text, "\n") + 1)
        if (strcspn(text, "\n") == length && strncmp(text, at, length) == 0)
            return true;
    return false;
}

static int take_value(void *context, const struct store_value *value)
{
    struct counting *c = context;
    const char *at = value->text;
    while (*at) {
        size_t length = c->is_list ? strcspn(at, "\n") : strlen(at);
        if (length && !(c->is_list && is_repeated(value->text, at, length)))
            add_count(c, xstrndup(at, length), value->photos);
        at += length + (at[length] != '\0');
    }
    return 0;
}

static int compare_counted(const void *a, const void *b)
{
    const struct counted *x = a, *y = b;
    if (x->photos != y->photos)
        return x->photos < y->photos ? 1 : -1;
    return strcmp(x->text, y->text);
}

/* Reads the change before the values, so that the next call sees a concurrent change. */
static int fill_counts(struct store *store, const struct fact *fact, struct counts *counts,
                       struct error *err)
{
    int64_t change;
    int rc = store->backend->get_change(store, &change, err);
    if (rc)
        return rc;
    if (counts->filled && counts->change == change && clock_seconds() - counts->read < KEPT_SECONDS)
        return 0;
    empty_counts(counts);
    struct counting c = {counts, HASH_TABLE_INIT, fact && fact->type == FACT_LIST};
    rc = store->backend->count_values(store, fact, take_value, &c, err);
    hash_table_release(&c.table);
    if (rc) {
        empty_counts(counts);
        return rc;
    }
    if (counts->count)
        qsort(counts->items, counts->count, sizeof *counts->items, compare_counted);
    counts->filled = true;
    counts->change = change;
    counts->read = clock_seconds();
    return 0;
}

/* Delivers copies, because `each` may list other values of this store. */
int store_list_values(struct store *store, const struct fact *fact,
                      int (*each)(void *context, const struct store_value *value), void *context,
                      struct error *err)
{
    if (fact && (!fact_is_text(fact) || !fact->since))
        return error_set(err, ERR_INVALID, "the fact %s has no list of values", fact->name);
    if (!store->values)
        store->values = xcalloc(1, sizeof *store->values);
    struct counts *counts = &store->values->of[fact ? fact - fact_table : FACT_COUNT];
    int rc = fill_counts(store, fact, counts, err);
    size_t n = rc ? 0 : counts->count;
    AUTO_FREE struct counted *own = xcalloc(n + 1, sizeof *own);
    for (size_t i = 0; i < n; i++)
        own[i] = (struct counted){xstrdup(counts->items[i].text), counts->items[i].photos};
    for (size_t i = 0; i < n; i++) {
        if (!rc)
            rc = each(context, &(struct store_value){own[i].text, own[i].photos});
        free(own[i].text);
    }
    return rc;
}
