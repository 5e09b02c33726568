/* A bash completion script, from the tables of options and commands. */
#pragma once

#include <stdio.h>

void completion_print_bash(FILE *stream);
