/* SPDX-License-Identifier: MIT */
/* Reads standard input, or a list in a file. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* Reads all of standard input, which the caller frees; a NUL follows it. ERR_LIMIT, in a sentence
 * about "the `what`", if it is longer than max_bytes; ERR_CANCELLED after Ctrl-C. */
int input_read_all(size_t max_bytes, const char *what, char **ret_data, size_t *ret_size,
                   struct error *err) MUST_CHECK;

/* Items of a list, one per line, or terminated by NUL; empty items are skipped. */
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
/* Returns the next item as soon as it arrives, borrowed until the next call; NULL at the end. If
 * the list cannot be read further, *err has a sentence and a code. */
const char *input_list_next(struct input_list *list, struct error *err);
void input_list_close(struct input_list *list);
