/* SPDX-License-Identifier: MIT */
/* Translates criteria that compare a value into SQL for either backend. */
#include "store/criteria_sql.h"

#include <stdarg.h>

void criteria_sql_add(struct criteria_sql *sql, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *text = xvasprintf(format, args);
    va_end(args);
    if (strbuf_addf(&sql->text, NULL, "%s", text))
        BUG("the conditions of a query do not fit");
}

const char *criteria_sql_keep(struct criteria_sql *sql, char *text)
{
    ARRAY_GROW(sql->owned, sql->owned_cap, sql->owned_count + 1);
    sql->owned[sql->owned_count++] = text;
    return text;
}

void criteria_sql_release(struct criteria_sql *sql)
{
    for (size_t i = 0; i < sql->owned_count; i++)
        free(sql->owned[i]);
    free(sql->owned);
    strbuf_release(&sql->text);
}

bool criteria_sql_has(const struct criteria *leaf, int format)
{
    return !leaf->criterion->fact || leaf->criterion->fact->since <= format;
}

/* Returns the expression that the comparisons of this dialect use. */
static const char *compared_value(const struct criteria_sql *sql, const struct criteria *leaf)
{
    const struct criterion *criterion = leaf->criterion;
    return sql->dialect->is_sqlite && criterion->value_sqlite ? criterion->value_sqlite
                                                              : criterion->value;
}

const char *criteria_sql_value(const struct criteria *leaf)
{
    return leaf->criterion->words ? leaf->values[0].word->value : leaf->criterion->value;
}

/* ---- the types ---- */

/* Adds lower <= value <= upper, or lower <= value < upper. */
static void compare_range(struct criteria_sql *sql, const char *value, const char *lower,
                          const char *operator_to, const char *upper)
{
    criteria_sql_add(sql, "(%s %s ", value, sql->dialect->at_least);
    sql->dialect->put_text(sql, lower);
    criteria_sql_add(sql, " AND %s %s ", value, operator_to);
    sql->dialect->put_text(sql, upper);
    criteria_sql_add(sql, ")");
}

static void compare_date(struct criteria_sql *sql, const struct criteria *leaf, size_t i)
{
    struct criteria_dates dates = criteria_leaf_dates(leaf, i);
    const char *from = criteria_sql_keep(sql, xstrdup(dates.from));
    const char *until = criteria_sql_keep(sql, xstrdup(dates.until));
    compare_range(sql, compared_value(sql, leaf), from, sql->dialect->below, until);
}

static void compare_two_digits(struct criteria_sql *sql, const struct criteria *leaf, int lower,
                               int upper)
{
    const char *from = criteria_sql_keep(sql, xasprintf("%02d", lower));
    const char *until = criteria_sql_keep(sql, xasprintf("%02d", upper));
    compare_range(sql, compared_value(sql, leaf), from, sql->dialect->at_most, until);
}

static void compare_digits(struct criteria_sql *sql, const struct criteria *leaf, size_t i)
{
    int least = (int)leaf->criterion->least, most = (int)leaf->criterion->most;
    int number = (int)leaf->values[i].number, other = number;
    switch (leaf->compare) {
    case CRITERIA_BELOW:
        compare_two_digits(sql, leaf, least, number - 1);
        return;
    case CRITERIA_AT_MOST:
        compare_two_digits(sql, leaf, least, number);
        return;
    case CRITERIA_AT_LEAST:
        compare_two_digits(sql, leaf, number, most);
        return;
    case CRITERIA_ABOVE:
        compare_two_digits(sql, leaf, number + 1, most);
        return;
    case CRITERIA_WITHIN:
        other = (int)leaf->values[1].number;
        break;
    default:
        break;
    }
    if (number <= other) {
        compare_two_digits(sql, leaf, number, other);
        return;
    }
    criteria_sql_add(sql, "("); /* a range that wraps around: from 22 to 4 */
    compare_two_digits(sql, leaf, number, most);
    criteria_sql_add(sql, " OR ");
    compare_two_digits(sql, leaf, least, other);
    criteria_sql_add(sql, ")");
}

static void compare_number(struct criteria_sql *sql, const struct criteria *leaf, size_t i)
{
    static const char *const operators[] = {
        [CRITERIA_IS] = "=",        [CRITERIA_BELOW] = "<", [CRITERIA_AT_MOST] = "<=",
        [CRITERIA_AT_LEAST] = ">=", [CRITERIA_ABOVE] = ">", [CRITERIA_WITHIN] = ">="};
    const struct criterion *criterion = leaf->criterion;
    const char *value = compared_value(sql, leaf);
    criteria_sql_add(sql, "(%s %s ", value, operators[leaf->compare]);
    sql->dialect->put_number(sql, leaf->values[i].number);
    if (leaf->compare == CRITERIA_WITHIN) {
        criteria_sql_add(sql, " AND %s <= ", value);
        sql->dialect->put_number(sql, leaf->values[1].number);
    }
    double least, most;
    if (criterion_range(criterion, &least, &most))
        criteria_sql_add(sql, " AND %s >= %.17g AND %s <= %.17g", value, least, value, most);
    if (criterion->fact && !criterion->fact->has) /* 0 means unknown */
        criteria_sql_add(sql, " AND %s <> 0", value);
    criteria_sql_add(sql, ")");
}

static void compare_text(struct criteria_sql *sql, const struct criteria *leaf, size_t i)
{
    const struct criteria_dialect *d = sql->dialect;
    bool part = leaf->compare == CRITERIA_HAS;
    criteria_sql_add(sql, "%s(%s%s%s%s ", part ? d->find : "", d->lower, compared_value(sql, leaf),
                     d->lower_end, part ? "," : " =");
    d->put_text(sql, leaf->values[i].text);
    criteria_sql_add(sql, part ? ") > 0" : ")");
}

/* Searches the list for the text between newlines, so that only a complete entry matches. */
static void compare_list(struct criteria_sql *sql, const struct criteria *leaf, size_t i)
{
    const struct criteria_dialect *d = sql->dialect;
    const char *text = leaf->values[i].text;
    if (leaf->compare == CRITERIA_IS)
        text = criteria_sql_keep(sql, xasprintf("\n%s\n", text));
    criteria_sql_add(sql, "%s('\n' || %s%s%s || '\n', ", d->find, d->lower,
                     compared_value(sql, leaf), d->lower_end);
    d->put_text(sql, text);
    criteria_sql_add(sql, ") > 0");
}

void criteria_sql_compare(struct criteria_sql *sql, const struct criteria *leaf)
{
    size_t n = leaf->compare == CRITERIA_WITHIN ? 1 : leaf->value_count;
    criteria_sql_add(sql, "(");
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            criteria_sql_add(sql, " OR ");
        switch (leaf->criterion->type) {
        case CRITERION_DATE:
            compare_date(sql, leaf, i);
            break;
        case CRITERION_DIGITS:
            compare_digits(sql, leaf, i);
            break;
        case CRITERION_NUMBER:
            compare_number(sql, leaf, i);
            break;
        case CRITERION_TEXT:
            compare_text(sql, leaf, i);
            break;
        case CRITERION_LIST:
            compare_list(sql, leaf, i);
            break;
        case CRITERION_WORD:
            criteria_sql_add(sql, "(%s)", leaf->values[i].word->condition);
            break;
        default:
            BUG("a criterion of type %d has no expression", (int)leaf->criterion->type);
        }
    }
    criteria_sql_add(sql, ")");
}
