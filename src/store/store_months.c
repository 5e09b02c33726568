/* SPDX-License-Identifier: MIT */
/* Counts photos by month, and caches the counts until the gallery changes. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/listing.h"
#include "store/store_internal.h"

/* Counting months reads one index entry per photo, and pages request the counts repeatedly, so the
 * counts are cached until the gallery changes. On a server, other programs may change the gallery
 * without counting a change. */

enum { KEPT = 6 };
#define KEPT_SECONDS 10.0

struct month {
    char name[8];
    int64_t photos;
};

struct answer {
    char *key; /* the filter; NULL: a free slot */
    int64_t change;
    double read; /* clock_seconds */
    struct month *months;
    size_t count, cap;
};

struct store_months {
    struct answer answers[KEPT];
};

static void empty(struct answer *a)
{
    free(a->key);
    free(a->months);
    *a = (struct answer){.key = NULL};
}

void store_months_free(struct store_months *months)
{
    for (size_t i = 0; months && i < KEPT; i++)
        empty(&months->answers[i]);
    free(months);
}

static bool is_fresh(const struct answer *a, int64_t change)
{
    return a->key && a->change == change && clock_seconds() - a->read < KEPT_SECONDS;
}

/* Returns the cached answer for this key, or the slot of the oldest answer. */
static struct answer *find(struct store_months *months, const char *key, int64_t change)
{
    struct answer *oldest = &months->answers[0];
    for (size_t i = 0; i < KEPT; i++) {
        struct answer *a = &months->answers[i];
        if (is_fresh(a, change) && strcmp(a->key, key) == 0)
            return a;
        if (!a->key || (oldest->key && a->read < oldest->read))
            oldest = a;
    }
    empty(oldest);
    return oldest;
}

static int note(void *context, const struct store_month *month)
{
    struct answer *a = context;
    ARRAY_GROW(a->months, a->cap, a->count + 1);
    struct month *own = &a->months[a->count++];
    text_copy(own->name, sizeof own->name, month->month);
    own->photos = month->photos;
    return 0;
}

/* Reads the change before the months, so that the next call sees a concurrent change. */
static int count(struct store *store, const struct criteria *where, struct answer **ret_answer,
                 struct error *err)
{
    int64_t change;
    int rc = store->backend->get_change(store, &change, err);
    if (rc)
        return rc;
    if (!store->months)
        store->months = xcalloc(1, sizeof *store->months);
    AUTO_FREE char *key = where ? criteria_key(where) : xstrdup("");
    struct answer *a = find(store->months, key, change);
    if (!a->key) {
        rc = store->backend->list_months(store, where, note, a, err);
        if (rc) {
            empty(a);
            return rc;
        }
        a->key = key;
        key = NULL;
        a->change = change;
        a->read = clock_seconds();
    }
    *ret_answer = a;
    return 0;
}

/* Iterates over a copy, because `each` may request other months. */
static int give(const struct answer *a, int (*each)(void *context, const struct store_month *month),
                void *context)
{
    size_t n = a->count;
    int stopped = 0;
    AUTO_FREE struct month *months = xmalloc((n + 1) * sizeof *months);
    if (n)
        memcpy(months, a->months, n * sizeof *months);
    for (size_t i = 0; !stopped && i < n; i++)
        stopped = each(context, &(struct store_month){months[i].name, months[i].photos});
    return stopped;
}

int store_list_months(struct store *store, const struct store_filter *filter,
                      int (*each)(void *context, const struct store_month *month), void *context,
                      struct error *err)
{
    AUTO(criteria) *where = NULL;
    struct answer *answer;
    int rc = store_filter_tree(filter, &where, err);
    if (rc)
        return rc;
    rc = count(store, where, &answer, err);
    return rc ? rc : give(answer, each, context);
}
