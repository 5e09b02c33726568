/* SPDX-License-Identifier: MIT */
/* Writes the bash completion script from the tables of commands and options. */
#include "cli/completion.h"

#include <string.h>

#include "cli/command.h"
#include "models/model.h"

/* The script keeps in $path the command words seen so far, joined by spaces ("model pull"), and
 * then offers the words that the tables have for that command. */

static const char head[] =
    "# bash completion for keepsake, made by `keepsake help --completion bash`\n"
    "\n"
    "_keepsake_words() { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$2\"); }\n"
    "\n"
    "_keepsake_files() {\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$1\")\n"
    "}\n"
    "\n"
    "_keepsake_models() {\n"
    "    if [[ $1 == */* || $1 == [.~]* ]]; then\n"
    "        compopt -o filenames 2>/dev/null\n"
    "        mapfile -t COMPREPLY < <(compgen -d -- \"$1\")\n"
    "    else\n"
    "        _keepsake_words \"$_keepsake_model_ids\" \"$1\"\n"
    "    fi\n"
    "}\n"
    "\n";

static const char body[] =
    "_keepsake() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    local path='' ended='' value='' helping='' i\n"
    "    COMPREPLY=()\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        if [[ -n $value ]]; then value=''; continue; fi\n"
    "        if [[ -n $ended ]]; then continue; fi\n"
    "        case ${COMP_WORDS[i]} in\n"
    "        --) ended=1 ;;\n"
    "        =) value=1 ;;\n"
    "        -*) if _keepsake_takes_value \"${COMP_WORDS[i]}\" && [[ ${COMP_WORDS[i+1]} != = ]]; "
    "then value=1; fi ;;\n"
    "        *) if _keepsake_is_command \"${path:+$path }${COMP_WORDS[i]}\"; then\n"
    "               path=${path:+$path }${COMP_WORDS[i]}\n"
    "               if [[ $path == help ]]; then helping=1 path=''; fi\n"
    "           fi ;;\n"
    "        esac\n"
    "    done\n"
    "    if [[ $word == = ]]; then word=''; elif [[ $before == = ]]; then "
    "before=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
    "    if [[ -z $ended ]]; then\n"
    "        if _keepsake_value \"$before\" \"$word\"; then return; fi\n"
    "        if [[ $word == -* ]]; then _keepsake_options \"$path\" \"$word\"; return; fi\n"
    "    fi\n"
    "    if _keepsake_commands \"$path\" \"$word\" || [[ -n $helping ]]; then return; fi\n"
    "    _keepsake_operands \"$path\" \"$word\"\n"
    "}\n"
    "\n"
    "complete -F _keepsake keepsake\n";

typedef void each_command(const struct command *command, FILE *stream);

static void walk_commands(const struct command *const *list, each_command *each, FILE *stream)
{
    for (; *list; list++) {
        each(*list, stream);
        if ((*list)->verbs)
            walk_commands((*list)->verbs, each, stream);
    }
}

static void print_words(const struct command *const *list, FILE *stream)
{
    for (const char *between = ""; *list; list++, between = " ")
        fprintf(stream, "%s%s", between, command_word(*list));
}

/* of_llm selects the options of language models, or all others. */
static void print_option_words(const struct option_spec *specs, bool of_llm, FILE *stream)
{
    for (const struct option_spec *s = specs; s && s->name; s++)
        if (!s->hidden && !s->config_only && s->of_llm == of_llm)
            fprintf(stream, " --%s", s->name);
}

/* Prints "name) <action for its value> ;;". */
static void print_value_case(const struct option_spec *s, FILE *stream)
{
    if (s->kind == OPTION_FLAG || s->kind == OPTION_OPTIONAL || s->hidden || s->config_only)
        return;
    fprintf(stream, "    --%s", s->name);
    if (s->letter)
        fprintf(stream, "|-%c", s->letter);
    fputs(") ", stream);
    if (s->complete == COMPLETE_FILES) {
        fputs("_keepsake_files \"$2\"", stream);
    } else if (s->complete == COMPLETE_MODELS) {
        fputs("_keepsake_models \"$2\"", stream);
    } else if (s->kind == OPTION_CHOICE) {
        fputs("_keepsake_words '", stream);
        for (const char *const *c = s->choices; *c; c++)
            fprintf(stream, "%s%s", c == s->choices ? "" : " ", *c);
        fputs("' \"$2\"", stream);
    } else {
        fputs(":", stream);
    }
    fputs(" ;;\n", stream);
}

static bool has_option(const struct command *command, const char *name)
{
    for (const struct option_spec *s = command->options; s && s->name; s++)
        if (strcmp(s->name, name) == 0)
            return true;
    return false;
}

/* The first command, in the order of `walk`, that has the option. */
static const struct command *first_with(const struct command *const *list, const char *name)
{
    for (; *list; list++) {
        const struct command *below =
            has_option(*list, name) ? *list
                                    : ((*list)->verbs ? first_with((*list)->verbs, name) : NULL);
        if (below)
            return below;
    }
    return NULL;
}

/* Options with the same name have the same meaning in all commands, so one case is enough. */
static void print_value_cases(const struct command *command, FILE *stream)
{
    for (const struct option_spec *s = command->options; s && s->name; s++)
        if (first_with(command_list(), s->name) == command)
            print_value_case(s, stream);
}

/* The shell function _keepsake_value OPTION WORD completes the value of an option; it returns
 * false if the option takes none. */
static void print_value_function(FILE *stream)
{
    fputs("_keepsake_value() {\n    case $1 in\n", stream);
    for (const struct option_spec *s = settings_options; s->name; s++)
        print_value_case(s, stream);
    walk_commands(command_list(), print_value_cases, stream);
    fputs("    *) return 1 ;;\n    esac\n}\n\n"
          "_keepsake_takes_value() { local COMPREPLY; _keepsake_value \"$1\" '' 2>/dev/null; }\n\n",
          stream);
}

static void print_name(const struct command *command, FILE *stream)
{
    fprintf(stream, "    '%s') return 0 ;;\n", command->name);
}

static void print_options_case(const struct command *command, FILE *stream)
{
    if (!command->options)
        return;
    fprintf(stream, "    '%s') words+='", command->name);
    print_option_words(command->options, false, stream);
    if (command->uses_llm)
        print_option_words(settings_options, true, stream);
    fputs("' ;;\n", stream);
}

/* Prints the commands below a group; '' is the program. */
static void print_group_case(const char *name, const struct command *const *list, const char *then,
                             FILE *stream)
{
    fprintf(stream, "    '%s') _keepsake_words '", name);
    print_words(list, stream);
    fprintf(stream, "' \"$2\"%s ;;\n", then);
}

static void print_verbs_case(const struct command *command, FILE *stream)
{
    bool more = command->run && command->operands != COMPLETE_NOTHING; /* beyond the verbs */
    if (command->verbs)
        print_group_case(command->name, command->verbs, more ? "; return 1" : "", stream);
}

static void print_operands_case(const struct command *command, FILE *stream)
{
    if (command->operands == COMPLETE_FILES)
        fprintf(stream, "    '%s') _keepsake_files \"$2\" ;;\n", command->name);
    else if (command->operands == COMPLETE_MODELS)
        fprintf(stream, "    '%s') _keepsake_models \"$2\" ;;\n", command->name);
}

void completion_print_bash(FILE *stream)
{
    fputs(head, stream);
    fputs("_keepsake_model_ids='", stream);
    for (const struct model_entry *entry = model_entries(); entry->id; entry++)
        fprintf(stream, "%s%s", entry == model_entries() ? "" : " ", entry->id);
    fputs("'\n\n", stream);
    print_value_function(stream);
    fputs("_keepsake_is_command() {\n    case $1 in\n", stream);
    walk_commands(command_list(), print_name, stream);
    fputs("    *) return 1 ;;\n    esac\n}\n\n"
          "_keepsake_options() {\n    local words='",
          stream);
    print_option_words(settings_options, false, stream);
    fputs("'\n    case $1 in\n", stream);
    walk_commands(command_list(), print_options_case, stream);
    fputs("    esac\n    _keepsake_words \"$words\" \"$2\"\n}\n\n"
          "_keepsake_commands() {\n    case $1 in\n",
          stream);
    print_group_case("", command_list(), "", stream);
    walk_commands(command_list(), print_verbs_case, stream);
    fputs("    *) return 1 ;;\n    esac\n}\n\n"
          "_keepsake_operands() {\n    case $1 in\n",
          stream);
    walk_commands(command_list(), print_operands_case, stream);
    fputs("    esac\n}\n\n", stream);
    fputs(body, stream);
}
