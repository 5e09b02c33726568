/* SPDX-License-Identifier: MIT */
/* The power goes at every call of the file system that SQLite makes, and takes away what was not
 * synced, some of it torn: the gallery opens afterwards, is sound, has every ledger entry and rule
 * that was acknowledged, and doing it again ends as if nothing had happened. KEEPSAKE_SEED repeats
 * a run, KEEPSAKE_ROUNDS takes that many losses for each call. */
#include <time.h>

#include "faults/fault_vfs.h"
#include "faults/scenarios.h"
#include "sanitized.h"
#include "tap.h"

#include "base/memory.h"

static unsigned long long seed;
static long rounds = 1;

/* NULL, or what is wrong after the power went at the call `at`; the caller frees. */
static char *cut_power(const struct scenario *scenario, long at, unsigned long long loss,
                       const char *want)
{
    struct error err = ERROR_INIT;
    scenario_reset(scenario);
    fault_plan(FAULT_POWER_CUT, at);
    int rc = scenario->act(&err);
    fault_plan(FAULT_NEVER, 0);
    fault_crash(loss);
    AUTO_FREE char *complaint = scenario_complaint();
    if (complaint)
        return xasprintf("after \"%s\": %s", err.message, complaint);
    AUTO_FREE char *kept = !rc && scenario->is_durable ? scenario_text(&err) : NULL;
    if (kept && strcmp(kept, want) != 0)
        return xasprintf("what was acknowledged is gone:\n%s", kept);
    if (scenario->act(&err))
        return xasprintf("it cannot be done again: %s", err.message);
    AUTO_FREE char *got = scenario_text(&err);
    if (!got || strcmp(got, want) != 0)
        return xasprintf("doing it again ends otherwise: %s", got ? got : err.message);
    return NULL;
}

static void test_scenario(const struct scenario *scenario)
{
    struct error err = ERROR_INIT;
    scenario_reset(scenario);
    fault_plan(FAULT_NEVER, 0);
    AUTO_FREE char *want = scenario->act(&err) == 0 ? scenario_text(&err) : xstrdup("failed");
    long calls = fault_count(), wrong = 0;
    for (long at = 1; at <= calls; at += fault_stride())
        for (long round = 0; round < rounds; round++) {
            unsigned long long loss = seed + (unsigned long long)(at * 1000 + round);
            AUTO_FREE char *complaint = cut_power(scenario, at, loss, want);
            if (complaint && wrong++ < 3)
                diag("%s, call %ld of %ld, loss %llu: %s", scenario->name, at, calls, loss,
                     complaint);
        }
    ok(calls > 5 && wrong == 0, "%s: the power goes at each of %ld calls", scenario->name, calls);
}

int main(void)
{
    const char *given = getenv("KEEPSAKE_SEED"), *more = getenv("KEEPSAKE_ROUNDS");
    seed = given ? strtoull(given, NULL, 10) : (unsigned long long)time(NULL);
    rounds = more ? strtol(more, NULL, 10) : test_rounds(1, 1, 10);
    diag("KEEPSAKE_SEED=%llu", seed);
    fault_vfs_install();
    scenarios_start();
    for (size_t i = 0; i < scenario_count; i++)
        if (scenarios[i].writes)
            test_scenario(&scenarios[i]);
    scenarios_finish();
    return done_testing();
}
