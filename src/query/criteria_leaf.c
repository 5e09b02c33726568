/* SPDX-License-Identifier: MIT */
/* Makes leaves of criteria trees: checks values as people write them and converts them to their
 * comparison form. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "query/criteria_internal.h"
#include "query/dates.h"
#include "query/glob.h"
#include "query/label_name.h"
#include "query/place_name.h"
#include "query/written.h"

#define SHOWN_BYTES 80 /* of a value in an error message */

/* ---- one value ---- */

static int refuse_value(const struct criterion *criterion, const char *text, const char *why,
                        struct error *err)
{
    AUTO_FREE char *shown = text_printable(text, strnlen(text, SHOWN_BYTES));
    return error_set(err, ERR_INVALID, "%s: '%s' %s", criterion->name, shown, why);
}

static int read_folder(const struct criterion *criterion, const char *text,
                       struct criteria_value *ret_value, struct error *err)
{
    size_t length = strlen(text);
    (void)criterion;
    if (!length)
        return error_set(err, ERR_INVALID, "the path of a photo or folder is empty");
    if (text[0] != '/') {
        AUTO_FREE char *shown = text_printable(text, length);
        return error_set(err, ERR_INVALID, "the folder %s is not an absolute path: begin it with /",
                         shown);
    }
    while (length && text[length - 1] == '/')
        length--;
    ret_value->text = xstrndup(text, length);
    return 0;
}

static int check_text(const struct criterion *criterion, const char *text, struct error *err)
{
    if (!text[0])
        return error_set(err, ERR_INVALID, "%s: a value is missing", criterion->name);
    return text_is_utf8(text, strlen(text))
               ? 0
               : refuse_value(criterion, text, "is not valid UTF-8 text", err);
}

static int read_lower(const struct criterion *criterion, const char *text,
                      struct criteria_value *ret_value, struct error *err)
{
    int rc = check_text(criterion, text, err);
    if (!rc)
        ret_value->text = glob_lower(text);
    return rc;
}

static int read_pattern(const struct criterion *criterion, const char *text,
                        struct criteria_value *ret_value, struct error *err)
{
    if (strlen(text) > LIMIT_PATTERN_BYTES)
        return error_set(err, ERR_LIMIT, "%s: a pattern of %zu bytes is too long: %d at most",
                         criterion->name, strlen(text), LIMIT_PATTERN_BYTES);
    return read_lower(criterion, text, ret_value, err);
}

static int read_label(const struct criterion *criterion, const char *text,
                      struct criteria_value *ret_value, struct error *err)
{
    (void)criterion;
    return label_name_fold(text, &ret_value->text, err);
}

static int read_written(const struct criterion *criterion, const char *text,
                        struct criteria_value *ret_value, struct error *err)
{
    int rc = check_text(criterion, text, err);
    if (rc)
        return rc;
    AUTO_FREE char *folded = written_fold(text, strlen(text));
    if (!folded[0])
        return refuse_value(criterion, text, "has no letters to search for", err);
    ret_value->text = folded;
    folded = NULL;
    return 0;
}

static int read_place(const struct criterion *criterion, const char *text,
                      struct criteria_value *ret_value, struct error *err)
{
    int rc = check_text(criterion, text, err);
    if (rc)
        return rc;
    AUTO_FREE char *folded = place_name_fold(text);
    if (strspn(folded, " ") == strlen(folded))
        return refuse_value(criterion, text, "has no letters to search for", err);
    ret_value->text = folded;
    folded = NULL;
    return 0;
}

static int read_date(const struct criterion *criterion, const char *text,
                     struct criteria_value *ret_value, struct error *err)
{
    (void)criterion;
    int rc = date_check(text, err);
    if (!rc)
        ret_value->text = xstrdup(text);
    return rc;
}

/* Returns what a text that is not a number should have been. */
static const char *why_no_number(const struct criterion *criterion)
{
    if (strcmp(criterion->name, "size") == 0)
        return "is not a size: write it in bytes, or as 500KB, 2.5MB or 1GB";
    if (strcmp(criterion->name, "month") == 0)
        return "is not a month: write 1 to 12, or its English name";
    if (strcmp(criterion->name, "weekday") == 0)
        return "is not a day of the week: write its English name, or 1 (Monday) to 7";
    if (strcmp(criterion->name, "hour") == 0)
        return "is not an hour: write 0 to 23";
    return "is not a number: write it as 12 or 2.8";
}

static int read_number(const struct criterion *criterion, const char *text,
                       struct criteria_value *ret_value, struct error *err)
{
    char *end;
    double number = strtod(text, &end);
    if (!text[0] || strspn(text, "+-.0123456789eE") != strlen(text) || *end || !isfinite(number))
        return refuse_value(criterion, text, why_no_number(criterion), err);
    ret_value->number = number;
    return 0;
}

static int read_digits(const struct criterion *criterion, const char *text,
                       struct criteria_value *ret_value, struct error *err)
{
    int rc = read_number(criterion, text, ret_value, err);
    if (rc)
        return rc;
    double number = ret_value->number;
    if (number == floor(number) && number >= criterion->least && number <= criterion->most) {
        ret_value->text = xasprintf("%02d", (int)number);
        return 0;
    }
    AUTO_FREE char *why =
        xasprintf("is not a whole number from %.0f to %.0f", criterion->least, criterion->most);
    return refuse_value(criterion, text, why, err);
}

static int read_word(const struct criterion *criterion, const char *text,
                     struct criteria_value *ret_value, struct error *err)
{
    struct strbuf words = STRBUF_INIT(LIMIT_QUERY_BYTES);
    int rc = 0;
    for (const struct criterion_word *word = criterion->words; word->word; word++) {
        if (strcmp(word->word, text) == 0) {
            ret_value->word = word;
            ret_value->text = xstrdup(text);
            strbuf_release(&words);
            return 0;
        }
        if (!rc)
            rc =
                strbuf_addf(&words, NULL, "%s%s", word == criterion->words ? "" : ", ", word->word);
    }
    AUTO_FREE char *list = strbuf_take(&words);
    AUTO_FREE char *why = xasprintf("is not one of its values: %s", list);
    return refuse_value(criterion, text, why, err);
}

static int read_id(const struct criterion *criterion, const char *text,
                   struct criteria_value *ret_value, struct error *err)
{
    (void)ret_value;
    return refuse_value(criterion, text, "is not the number of a photo", err);
}

/* ---- values of each type ---- */

#define BIT(compare) (1u << (compare))
#define ORDERED                                                                                \
    (BIT(CRITERIA_IS) | BIT(CRITERIA_BELOW) | BIT(CRITERIA_AT_MOST) | BIT(CRITERIA_AT_LEAST) | \
     BIT(CRITERIA_ABOVE) | BIT(CRITERIA_WITHIN))

static const struct {
    int (*read)(const struct criterion *criterion, const char *text,
                struct criteria_value *ret_value, struct error *err);
    unsigned compares;
} types[] = {
    [CRITERION_FOLDER] = {read_folder, BIT(CRITERIA_IS)},
    [CRITERION_NAME] = {read_pattern, BIT(CRITERIA_IS)},
    [CRITERION_LABEL] = {read_label, BIT(CRITERIA_IS)},
    [CRITERION_ALBUM] = {read_label, BIT(CRITERIA_IS)},
    [CRITERION_IDS] = {read_id, BIT(CRITERIA_IS)},
    [CRITERION_NEAR] = {read_number, BIT(CRITERIA_IS)},
    [CRITERION_DATE] = {read_date, ORDERED},
    [CRITERION_DIGITS] = {read_digits, ORDERED},
    [CRITERION_NUMBER] = {read_number, ORDERED},
    [CRITERION_TEXT] = {read_lower, BIT(CRITERIA_IS) | BIT(CRITERIA_HAS)},
    [CRITERION_LIST] = {read_lower, BIT(CRITERIA_IS) | BIT(CRITERIA_HAS)},
    [CRITERION_WORD] = {read_word, BIT(CRITERIA_IS)},
    [CRITERION_DAMAGED] = {read_lower, BIT(CRITERIA_IS)},
    [CRITERION_PLACE] = {read_place, BIT(CRITERIA_IS)},
    [CRITERION_WRITTEN] = {read_written, BIT(CRITERIA_IS)},
};

static int check_count(const struct criterion *criterion, enum criteria_compare compare, size_t n,
                       struct error *err)
{
    static const char *const names[] = {
        [CRITERIA_IS] = "=",          [CRITERIA_HAS] = "a part of it", [CRITERIA_BELOW] = "<",
        [CRITERIA_AT_MOST] = "<=",    [CRITERIA_AT_LEAST] = ">=",      [CRITERIA_ABOVE] = ">",
        [CRITERIA_WITHIN] = "a range"};
    if (!(types[criterion->type].compares & BIT(compare)))
        return error_set(err, ERR_INVALID, "%s cannot be compared by %s: write a value alone",
                         criterion->name, names[compare]);
    if (criterion->type == CRITERION_NEAR && n != 3)
        return error_set(err, ERR_INVALID,
                         "%s takes a latitude, a longitude and a number of kilometres",
                         criterion->name);
    if (compare == CRITERIA_WITHIN && n != 2)
        return error_set(err, ERR_INVALID, "%s: a range takes two values", criterion->name);
    if (compare != CRITERIA_WITHIN && compare != CRITERIA_IS && compare != CRITERIA_HAS && n != 1)
        return error_set(err, ERR_INVALID, "%s: %s takes one value", criterion->name,
                         names[compare]);
    if (n > 0 && criterion->type == CRITERION_DAMAGED)
        return error_set(err, ERR_INVALID, "%s takes no value", criterion->name);
    if (n == 0 && criterion->type != CRITERION_LABEL && criterion->type != CRITERION_DAMAGED)
        return error_set(err, ERR_INVALID, "%s: a value is missing", criterion->name);
    return 0;
}

/* ---- ranges ---- */

static int check_near(const struct criteria_value *values, struct error *err)
{
    if (fabs(values[0].number) > 90 || fabs(values[1].number) > 180)
        return error_set(err, ERR_INVALID,
                         "near: there is no place %g,%g: write latitude (-90 to 90) and longitude "
                         "(-180 to 180)",
                         values[0].number, values[1].number);
    if (values[2].number < 0)
        return error_set(err, ERR_INVALID, "near: the distance %g km is negative: write 0 or more",
                         values[2].number);
    return 0;
}

/* Checks the order of a range of dates; '~' sorts after any continuation of a date. */
static int check_order(const struct criteria *leaf, const char *const *values, struct error *err)
{
    const struct criteria_value *v = leaf->values;
    if (leaf->criterion->type == CRITERION_DATE) {
        struct criteria_dates dates = criteria_leaf_dates(leaf, 0);
        return strcmp(dates.from, dates.until) < 0
                   ? 0
                   : error_set(err, ERR_INVALID,
                               "the range of dates is empty: %s comes after %s (exchange them)",
                               values[0], values[1]);
    }
    /* Ranges of hours and months wrap around: from 22 to 4 is the night. */
    if (leaf->criterion->type == CRITERION_DIGITS || v[0].number <= v[1].number)
        return 0;
    return error_set(err, ERR_INVALID, "%s: %g is more than %g (exchange them)",
                     leaf->criterion->name, v[0].number, v[1].number);
}

static int check_values(const struct criteria *leaf, const char *const *values, struct error *err)
{
    if (leaf->criterion->type == CRITERION_NEAR)
        return check_near(leaf->values, err);
    return leaf->compare == CRITERIA_WITHIN ? check_order(leaf, values, err) : 0;
}

/* ---- the leaf ---- */

static int read_values(struct criteria *leaf, const char *const *values, size_t n,
                       struct error *err)
{
    leaf->total_values = n;
    int rc = criteria_check_size(leaf, err);
    if (rc)
        return rc;
    leaf->values = xcalloc(n + 1, sizeof *leaf->values);
    for (size_t i = 0; !rc && i < n; i++) {
        if (strlen(values[i]) > LIMIT_CRITERIA_VALUE_BYTES)
            return error_set(err, ERR_LIMIT, "%s: a value of %zu bytes is too long: %d at most",
                             leaf->criterion->name, strlen(values[i]), LIMIT_CRITERIA_VALUE_BYTES);
        rc = types[leaf->criterion->type].read(leaf->criterion, values[i], &leaf->values[i], err);
        leaf->value_count += rc == 0;
    }
    return rc ? rc : check_values(leaf, values, err);
}

static int read_ids(const struct criterion *criterion, const char *const *values, size_t n,
                    struct criteria **ret_criteria, struct error *err)
{
    AUTO_FREE int64_t *ids = xmalloc((n + 1) * sizeof *ids);
    for (size_t i = 0; i < n; i++) {
        char *end;
        if (strlen(values[i]) > 18 || strspn(values[i], "0123456789") != strlen(values[i]))
            return refuse_value(criterion, values[i], "is not the number of a photo", err);
        ids[i] = strtoll(values[i], &end, 10);
        if (!values[i][0] || *end)
            return refuse_value(criterion, values[i], "is not the number of a photo", err);
    }
    return criteria_ids(ids, n, ret_criteria, err);
}

static int leaf_of_word(const struct criterion_word *word, struct criteria **ret_criteria,
                        struct error *err)
{
    size_t n = 0;
    while (word->values && word->values[n])
        n++;
    return criteria_leaf(word->leaf, CRITERIA_IS, word->values, n, ret_criteria, err);
}

/* Makes a group with one leaf per word if there are several; a word that stands for another
 * criterion becomes a leaf of that criterion. */
static int read_words(const struct criterion *criterion, const char *const *values, size_t n,
                      struct criteria **ret_criteria, bool *ret_done, struct error *err)
{
    struct criteria_value value = {.text = NULL};
    *ret_done = true;
    if (n == 1) {
        int rc = read_word(criterion, values[0], &value, err);
        free(value.text);
        *ret_done = rc || value.word->leaf;
        return rc || !value.word->leaf ? rc : leaf_of_word(value.word, ret_criteria, err);
    }
    AUTO(criteria) *group = criteria_any();
    for (size_t i = 0; i < n; i++) {
        struct criteria *part;
        int rc = criteria_leaf(criterion->name, CRITERIA_IS, &values[i], 1, &part, err);
        if (!rc)
            rc = criteria_add(group, part, err);
        if (rc)
            return rc;
    }
    *ret_criteria = group;
    group = NULL;
    return 0;
}

static struct criteria *new_leaf(const struct criterion *criterion, enum criteria_compare compare)
{
    struct criteria *leaf = xcalloc(1, sizeof *leaf);
    leaf->kind = CRITERIA_LEAF;
    leaf->criterion = criterion;
    leaf->compare = compare;
    leaf->depth = leaf->nodes = 1;
    return leaf;
}

int criteria_leaf(const char *name, enum criteria_compare compare, const char *const *values,
                  size_t n, struct criteria **ret_criteria, struct error *err)
{
    const struct criterion *criterion = criterion_find(name);
    bool done = false;
    if (!criterion) {
        AUTO_FREE char *shown = text_printable(name, strnlen(name, SHOWN_BYTES));
        return error_set(err, ERR_INVALID, "there is no criterion '%s'", shown);
    }
    int rc = check_count(criterion, compare, n, err);
    if (!rc && criterion->type == CRITERION_IDS)
        return read_ids(criterion, values, n, ret_criteria, err);
    if (!rc && criterion->type == CRITERION_WORD)
        rc = read_words(criterion, values, n, ret_criteria, &done, err);
    if (rc || done)
        return rc;
    AUTO(criteria) *leaf = new_leaf(criterion, compare);
    rc = read_values(leaf, values, n, err);
    if (rc)
        return rc;
    *ret_criteria = leaf;
    leaf = NULL;
    return 0;
}
