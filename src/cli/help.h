/* SPDX-License-Identifier: MIT */
/* Help on the terminal, from the tables of options and commands. */
#pragma once

#include <stdio.h>

#include "cli/command.h"

/* "usage: keepsake search ..." and where to read more; command NULL: of the program. */
void help_print_usage(const struct command *command, FILE *stream);

/* All commands and the global options. */
void help_print_overview(FILE *stream);

/* Everything about one command. */
void help_print_command(const struct command *command, FILE *stream);

/* Prints text broken at spaces into lines of at most `width` columns; every line but the first is
 * indented by `indent`. The first is taken to start there already. */
void help_print_wrapped(const char *text, size_t indent, size_t width, FILE *stream);
