/* SPDX-License-Identifier: MIT */
/* Manages blocks of rows: allocation, sharing, removal and compaction. */
#include "vectors/rows.h"

#include <string.h>
#include <sys/mman.h>

#include "kernels/scan.h"

#define HUGE_PAGE ((size_t)2 << 20)
#define WORDS_PER_BLOCK (ROWS_PER_BLOCK / 64)
/* A block is sparse if at least 1 / SPARSE_PART of its rows are removed, because scans still read
 * removed rows. */
#define SPARSE_PART 4

/* Allocates huge pages where possible, which are faster to scan: fewer address translations, and
 * prefetchers stop at page boundaries. */
static int alloc_units(size_t bytes, int8_t **ret_units, struct error *err)
{
    size_t align = bytes % HUGE_PAGE == 0 ? HUGE_PAGE : SCAN_ALIGN;
    int8_t *units = aligned_alloc(align, bytes);
    if (!units)
        return error_set(err, ERR_NO_MEMORY, "no memory for more vectors (%zu bytes)", bytes);
    if (align == HUGE_PAGE)
        madvise(units, bytes, MADV_HUGEPAGE); /* best effort: a failure costs only speed */
    *ret_units = units;
    return 0;
}

static int make_block(size_t stride, struct rows_block **ret_block, struct error *err)
{
    int8_t *units = NULL;
    int rc = alloc_units(ROWS_PER_BLOCK * stride, &units, err);
    if (rc)
        return rc;
    struct rows_block *block = xmalloc(sizeof *block);
    atomic_init(&block->refs, 1);
    block->written = 0;
    block->spread = NULL;
    block->units = units;
    *ret_block = block;
    return 0;
}

static void drop_block(struct rows_block *block)
{
    if (atomic_fetch_sub(&block->refs, 1) > 1)
        return;
    free(block->units);
    free(block->spread);
    free(block);
}

static void drop_slot(struct rows_slot *slot)
{
    drop_block(slot->block);
    free(slot->removed);
}

static void release_slots(struct rows_slot *slots, size_t n)
{
    for (size_t i = 0; i < n; i++)
        drop_slot(&slots[i]);
    free(slots);
}

/* Copies the last block of an index if another index has written a row at the position of its next
 * row. */
static int copy_last_block(struct vectors *v, size_t used, struct error *err)
{
    struct rows_slot *last = &v->slots[v->n_blocks - 1];
    const struct rows_block *from = last->block;
    struct rows_block *block;
    int rc = make_block(v->stride, &block, err);
    if (rc)
        return rc;
    memcpy(block->ids, from->ids, used * sizeof *block->ids);
    memcpy(block->scales, from->scales, used * sizeof *block->scales);
    memcpy(block->errors, from->errors, used * sizeof *block->errors);
    memcpy(block->units, from->units, used * v->stride);
    block->written = used;
    drop_block(last->block);
    last->block = block;
    return 0;
}

static int add_block(struct vectors *v, struct error *err)
{
    struct rows_block *block;
    int rc = make_block(v->stride, &block, err);
    if (rc)
        return rc;
    ARRAY_GROW(v->slots, v->cap, v->n_blocks + 1);
    v->slots[v->n_blocks++] =
        (struct rows_slot){.block = block, .least = INT64_MAX, .greatest = INT64_MIN};
    return 0;
}

int rows_reserve(struct vectors *v, int8_t **ret_units, struct error *err)
{
    size_t at = v->rows % ROWS_PER_BLOCK;
    int rc = 0;
    if (v->rows == v->n_blocks * ROWS_PER_BLOCK)
        rc = add_block(v, err);
    else if (v->slots[v->n_blocks - 1].block->written != at)
        rc = copy_last_block(v, at, err);
    if (rc)
        return rc;
    *ret_units = v->slots[v->n_blocks - 1].block->units + at * v->stride;
    memset(*ret_units, 0, v->stride);
    return 0;
}

void rows_append(struct vectors *v, int64_t id, struct code c)
{
    struct rows_slot *slot = &v->slots[v->n_blocks - 1];
    size_t at = v->rows++ % ROWS_PER_BLOCK;
    slot->block->ids[at] = id;
    slot->block->scales[at] = c.scale;
    slot->block->errors[at] = c.error;
    slot->block->written = at + 1;
    slot->least = id < slot->least ? id : slot->least;
    slot->greatest = id > slot->greatest ? id : slot->greatest;
}

static uint64_t *copy_marks(const uint64_t *removed)
{
    uint64_t *copy = xmalloc(WORDS_PER_BLOCK * sizeof *copy);
    memcpy(copy, removed, WORDS_PER_BLOCK * sizeof *copy);
    return copy;
}

void rows_share(struct vectors *to, const struct vectors *from)
{
    to->rows = from->rows;
    to->removed = from->removed;
    to->n_blocks = to->cap = from->n_blocks;
    to->slots = xcalloc(from->n_blocks + 1, sizeof *to->slots);
    for (size_t i = 0; i < from->n_blocks; i++) {
        struct rows_slot *slot = &to->slots[i];
        *slot = from->slots[i];
        atomic_fetch_add(&slot->block->refs, 1);
        if (slot->removed)
            slot->removed = copy_marks(slot->removed);
    }
}

void rows_release(struct vectors *v)
{
    release_slots(v->slots, v->n_blocks);
    v->slots = NULL;
    v->n_blocks = v->cap = v->rows = v->removed = 0;
}

/* Returns the index of the first of the ascending ids [n] that is not below `least`. */
static size_t first_from(const int64_t *ids, size_t n, int64_t least)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ids[middle] < least)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has_id(const int64_t *ids, size_t n, int64_t id)
{
    size_t at = first_from(ids, n, id);
    return at < n && ids[at] == id;
}

static size_t remove_from_slot(struct rows_slot *slot, size_t rows, const int64_t *ids, size_t n)
{
    size_t before = slot->n_removed;
    for (size_t i = 0; i < rows; i++) {
        if (rows_is_removed(slot, i) || !has_id(ids, n, slot->block->ids[i]))
            continue;
        if (!slot->removed)
            slot->removed = xcalloc(WORDS_PER_BLOCK, sizeof *slot->removed);
        slot->removed[i / 64] |= (uint64_t)1 << (i % 64);
        slot->n_removed++;
    }
    return slot->n_removed - before;
}

size_t rows_remove(struct vectors *v, const int64_t *ids, size_t n)
{
    size_t before = v->removed;
    for (size_t i = 0; i < v->n_blocks; i++) {
        struct rows_slot *slot = &v->slots[i];
        size_t first = first_from(ids, n, slot->least);
        if (first < n && ids[first] <= slot->greatest)
            v->removed += remove_from_slot(slot, rows_in_block(v, i), ids + first, n - first);
    }
    return v->removed - before;
}

static int copy_rows(struct vectors *to, const struct rows_slot *slot, size_t rows,
                     struct error *err)
{
    const struct rows_block *block = slot->block;
    for (size_t i = 0; i < rows; i++) {
        int8_t *units;
        if (rows_is_removed(slot, i))
            continue;
        int rc = rows_reserve(to, &units, err);
        if (rc)
            return rc;
        memcpy(units, block->units + i * to->stride, to->stride);
        rows_append(to, block->ids[i], (struct code){block->scales[i], block->errors[i]});
    }
    return 0;
}

static bool is_sparse(const struct rows_slot *slot)
{
    return slot->n_removed >= ROWS_PER_BLOCK / SPARSE_PART;
}

/* Collects the remaining rows of sparse blocks, and those of the last block. */
static int gather_rows(const struct vectors *v, struct vectors *ret_dense, struct error *err)
{
    size_t last = v->n_blocks - 1;
    int rc = 0;
    for (size_t i = 0; !rc && i < last; i++)
        if (is_sparse(&v->slots[i]))
            rc = copy_rows(ret_dense, &v->slots[i], ROWS_PER_BLOCK, err);
    return rc ? rc : copy_rows(ret_dense, &v->slots[last], rows_in_block(v, last), err);
}

static bool has_sparse(const struct vectors *v)
{
    for (size_t i = 0; i + 1 < v->n_blocks; i++)
        if (is_sparse(&v->slots[i]))
            return true;
    return false;
}

void rows_compact(struct vectors *v)
{
    struct vectors dense = {.dim = v->dim, .stride = v->stride};
    struct error ignored;
    size_t kept = 0, n = v->n_blocks;
    if (!has_sparse(v))
        return;
    if (gather_rows(v, &dense, &ignored)) {
        release_slots(dense.slots, dense.n_blocks);
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (i + 1 < n && !is_sparse(&v->slots[i])) {
            v->slots[kept++] = v->slots[i];
        } else {
            v->removed -= v->slots[i].n_removed;
            drop_slot(&v->slots[i]);
        }
    ARRAY_GROW(v->slots, v->cap, kept + dense.n_blocks);
    for (size_t i = 0; i < dense.n_blocks; i++)
        v->slots[kept + i] = dense.slots[i];
    v->n_blocks = kept + dense.n_blocks;
    v->rows = kept * ROWS_PER_BLOCK + dense.rows;
    free(dense.slots);
}
