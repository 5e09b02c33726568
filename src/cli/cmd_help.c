/* SPDX-License-Identifier: MIT */
/* `keepsake help`: overview, help of one command, completion script and man page. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/manual.h"
#include "cli/query_text.h"

struct help_options {
    const char *completion;
    bool man;
};

static const char *const shells[] = {"bash", "zsh", "fish", NULL};

static const struct option_spec options[] = {
    {.name = "completion",
     .kind = OPTION_CHOICE,
     .offset = offsetof(struct help_options, completion),
     .value = "SHELL",
     .help = "print a completion script for the shell: bash, zsh or fish",
     .choices = shells,
     .hidden = true},
    {.name = "man",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct help_options, man),
     .help = "print the source of the man page",
     .hidden = true},
    {.name = NULL},
};

static int print_help_on(const struct argument_list *words)
{
    const struct command *const *list = command_list();
    const struct command *command = NULL;
    if (words->count == 1 && strcmp(words->items[0].text, "query") == 0) {
        query_text_help();
        return STATUS_DONE;
    }
    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->items[i].text;
        struct suggestion near = suggestion_for(word);
        for (size_t n = 0; list && list[n]; n++)
            suggestion_consider(&near, command_word(list[n]));
        if (i == 0)
            suggestion_consider(&near, "query");
        command = list ? command_find(list, word) : NULL;
        if (!command && near.best)
            return command_misuse(NULL, "unknown command '%s'; did you mean '%s'?", word,
                                  near.best);
        if (!command)
            return command_misuse(NULL, "unknown command '%s'", word);
        list = command->verbs;
    }
    help_print_command(command, stdout);
    return STATUS_DONE;
}

static void print_completion(const char *shell)
{
    if (strcmp(shell, "zsh") == 0)
        completion_print_zsh(stdout);
    else if (strcmp(shell, "fish") == 0)
        completion_print_fish(stdout);
    else
        completion_print_bash(stdout);
}

static int run_help(struct context *context, const void *chosen,
                    const struct argument_list *operands, struct error *err)
{
    (void)context;
    (void)err;
    const struct help_options *o = chosen;
    if (o->completion)
        print_completion(o->completion);
    else if (o->man)
        manual_print(stdout);
    else if (operands->count > 0)
        return print_help_on(operands);
    else
        help_print_overview(stdout);
    return STATUS_DONE;
}

const struct command command_help = {
    .name = "help",
    .summary = "show the help of keepsake or of one command",
    .usage = "[COMMAND]\nquery",
    .options = options,
    .options_size = sizeof(struct help_options),
    .without_settings = true,
    .run = run_help,
};
