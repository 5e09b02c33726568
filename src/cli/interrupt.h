/* SPDX-License-Identifier: MIT */
/* Ctrl-C (SIGINT) and SIGTERM as a flag that long work polls; the second one stops at once with
 * exit status 130. */
#pragma once

#include <stdbool.h>

void interrupt_catch(void);
bool interrupt_requested(void);
/* It was heard; the next one is the first again. */
void interrupt_forget(void);
