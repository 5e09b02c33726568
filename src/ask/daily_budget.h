/* SPDX-License-Identifier: MIT */
/* The limit on daily spending for language models: daily_budget_usd of llm_options.
 *
 * The amount spent is the ledger's total for today by this machine's clock: the provider's
 * count, or if there is none, the estimate from the time of sending. A request is refused before
 * it is sent if its maximum cost, with an answer of full length, would exceed the budget.
 * Pending requests of this process count with their maximum cost; those of another process on
 * the same gallery with their estimate.
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

/* Whether a request that costs at most `highest_usd` may be sent. ERR_LIMIT, with a sentence
 * that gives the amount spent, the end of the day and how to allow more; also if the price is
 * unknown (NAN). Always 0 without a budget, and for a model that costs nothing. */
int budget_check(struct store *store, const struct llm *llm, double highest_usd,
                 struct error *err) MUST_CHECK;

/* The same, and reserves the amount for the request until budget_end. */
int budget_begin(struct store *store, const struct llm *llm, double highest_usd,
                 struct budget_hold *ret_hold, struct error *err) MUST_CHECK;
void budget_end(struct budget_hold *hold);
