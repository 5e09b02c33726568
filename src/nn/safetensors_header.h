/* SPDX-License-Identifier: MIT */
/* The JSON header of a safetensors file as a checked table; used by safetensors.c alone.
 *
 * Rules, as the format's own reader applies them: names are unique; shape and dtype give exactly
 * end - begin bytes; the ranges, in order of begin, follow each other without overlap or gap from
 * the first byte of the data to the last. Types that this program does not use are also checked
 * (position ids are I64). */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/json.h"
#include "nn/safetensors.h"

struct tensor_dtype {
    const char *name;
    unsigned bits; /* of one element */
};

struct tensor_entry {
    const char *name; /* borrowed from the table's JSON; may hold any character but NUL */
    const struct tensor_dtype *dtype;
    int rank;
    size_t shape[TENSOR_MAX_RANK]; /* valid when rank <= TENSOR_MAX_RANK */
    size_t count;                  /* product of the whole shape */
    size_t begin, end;             /* bytes of the data */
};

struct tensor_table {
    json_t *root;
    struct tensor_entry *entries; /* sorted by begin */
    struct tensor_entry **by_name;
    size_t count;
};

/* `json` [length] describes `data_size` bytes of data. ERR_CORRUPT, ERR_LIMIT, ERR_NO_MEMORY;
 * ERR_UNSUPPORTED when a dtype is unknown. */
int tensor_table_read(const char *json, size_t length, size_t data_size, const char *where,
                      struct tensor_table *ret_table, struct error *err) MUST_CHECK;
void tensor_table_release(struct tensor_table *table);

/* NULL when there is none of this name. */
const struct tensor_entry *tensor_table_find(const struct tensor_table *table, const char *name);
