/* SPDX-License-Identifier: MIT */
/* Commands: one table (commands.c), one file each (cmd_*.c).
 *
 * To add one, write cmd_NAME.c with a `const struct command command_NAME`, declare it below and
 * list it in commands.c. Help, completion and man page are generated from the table. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "cli/context.h"
#include "cli/options.h"

/* Exit statuses of the program. */
enum exit_status {
    STATUS_DONE = 0,
    STATUS_FAILED = 1,
    STATUS_USAGE = 2,
    STATUS_PARTLY = 3, /* done, but some photos failed, or an answer is incomplete */
    STATUS_INTERRUPTED = 130,
};

struct example {
    const char *line; /* the command line; NULL ends a list */
    const char *text; /* its effect */
};

struct command {
    const char *name;        /* including its parents: "model pull" */
    const char *summary;     /* one line, for lists */
    const char *usage;       /* the text after the name; one line for each form */
    const char *description; /* paragraphs, separated by an empty line */
    const struct example *examples;
    const struct option_spec *options; /* NULL: only the global ones */
    size_t options_size;               /* of the struct that options fill */
    const void *defaults;              /* of that struct; NULL: all zero */
    enum option_complete operands;     /* the kind of names they are */
    /* NULL, or the subcommands; without `run`, one of them is required. */
    const struct command *const *verbs;
    bool without_settings; /* does not read environment and config file */
    bool decodes;          /* --require-cage is checked before it runs */
    bool uses_llm;         /* shows the options of language models */
    bool takes_query;      /* its operands are a query, in which '-' excludes */

    /* Returns an exit status; or a negative error code with its sentence in err, which the caller
     * prints (ERR_CANCELLED: status 130, others: 1). */
    int (*run)(struct context *context, const void *options, const struct argument_list *operands,
               struct error *err);
};

/* The table; ends with NULL. */
const struct command *const *command_list(void);
/* The command named `word` in a list, or NULL. */
const struct command *command_find(const struct command *const *list, const char *word);
/* The last word of its name. */
const char *command_word(const struct command *command);

/* Prints the mistake and the command's usage on stderr; returns STATUS_USAGE. */
int command_misuse(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

extern const struct command command_index;
extern const struct command command_search;
extern const struct command command_ask;
extern const struct command command_status;
extern const struct command command_embed;
extern const struct command command_model;
extern const struct command command_model_pull;
extern const struct command command_model_use;
extern const struct command command_model_verify;
extern const struct command command_forget;
extern const struct command command_label;
extern const struct command command_labels;
extern const struct command command_album;
extern const struct command command_albums;
extern const struct command command_places;
extern const struct command command_never_send;
extern const struct command command_ledger;
extern const struct command command_backup;
extern const struct command command_export;
extern const struct command command_restore;
extern const struct command command_import;
extern const struct command command_doctor;
extern const struct command command_split;
extern const struct command command_serve;
extern const struct command command_mcp;
extern const struct command command_version;
extern const struct command command_help;
