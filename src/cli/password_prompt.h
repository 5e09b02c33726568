/* SPDX-License-Identifier: MIT */
/* Asking for a secret on the terminal. */
#pragma once

#include "base/error.h"

/* A line of stdin; on a terminal it is asked for with `prompt`, and not shown while it is typed.
 * The terminal is put back as it was whatever ends the question: a signal has its usual effect
 * after that. The caller forgets the line. ERR_INVALID: there is none. */
int password_prompt(const char *prompt, char **ret_line, struct error *err) MUST_CHECK;
