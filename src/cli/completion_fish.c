/* SPDX-License-Identifier: MIT */
/* The completion script for fish, from the tables of options and commands. */
#include <string.h>

#include "cli/command.h"
#include "cli/completion.h"
#include "models/model.h"

/* The fish function __keepsake_path prints the command words before the cursor, joined by blanks
 * ("model pull"). */
static const char path_head[] =
    "# fish completion for keepsake, made by `keepsake help --completion fish`\n"
    "\n"
    "function __keepsake_path\n"
    "    set -l path ''\n"
    "    set -l skip 0\n"
    "    for word in (commandline -opc)[2..-1]\n"
    "        if test $skip = 1\n"
    "            set skip 0\n"
    "            continue\n"
    "        end\n"
    "        switch $word\n"
    "            case --\n"
    "                break\n"
    "            case";
static const char path_tail[] = "\n"
                                "                set skip 1\n"
                                "            case '-*'\n"
                                "            case '*'\n"
                                "                set -l next (string trim -- \"$path $word\")\n"
                                "                if contains -- \"$next\" $__keepsake_commands\n"
                                "                    set path $next\n"
                                "                end\n"
                                "        end\n"
                                "    end\n"
                                "    echo $path\n"
                                "end\n"
                                "\n"
                                "function __keepsake_at\n"
                                "    set -l path (__keepsake_path)\n"
                                "    test \"$path\" = \"$argv[1]\"\n"
                                "end\n"
                                "\n"
                                "complete -c keepsake -f\n";

/* Prints inside single quotes, where fish interprets \' and \\. */
static void put_quoted(const char *text, FILE *stream)
{
    fputc('\'', stream);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            fputc('\\', stream);
        fputc(*text, stream);
    }
    fputc('\'', stream);
}

static bool is_offered(const struct option_spec *s)
{
    return !s->hidden && !s->config_only;
}

static void put_value_options(const struct option_spec *specs, FILE *stream)
{
    for (const struct option_spec *s = specs; s && s->name; s++) {
        if (s->kind == OPTION_FLAG || s->kind == OPTION_OPTIONAL || !is_offered(s))
            continue;
        fprintf(stream, " --%s", s->name);
        if (s->letter)
            fprintf(stream, " -%c", s->letter);
    }
}

static void put_all_value_options(const struct command *const *list, FILE *stream)
{
    for (; *list; list++) {
        put_value_options((*list)->options, stream);
        if ((*list)->verbs)
            put_all_value_options((*list)->verbs, stream);
    }
}

static void put_names(const struct command *const *list, FILE *stream)
{
    for (; *list; list++) {
        fprintf(stream, " '%s'", (*list)->name);
        if ((*list)->verbs)
            put_names((*list)->verbs, stream);
    }
}

static void put_model_ids(FILE *stream)
{
    for (const struct model_entry *entry = model_entries(); entry->id; entry++)
        fprintf(stream, "%s ", entry->id);
}

/* Prints " -x -a ..." for the possible values. */
static void put_value(const struct option_spec *s, FILE *stream)
{
    if (s->kind == OPTION_FLAG || s->kind == OPTION_OPTIONAL)
        return;
    if (s->complete == COMPLETE_FILES) {
        fputs(" -r -F", stream);
    } else if (s->complete == COMPLETE_MODELS) {
        fputs(" -x -a '", stream);
        put_model_ids(stream);
        fputs("(__fish_complete_directories)'", stream);
    } else if (s->kind == OPTION_CHOICE) {
        fputs(" -x -a '", stream);
        for (const char *const *c = s->choices; *c; c++)
            fprintf(stream, "%s%s", c == s->choices ? "" : " ", *c);
        fputc('\'', stream);
    } else {
        fputs(" -x", stream);
    }
}

/* of_llm selects the options of language models, or all others; name NULL stands for every
 * command. */
static void put_options(const char *name, const struct option_spec *specs, bool of_llm,
                        FILE *stream)
{
    for (const struct option_spec *s = specs; s && s->name; s++) {
        if (!is_offered(s) || s->of_llm != of_llm)
            continue;
        fputs("complete -c keepsake", stream);
        if (name)
            fprintf(stream, " -n \"__keepsake_at '%s'\"", name);
        fprintf(stream, " -l %s", s->name);
        if (s->letter)
            fprintf(stream, " -s %c", s->letter);
        put_value(s, stream);
        fputs(" -d ", stream);
        put_quoted(s->help, stream);
        fputc('\n', stream);
    }
}

static void put_words(const char *name, const struct command *const *list, FILE *stream)
{
    for (; list && *list; list++) {
        fprintf(stream, "complete -c keepsake -n \"__keepsake_at '%s'\" -a %s -d ", name,
                command_word(*list));
        put_quoted((*list)->summary, stream);
        fputc('\n', stream);
    }
}

static void put_commands(const struct command *const *list, FILE *stream)
{
    for (; *list; list++) {
        const struct command *c = *list;
        put_options(c->name, c->options, false, stream);
        if (c->uses_llm)
            put_options(c->name, settings_options, true, stream);
        put_words(c->name, c->verbs, stream);
        if (c->operands == COMPLETE_FILES) {
            fprintf(stream, "complete -c keepsake -n \"__keepsake_at '%s'\" -F\n", c->name);
        } else if (c->operands == COMPLETE_MODELS) {
            fprintf(stream, "complete -c keepsake -n \"__keepsake_at '%s'\" -a '", c->name);
            put_model_ids(stream);
            fputs("'\n", stream);
        }
        if (c->verbs)
            put_commands(c->verbs, stream);
    }
}

void completion_print_fish(FILE *stream)
{
    fputs("set -g __keepsake_commands", stream);
    put_names(command_list(), stream);
    fputs("\n\n", stream);
    fputs(path_head, stream);
    put_value_options(settings_options, stream);
    put_all_value_options(command_list(), stream);
    fputs(path_tail, stream);
    put_options(NULL, settings_options, false, stream);
    put_words("", command_list(), stream);
    put_words("help", command_list(), stream);
    put_commands(command_list(), stream);
}
