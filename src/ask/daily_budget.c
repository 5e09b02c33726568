/* SPDX-License-Identifier: MIT */
/* Adds up today's ledger entries and the pending requests. */
#include "ask/daily_budget.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/ledger.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static double held_usd; /* of all pending requests of this process; protected by the mutex */

/* ---- the day ---- */

/* Midnight at the start of today, or of the day `days` later. */
static int64_t midnight_after(int days)
{
    time_t now = (time_t)clock_unix();
    struct tm day;
    if (!localtime_r(&now, &day))
        return now - now % 86400 + days * INT64_C(86400);
    day.tm_sec = day.tm_min = day.tm_hour = 0;
    day.tm_mday += days;
    day.tm_isdst = -1;
    return mktime(&day);
}

/* ---- the ledger's total ---- */

struct sent_request {
    char *name;
    double estimate_usd;
};

struct day_sum {
    double usd;
    struct sent_request *open; /* requests whose result is not yet known */
    size_t count, cap;
};

static void add_open(struct day_sum *sum, const struct ledger_entry *entry)
{
    array_grow((void **)&sum->open, &sum->cap, sum->count + 1, sizeof *sum->open);
    sum->open[sum->count++] = (struct sent_request){xstrdup(entry->request), entry->cost_usd};
}

/* Returns the estimate of the request that this entry ends; NAN if it was sent before today. */
static double take_open(struct day_sum *sum, const char *name)
{
    for (size_t i = sum->count; i-- > 0;)
        if (strcmp(sum->open[i].name, name) == 0) {
            double estimate_usd = sum->open[i].estimate_usd;
            free(sum->open[i].name);
            sum->open[i] = sum->open[--sum->count];
            return estimate_usd;
        }
    return NAN;
}

static int add_entry(void *context, const struct ledger_entry *entry)
{
    struct day_sum *sum = context;
    if (entry->event == LEDGER_SENT) {
        add_open(sum, entry);
        return 0;
    }
    double estimate_usd = take_open(sum, entry->request);
    double usd = isfinite(entry->cost_usd) ? entry->cost_usd : estimate_usd;
    sum->usd += isfinite(usd) ? usd : 0;
    return 0;
}

/* The ledger has an index by time, so only today's entries are read. */
static int sum_day(struct store *store, double *ret_usd, struct error *err)
{
    struct day_sum sum = {.usd = 0};
    int rc = store_ledger_list(store, midnight_after(0), add_entry, &sum, err);
    for (size_t i = 0; i < sum.count; i++) {
        sum.usd += isfinite(sum.open[i].estimate_usd) ? sum.open[i].estimate_usd : 0;
        free(sum.open[i].name);
    }
    free(sum.open);
    if (!rc)
        *ret_usd = sum.usd;
    return rc;
}

/* ---- the decision ---- */

static int refuse_request(const struct llm *llm, double spent_usd, double highest_usd,
                          struct error *err)
{
    char when[32];
    double budget_usd = llm_daily_budget(llm);
    clock_format_local(when, sizeof when, midnight_after(1));
    if (!isfinite(highest_usd))
        return error_set(
            err, ERR_LIMIT,
            "nothing was sent: the price of %s is unknown, so the budget of $%.4f per day "
            "cannot be enforced; choose a model with a known price, or remove --ask-budget",
            llm_model(llm), budget_usd);
    if (spent_usd >= budget_usd)
        return error_set(err, ERR_LIMIT,
                         "nothing was sent: today's budget of $%.4f is used up ($%.4f spent). "
                         "It is renewed at %s; increase it with --ask-budget",
                         budget_usd, spent_usd, when);
    return error_set(err, ERR_LIMIT,
                     "nothing was sent: the request can cost $%.4f, but today's budget of $%.4f "
                     "has only $%.4f left. It is renewed at %s; increase it with --ask-budget",
                     highest_usd, budget_usd, budget_usd - spent_usd, when);
}

/* The caller holds the mutex. */
static int check_locked(struct store *store, const struct llm *llm, double highest_usd,
                        struct error *err)
{
    double spent_usd;
    int rc = sum_day(store, &spent_usd, err);
    if (rc)
        return rc;
    spent_usd += held_usd;
    if (isfinite(highest_usd) && spent_usd + highest_usd <= llm_daily_budget(llm))
        return 0;
    return refuse_request(llm, spent_usd, highest_usd, err);
}

static bool is_free(const struct llm *llm)
{
    return llm_daily_budget(llm) <= 0 || llm_is_local(llm);
}

int budget_check(struct store *store, const struct llm *llm, double highest_usd, struct error *err)
{
    if (is_free(llm))
        return 0;
    pthread_mutex_lock(&lock);
    int rc = check_locked(store, llm, highest_usd, err);
    pthread_mutex_unlock(&lock);
    return rc;
}

int budget_begin(struct store *store, const struct llm *llm, double highest_usd,
                 struct budget_hold *ret_hold, struct error *err)
{
    *ret_hold = (struct budget_hold){0};
    if (is_free(llm))
        return 0;
    pthread_mutex_lock(&lock);
    int rc = check_locked(store, llm, highest_usd, err);
    if (!rc) {
        ret_hold->usd = highest_usd;
        held_usd += highest_usd;
    }
    pthread_mutex_unlock(&lock);
    return rc;
}

void budget_end(struct budget_hold *hold)
{
    if (hold->usd <= 0)
        return;
    pthread_mutex_lock(&lock);
    held_usd -= hold->usd;
    held_usd = held_usd > 1e-12 ? held_usd : 0; /* rounding errors of the sum */
    pthread_mutex_unlock(&lock);
    hold->usd = 0;
}
