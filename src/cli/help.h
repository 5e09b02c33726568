/* SPDX-License-Identifier: MIT */
/* Prints help on the terminal, from the tables of options and commands. */
#pragma once

#include <stdio.h>

#include "cli/command.h"

/* Prints "usage: keepsake search ..." and a pointer to more help; NULL: the usage of the program.
 */
void help_print_usage(const struct command *command, FILE *stream);

/* Prints all commands and the global options. */
void help_print_overview(FILE *stream);

/* Prints the complete help of one command. */
void help_print_command(const struct command *command, FILE *stream);

/* Prints text broken at spaces into lines of at most `width` columns; every line but the first is
 * indented by `indent`. The first line is assumed to start at that column already. */
void help_print_wrapped(const char *text, size_t indent, size_t width, FILE *stream);
