/* SPDX-License-Identifier: MIT */
/* Writes criteria and trees of queries in words. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/text.h"
#include "query/query_tree.h"

/* More than any tree within the limits can need. */
#define PRINTED_BYTES ((size_t)64 << 20)

static void add_words(struct strbuf *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add_words(struct strbuf *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *words = xvasprintf(format, args);
    va_end(args);
    if (strbuf_addf(text, NULL, "%s", words))
        BUG("the words of a query do not fit");
}

/* ---- criteria ---- */

static void add_value(struct strbuf *text, const struct criteria_value *value)
{
    if (!value->text) {
        add_words(text, "%.10g", value->number);
        return;
    }
    AUTO_FREE char *shown = text_printable(value->text, strlen(value->text));
    add_words(text, "%s", shown);
}

static void add_leaf(struct strbuf *text, const struct criteria *leaf)
{
    static const char *const words[] = {
        [CRITERIA_IS] = "is",         [CRITERIA_HAS] = "contains", [CRITERIA_BELOW] = "below",
        [CRITERIA_AT_MOST] = "up to", [CRITERIA_ABOVE] = "above",  [CRITERIA_AT_LEAST] = "from",
        [CRITERIA_WITHIN] = "between"};
    const char *name = leaf->criterion->name;
    const struct criteria_value *v = leaf->values;
    bool within = leaf->compare == CRITERIA_WITHIN;
    if (leaf->criterion->type == CRITERION_IDS) {
        if (leaf->id_count == 1)
            add_words(text, "id is %" PRId64, leaf->ids[0]);
        else
            add_words(text, "id is one of %zu", leaf->id_count);
    } else if (leaf->criterion->type == CRITERION_NEAR) {
        add_words(text, "within %.10g km of %.10g, %.10g", v[2].number, v[0].number, v[1].number);
    } else if (leaf->criterion->type == CRITERION_DAMAGED) {
        add_words(text, "is damaged");
    } else if (leaf->criterion->type == CRITERION_ALBUM) {
        AUTO_FREE char *shown = text_printable(v[0].text, strlen(v[0].text));
        add_words(text,
                  leaf->criterion->value[0] == '1' ? "put in album %s by hand"
                                                   : "left out of album %s by hand",
                  shown);
    } else if (leaf->value_count == 0) {
        add_words(text, "has any %s", name);
    } else {
        add_words(text, leaf->criterion->type == CRITERION_WORD ? "%s " : "%s %s ", name,
                  words[leaf->compare]);
        for (size_t i = 0; i < leaf->value_count; i++) {
            add_words(text, "%s", i == 0 ? "" : within ? " and " : " or ");
            add_value(text, &v[i]);
        }
    }
}

static void add_criteria(struct strbuf *text, const struct criteria *criteria, bool nested)
{
    if (criteria->kind == CRITERIA_LEAF) {
        add_leaf(text, criteria);
        return;
    }
    if (criteria->kind == CRITERIA_NOT) {
        add_words(text, "not ");
        add_criteria(text, criteria->parts[0], true);
        return;
    }
    bool all = criteria->kind == CRITERIA_ALL, enclosed = nested && criteria->count > 1;
    if (criteria->count == 0)
        add_words(text, all ? "every photo" : "no photo");
    add_words(text, enclosed ? "(" : "");
    for (size_t i = 0; i < criteria->count; i++) {
        add_words(text, "%s", i == 0 ? "" : all ? " and " : " or ");
        add_criteria(text, criteria->parts[i], criteria->count > 1 || nested);
    }
    add_words(text, enclosed ? ")" : "");
}

char *criteria_print(const struct criteria *criteria)
{
    struct strbuf text = STRBUF_INIT(PRINTED_BYTES);
    add_criteria(&text, criteria, false);
    return strbuf_take(&text);
}

/* ---- wanted pictures ---- */

static void add_wanted(struct strbuf *text, const struct wanted *wanted)
{
    AUTO_FREE char *shown =
        wanted->text ? text_printable(wanted->text, strlen(wanted->text)) : NULL;
    switch (wanted->kind) {
    case WANTED_TEXT:
        add_words(text, "shows \"%s\"", shown);
        break;
    case WANTED_FILE:
        add_words(text, "is like the file %s", shown);
        break;
    case WANTED_PICTURE:
        add_words(text, "is like the given picture");
        break;
    case WANTED_PHOTO:
        add_words(text, "is like photo %" PRId64, wanted->photo);
        break;
    case WANTED_VECTOR:
        add_words(text, "is like the given vector");
        break;
    default:
        for (size_t i = 0; i < wanted->count; i++) {
            add_words(text, "%s", i == 0 ? "" : " and ");
            add_wanted(text, wanted->parts[i]);
            if (wanted->parts[i]->weight != 1)
                add_words(text, " (weight %g)", wanted->parts[i]->weight);
        }
        add_words(text, wanted->count > 1 ? ", together" : "");
    }
}

/* ---- the tree ---- */

struct printing {
    struct strbuf text;
    int (*count)(void *context, const struct criteria *criteria, int64_t *ret_photos,
                 struct error *err);
    void *context;
};

static int add_condition(struct printing *p, const struct criteria *criteria, struct error *err)
{
    AUTO_FREE char *words = criteria_print(criteria);
    int64_t photos = 0;
    int rc = p->count ? p->count(p->context, criteria, &photos, err) : 0;
    add_words(&p->text, "criteria: %s", words);
    if (!rc && p->count)
        add_words(&p->text, photos == 1 ? " (%" PRId64 " photo)" : " (%" PRId64 " photos)", photos);
    return rc;
}

static int add_node(struct printing *p, const struct query_tree *node, int level, struct error *err)
{
    static const char *const titles[] = {
        [QUERY_ALL] = "all of these, the weaker decides",
        [QUERY_ANY] = "one of these, the stronger decides",
        [QUERY_NOT] = "not this",
        [QUERY_SELECT] = "among the photos that match this",
    };
    int rc = 0;
    add_words(&p->text, "%*s", 2 * level, "");
    if (node->kind == QUERY_CRITERIA)
        rc = add_condition(p, node->criteria, err);
    else if (node->kind == QUERY_WANTED)
        add_wanted(&p->text, node->wanted);
    else
        add_words(&p->text, "%s", titles[node->kind]);
    if (node->weight != 1)
        add_words(&p->text, ", weight %g", node->weight);
    add_words(&p->text, node->count ? ":\n" : "\n");
    for (size_t i = 0; !rc && i < node->count; i++)
        rc = add_node(p, node->parts[i], level + 1, err);
    return rc;
}

int query_tree_print(const struct query_tree *tree,
                     int (*count)(void *context, const struct criteria *criteria,
                                  int64_t *ret_photos, struct error *err),
                     void *context, char **ret_text, struct error *err)
{
    struct printing p = {.text = STRBUF_INIT(PRINTED_BYTES), .count = count, .context = context};
    int rc = add_node(&p, tree, 0, err);
    if (rc)
        strbuf_release(&p.text);
    else
        *ret_text = strbuf_take(&p.text);
    return rc;
}
