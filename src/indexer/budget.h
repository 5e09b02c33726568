/* A purse of bytes that threads share: a taker waits until what it needs is there. What bounds the
 * memory of many decodes at once. */
#pragma once

#include <stddef.h>

#include "base/memory.h"

struct budget;

struct budget *budget_new(size_t bytes);
void budget_free(struct budget *budget); /* NULL is fine */
DEFINE_AUTO(budget, budget_free)

/* Waits for `bytes`. More than the whole purse holds is cut to it: such a taker works alone.
 * Returns what was taken, for budget_give. */
size_t budget_take(struct budget *budget, size_t bytes);
void budget_give(struct budget *budget, size_t taken);
