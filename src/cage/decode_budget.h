/* SPDX-License-Identifier: MIT */
/* A counting semaphore over bytes, first come first served. It bounds the total memory of
 * concurrent decodes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

struct budget;

struct budget *budget_new(size_t bytes);
void budget_free(struct budget *budget); /* NULL is fine */
DEFINE_AUTO(budget, budget_free)

size_t budget_bytes(const struct budget *budget); /* all of it */

/* Blocks until `bytes` are available. A request above the whole budget is cut to it, and then runs
 * alone. Returns the amount taken, for budget_give. */
size_t budget_take(struct budget *budget, size_t bytes);
/* Takes more without waiting and without queueing, for a thread that already holds some: waiting
 * that already holds memory could deadlock. False when there is not enough. */
bool budget_try(struct budget *budget, size_t bytes);
void budget_give(struct budget *budget, size_t taken);
