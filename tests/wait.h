/* SPDX-License-Identifier: MIT */
/* Waiting in C tests: for an event, never for a time. CONTRIBUTING.md, "How a test waits". */
#pragma once

#include <stdbool.h>
#include <time.h>

#include "base/clock.h"
#include "tap.h"

#define PATIENCE_S 120 /* a machine may be busy; a test that passes never waits as long */

/* Asks until `holds` returns true; whether it did. After PATIENCE_S seconds: says so, and false. */
__attribute__((unused)) static bool wait_until(bool (*holds)(void *context), void *context,
                                               const char *what)
{
    for (double end = clock_seconds() + PATIENCE_S; clock_seconds() < end;) {
        if (holds(context))
            return true;
        nanosleep(&(struct timespec){0, 5000000}, NULL);
    }
    diag("waited %d s in vain for: %s", PATIENCE_S, what);
    return false;
}
