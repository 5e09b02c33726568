/* SPDX-License-Identifier: MIT */
/* Rows of text in columns as wide as their widest cell; the last column is never cut or padded.
 *
 *     struct table t = TABLE_INIT(3);
 *     table_align_right(&t, 0);
 *     table_add(&t, (const char *[]){"1", "0.312", "beach.jpg"});
 *     table_print(&t, stdout, colour);   table_release(&t) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 8

struct table {
    size_t columns;
    bool right[TABLE_COLUMNS_MAX];
    const char *style[TABLE_COLUMNS_MAX]; /* STYLE_*; NULL: plain */
    bool has_header;                      /* the first row: dim */
    size_t width[TABLE_COLUMNS_MAX];      /* of the widest cell so far */
    char **cells;                         /* row by row */
    size_t count, cap;
};

#define TABLE_INIT(n)  \
    {                  \
        .columns = (n) \
    }

#define STYLE_BOLD "\033[1m"
#define STYLE_DIM "\033[2m"
#define STYLE_END "\033[0m"

void table_align_right(struct table *t, size_t column);
/* Copies the cells, with control characters and malformed bytes replaced (text_printable). */
void table_add(struct table *t, const char *const *cells);
void table_print_row(const struct table *t, size_t row, FILE *stream, bool colour);
void table_print(const struct table *t, FILE *stream, bool colour);
void table_release(struct table *t);
