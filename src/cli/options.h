/* SPDX-License-Identifier: MIT */
/* Options as tables: parsing, --help, the bash completion and the man page all read the same ones.
 *
 *     struct search_options { int64_t k; const char *like; };
 *     static const struct option_spec specs[] = {
 *         {.name = "count", .letter = 'k', .kind = OPTION_NUMBER, .value = "N", .min = 1, .max =
 * 10, .offset = offsetof(struct search_options, k), .help = "how many photos"},
 *         {.name = NULL}};
 *
 * A field that is zero (NULL, 0, false, an empty list) counts as not given. Parsing is
 * getopt_long's: long options may be shortened while they stay unique, options and operands may be
 * mixed, and "--" ends the options. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The field at `offset` is a ... */
enum option_kind {
    OPTION_FLAG,   /* bool; as a variable or key: yes or no */
    OPTION_TEXT,   /* const char *, borrowed from argv */
    OPTION_CHOICE, /* const char *, one of `choices` */
    OPTION_NUMBER, /* int64_t, from `min` to `max` */
    OPTION_AMOUNT, /* double: US dollars above 0, such as 2 or 0.50 */
    OPTION_LIST,   /* struct argument_list: may be given again and again */
};

/* What a value or operand names, for completion. */
enum option_complete { COMPLETE_NOTHING, COMPLETE_FILES, COMPLETE_MODELS };

struct option_spec {
    const char *name; /* long name; NULL ends a table */
    char letter;      /* short name; 0: none */
    enum option_kind kind;
    size_t offset;              /* of the field in the struct that parsing fills */
    const char *value;          /* what the help calls the value: "FILE" */
    const char *help;           /* a phrase without a final stop */
    const char *const *choices; /* ends with NULL */
    int64_t min, max;
    const char *variable; /* environment variable of the same meaning; the config file then has a
                             key of the option's name, too */
    enum option_complete complete;
    bool hidden;      /* left out of help, completion and man page */
    bool config_only; /* no option of the command line: a variable and a key only; names a setting
                         of one command, which may have an option of the same name */
    bool of_llm;      /* shown with commands that use a language model only */
};

/* An operand or list item; `order` rises with the place on the command line. */
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
    void *target; /* the struct that `offset` counts in */
};

/* Parses argv[1..argc) by several tables at once; operands go to ret_operands, which may hold some
 * already. With stop_at_operand, stops after the first one. *ret_used: how many of argv were looked
 * at, argv[0] included. ERR_INVALID with a sentence (and the nearest option, for a mistyped one);
 * the targets may then be partly filled. */
int options_parse(const struct option_table *tables, size_t n_tables, int argc, char **argv,
                  bool stop_at_operand, struct argument_list *ret_operands, int *ret_used,
                  struct error *err) MUST_CHECK;

/* Sets one field from text, as parsing does; `source` names where it was given ("--threads",
 * "KEEPSAKE_THREADS"). */
int option_assign(const struct option_spec *spec, void *target, const char *text,
                  const char *source, struct error *err) MUST_CHECK;
bool option_given(const struct option_spec *spec, const void *target);
/* Copies the field of `spec` from one struct to another (not lists). */
void option_copy(const struct option_spec *spec, void *target, const void *from);

/* "-k, --count=N" for people; the caller frees. */
char *option_synopsis(const struct option_spec *spec);
