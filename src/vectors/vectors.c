/* SPDX-License-Identifier: MIT */
/* The index in memory: adds, encodes and stores int8 codes. */
#include "vectors/vectors.h"

#include <endian.h>
#include <string.h>
#include <sys/mman.h>

#include "base/limits.h"
#include "kernels/scan.h"
#include "vectors/code.h"
#include "vectors/rows.h"
#include "vectors/shared_pass.h"

#define HUGE_PAGE ((size_t)2 << 20)

struct vectors *vectors_new(size_t dim)
{
    if (dim < 1 || dim > LIMIT_MODEL_WIDTH)
        BUG("an index of %zu components", dim);
    struct vectors *v = xcalloc(1, sizeof *v);
    v->dim = dim;
    v->stride = (dim + SCAN_ALIGN - 1) / SCAN_ALIGN * SCAN_ALIGN;
    v->shared_pass = shared_pass_new();
    return v;
}

void vectors_clear(struct vectors *v)
{
    for (size_t i = 0; i < v->n_blocks; i++) {
        free(v->blocks[i]->units);
        free(v->blocks[i]);
    }
    v->n_blocks = v->count = 0;
}

void vectors_free(struct vectors *v)
{
    if (!v)
        return;
    vectors_clear(v);
    shared_pass_free(v->shared_pass);
    free(v->blocks);
    free(v);
}

size_t vectors_count(const struct vectors *v)
{
    return v->count;
}

size_t vectors_dim(const struct vectors *v)
{
    return v->dim;
}

/* Scanning from huge pages is faster: fewer translations, and prefetchers stop at a page's end. */
static int alloc_units(size_t bytes, int8_t **ret_units, struct error *err)
{
    size_t align = bytes % HUGE_PAGE == 0 ? HUGE_PAGE : SCAN_ALIGN;
    int8_t *units = aligned_alloc(align, bytes);
    if (!units)
        return error_set(err, ERR_NO_MEMORY, "no memory for more vectors (%zu bytes)", bytes);
    if (align == HUGE_PAGE)
        madvise(units, bytes, MADV_HUGEPAGE); /* a wish: failing costs only speed */
    *ret_units = units;
    return 0;
}

/* Makes room for one more row. */
static int reserve(struct vectors *v, struct error *err)
{
    if (v->count < v->n_blocks * ROWS_PER_BLOCK)
        return 0;
    int8_t *units = NULL;
    int rc = alloc_units(ROWS_PER_BLOCK * v->stride, &units, err);
    if (rc)
        return rc;
    ARRAY_GROW(v->blocks, v->cap, v->n_blocks + 1);
    struct rows_block *block = xmalloc(sizeof *block);
    block->units = units;
    v->blocks[v->n_blocks++] = block;
    return 0;
}

/* The units of the first free row, cleared. */
static int8_t *free_units(struct vectors *v)
{
    size_t at = v->count % ROWS_PER_BLOCK;
    int8_t *units = v->blocks[v->n_blocks - 1]->units + at * v->stride;
    memset(units, 0, v->stride);
    return units;
}

static void finish_row(struct vectors *v, int64_t id, struct code c)
{
    struct rows_block *block = v->blocks[v->n_blocks - 1];
    size_t at = v->count++ % ROWS_PER_BLOCK;
    block->ids[at] = id;
    block->scales[at] = c.scale;
    block->errors[at] = c.error;
}

void vectors_add(struct vectors *v, int64_t id, const float *vector)
{
    struct error err;
    if (reserve(v, &err))
        memory_exhausted(ROWS_PER_BLOCK * v->stride);
    finish_row(v, id, code_make(vector, v->dim, free_units(v)));
}

size_t vectors_code_bytes(size_t dim)
{
    return CODE_HEAD_BYTES + dim;
}

static void put_float(uint8_t *ret_bytes, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits = htole32(bits);
    memcpy(ret_bytes, &bits, sizeof bits);
}

static float get_float(const uint8_t *bytes)
{
    uint32_t bits;
    float value;
    memcpy(&bits, bytes, sizeof bits);
    bits = le32toh(bits);
    memcpy(&value, &bits, sizeof value);
    return value;
}

void vectors_encode(const float *vector, size_t dim, void *ret_code)
{
    uint8_t *bytes = ret_code;
    struct code c = code_make(vector, dim, (int8_t *)bytes + CODE_HEAD_BYTES);
    put_float(bytes, c.scale);
    put_float(bytes + 4, c.error);
}

int vectors_add_code(struct vectors *v, int64_t id, const void *code, size_t size,
                     struct error *err)
{
    const uint8_t *bytes = code;
    if (size != vectors_code_bytes(v->dim))
        return error_set(err, ERR_CORRUPT, "a vector code has %zu bytes instead of %zu", size,
                         vectors_code_bytes(v->dim));
    struct code c = {get_float(bytes), get_float(bytes + 4)};
    const int8_t *units = (const int8_t *)bytes + CODE_HEAD_BYTES;
    if (!code_is_possible(c, units, v->dim))
        return error_set(err, ERR_CORRUPT, "a vector code holds values that no vector has");
    int rc = reserve(v, err);
    if (rc)
        return rc;
    memcpy(free_units(v), units, v->dim);
    finish_row(v, id, c);
    return 0;
}
