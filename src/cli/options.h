/* SPDX-License-Identifier: MIT */
/* Options as tables: parsing, --help, the shell completions and the man page all read the same
 * ones.
 *
 *     struct search_options { int64_t k; const char *like; };
 *     static const struct option_spec specs[] = {
 *         {.name = "count", .letter = 'k', .kind = OPTION_NUMBER, .value = "N",
 *          .min = 1, .max = 10, .offset = offsetof(struct search_options, k),
 *          .help = "how many photos"},
 *         {.name = NULL}};
 *
 * A field that is zero (NULL, 0, false, an empty list) counts as not given. Parsing follows
 * getopt_long: long options may be abbreviated if they stay unique, options and operands may be
 * mixed, and "--" ends the options. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The type of the field at `offset`. */
enum option_kind {
    OPTION_FLAG,   /* bool; as a variable or key: yes or no */
    OPTION_TEXT,   /* const char *, borrowed from argv */
    OPTION_CHOICE, /* const char *, one of `choices` */
    OPTION_NUMBER, /* int64_t, from `min` to `max` */
    OPTION_AMOUNT, /* double: US dollars above 0, such as 2 or 0.50 */
    OPTION_LIST,   /* struct argument_list: may be repeated */
    /* const char *: a flag that may have a value, as --name=VALUE, or as the next argument if
     * `is_value` accepts it; "" without one. Not as a variable or key. */
    OPTION_OPTIONAL,
};

/* The kind of name that a value or operand is, for completion. */
enum option_complete { COMPLETE_NOTHING, COMPLETE_FILES, COMPLETE_MODELS };

struct option_spec {
    const char *name; /* long name; NULL ends a table */
    char letter;      /* short name; 0: none */
    enum option_kind kind;
    size_t offset;                          /* of the field in the struct that parsing fills */
    const char *value;                      /* the value's name in the help: "FILE" */
    const char *help;                       /* a phrase without a full stop */
    const char *const *choices;             /* ends with NULL */
    bool (*is_value)(const char *argument); /* OPTION_OPTIONAL */
    int64_t min, max;
    /* Environment variable with the same meaning; the config file then also has a key with the
     * option's name. */
    const char *variable;
    enum option_complete complete;
    bool hidden; /* omitted from help, completion and man page */
    /* Not an option of the command line: only a variable and a key; the name of a setting of one
     * command, which may have an option with the same name. */
    bool config_only;
    bool of_llm; /* shown only with commands that use a language model */
};

/* An operand or list item; `order` grows with its position on the command line. */
struct argument {
    const char *text;
    int order;
};

struct argument_list {
    struct argument *items;
    size_t count, cap;
};
void argument_list_add(struct argument_list *list, const char *text, int order);
void argument_list_release(struct argument_list *list);

struct option_table {
    const struct option_spec *specs;
    void *target; /* the struct to which `offset` refers */
};

/* Parses argv[1..argc) by several tables at the same time; appends operands to ret_operands, which
 * may already contain some. With stop_at_operand, stops after the first one. *ret_used is the
 * number of elements of argv that were read, including argv[0]. ERR_INVALID with a sentence (and
 * the nearest option, for a mistyped one); the targets may then be partly filled. */
int options_parse(const struct option_table *tables, size_t n_tables, int argc, char **argv,
                  bool stop_at_operand, struct argument_list *ret_operands, int *ret_used,
                  struct error *err) MUST_CHECK;

/* Sets one field from text, as parsing does; `source` names the origin of the text ("--threads",
 * "KEEPSAKE_THREADS"). */
int option_assign(const struct option_spec *spec, void *target, const char *text,
                  const char *source, struct error *err) MUST_CHECK;
bool option_given(const struct option_spec *spec, const void *target);
/* Copies the field of `spec` from one struct to another (not lists). */
void option_copy(const struct option_spec *spec, void *target, const void *from);

/* "-k, --count=N" for people; the caller frees it. */
char *option_synopsis(const struct option_spec *spec);
