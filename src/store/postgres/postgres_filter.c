/* SPDX-License-Identifier: MIT */
/* A tree of criteria as SQL conditions with parameters.
 *
 * SQL's logic has three values, the tree's has two. Under AND and OR, NULL selects the same photos
 * as false; under NOT it does not. Therefore NOT is pushed down to the leaves, and a negated leaf
 * is true if its value is NULL or its condition is false. Only forms that postgres_fdw sends to the
 * shards of a split gallery are used. */
#include <string.h>

#include "query/place_name.h"
#include "query/written.h"
#include "store/postgres/postgres_internal.h"

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SMALL "abcdefghijklmnopqrstuvwxyz"

static struct postgres_args *args_of(struct criteria_sql *sql)
{
    return sql->context;
}

static void put_text(struct criteria_sql *sql, const char *text)
{
    args_text(args_of(sql), text);
    criteria_sql_add(sql, "$%d::text", args_of(sql)->count);
}

static void put_number(struct criteria_sql *sql, double number)
{
    args_double(args_of(sql), number);
    criteria_sql_add(sql, "$%d::double precision", args_of(sql)->count);
}

/* Adds a parameter and returns its number, without changing the text. */
static int number_bytes(struct criteria_sql *sql, const char *bytes)
{
    args_bytes(args_of(sql), bytes, strlen(bytes));
    return args_of(sql)->count;
}

/* ~>=~ and ~<~ compare text as bytes in any collation. Unlike COLLATE, postgres_fdw sends them to
 * the shards. */
static const struct criteria_dialect dialect = {
    .at_least = "~>=~",
    .at_most = "~<=~",
    .below = "~<~",
    .lower = "translate(",
    .lower_end = ", '" CAPITALS "', '" SMALL "')",
    .find = "strpos",
    .put_text = put_text,
    .put_number = put_number,
};

/* ---- criteria without an expression ---- */

/* '0' is the byte after '/'. */
static void add_folder(struct criteria_sql *sql, const char *folder)
{
    int own = number_bytes(sql, folder);
    int below = number_bytes(sql, criteria_sql_keep(sql, xasprintf("%s/", folder)));
    int past = number_bytes(sql, criteria_sql_keep(sql, xasprintf("%s0", folder)));
    criteria_sql_add(sql,
                     "(path_key >= $%d AND path_key < $%d AND (path_key = $%d OR path_key >= $%d))",
                     own, past, own, below);
}

/* Regular expressions for one byte and for one character of a name. encode(..., 'escape') writes a
 * byte above 127 as a backslash and three octal digits, and a backslash as two backslashes. A
 * character is a lead byte with all following continuation bytes, or a continuation byte without a
 * lead byte. */
#define ANY_BYTE "(?:[^/\\\\]|\\\\\\\\|\\\\[0-7]{3})"
#define ANY_CHARACTER "(?:[^/\\\\]|\\\\\\\\|\\\\3[0-7]{2}(?:\\\\2[0-7]{2})*(?!\\\\2)|\\\\2[0-7]{2})"

/* Returns the regular expression that an escaped path matches if its name matches `pattern`. */
static char *name_expression(const char *pattern)
{
    struct strbuf regex = STRBUF_INIT(CRITERIA_SQL_BYTES);
    int rc = strbuf_addf(&regex, NULL, "/");
    for (const char *c = pattern; !rc && *c; c++) {
        unsigned char byte = (unsigned char)*c;
        if (*c == '*')
            rc = strbuf_addf(&regex, NULL, ANY_BYTE "*");
        else if (*c == '?')
            rc = strbuf_addf(&regex, NULL, ANY_CHARACTER);
        else if (*c == '\\')
            rc = strbuf_addf(&regex, NULL, "\\\\\\\\");
        else if (byte >= 0x80)
            rc = strbuf_addf(&regex, NULL, "\\\\%03o", byte);
        else
            rc = strbuf_addf(&regex, NULL, strchr(".^$+()[]{}|", *c) ? "\\%c" : "%c", *c);
    }
    if (rc || strbuf_addf(&regex, NULL, "$"))
        BUG("the expression of a pattern does not fit");
    return strbuf_take(&regex);
}

static void add_name(struct criteria_sql *sql, const char *pattern)
{
    criteria_sql_add(sql, "translate(encode(path_key, 'escape'), '" CAPITALS "', '" SMALL "') ~ ");
    put_text(sql, criteria_sql_keep(sql, name_expression(pattern)));
}

/* The subquery is evaluated once, and its result is sent to the shards of a split gallery. */
static void add_labels(struct criteria_sql *sql, const struct criteria *leaf)
{
    criteria_sql_add(sql, "hash = ANY (ARRAY(SELECT hash FROM keepsake_label");
    for (size_t i = 0; i < leaf->value_count; i++) {
        criteria_sql_add(sql, i ? " OR folded = " : " WHERE folded = ");
        put_text(sql, leaf->values[i].text);
    }
    criteria_sql_add(sql, "))");
}

static void add_albums(struct criteria_sql *sql, const struct criteria *leaf)
{
    criteria_sql_add(sql,
                     "hash = ANY (ARRAY(SELECT hash FROM keepsake_album_photo WHERE"
                     " inside::int = %s AND album IN (SELECT id FROM keepsake_album",
                     leaf->criterion->value);
    for (size_t i = 0; i < leaf->value_count; i++) {
        criteria_sql_add(sql, i ? " OR folded = " : " WHERE folded = ");
        put_text(sql, leaf->values[i].text);
    }
    criteria_sql_add(sql, ")))");
}

static char *ids_literal(const struct criteria *leaf)
{
    struct strbuf list = STRBUF_INIT((size_t)1 << 30);
    int rc = strbuf_addf(&list, NULL, "{");
    for (size_t i = 0; !rc && i < leaf->id_count; i++)
        rc = strbuf_addf(&list, NULL, "%s%lld", i ? "," : "", (long long)leaf->ids[i]);
    if (rc || strbuf_addf(&list, NULL, "}"))
        BUG("the list of %zu ids does not fit", leaf->id_count);
    return strbuf_take(&list);
}

static void add_ids(struct criteria_sql *sql, const struct criteria *leaf)
{
    args_text(args_of(sql), criteria_sql_keep(sql, ids_literal(leaf)));
    criteria_sql_add(sql, "id = ANY ($%d::bigint[])", args_of(sql)->count);
}

/* Computes the same as great_circle_km of query/sphere.h. */
static void add_near(struct criteria_sql *sql, const struct criteria *leaf)
{
    criteria_sql_add(sql, "2 * 6371.0088 * asin(least(1, sqrt(power(sin(radians(latitude - ");
    put_number(sql, leaf->values[0].number);
    criteria_sql_add(sql, ") / 2), 2) + cos(radians(latitude)) * cos(radians(");
    put_number(sql, leaf->values[0].number);
    criteria_sql_add(sql, ")) * power(sin(radians(longitude - ");
    put_number(sql, leaf->values[1].number);
    criteria_sql_add(sql, ") / 2), 2)))) <= ");
    put_number(sql, leaf->values[2].number);
}

/* Adds an expression of a text in the form of written_fold: compatibility forms are resolved,
 * accents of letters removed, capitals made small, letters that case-folding spells out replaced.
 * An ASCII text, the usual case, needs none of the expensive steps. */
static void add_folded(struct criteria_sql *sql, const char *text)
{
    char *from, *to;
    written_letters(&from, &to);
    criteria_sql_add(sql,
                     "CASE WHEN octet_length(%s) = char_length(%s) THEN translate(%s, '" CAPITALS
                     "`', '" SMALL "''') ELSE replace(translate(regexp_replace("
                     "normalize(%s, NFKD), "
                     "'[\\u0300-\\u036f\\u00ad\\u200b-\\u200d\\ufe0f]', '', 'g'), ",
                     text, text, text, text);
    put_text(sql, criteria_sql_keep(sql, from));
    criteria_sql_add(sql, ", ");
    put_text(sql, criteria_sql_keep(sql, to));
    criteria_sql_add(sql, "), '\u00df', 'ss') END");
}

/* Computes the same as place_name_has of query/place_name.h. */
static void add_place(struct criteria_sql *sql, const char *words)
{
    static const char *const names[] = {"coalesce(town, '')", "coalesce(region, '')"};
    for (size_t i = 0; i < 2; i++) {
        criteria_sql_add(sql, i ? " OR strpos(' ' || translate(" : "strpos(' ' || translate(");
        add_folded(sql, names[i]);
        criteria_sql_add(sql, ", '" PLACE_SEPARATORS "', '     ') || ' ', ");
        put_text(sql, words);
        criteria_sql_add(sql, ") > 0");
    }
}

/* Adds the condition that a path, a text fact or a label contains the words. */
static void add_written(struct criteria_sql *sql, const struct criteria *leaf, int format)
{
    struct strbuf all = STRBUF_INIT(CRITERIA_SQL_BYTES);
    const struct fact *fact;
    int rc = strbuf_addf(&all, NULL, "(path");
    for (size_t k = 0; !rc && (fact = written_fact(k)) != NULL; k++)
        if (fact->since <= format)
            rc = strbuf_addf(&all, NULL, " || coalesce(E'\\n' || %s, '')", fact->name);
    if (rc || strbuf_addf(&all, NULL, ")"))
        BUG("the texts of a photo do not fit");
    for (size_t i = 0; i < leaf->value_count; i++) {
        criteria_sql_add(sql, i ? " OR strpos(" : "strpos(");
        add_folded(sql, all.data);
        criteria_sql_add(sql, ", ");
        put_text(sql, leaf->values[i].text);
        criteria_sql_add(sql, ") > 0");
        if (format < 2)
            continue;
        criteria_sql_add(sql, " OR (hash IS NOT NULL AND hash = ANY (ARRAY(SELECT hash FROM "
                              "keepsake_label WHERE strpos(");
        add_folded(sql, "name");
        criteria_sql_add(sql, ", ");
        put_text(sql, leaf->values[i].text);
        criteria_sql_add(sql, ") > 0)))");
    }
    strbuf_release(&all);
}

/* ---- the tree ---- */

/* Returns the expression that is NULL for photos whose value is unknown; NULL if it is always
 * known. */
static const char *leaf_value(const struct criteria *leaf)
{
    switch (leaf->criterion->type) {
    case CRITERION_FOLDER:
    case CRITERION_NAME:
    case CRITERION_IDS:
    case CRITERION_PLACE:
    case CRITERION_WRITTEN:
        return NULL;
    case CRITERION_LABEL:
    case CRITERION_ALBUM:
    case CRITERION_DAMAGED:
        return "hash";
    case CRITERION_NEAR:
        return "(latitude + longitude)";
    default:
        return criteria_sql_value(leaf);
    }
}

static void add_each(struct criteria_sql *sql, const struct criteria *leaf,
                     void (*add)(struct criteria_sql *sql, const char *value))
{
    for (size_t i = 0; i < leaf->value_count; i++) {
        if (i > 0)
            criteria_sql_add(sql, " OR ");
        add(sql, leaf->values[i].text);
    }
}

static void add_condition(struct criteria_sql *sql, const struct postgres *p,
                          const struct criteria *leaf)
{
    switch (leaf->criterion->type) {
    case CRITERION_FOLDER:
        add_each(sql, leaf, add_folder);
        break;
    case CRITERION_NAME:
        add_each(sql, leaf, add_name);
        break;
    case CRITERION_LABEL:
        if (p->settings.format < 2) /* the table does not exist */
            criteria_sql_add(sql, "false");
        else
            add_labels(sql, leaf);
        break;
    case CRITERION_ALBUM:
        if (p->settings.format < 4)
            criteria_sql_add(sql, "false");
        else
            add_albums(sql, leaf);
        break;
    case CRITERION_IDS:
        add_ids(sql, leaf);
        break;
    case CRITERION_DAMAGED:
        criteria_sql_add(sql, p->settings.format < 3
                                  ? "false"
                                  : "hash = ANY (ARRAY(SELECT hash FROM keepsake_damage))");
        break;
    case CRITERION_NEAR:
        add_near(sql, leaf);
        break;
    case CRITERION_PLACE:
        add_each(sql, leaf, add_place);
        break;
    case CRITERION_WRITTEN:
        add_written(sql, leaf, p->settings.format);
        break;
    default:
        criteria_sql_compare(sql, leaf);
    }
}

static void add_leaf(struct criteria_sql *sql, const struct postgres *p,
                     const struct criteria *leaf, bool negated)
{
    if (!criteria_sql_has(leaf, p->settings.format)) {
        criteria_sql_add(sql, negated ? "true" : "false");
        return;
    }
    const char *value = leaf_value(leaf);
    criteria_sql_add(sql, negated ? "(" : "");
    if (negated && value)
        criteria_sql_add(sql, "%s IS NULL OR ", value);
    criteria_sql_add(sql, negated ? "NOT (" : "(");
    add_condition(sql, p, leaf);
    criteria_sql_add(sql, negated ? "))" : ")");
}

static void add_tree(struct criteria_sql *sql, const struct postgres *p,
                     const struct criteria *where, bool negated)
{
    if (where->kind == CRITERIA_LEAF) {
        add_leaf(sql, p, where, negated);
        return;
    }
    if (where->kind == CRITERIA_NOT) {
        add_tree(sql, p, where->parts[0], !negated);
        return;
    }
    bool all = (where->kind == CRITERIA_ALL) != negated;
    if (where->count == 0)
        criteria_sql_add(sql, all ? "true" : "false");
    for (size_t i = 0; i < where->count; i++) {
        criteria_sql_add(sql, i == 0 ? "(" : all ? " AND " : " OR ");
        add_tree(sql, p, where->parts[i], negated);
    }
    criteria_sql_add(sql, where->count ? ")" : "");
}

struct criteria_sql postgres_filter_sql(const struct postgres *p, const struct criteria *where,
                                        struct postgres_args *args)
{
    struct criteria_sql sql = {
        .text = STRBUF_INIT(CRITERIA_SQL_BYTES), .dialect = &dialect, .context = args};
    if (where)
        add_tree(&sql, p, where, false);
    else
        criteria_sql_add(&sql, "true");
    return sql;
}
