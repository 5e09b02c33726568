/* SPDX-License-Identifier: MIT */
/* Turns criteria of a query's text into criteria of the store. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "search/lower.h"

enum { SHOWN_BYTES = 60 }; /* of a value in an error message */

/* ---- values ---- */

/* Other spellings of words that criteria have. */
static const struct {
    const char *criterion, *word, *known;
} spellings[] = {
    {"format", "jpg", "jpeg"},     {"format", "tif", "tiff"},  {"format", "heif", "heic"},
    {"is", "upright", "portrait"}, {"is", "pano", "panorama"}, {"has", "labels", "label"},
    {"has", "places", "place"},    {"has", "gps", "place"},    {"has", "dates", "date"},
};

/* Converts a value to the form of its criterion; the caller frees it. */
static char *convert_value(const struct keyword *keyword, const char *value)
{
    const struct criterion *criterion = criterion_find(keyword->criterion);
    char *text = keyword_value(keyword, value);
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
        if (strcmp(spellings[i].criterion, keyword->criterion) == 0 &&
            strcasecmp(spellings[i].word, value) == 0) {
            free(text);
            return xstrdup(spellings[i].known);
        }
    for (char *c = text; criterion->type == CRITERION_WORD && *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return text;
}

static int make_leaf(const char *name, enum criteria_compare compare, char **values, size_t n,
                     struct criteria **ret_leaf, struct error *err)
{
    return criteria_leaf(name, compare, (const char *const *)values, n, ret_leaf, err);
}

/* Points at the first value that is wrong by itself, or at all of them. */
static int blame_value(struct lowering *l, const struct syntax *node, enum criteria_compare compare,
                       char **values, int rc)
{
    for (size_t i = 0; i < node->value_count && node->value_count > 1; i++) {
        struct criteria *leaf;
        struct error why;
        enum criteria_compare alone = compare == CRITERIA_WITHIN ? CRITERIA_IS : compare;
        if (make_leaf(node->keyword->criterion, alone, &values[i], 1, &leaf, &why))
            return lower_fault(l, node->values[i].span, rc);
        criteria_free(leaf);
    }
    return lower_fault(l, node->span, rc);
}

/* Makes the leaf of one criterion from values in their converted form. */
static int lower_values(struct lowering *l, const struct syntax *node,
                        enum criteria_compare compare, char **values, size_t n,
                        struct criteria **ret_criteria, struct error *err)
{
    const struct keyword *keyword = node->keyword;
    struct criteria *part;
    int rc = make_leaf(keyword->criterion, compare, values, n, ret_criteria, err);
    if (rc)
        return blame_value(l, node, compare, values, rc);
    if (!keyword->also)
        return 0;
    AUTO(criteria) *either = criteria_any();
    rc = criteria_add(either, *ret_criteria, err);
    if (!rc)
        rc = make_leaf(keyword->also, compare, values, n, &part, err);
    if (!rc)
        rc = criteria_add(either, part, err);
    if (rc)
        return lower_fault(l, node->span, rc);
    *ret_criteria = either;
    either = NULL;
    return 0;
}

/* ---- forms ---- */

/* Ranges with an open end, and words for a comparison: "before:2015". */
static int lower_ordered(struct lowering *l, const struct syntax *node, char **values,
                         struct criteria **ret_criteria, struct error *err)
{
    enum criteria_compare compare = node->compare, single = node->keyword->single;
    size_t n = node->value_count;
    if (single != CRITERIA_IS && (compare != CRITERIA_IS || n != 1))
        return lower_fault(l, node->span,
                           error_set(err, ERR_INVALID,
                                     "%s: takes one date; for a range write date:2015..2016",
                                     node->keyword->word));
    if (compare == CRITERIA_IS)
        compare = single;
    if (compare == CRITERIA_WITHIN && !values[0][0])
        return lower_values(l, node, CRITERIA_AT_MOST, values + 1, 1, ret_criteria, err);
    if (compare == CRITERIA_WITHIN && !values[1][0])
        return lower_values(l, node, CRITERIA_AT_LEAST, values, 1, ret_criteria, err);
    return lower_values(l, node, compare, values, n, ret_criteria, err);
}

/* "38.7,-9.1,5km" or "Porto",20km. */
static int lower_near(struct lowering *l, const struct syntax *node, struct criteria **ret_criteria,
                      struct error *err)
{
    char *numbers[3];
    int rc = lower_read_near(l, node, numbers, err);
    if (rc)
        return rc;
    rc = lower_values(l, node, CRITERIA_IS, numbers, 3, ret_criteria, err);
    for (size_t i = 0; i < 3; i++)
        free(numbers[i]);
    return rc;
}

void lower_propose(struct lowering *l, const struct syntax *node, const struct syntax_value *value,
                   char *instead, struct error *err)
{
    struct syntax_value one = {.text = instead};
    struct syntax copy = {.kind = SYNTAX_CRITERION, .keyword = node->keyword, .weight = 1};
    copy.values = &one;
    copy.value_count = 1;
    AUTO_FREE char *text = syntax_print_node(&copy);
    if (err) {
        AUTO_FREE char *before = xstrdup(err->message);
        error_set(err, err->code, "%s: did you mean %s?", before, text);
    }
    if (!l->text)
        return;
    const char *alone = text + strlen(node->keyword->word) + 1; /* after the colon */
    free(l->fault->instead);
    l->fault->instead =
        xasprintf("%.*s%s%s", (int)value->span.begin, l->text, alone, l->text + value->span.end);
}

static int lower_labels(struct lowering *l, const struct syntax *node, char **values,
                        struct criteria **ret_criteria, struct error *err)
{
    bool is_checked = !l->options->blind && !l->options->forgiving;
    for (size_t i = 0; i < node->value_count && is_checked; i++) {
        AUTO_FREE char *near = NULL;
        int rc = lower_find_label(l->store, values[i], &near, err);
        if (near)
            lower_propose(l, node, &node->values[i], near, err);
        if (rc)
            return lower_fault(l, node->values[i].span, rc);
    }
    return lower_values(l, node, CRITERIA_IS, values, node->value_count, ret_criteria, err);
}

static int lower_places(struct lowering *l, const struct syntax *node, char **values,
                        struct criteria **ret_criteria, struct error *err)
{
    bool is_checked = !l->options->blind && !l->options->forgiving;
    for (size_t i = 0; i < node->value_count && is_checked; i++) {
        AUTO(criteria) *leaf = NULL;
        int rc = lower_values(l, node, CRITERIA_IS, &values[i], 1, &leaf, err);
        if (!rc)
            rc = lower_check_place(l, node, &node->values[i], leaf, err);
        if (rc)
            return rc;
    }
    return lower_values(l, node, CRITERIA_IS, values, node->value_count, ret_criteria, err);
}

static int lower_folders(struct lowering *l, const struct syntax *node, char **values,
                         struct criteria **ret_criteria, struct error *err)
{
    struct folder_list all = {.paths = NULL};
    int rc = 0;
    for (size_t i = 0; !rc && i < node->value_count; i++) {
        struct folder_list list = {.paths = NULL};
        rc = lower_find_folders(l, values[i], &list, err);
        if (rc == ERR_NOT_FOUND && (l->options->blind || l->options->forgiving))
            rc = 0;
        if (rc && list.near)
            lower_propose(l, node, &node->values[i], list.near, err);
        if (rc)
            lower_fault(l, node->values[i].span, rc);
        ARRAY_GROW(all.paths, all.cap, all.count + list.count + 1);
        for (size_t k = 0; k < list.count; k++) {
            all.paths[all.count++] = list.paths[k];
            list.paths[k] = NULL;
        }
        folder_list_release(&list);
    }
    if (!rc && all.count == 0)
        *ret_criteria = criteria_any();
    else if (!rc)
        rc = lower_values(l, node, CRITERIA_IS, all.paths, all.count, ret_criteria, err);
    folder_list_release(&all);
    return rc;
}

static int lower_form(struct lowering *l, const struct syntax *node, char **values,
                      struct criteria **ret_criteria, struct error *err)
{
    switch (node->keyword->form) {
    case KEYWORD_ORDERED:
        return lower_ordered(l, node, values, ret_criteria, err);
    case KEYWORD_NEAR:
        return lower_near(l, node, ret_criteria, err);
    case KEYWORD_PLACE:
        return lower_places(l, node, values, ret_criteria, err);
    case KEYWORD_LABEL:
        return lower_labels(l, node, values, ret_criteria, err);
    case KEYWORD_FOLDER:
        return lower_folders(l, node, values, ret_criteria, err);
    default:
        return lower_values(l, node, node->keyword->single, values, node->value_count, ret_criteria,
                            err);
    }
}

/* An open end of a range is empty, too, but no mistake. */
static int check_blank(struct lowering *l, const struct syntax *node, struct error *err)
{
    for (size_t i = 0; node->compare != CRITERIA_WITHIN && i < node->value_count; i++) {
        const struct syntax_value *value = &node->values[i];
        if (!value->text[strspn(value->text, " ")])
            return lower_fault(l, value->span,
                               error_set(err, ERR_INVALID, "%s: a value is empty: write %s:%s",
                                         node->keyword->word, node->keyword->word,
                                         node->keyword->example));
    }
    return 0;
}

int lower_criterion(struct lowering *l, const struct syntax *node, struct criteria **ret_criteria,
                    struct error *err)
{
    const struct understood_options *o = l->options;
    if (o->permits && !o->permits(o->context, node->keyword->criterion))
        return lower_fault(l, node->span,
                           error_set(err, ERR_INVALID, "%s: is not available here: leave it out",
                                     node->keyword->word));
    int rc = check_blank(l, node, err);
    if (rc)
        return rc;
    AUTO_FREE char **values = xcalloc(node->value_count + 1, sizeof *values);
    for (size_t i = 0; i < node->value_count; i++)
        values[i] = convert_value(node->keyword, node->values[i].text);
    rc = lower_form(l, node, values, ret_criteria, err);
    for (size_t i = 0; i < node->value_count; i++)
        free(values[i]);
    return rc;
}

int lower_written(struct lowering *l, const struct syntax *node, struct criteria **ret_criteria,
                  struct error *err)
{
    const char *value = node->text;
    const struct understood_options *o = l->options;
    if (o->permits && !o->permits(o->context, "text"))
        return lower_fault(
            l, node->span,
            error_set(err, ERR_INVALID,
                      "the words written about photos are not available here: leave the "
                      "quoted words out"));
    int rc = criteria_leaf("text", CRITERIA_IS, &value, 1, ret_criteria, err);
    return rc ? lower_fault(l, node->span, rc) : 0;
}
