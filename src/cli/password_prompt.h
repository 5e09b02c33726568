/* SPDX-License-Identifier: MIT */
/* Asks for a secret on the terminal. */
#pragma once

#include "base/error.h"

/* Reads a line from stdin; on a terminal it prints `prompt`, and does not echo the input. The
 * terminal is restored however the prompt ends: a signal has its usual effect after that. The
 * caller must erase the line. ERR_INVALID: there is no line. */
int password_prompt(const char *prompt, char **ret_line, struct error *err) MUST_CHECK;
