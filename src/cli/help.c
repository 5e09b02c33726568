/* SPDX-License-Identifier: MIT */
/* Prints usage and help from the tables of commands and options. */
#include "cli/help.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/terminal.h"

#define WIDTH_MAX 80
#define OPTION_INDENT 28

static size_t page_width(FILE *stream)
{
    size_t columns = terminal_columns(stream);
    return columns < WIDTH_MAX ? columns : WIDTH_MAX;
}

void help_print_wrapped(const char *text, size_t indent, size_t width, FILE *stream)
{
    size_t at = indent;
    bool first = true;
    while (*text) {
        size_t n = strcspn(text, " ");
        AUTO_FREE char *word = xstrndup(text, n);
        size_t columns = text_columns(word);
        if (!first && at + 1 + columns > width) {
            fprintf(stream, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            fputc(' ', stream);
            at++;
        }
        fputs(word, stream);
        at += columns;
        first = false;
        text += n;
        text += strspn(text, " ");
    }
    fputc('\n', stream);
}

static void print_usage_lines(const struct command *command, FILE *stream)
{
    const char *line = command->usage;
    for (const char *label = "usage:"; line; label = "   or:") {
        int n = (int)strcspn(line, "\n");
        fprintf(stream, "%s keepsake %s%s%.*s\n", label, command->name, n ? " " : "", n, line);
        line = line[n] ? line + n + 1 : NULL;
    }
}

void help_print_usage(const struct command *command, FILE *stream)
{
    if (!command) {
        fputs("usage: keepsake [OPTION...] COMMAND ...\n"
              "`keepsake help` lists the commands and options.\n",
              stream);
        return;
    }
    print_usage_lines(command, stream);
    fprintf(stream, "See `keepsake help %s`.\n", command->name);
}

/* of_llm selects the options of language models, or all others. */
static void print_options(const struct option_spec *specs, bool of_llm, FILE *stream)
{
    for (const struct option_spec *s = specs; s && s->name; s++) {
        if (s->hidden || s->config_only || s->of_llm != of_llm)
            continue;
        AUTO_FREE char *synopsis = option_synopsis(s);
        size_t used = 2 + text_columns(synopsis);
        fprintf(stream, "  %s", synopsis);
        if (used + 2 > OPTION_INDENT)
            fprintf(stream, "\n%*s", OPTION_INDENT, "");
        else
            fprintf(stream, "%*s", (int)(OPTION_INDENT - used), "");
        help_print_wrapped(s->help, OPTION_INDENT, page_width(stream), stream);
    }
}

static void print_commands(const struct command *const *list, FILE *stream)
{
    for (; *list; list++) {
        fprintf(stream, "  %-10s  ", command_word(*list));
        help_print_wrapped((*list)->summary, 14, page_width(stream), stream);
    }
}

void help_print_overview(FILE *stream)
{
    fputs("usage: keepsake [OPTION...] COMMAND ...\n\n", stream);
    help_print_wrapped("keepsake finds your photos by what they show, and answers questions "
                       "about them. It never writes, moves or deletes a photo, and sends "
                       "nothing without your consent.",
                       0, page_width(stream), stream);
    fputs("\nCommands:\n", stream);
    print_commands(command_list(), stream);
    fputs("\nOptions of all commands:\n", stream);
    print_options(settings_options, false, stream);
    fputs("\nTo begin:\n  keepsake index ~/Pictures\n  keepsake search a dog running in the "
          "snow\n\n"
          "See `keepsake help COMMAND` for a command.\n",
          stream);
}

static void print_paragraphs(const char *text, FILE *stream)
{
    while (text && *text) {
        const char *end = strstr(text, "\n\n");
        size_t n = end ? (size_t)(end - text) : strlen(text);
        AUTO_FREE char *paragraph = xstrndup(text, n);
        fputc('\n', stream);
        help_print_wrapped(paragraph, 0, page_width(stream), stream);
        text = end ? end + 2 : NULL;
    }
}

void help_print_command(const struct command *command, FILE *stream)
{
    print_usage_lines(command, stream);
    print_paragraphs(command->summary, stream);
    print_paragraphs(command->description, stream);
    if (command->verbs) {
        fputs("\nCommands:\n", stream);
        print_commands(command->verbs, stream);
    }
    if (command->options && command->options->name) {
        fputs("\nOptions:\n", stream);
        print_options(command->options, false, stream);
    }
    if (command->uses_llm) {
        fputs("\nOptions for the language model:\n", stream);
        print_options(settings_options, true, stream);
    }
    fputs("\nOptions of all commands:\n", stream);
    print_options(settings_options, false, stream);
    for (const struct example *e = command->examples; e && e->line; e++)
        fprintf(stream, "%s  %s\n      %s\n", e == command->examples ? "\nExamples:\n" : "",
                e->line, e->text);
}
