/* SPDX-License-Identifier: MIT */
/* How much a test repeats itself: less under a sanitizer, where a round takes ten times as long and
 * the tenth finds what the first found; all of it with KEEPSAKE_TEST_LONG (make check-long). */
#pragma once

#include <stdbool.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER true
#elif defined(__has_feature)
#define UNDER_SANITIZER (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define UNDER_SANITIZER false
#endif

__attribute__((unused)) static bool test_is_long(void)
{
    const char *text = getenv("KEEPSAKE_TEST_LONG");
    return text && *text;
}

/* Rounds in make check: of the release build, and under a sanitizer; and in make check-long. */
__attribute__((unused)) static int test_rounds(int release, int sanitized, int all)
{
    return test_is_long() ? all : UNDER_SANITIZER ? sanitized : release;
}

/* Whether to leave out what a sanitizer cannot judge, such as how good a model's answers are. */
__attribute__((unused)) static bool test_is_short(void)
{
    return UNDER_SANITIZER && !test_is_long();
}
