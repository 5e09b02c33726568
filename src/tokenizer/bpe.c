/* SPDX-License-Identifier: MIT */
/* Byte-pair encoding of one word, with a heap of candidates. */
#include "tokenizer/bpe.h"

#include "base/memory.h"

static void heap_push(struct bpe *b, uint64_t value)
{
    ARRAY_GROW(b->heap, b->heap_cap, b->heap_count + 1);
    size_t at = b->heap_count++;
    while (at > 0 && b->heap[(at - 1) / 2] > value) {
        b->heap[at] = b->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    b->heap[at] = value;
}

static uint64_t heap_pop(struct bpe *b)
{
    uint64_t least = b->heap[0], moved = b->heap[--b->heap_count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= b->heap_count)
            break;
        if (child + 1 < b->heap_count && b->heap[child + 1] < b->heap[child])
            child++;
        if (b->heap[child] >= moved)
            break;
        b->heap[at] = b->heap[child];
        at = child;
    }
    b->heap[at] = moved;
    return least;
}

/* Finds the merge of the token at `left` with its right neighbour. */
static bool merge_at(const struct bpe *b, const struct merges *merges, size_t left, size_t length,
                     struct merge *ret_merge)
{
    if (b->ids[left] < 0 || b->next[left] >= length)
        return false;
    return merges_find(merges, b->ids[left], b->ids[b->next[left]], ret_merge);
}

static void consider_merge(struct bpe *b, const struct merges *merges, size_t left, size_t length)
{
    struct merge m;
    if (merge_at(b, merges, left, length, &m))
        heap_push(b, (uint64_t)m.rank << 32 | left);
}

static void begin_word(struct bpe *b, const struct alphabet *alphabet, const char *word,
                       size_t length)
{
    if (length > b->cap) {
        b->cap = 2 * length;
        b->ids = xrealloc(b->ids, b->cap * sizeof *b->ids);
        b->previous = xrealloc(b->previous, b->cap * sizeof *b->previous);
        b->next = xrealloc(b->next, b->cap * sizeof *b->next);
    }
    for (size_t i = 0; i < length; i++) {
        b->ids[i] = alphabet->inside[(uint8_t)word[i]];
        b->previous[i] = i > 0 ? (uint32_t)i - 1 : 0;
        b->next[i] = (uint32_t)i + 1;
    }
    b->ids[length - 1] = alphabet->last[(uint8_t)word[length - 1]];
    b->heap_count = 0;
}

size_t bpe_encode(struct bpe *b, const struct alphabet *alphabet, const struct merges *merges,
                  const char *word, size_t length)
{
    begin_word(b, alphabet, word, length);
    for (size_t i = 0; i + 1 < length; i++)
        consider_merge(b, merges, i, length);
    while (b->heap_count > 0) {
        uint64_t candidate = heap_pop(b);
        size_t left = (uint32_t)candidate;
        struct merge m;
        if (!merge_at(b, merges, left, length, &m) || (uint64_t)m.rank != candidate >> 32)
            continue; /* one of the two has since been merged */
        size_t right = b->next[left];
        b->ids[left] = m.result;
        b->ids[right] = -1;
        b->next[left] = b->next[right];
        if (b->next[left] < length)
            b->previous[b->next[left]] = (uint32_t)left;
        consider_merge(b, merges, left, length);
        if (left > 0)
            consider_merge(b, merges, b->previous[left], length);
    }
    size_t count = 0;
    for (size_t i = 0; i < length; i = b->next[i])
        b->ids[count++] = b->ids[i];
    return count;
}

void bpe_release(struct bpe *b)
{
    free(b->ids);
    free(b->previous);
    free(b->next);
    free(b->heap);
    *b = (struct bpe){0};
}
