/* SPDX-License-Identifier: MIT */
/* Turns Ctrl-C (SIGINT) and SIGTERM into a flag that long operations poll; the second signal ends
 * the program immediately with exit status 130. */
#pragma once

#include <stdbool.h>

void interrupt_catch(void);
bool interrupt_requested(void);
/* Clears the flag; the next signal is the first one again. */
void interrupt_forget(void);
