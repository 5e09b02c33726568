/* SPDX-License-Identifier: MIT */
/* What may be spent on language models in a day: the daily_budget_usd of llm_options.
 *
 * Spent is what the ledger says of today, by the clock of this machine: what a provider counted,
 * else what was estimated when it was sent. A request is refused before it leaves when the most
 * that it can cost, an answer of full length included, would go beyond the budget. Requests of this
 * process that are on their way count with the most that they can cost; those of another process on
 * the same gallery by what was estimated.
 *
 *     rc = budget_begin(store, llm, highest_usd, &hold, err);
 *     if (!rc) ... the request ...
 *     budget_end(&hold);                       also when there is no hold */
#pragma once

#include "llm/llm.h"
#include "store/store.h"

struct budget_hold {
    double usd; /* 0: nothing is held */
};

/* Whether a request that costs `highest_usd` at most may be sent. ERR_LIMIT with a sentence: what
 * was spent, when the day ends, and how to allow more; also when the price is not known (NAN).
 * Always 0 without a budget, and for a model that costs nothing. */
int budget_check(struct store *store, const struct llm *llm, double highest_usd,
                 struct error *err) MUST_CHECK;

/* The same, and keeps as much for the request until budget_end. */
int budget_begin(struct store *store, const struct llm *llm, double highest_usd,
                 struct budget_hold *ret_hold, struct error *err) MUST_CHECK;
void budget_end(struct budget_hold *hold);
