/* SPDX-License-Identifier: MIT */
/* Every call of the file system that SQLite makes (each seventh in a short test) fails once, and
 * from then on for ever: after each the gallery opens, is sound, has all that was acknowledged, and
 * doing it again ends as if nothing had failed. */
#include "faults/fault_vfs.h"
#include "faults/scenarios.h"
#include "tap.h"

#include "base/memory.h"

/* NULL, or what is wrong after the call `at` failed; the caller frees. */
static char *fail_call(const struct scenario *scenario, enum fault_mode mode, long at,
                       const char *want)
{
    struct error err = ERROR_INIT, other = ERROR_INIT;
    scenario_reset(scenario);
    fault_plan(mode, at);
    int rc = scenario->act(&err);
    fault_plan(FAULT_NEVER, 0);
    if (rc && !err.message[0])
        return xstrdup("there is no sentence");
    AUTO_FREE char *complaint = scenario_complaint();
    if (complaint)
        return xasprintf("after \"%s\": %s", err.message, complaint);
    AUTO_FREE char *acknowledged = rc ? NULL : scenario_text(&other);
    if (!rc && (!acknowledged || strcmp(acknowledged, want) != 0))
        return xasprintf("it succeeded, but %s",
                         acknowledged ? "what it did is not there" : other.message);
    if (scenario->act(&err))
        return xasprintf("it cannot be done again: %s", err.message);
    AUTO_FREE char *got = scenario_text(&err);
    if (!got || strcmp(got, want) != 0)
        return xasprintf("doing it again ends otherwise: %s", got ? got : err.message);
    return NULL;
}

static void fail_every_call(const struct scenario *scenario, enum fault_mode mode,
                            const char *manner, const char *want)
{
    struct error err = ERROR_INIT;
    scenario_reset(scenario);
    fault_plan(FAULT_NEVER, 0);
    (void)!scenario->act(&err);
    long calls = fault_count(), wrong = 0;
    for (long at = 1; at <= calls; at += fault_stride()) {
        AUTO_FREE char *complaint = fail_call(scenario, mode, at, want);
        if (complaint && wrong++ < 3)
            diag("%s, call %ld of %ld %s: %s", scenario->name, at, calls, manner, complaint);
    }
    ok(calls > 5 && wrong == 0, "%s: of %ld calls each fails %s, and nothing is lost",
       scenario->name, calls, manner);
}

static void test_scenario(const struct scenario *scenario)
{
    struct error err = ERROR_INIT;
    scenario_reset(scenario);
    bool done = scenario->act(&err) == 0;
    AUTO_FREE char *want = done ? scenario_text(&err) : NULL;
    bool again = want && scenario->act(&err) == 0;
    AUTO_FREE char *same = again ? scenario_text(&err) : NULL;
    if (!ok(want && same && strcmp(want, same) == 0, "%s: twice gives what once gives",
            scenario->name)) {
        diag("%s\n%s\n%s", err.message, want ? want : "", same ? same : "");
        return;
    }
    fail_every_call(scenario, FAULT_ONCE, "once", want);
    fail_every_call(scenario, FAULT_FOR_EVER, "for ever", want);
}

int main(void)
{
    fault_vfs_install();
    scenarios_start();
    for (size_t i = 0; i < scenario_count; i++)
        test_scenario(&scenarios[i]);
    scenarios_finish();
    return done_testing();
}
