/* SPDX-License-Identifier: MIT */
/* Manages the in-memory index: encodes, adds, shares and removes rows. */
#include "vectors/vectors.h"

#include <endian.h>
#include <string.h>

#include "base/limits.h"
#include "kernels/scan.h"
#include "vectors/code.h"
#include "vectors/rows.h"
#include "vectors/shared_scan.h"

struct vectors *vectors_new(size_t dim)
{
    if (dim < 1 || dim > LIMIT_MODEL_WIDTH)
        BUG("an index of %zu components", dim);
    struct vectors *v = xcalloc(1, sizeof *v);
    v->dim = dim;
    v->stride = (dim + SCAN_ALIGN - 1) / SCAN_ALIGN * SCAN_ALIGN;
    v->shared_scan = shared_scan_new();
    return v;
}

void vectors_clear(struct vectors *v)
{
    rows_release(v);
}

void vectors_free(struct vectors *v)
{
    if (!v)
        return;
    rows_release(v);
    shared_scan_free(v->shared_scan);
    free(v);
}

size_t vectors_count(const struct vectors *v)
{
    return v->rows - v->removed;
}

size_t vectors_dim(const struct vectors *v)
{
    return v->dim;
}

struct vectors *vectors_fork(const struct vectors *v)
{
    struct vectors *fork = vectors_new(v->dim);
    rows_share(fork, v);
    return fork;
}

void vectors_add(struct vectors *v, int64_t id, const float *vector)
{
    struct error err;
    int8_t *units;
    if (rows_reserve(v, &units, &err))
        memory_exhausted(ROWS_PER_BLOCK * v->stride);
    rows_append(v, id, code_make(vector, v->dim, units));
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
    int8_t *row;
    int rc = rows_reserve(v, &row, err);
    if (rc)
        return rc;
    memcpy(row, units, v->dim);
    rows_append(v, id, c);
    return 0;
}

size_t vectors_remove(struct vectors *v, const int64_t *ids, size_t n)
{
    size_t removed = rows_remove(v, ids, n);
    if (removed)
        rows_compact(v);
    return removed;
}
