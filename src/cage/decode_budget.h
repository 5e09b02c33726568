/* SPDX-License-Identifier: MIT */
/* A purse of bytes that threads share: a taker waits until what it needs is there. What bounds the
 * memory of many decodes at once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

struct budget;

struct budget *budget_new(size_t bytes);
void budget_free(struct budget *budget); /* NULL is fine */
DEFINE_AUTO(budget, budget_free)

size_t budget_bytes(const struct budget *budget); /* all of it */

/* Waits for `bytes`. More than the whole purse holds is cut to it: such a taker works alone.
 * Returns what was taken, for budget_give. */
size_t budget_take(struct budget *budget, size_t bytes);
/* The same without waiting, and without a place in the queue: for a taker that has some already and
 * would hold it while it waited. False when so much is not there. */
bool budget_try(struct budget *budget, size_t bytes);
void budget_give(struct budget *budget, size_t taken);
