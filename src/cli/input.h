/* SPDX-License-Identifier: MIT */
/* What a command reads from standard input, or from a list in a file. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* All of standard input, for the caller to free; a NUL follows. ERR_LIMIT, in a sentence about "the
 * `what`", when it is longer than max_bytes; ERR_CANCELLED after Ctrl-C. */
int input_read_all(size_t max_bytes, const char *what, char **ret_data, size_t *ret_size,
                   struct error *err) MUST_CHECK;

/* Items of a list, one a line, or ended by NUL; empty ones are left out. */
struct input_list {
    FILE *stream;
    bool is_stdin;
    int end; /* '\n' or '\0' */
    char *item;
    size_t cap;
};

/* `path` is "-" for standard input. */
int input_list_open(struct input_list *list, const char *path, bool by_nul,
                    struct error *err) MUST_CHECK;
/* The next item as soon as it is there, borrowed until the next call; NULL at the end. A list that
 * cannot be read on: *err says so, and has a code. */
const char *input_list_next(struct input_list *list, struct error *err);
void input_list_close(struct input_list *list);
