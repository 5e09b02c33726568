/* SPDX-License-Identifier: MIT */
/* Finds the command named on a command line, parses its options, runs it and returns the exit
 * status. */
#include "cli/cli.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "cage/cage.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/output.h"

/* The result of parsing the words before the command's own arguments. */
struct invocation {
    const struct command *command; /* NULL: none was named */
    int argc;
    char **argv; /* argv[0] is the command's last word */
};

static int misuse_with(const struct command *command, const struct error *problem)
{
    return command_misuse(command, "%s", problem->message);
}

static int unknown_command(const struct command *parent, const struct command *const *list,
                           const char *word)
{
    struct suggestion near = suggestion_for(word);
    for (; *list; list++)
        suggestion_consider(&near, command_word(*list));
    const char *of = parent ? parent->name : "", *blank = parent ? " " : "";
    if (near.best)
        return command_misuse(parent, "unknown command '%s%s%s'; did you mean '%s%s%s'?", of, blank,
                              word, of, blank, near.best);
    return command_misuse(parent, "unknown command '%s%s%s'", of, blank, word);
}

/* Whether a group that can itself run takes the following words as arguments: yes, unless the next
 * one is a word and the group takes none. */
static bool takes_the_rest(const struct command *group, const char *word)
{
    return group && group->run && (!word || group->operands != COMPLETE_NOTHING);
}

/* Walks down the command words; global options may be between them. Returns STATUS_DONE to
 * continue with the invocation, which names no command if --help or --version ended the walk. */
static int find_command(struct settings *settings, struct invocation *call)
{
    const struct command *const *list = command_list();
    while (list) {
        struct option_table table = {settings_options, settings};
        struct argument_list words = {NULL, 0, 0};
        struct error problem;
        int used;
        int rc = options_parse(&table, 1, call->argc, call->argv, true, &words, &used, &problem);
        const char *word = !rc && words.count ? words.items[0].text : NULL;
        argument_list_release(&words);
        const struct command *next = word ? command_find(list, word) : NULL;
        if (!next && takes_the_rest(call->command, word))
            return STATUS_DONE;
        if (rc)
            return misuse_with(call->command, &problem);
        if (!word)
            return STATUS_DONE;
        if (!next)
            return unknown_command(call->command, list, word);
        *call = (struct invocation){next, call->argc - (used - 1), call->argv + (used - 1)};
        list = next->verbs;
    }
    return STATUS_DONE;
}

static int report_result(const struct context *context, int rc, const struct error *problem)
{
    if (rc >= 0)
        return rc;
    if (context->settings.json)
        output_error_json(problem);
    else
        output_error("%s", problem->message);
    return rc == ERR_CANCELLED ? STATUS_INTERRUPTED : STATUS_FAILED;
}

/* Frees every list that parsing filled in a command's options. */
static void release_lists(const struct option_spec *specs, void *target)
{
    for (const struct option_spec *s = specs; s && s->name; s++)
        if (s->kind == OPTION_LIST)
            argument_list_release((void *)((char *)target + s->offset));
}

static int run_parsed(struct context *context, const struct command *command, const void *options,
                      const struct argument_list *operands)
{
    struct error problem = ERROR_INIT;
    if (context->settings.help) {
        help_print_command(command, stdout);
        return STATUS_DONE;
    }
    if (context->settings.version)
        command = &command_version;
    int rc = command->without_settings ? 0 : settings_load(&context->settings, &problem);
    struct cage_settings cage = settings_cage(&context->settings);
    cage_configure(&cage);
    if (!rc && command->decodes && cage.required)
        rc = cage_check_required(&problem);
    if (!rc)
        rc = command->run(context, options, operands, &problem);
    if (rc == STATUS_DONE || rc == STATUS_PARTLY)
        context_remark_model(context);
    return report_result(context, rc, &problem);
}

/* Explains what went wrong if a word of a query, such as "-snow", was taken for options. */
static void remark_exclusion(const struct invocation *call, struct error *problem)
{
    for (int i = 1; i < call->argc && strcmp(call->argv[i], "--") != 0; i++) {
        const char *word = call->argv[i];
        if (word[0] != '-' || !isalpha((unsigned char)word[1]) || !word[2])
            continue;
        AUTO_FREE char *before = xstrdup(problem->message);
        error_set(problem, problem->code,
                  "%s: if %s excludes something, put the query in quotes, as keepsake search "
                  "'dog %s', with -- before one that begins with -",
                  before, word, word);
        return;
    }
}

static int run_command(struct context *context, const struct invocation *call)
{
    const struct command *command = call->command;
    void *options = xcalloc(1, command->options_size + 1);
    if (command->defaults)
        memcpy(options, command->defaults, command->options_size);
    struct option_table tables[] = {{settings_options, &context->settings},
                                    {command->options, options}};
    struct argument_list operands = {NULL, 0, 0};
    struct error problem;
    int used;
    int rc = options_parse(tables, 2, call->argc, call->argv, false, &operands, &used, &problem);
    if (rc && command->takes_query)
        remark_exclusion(call, &problem);
    int status =
        rc ? misuse_with(command, &problem) : run_parsed(context, command, options, &operands);
    argument_list_release(&operands);
    release_lists(command->options, options);
    free(options);
    return status;
}

/* Handles a command line that ends before a command that can run. */
static int run_without_command(struct context *context, const struct command *group)
{
    if (context->settings.version) {
        struct argument_list none = {NULL, 0, 0};
        return run_parsed(context, &command_version, NULL, &none);
    }
    if (context->settings.help && group)
        help_print_command(group, stdout);
    else if (context->settings.help)
        help_print_overview(stdout);
    else if (group)
        return command_misuse(group, "%s needs one of its commands", group->name);
    else
        help_print_overview(stderr);
    return context->settings.help ? STATUS_DONE : STATUS_USAGE;
}

static int run_command_line(struct context *context, int argc, char **argv)
{
    struct invocation call = {NULL, argc, argv};
    int status = find_command(&context->settings, &call);
    if (status)
        return status;
    if (!call.command || !call.command->run)
        return run_without_command(context, call.command);
    return run_command(context, &call);
}

int cli_main(int argc, char **argv)
{
    memory_return_large();
    output_init();
    json_set_alloc_funcs(xmalloc, free); /* our output is small, and our input is bounded */
    struct context context = {0};
    int status = run_command_line(&context, argc, argv);
    context_release(&context);
    struct error problem = ERROR_INIT;
    if (output_finish(&problem) && status != STATUS_USAGE) {
        output_error("%s", problem.message);
        status = STATUS_FAILED;
    }
    return status;
}
