/* SPDX-License-Identifier: MIT */
/* The man page keepsake(1) in man(7) macros, generated from the tables of options and commands. */
#pragma once

#include <stdio.h>

void manual_print(FILE *stream);
