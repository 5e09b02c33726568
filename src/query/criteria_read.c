/* SPDX-License-Identifier: MIT */
/* Derives properties of a criteria tree from its form. */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "query/criteria.h"

/* ---- keys ---- */

/* Far more than any tree within the limits can need. */
#define KEY_BYTES ((size_t)64 << 20)

static int add_ids(struct strbuf *key, const struct criteria *leaf)
{
    uint8_t digest[HASH_BYTES];
    char hex[HASH_HEX_SIZE];
    hash_bytes(leaf->ids, leaf->id_count * sizeof *leaf->ids, digest);
    hash_hex(digest, hex);
    return strbuf_addf(key, NULL, "%zu %s", leaf->id_count, hex);
}

static int add_leaf(struct strbuf *key, const struct criteria *leaf)
{
    int rc = strbuf_addf(key, NULL, "%s %d ", leaf->criterion->name, (int)leaf->compare);
    if (!rc && leaf->ids)
        rc = add_ids(key, leaf);
    for (size_t i = 0; !rc && i < leaf->value_count; i++) {
        const struct criteria_value *value = &leaf->values[i];
        rc = value->text ? strbuf_addf(key, NULL, "%zu:%s,", strlen(value->text), value->text)
                         : strbuf_addf(key, NULL, "%.17g,", value->number);
    }
    return rc;
}

static int add_node(struct strbuf *key, const struct criteria *node)
{
    static const char marks[] = {
        [CRITERIA_ALL] = '&', [CRITERIA_ANY] = '|', [CRITERIA_NOT] = '!', [CRITERIA_LEAF] = '='};
    int rc = strbuf_addf(key, NULL, "%c(", marks[node->kind]);
    if (!rc && node->kind == CRITERIA_LEAF)
        rc = add_leaf(key, node);
    for (size_t i = 0; !rc && i < node->count; i++)
        rc = add_node(key, node->parts[i]);
    return rc ? rc : strbuf_addf(key, NULL, ")");
}

char *criteria_key(const struct criteria *criteria)
{
    struct strbuf key = STRBUF_INIT(KEY_BYTES);
    if (add_node(&key, criteria))
        BUG("the key of a tree of criteria does not fit");
    return strbuf_take(&key);
}

/* ---- required criteria ---- */

bool criteria_requires(const struct criteria *criteria, const char *name)
{
    if (!criteria || criteria->kind == CRITERIA_NOT)
        return false;
    if (criteria->kind == CRITERIA_LEAF)
        return strcmp(criteria->criterion->name, name) == 0;
    size_t n = 0;
    for (size_t i = 0; i < criteria->count; i++)
        n += criteria_requires(criteria->parts[i], name);
    return criteria->kind == CRITERIA_ALL ? n > 0 : n > 0 && n == criteria->count;
}

/* ---- dates ---- */

static const struct criteria_dates undated = {.dated = false};

/* Sets both bounds. Texts that begin with "x" are not before "x" and are before "x~"; past_from and
 * past_until append the '~'. */
static void set_bounds(struct criteria_dates *dates, const char *from, bool past_from,
                       const char *until, bool past_until)
{
    dates->dated = true;
    snprintf(dates->from, sizeof dates->from, "%s%s", from, past_from ? "~" : "");
    snprintf(dates->until, sizeof dates->until, "%s%s", until, past_until ? "~" : "");
}

struct criteria_dates criteria_leaf_dates(const struct criteria *leaf, size_t value)
{
    struct criteria_dates dates = undated;
    const char *text = leaf->values[value].text;
    switch (leaf->compare) {
    case CRITERIA_IS:
    case CRITERIA_HAS:
        set_bounds(&dates, text, false, text, true);
        break;
    case CRITERIA_BELOW:
        set_bounds(&dates, "", false, text, false);
        break;
    case CRITERIA_AT_MOST:
        set_bounds(&dates, "", false, text, true);
        break;
    case CRITERIA_AT_LEAST:
        set_bounds(&dates, text, false, "~", false);
        break;
    case CRITERIA_ABOVE:
        set_bounds(&dates, text, true, "~", false);
        break;
    case CRITERIA_WITHIN:
        set_bounds(&dates, text, false, leaf->values[1].text, true);
        break;
    }
    return dates;
}

static void narrow_dates(struct criteria_dates *dates, const struct criteria_dates *by)
{
    if (!by->dated)
        return;
    if (!dates->dated || strcmp(by->from, dates->from) > 0)
        text_copy(dates->from, sizeof dates->from, by->from);
    if (!dates->dated || strcmp(by->until, dates->until) < 0)
        text_copy(dates->until, sizeof dates->until, by->until);
    dates->dated = true;
}

static void widen_dates(struct criteria_dates *dates, const struct criteria_dates *by)
{
    if (strcmp(by->from, dates->from) < 0)
        text_copy(dates->from, sizeof dates->from, by->from);
    if (strcmp(by->until, dates->until) > 0)
        text_copy(dates->until, sizeof dates->until, by->until);
}

static struct criteria_dates dates_of_leaf(const struct criteria *leaf)
{
    if (leaf->criterion->type != CRITERION_DATE)
        return undated;
    struct criteria_dates dates = criteria_leaf_dates(leaf, 0);
    for (size_t i = 1; leaf->compare == CRITERIA_IS && i < leaf->value_count; i++) {
        struct criteria_dates more = criteria_leaf_dates(leaf, i);
        widen_dates(&dates, &more);
    }
    return dates;
}

static struct criteria_dates dates_of_any(const struct criteria *group)
{
    if (!group->count)
        return undated;
    struct criteria_dates dates = criteria_dates(group->parts[0]);
    for (size_t i = 1; dates.dated && i < group->count; i++) {
        struct criteria_dates more = criteria_dates(group->parts[i]);
        if (!more.dated)
            return undated;
        widen_dates(&dates, &more);
    }
    return dates;
}

struct criteria_dates criteria_dates(const struct criteria *criteria)
{
    struct criteria_dates dates = undated;
    if (!criteria || criteria->kind == CRITERIA_NOT)
        return dates;
    if (criteria->kind == CRITERIA_LEAF)
        return dates_of_leaf(criteria);
    if (criteria->kind == CRITERIA_ANY)
        return dates_of_any(criteria);
    for (size_t i = 0; i < criteria->count; i++) {
        struct criteria_dates more = criteria_dates(criteria->parts[i]);
        narrow_dates(&dates, &more);
    }
    return dates;
}
