/* SPDX-License-Identifier: MIT */
/* The completion script for zsh, from the tables of options and commands. */
#include <string.h>

#include "cli/command.h"
#include "cli/completion.h"
#include "models/model.h"

/* The script has a function for each command, such as _keepsake_model_pull, in which _arguments
 * completes the options; a group's function continues with the function of the next word. */

static const char head[] =
    "#compdef keepsake\n"
    "# zsh completion for keepsake, made by `keepsake help --completion zsh`\n"
    "\n"
    "_keepsake_models() {\n"
    "    _alternative \"models:model:($_keepsake_model_ids)\" 'folders:folder:_files -/'\n"
    "}\n"
    "\n";

/* Escapes for single quotes and for the [...] of _arguments. */
static void put_text(const char *text, FILE *stream)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\'", stream);
        else if (strchr("[]:\\", *text))
            fputc('\\', stream);
        fputc(*text, stream);
    }
}

static void put_function_name(const char *command, FILE *stream)
{
    fputs("_keepsake_", stream);
    for (; *command; command++)
        fputc(*command == ' ' || *command == '-' ? '_' : *command, stream);
}

static void put_value(const struct option_spec *s, FILE *stream)
{
    fputc(':', stream);
    put_text(s->value, stream);
    fputc(':', stream);
    if (s->complete == COMPLETE_FILES)
        fputs("_files", stream);
    else if (s->complete == COMPLETE_MODELS)
        fputs("_keepsake_models", stream);
    if (s->kind != OPTION_CHOICE)
        return;
    for (const char *const *c = s->choices; *c; c++)
        fprintf(stream, "%s%s", c == s->choices ? "(" : " ", *c);
    fputc(')', stream);
}

/* Prints one row of _arguments for each spelling. */
static void put_option(const struct option_spec *s, FILE *stream)
{
    bool takes_value = s->kind != OPTION_FLAG && s->kind != OPTION_OPTIONAL;
    const char *again = s->kind == OPTION_LIST ? "*" : "";
    fprintf(stream, "        '%s--%s%s[", again, s->name, takes_value ? "=" : "");
    put_text(s->help, stream);
    fputc(']', stream);
    if (takes_value)
        put_value(s, stream);
    fputs("'\n", stream);
    if (!s->letter)
        return;
    fprintf(stream, "        '%s-%c%s[", again, s->letter, takes_value ? "+" : "");
    put_text(s->help, stream);
    fputc(']', stream);
    if (takes_value)
        put_value(s, stream);
    fputs("'\n", stream);
}

/* of_llm selects the options of language models, or all others. */
static void put_options(const struct option_spec *specs, bool of_llm, FILE *stream)
{
    for (const struct option_spec *s = specs; s && s->name; s++)
        if (!s->hidden && !s->config_only && s->of_llm == of_llm)
            put_option(s, stream);
}

static void put_words(const struct command *const *list, FILE *stream)
{
    fputs("    words_here=(\n", stream);
    for (; *list; list++) {
        fprintf(stream, "        '%s:", command_word(*list));
        put_text((*list)->summary, stream);
        fputs("'\n", stream);
    }
    fputs("    )\n", stream);
}

/* The next word is a subcommand, which takes the words after it. */
static void put_dispatch(const struct command *const *list, bool to_help, FILE *stream)
{
    fputs("    _arguments -C -S $arguments '1: :->word' '*:: :->rest' && return\n"
          "    case $state in\n"
          "    word) _describe -t commands command words_here ;;\n"
          "    rest)\n"
          "        case $words[1] in\n",
          stream);
    for (; *list; list++) {
        fprintf(stream, "        %s) ", command_word(*list));
        if (to_help && !(*list)->verbs)
            fputs(":", stream);
        else
            put_function_name((*list)->name, stream);
        fputs(" ;;\n", stream);
    }
    fputs("        esac ;;\n    esac\n", stream);
}

static void put_function(const struct command *c, FILE *stream)
{
    bool is_help = strcmp(c->name, "help") == 0;
    const struct command *const *below = is_help ? command_list() : c->verbs;
    put_function_name(c->name, stream);
    fputs("() {\n    local curcontext=$curcontext state line\n    local -a arguments words_here\n"
          "    arguments=($_keepsake_options\n",
          stream);
    put_options(c->options, false, stream);
    if (c->uses_llm)
        put_options(settings_options, true, stream);
    fputs("    )\n", stream);
    if (below) {
        put_words(below, stream);
        put_dispatch(below, is_help, stream);
    }
    if (!below || c->operands != COMPLETE_NOTHING)
        fprintf(stream, "    _arguments -S $arguments '*: :%s'\n",
                c->operands == COMPLETE_FILES    ? "_files"
                : c->operands == COMPLETE_MODELS ? "_keepsake_models"
                                                 : "");
    fputs("}\n\n", stream);
    for (const struct command *const *verb = c->verbs; verb && *verb; verb++)
        put_function(*verb, stream);
}

void completion_print_zsh(FILE *stream)
{
    fputs(head, stream);
    fputs("_keepsake_model_ids='", stream);
    for (const struct model_entry *entry = model_entries(); entry->id; entry++)
        fprintf(stream, "%s%s", entry == model_entries() ? "" : " ", entry->id);
    fputs("'\n\ntypeset -ga _keepsake_options\n_keepsake_options=(\n", stream);
    put_options(settings_options, false, stream);
    fputs(")\n\n", stream);
    for (const struct command *const *c = command_list(); *c; c++)
        put_function(*c, stream);
    fputs("_keepsake() {\n    local curcontext=$curcontext state line\n"
          "    local -a arguments words_here\n    arguments=($_keepsake_options)\n",
          stream);
    put_words(command_list(), stream);
    put_dispatch(command_list(), false, stream);
    fputs("}\n\n"
          "if [[ $funcstack[1] == _keepsake ]]; then\n    _keepsake \"$@\"\nelse\n"
          "    compdef _keepsake keepsake\nfi\n",
          stream);
}
