/* SPDX-License-Identifier: MIT */
/* Parses command lines against option tables, on top of getopt_long. */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "base/suggest.h"

#define LONG_BASE 256 /* getopt's value for the first long option: above every letter */

/* All specs of a parse, in getopt's form. */
struct parse {
    const struct option_spec **specs;
    void **targets;
    struct option *longs;
    char *letters;
    size_t count, cap;
};

void argument_list_add(struct argument_list *list, const char *text, int order)
{
    ARRAY_GROW(list->items, list->cap, list->count + 1);
    list->items[list->count++] = (struct argument){text, order};
}

void argument_list_release(struct argument_list *list)
{
    free(list->items);
    *list = (struct argument_list){NULL, 0, 0};
}

static bool takes_value(const struct option_spec *spec)
{
    return spec->kind != OPTION_FLAG && spec->kind != OPTION_OPTIONAL;
}

static int value_of(const struct option_spec *spec)
{
    return takes_value(spec)               ? required_argument
           : spec->kind == OPTION_OPTIONAL ? optional_argument
                                           : no_argument;
}

static void parse_init(struct parse *p, const struct option_table *tables, size_t n_tables)
{
    size_t n = 0;
    for (size_t t = 0; t < n_tables; t++)
        for (const struct option_spec *s = tables[t].specs; s && s->name; s++)
            n++;
    *p = (struct parse){.specs = xcalloc(n + 1, sizeof *p->specs),
                        .targets = xcalloc(n + 1, sizeof *p->targets),
                        .longs = xcalloc(n + 1, sizeof *p->longs),
                        .letters = xcalloc(2 * n + 3, 1)};
    /* '-' returns operands in their order; ':' distinguishes a missing value. */
    size_t used = 0;
    p->letters[used++] = '-';
    p->letters[used++] = ':';
    for (size_t t = 0; t < n_tables; t++) {
        for (const struct option_spec *s = tables[t].specs; s && s->name; s++) {
            if (s->config_only)
                continue;
            p->longs[p->count] =
                (struct option){s->name, value_of(s), NULL, LONG_BASE + (int)p->count};
            p->specs[p->count] = s;
            p->targets[p->count++] = tables[t].target;
            if (s->letter)
                p->letters[used++] = s->letter;
            if (s->letter && takes_value(s))
                p->letters[used++] = ':';
        }
    }
}

static void parse_release(struct parse *p)
{
    free(p->specs);
    free(p->targets);
    free(p->longs);
    free(p->letters);
}

/* The index of the option for which getopt returns `value`, or -1. */
static int parse_find(const struct parse *p, int value)
{
    if (value >= LONG_BASE && (size_t)(value - LONG_BASE) < p->count)
        return value - LONG_BASE;
    for (size_t i = 0; value && i < p->count; i++)
        if (p->specs[i]->letter == value)
            return (int)i;
    return -1;
}

static int unknown_long(const struct parse *p, const char *argument, struct error *err)
{
    const char *name = argument + 2;
    int length = (int)strcspn(name, "=");
    AUTO_FREE char *typed = xstrndup(name, (size_t)length);
    struct suggestion near = suggestion_for(typed);
    size_t fits = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (p->specs[i]->hidden)
            continue;
        fits += length > 0 && strncmp(p->specs[i]->name, typed, (size_t)length) == 0;
        suggestion_consider(&near, p->specs[i]->name);
    }
    if (fits > 1)
        return error_set(err, ERR_INVALID, "--%s is ambiguous; write the full name of the option",
                         typed);
    if (near.best)
        return error_set(err, ERR_INVALID, "unknown option --%s; did you mean --%s?", typed,
                         near.best);
    return error_set(err, ERR_INVALID, "unknown option --%s", typed);
}

static int refuse_option(const struct parse *p, int found, char **argv, struct error *err)
{
    int at = parse_find(p, optopt);
    if (found == ':' && at >= 0 && optopt < LONG_BASE)
        return error_set(err, ERR_INVALID, "-%c needs a value (%s)", optopt, p->specs[at]->value);
    if (found == ':' && at >= 0)
        return error_set(err, ERR_INVALID, "--%s needs a value (%s)", p->specs[at]->name,
                         p->specs[at]->value);
    if (at >= 0)
        return error_set(err, ERR_INVALID, "--%s takes no value", p->specs[at]->name);
    if (optopt)
        return error_set(err, ERR_INVALID, "unknown option -%c", optopt);
    return unknown_long(p, argv[optind - 1], err);
}

static int accept_option(const struct parse *p, int at, bool by_letter, char **argv,
                         struct error *err)
{
    const struct option_spec *spec = p->specs[at];
    if (spec->kind == OPTION_OPTIONAL && !optarg && argv[optind] && spec->is_value(argv[optind]))
        optarg = argv[optind++];
    if (spec->kind == OPTION_LIST) {
        struct argument_list *list = (void *)((char *)p->targets[at] + spec->offset);
        argument_list_add(list, optarg, optind);
        return 0;
    }
    AUTO_FREE char *source =
        by_letter ? xasprintf("-%c", spec->letter) : xasprintf("--%s", spec->name);
    return option_assign(spec, p->targets[at], optarg, source, err);
}

int options_parse(const struct option_table *tables, size_t n_tables, int argc, char **argv,
                  bool stop_at_operand, struct argument_list *ret_operands, int *ret_used,
                  struct error *err)
{
    struct parse p;
    parse_init(&p, tables, n_tables);
    int rc = 0, found;
    bool stopped = false;
    opterr = 0;
    optind = 0; /* GNU: restart the scan */
    while (!rc && !stopped && (found = getopt_long(argc, argv, p.letters, p.longs, NULL)) != -1) {
        if (found == '?' || found == ':') {
            rc = refuse_option(&p, found, argv, err);
        } else if (found == 1) {
            argument_list_add(ret_operands, optarg, optind);
            stopped = stop_at_operand;
        } else {
            rc = accept_option(&p, parse_find(&p, found), found < LONG_BASE, argv, err);
        }
    }
    for (; !rc && !stopped && optind < argc; optind++) { /* the operands after "--" */
        argument_list_add(ret_operands, argv[optind], optind + 1);
        stopped = stop_at_operand;
    }
    if (!rc)
        *ret_used = optind;
    parse_release(&p);
    return rc;
}

static int assign_number(const struct option_spec *spec, int64_t *field, const char *text,
                         const char *source, struct error *err)
{
    char *end;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (end == text || *end || errno || n < spec->min || n > spec->max)
        return error_set(err, ERR_INVALID,
                         "%s must be a whole number from %" PRId64 " to %" PRId64 ", not '%s'",
                         source, spec->min, spec->max, text);
    *field = n;
    return 0;
}

/* Parses plain decimals: no exponent, no sign; a leading $ is allowed. */
static int assign_amount(double *field, const char *text, const char *source, struct error *err)
{
    const char *number = text + (*text == '$');
    size_t whole = strspn(number, "0123456789");
    size_t part = number[whole] == '.' ? 1 + strspn(number + whole + 1, "0123456789") : 0;
    bool good = whole > 0 && whole + part < 16 && number[whole + part] == '\0';
    double amount = good ? strtod(number, NULL) : 0;
    if (amount < 1e-4)
        return error_set(err, ERR_INVALID,
                         "%s must be an amount of US dollars above 0, such as 2 or 0.50, not '%s'",
                         source, text);
    *field = amount;
    return 0;
}

static int assign_choice(const struct option_spec *spec, const char **field, const char *text,
                         const char *source, struct error *err)
{
    struct strbuf all = STRBUF_INIT(1024);
    for (const char *const *c = spec->choices; *c; c++) {
        if (strcmp(*c, text) == 0) {
            *field = *c;
            strbuf_release(&all);
            return 0;
        }
        const char *between = c == spec->choices ? "" : c[1] ? ", " : " or ";
        int rc = strbuf_addf(&all, err, "%s%s", between, *c);
        if (rc)
            BUG("choices of --%s", spec->name);
    }
    int rc = error_set(err, ERR_INVALID, "%s must be %s, not '%s'", source, all.data, text);
    strbuf_release(&all);
    return rc;
}

/* The text is NULL on the command line; a variable or the config file has one. */
static int assign_flag(bool *field, const char *text, const char *source, struct error *err)
{
    static const char *const words[] = {"yes", "1", "true", "no", "0", "false"};
    enum { WORDS = sizeof words / sizeof *words };
    size_t i = 0;
    while (text && i < WORDS && strcmp(text, words[i]) != 0)
        i++;
    if (i == WORDS)
        return error_set(err, ERR_INVALID, "%s must be yes or no, not '%s'", source, text);
    *field = i < WORDS / 2;
    return 0;
}

int option_assign(const struct option_spec *spec, void *target, const char *text,
                  const char *source, struct error *err)
{
    void *field = (char *)target + spec->offset;
    switch (spec->kind) {
    case OPTION_FLAG:
        return assign_flag(field, text, source, err);
    case OPTION_TEXT:
        if (!text[0])
            return error_set(err, ERR_INVALID, "%s is empty: give a value (%s)", source,
                             spec->value);
        *(const char **)field = text;
        return 0;
    case OPTION_CHOICE:
        return assign_choice(spec, field, text, source, err);
    case OPTION_NUMBER:
        return assign_number(spec, field, text, source, err);
    case OPTION_AMOUNT:
        return assign_amount(field, text, source, err);
    case OPTION_OPTIONAL:
        *(const char **)field = text ? text : "";
        return 0;
    case OPTION_LIST:
        break;
    }
    BUG("--%s cannot be assigned", spec->name);
}

bool option_given(const struct option_spec *spec, const void *target)
{
    const void *field = (const char *)target + spec->offset;
    switch (spec->kind) {
    case OPTION_FLAG:
        return *(const bool *)field;
    case OPTION_TEXT:
    case OPTION_CHOICE:
    case OPTION_OPTIONAL:
        return *(const char *const *)field != NULL;
    case OPTION_NUMBER:
        return *(const int64_t *)field != 0;
    case OPTION_AMOUNT:
        return *(const double *)field > 0;
    case OPTION_LIST:
        return ((const struct argument_list *)field)->count > 0;
    }
    return false;
}

static size_t field_size(enum option_kind kind)
{
    switch (kind) {
    case OPTION_FLAG:
        return sizeof(bool);
    case OPTION_TEXT:
    case OPTION_CHOICE:
    case OPTION_OPTIONAL:
        return sizeof(const char *);
    case OPTION_NUMBER:
        return sizeof(int64_t);
    case OPTION_AMOUNT:
        return sizeof(double);
    case OPTION_LIST:
        break;
    }
    BUG("a list cannot be copied");
}

void option_copy(const struct option_spec *spec, void *target, const void *from)
{
    memcpy((char *)target + spec->offset, (const char *)from + spec->offset,
           field_size(spec->kind));
}

char *option_synopsis(const struct option_spec *spec)
{
    AUTO_FREE char *letter = spec->letter ? xasprintf("-%c, ", spec->letter) : xstrdup("    ");
    if (takes_value(spec))
        return xasprintf("%s--%s=%s", letter, spec->name, spec->value);
    if (spec->kind == OPTION_OPTIONAL)
        return xasprintf("%s--%s[=%s]", letter, spec->name, spec->value);
    return xasprintf("%s--%s", letter, spec->name);
}
