/* SPDX-License-Identifier: MIT */
/* Completion scripts for shells, generated from the tables of options and commands. */
#pragma once

#include <stdio.h>

void completion_print_bash(FILE *stream);
void completion_print_zsh(FILE *stream);
void completion_print_fish(FILE *stream);
