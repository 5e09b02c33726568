/* SPDX-License-Identifier: MIT */
/* Writes the man page keepsake(1) from the tables of commands and options. */
#include "cli/manual.h"

#include <string.h>

#include "base/memory.h"
#include "cli/command.h"

#define SOURCE_COLUMNS 60 /* before escaping; source lines stay below 80 */

/* roff would interpret a backslash anywhere, and a dot or quote at the start of a line; a plain
 * hyphen would become a typographic one, which cannot be pasted into a shell. */
static void put_escaped(const char *text, size_t length, FILE *stream)
{
    for (size_t i = 0; i < length; i++) {
        if ((text[i] == '.' || text[i] == '\'') && (i == 0 || text[i - 1] == '\n'))
            fputs("\\&", stream);
        if (text[i] == '\\')
            fputs("\\e", stream);
        else if (text[i] == '-')
            fputs("\\-", stream);
        else if (text[i] == '~')
            fputs("\\(ti", stream);
        else if (text[i] == '\'')
            fputs("\\(aq", stream);
        else if (text[i] == '`')
            fputs("\\(ga", stream);
        else if (text[i] == '"')
            fputs("\\(dq", stream);
        else if (text[i] == '^')
            fputs("\\(ha", stream);
        else
            fputc(text[i], stream);
    }
}

static void put_text(const char *text, FILE *stream)
{
    put_escaped(text, strlen(text), stream);
}

/* Prints short lines, and starts each sentence on a new line, as is usual in roff. */
static void put_paragraph(const char *text, size_t length, FILE *stream)
{
    size_t column = 0;
    for (size_t at = 0; at < length;) {
        const char *space = memchr(text + at, ' ', length - at);
        size_t n = space ? (size_t)(space - text) - at : length - at;
        bool sentence = at >= 2 && text[at - 2] == '.';
        if (column > 0 && (sentence || column + 1 + n > SOURCE_COLUMNS)) {
            fputc('\n', stream);
            column = 0;
        }
        if (column > 0)
            fputc(' ', stream);
        column += n + (column > 0);
        put_escaped(text + at, n, stream);
        at += n + 1;
    }
    fputc('\n', stream);
}

static void put_paragraphs(const char *text, FILE *stream)
{
    while (text && *text) {
        const char *end = strstr(text, "\n\n");
        size_t length = end ? (size_t)(end - text) : strlen(text);
        fputs(".PP\n", stream);
        put_paragraph(text, length, stream);
        text = end ? end + 2 : NULL;
    }
}

/* of_llm selects the options of language models, or all others. */
static void put_options(const struct option_spec *specs, bool of_llm, FILE *stream)
{
    for (const struct option_spec *s = specs; s && s->name; s++) {
        if (s->hidden || s->config_only || s->of_llm != of_llm)
            continue;
        AUTO_FREE char *synopsis = option_synopsis(s);
        fputs(".TP\n.B \"", stream);
        put_text(synopsis + strspn(synopsis, " "), stream);
        fputs("\"\n", stream);
        put_text(s->help, stream);
        fputs(".\n", stream);
    }
}

static void put_usage(const struct command *command, FILE *stream)
{
    const char *line = command->usage;
    while (line) {
        size_t n = strcspn(line, "\n");
        fprintf(stream, ".B keepsake %s\n", command->name);
        put_escaped(line, n, stream);
        fputs(n ? "\n" : "", stream);
        line = line[n] ? line + n + 1 : NULL;
        fputs(line ? ".br\n" : "", stream);
    }
}

/* Prints a section for a command with its usage; for a group, only its commands. */
static void put_command(const struct command *command, FILE *stream)
{
    fprintf(stream, ".SS %s%s%s\n", strchr(command->name, ' ') ? "\"" : "", command->name,
            strchr(command->name, ' ') ? "\"" : "");
    put_usage(command, stream);
    fputs(".PP\n", stream);
    AUTO_FREE char *summary = xstrdup(command->summary);
    if (summary[0] >= 'a' && summary[0] <= 'z')
        summary[0] = (char)(summary[0] - 'a' + 'A');
    put_text(summary, stream);
    fputs(".\n", stream);
    put_paragraphs(command->description, stream);
    put_options(command->options, false, stream);
    for (const struct command *const *verb = command->verbs; verb && *verb; verb++)
        put_command(*verb, stream);
}

static void put_examples(const struct command *const *list, FILE *stream)
{
    for (; *list; list++) {
        for (const struct example *e = (*list)->examples; e && e->line; e++) {
            fputs(".TP\n.B \"", stream);
            put_text(e->line, stream);
            fputs("\"\n", stream);
            put_text(e->text, stream);
            fputs("\n", stream);
        }
    }
}

static void put_environment(FILE *stream)
{
    for (const struct option_spec *s = settings_options; s->name; s++) {
        if (!s->variable)
            continue;
        if (s->config_only)
            fprintf(stream, ".TP\n.B %s\nas the key\n.B %s\nof the config file.\n", s->variable,
                    s->name);
        else
            fprintf(stream, ".TP\n.B %s\nas\n.BR \\-\\-%s .\n", s->variable, s->name);
    }
}

static const char head[] =
    ".TH KEEPSAKE 1 2026-11-23 \"keepsake " KEEPSAKE_VERSION "\" \"User Commands\"\n.SH NAME\n"
    "keepsake \\- find your photos by "
    "what they show\n.SH SYNOPSIS\n.B "
    "keepsake\n[\\fIoption\\fR...] "
    "\\fIcommand\\fR "
    "[\\fIargument\\fR...]\n.SH "
    "DESCRIPTION\n.B keepsake\nindexes "
    "your photos by their content\nin "
    "one file, the gallery.\nIt then "
    "finds photos that match a few "
    "words, or that look like another "
    "picture.\nThe image model runs on "
    "this machine.\nPhotos leave the "
    "machine only if you ask a "
    "language model that runs "
    "elsewhere.\nPhotos are never "
    "written, moved or deleted.\n";

static const char environment[] = ".SH ENVIRONMENT\n"
                                  "An option on the command line wins over its variable,\n"
                                  "the variable over the config file.\n";

static const char environment_more[] =
    ".TP\n.B XDG_DATA_HOME\nfolder of the gallery and the models (default:\n.IR "
    "\\(ti/.local/share ).\n.TP\n.B XDG_CONFIG_HOME\nfolder of the config file (default:\n.IR "
    "\\(ti/.config ).\n.TP\n.B XDG_CACHE_HOME\nfolder of caches (default:\n.IR \\(ti/.cache ).\n"
    ".TP\n.B XDG_STATE_HOME\nfolder of the last conversation about each gallery (default:\n.IR "
    "\\(ti/.local/state ).\n.TP\n.BR ANTHROPIC_API_KEY \", \" ANTHROPIC_AUTH_TOKEN \", \" "
    "ANTHROPIC_BASE_URL\nkey and address of the provider anthropic, as Anthropic's SDK reads "
    "them.\n.TP\n.BR AWS_BEARER_TOKEN_BEDROCK \", \" AWS_REGION\nof the provider bedrock.\n.TP\n"
    ".BR GOOGLE_OAUTH_ACCESS_TOKEN \", \" ANTHROPIC_VERTEX_PROJECT_ID \", \" CLOUD_ML_REGION\n"
    "of the provider vertex.\n.TP\n.BR OPENAI_API_KEY \", \" OPENAI_BASE_URL \", \" "
    "OLLAMA_HOST\nof the provider openai.\n.TP\n.BR https_proxy \", \" no_proxy \", \" "
    "SSL_CERT_FILE \", \" CURL_CA_BUNDLE\nproxy and certificates for language models and "
    "downloads of models, as in\n.BR curl (1).\n.TP\n.B KEEPSAKE_DATA\nfolder of the data that "
    "is installed with the program.\n.TP\n.B KEEPSAKE_LEASE\nseconds after which other index "
    "runs take over the work of a killed one (60).\n.TP\n.B KEEPSAKE_CPU\nscalar, avx2 or "
    "avx512: the newest instruction set to use.\n.TP\n.B KEEPSAKE_DUMPABLE\nif 1, a crash may "
    "write a core file, and a debugger may attach to the process.\n.TP\n.BR HF_ENDPOINT \", \" "
    "HF_TOKEN\nserver from which models are downloaded, and its key.\n.TP\n.B NO_COLOR\nif set, "
    "no colours.\n";

static const char files[] =
    ".SH FILES\n.TP\n.I $XDG_DATA_HOME/keepsake/gallery.db\nthe gallery: an SQLite file.\n.TP\n"
    ".I $XDG_DATA_HOME/keepsake/gallery.db.thumbs\nthumbnails: a cache that may be deleted.\n"
    ".TP\n.I $XDG_DATA_HOME/keepsake/models/\nthe models, one folder each.\n.TP\n.I "
    "$XDG_STATE_HOME/keepsake/ask-*.json\nconversations that\n.B ask --continue\ncontinues; "
    "without pictures.\n.TP\n.I $XDG_CONFIG_HOME/keepsake/config\nsettings, one per line, such "
    "as\n.IR \"gallery = \\(ti/photos.db\" ;\nlines that start with #\nor ; are comments. The "
    "keys:";

static const char exit_status[] =
    ".SH EXIT STATUS\n.TP\n.B 0\ndone.\n.TP\n.B 1\nfailed; a sentence on standard error gives "
    "the reason, with\n.B \\-\\-json\nas an object with error (a word such as not_found) and "
    "message.\n.TP\n.B 2\nwrong usage.\n.TP\n.B 3\ndone, but some photos failed, or an answer "
    "is incomplete.\n.TP\n.B 130\ninterrupted; all completed work is kept.\n.SH SEE ALSO\n.BR "
    "curl (1),\n.BR jq (1),\n.BR sqlite3 (1),\n.BR systemd.service (5)\n.PP\nThe documents that "
    "are installed with the program, in\n.IR share/doc/keepsake :\nserve.md, providers.md, "
    "postgres.md, gallery.md and others.\n";

static void put_config_keys(FILE *stream)
{
    const char *between = "\n";
    for (const struct option_spec *s = settings_options; s->name; s++) {
        if (!s->variable)
            continue;
        fprintf(stream, "%s%s", between, s->name);
        between = ", ";
    }
    fputs(".\n", stream);
}

void manual_print(FILE *stream)
{
    fputs(head, stream);
    fputs(".SH OPTIONS\nThese options apply to every command and may be anywhere on the command "
          "line.\n",
          stream);
    put_options(settings_options, false, stream);
    fputs(".PP\nThese options apply to commands that use a language model.\n", stream);
    put_options(settings_options, true, stream);
    fputs(".SH COMMANDS\n", stream);
    for (const struct command *const *c = command_list(); *c; c++)
        put_command(*c, stream);
    fputs(".SH EXAMPLES\n", stream);
    put_examples(command_list(), stream);
    fputs(environment, stream);
    put_environment(stream);
    fputs(environment_more, stream);
    fputs(files, stream);
    put_config_keys(stream);
    fputs(exit_status, stream);
}
