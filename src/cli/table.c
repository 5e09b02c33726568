/* SPDX-License-Identifier: MIT */
/* Prints text in aligned columns. */
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

void table_align_right(struct table *t, size_t column)
{
    t->right[column] = true;
}

void table_add(struct table *t, const char *const *cells)
{
    ARRAY_GROW(t->cells, t->cap, t->count + t->columns);
    for (size_t c = 0; c < t->columns; c++) {
        char *cell = text_printable(cells[c], strlen(cells[c]));
        size_t width = text_columns(cell);
        t->width[c] = width > t->width[c] ? width : t->width[c];
        t->cells[t->count++] = cell;
    }
}

static void print_cell(const struct table *t, size_t cell, FILE *stream, bool colour)
{
    size_t column = cell % t->columns, width = t->width[column];
    size_t used = text_columns(t->cells[cell]);
    int padding = width > used ? (int)(width - used) : 0;
    bool header = t->has_header && cell < t->columns;
    const char *style = !colour ? NULL : header ? STYLE_DIM : t->style[column];
    bool last = column + 1 == t->columns;
    if (t->right[column])
        fprintf(stream, "%*s", padding, "");
    fprintf(stream, "%s%s%s", style ? style : "", t->cells[cell], style ? STYLE_END : "");
    if (!t->right[column] && !last)
        fprintf(stream, "%*s", padding, "");
    fputs(last ? "\n" : "  ", stream);
}

void table_print_row(const struct table *t, size_t row, FILE *stream, bool colour)
{
    for (size_t c = 0; c < t->columns; c++)
        print_cell(t, row * t->columns + c, stream, colour);
}

void table_print(const struct table *t, FILE *stream, bool colour)
{
    for (size_t i = 0; i < t->count; i++)
        print_cell(t, i, stream, colour);
}

void table_release(struct table *t)
{
    for (size_t i = 0; i < t->count; i++)
        free(t->cells[i]);
    free(t->cells);
    t->cells = NULL;
    t->count = t->cap = 0;
}
