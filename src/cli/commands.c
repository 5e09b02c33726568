/* SPDX-License-Identifier: MIT */
/* The table of all commands. */
#include "cli/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/help.h"
#include "cli/output.h"

const struct command *const *command_list(void)
{
    static const struct command *const all[] = {
        /* clang-format off */
        &command_index,
        &command_search,
        &command_ask,
        &command_label,
        &command_labels,
        &command_album,
        &command_albums,
        &command_places,
        &command_never_send,
        &command_ledger,
        &command_status,
        &command_embed,
        &command_model,
        &command_forget,
        &command_export,
        &command_import,
        &command_backup,
        &command_restore,
        &command_doctor,
        &command_split,
        &command_mcp,
        &command_serve,
        &command_version,
        &command_help,
        NULL,
        /* clang-format on */
    };
    return all;
}

const char *command_word(const struct command *command)
{
    const char *space = strrchr(command->name, ' ');
    return space ? space + 1 : command->name;
}

const struct command *command_find(const struct command *const *list, const char *word)
{
    for (; *list; list++)
        if (strcmp(command_word(*list), word) == 0)
            return *list;
    return NULL;
}

int command_misuse(const struct command *command, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    output_verror(format, args);
    va_end(args);
    help_print_usage(command, stderr);
    return STATUS_USAGE;
}
