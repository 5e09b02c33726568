/* SPDX-License-Identifier: MIT */
/* Test Anything Protocol in a header: a test program prints a line per check, prove reads them.
 *
 *     int main(void) { ok(1 + 1 == 2, "one and one"); return done_testing(); } */
#pragma once

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failed;

/* A line stands alone: it begins with the names of the test's file and function, and a name such as
 * "and says so" or "... says so" follows the name that it continues. */
__attribute__((unused)) static bool tap_continues(const char *name)
{
    static const char *const words[] = {"and ",   "but ", "or ",   "nor ",   "so ",      "then ",
                                        "which ", "who ", "says ", "also ",  "still ",   "again ",
                                        "it ",    "its ", "they ", "their ", "likewise "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(name, words[i], strlen(words[i])) == 0)
            return true;
    return strncmp(name, "...", 3) == 0;
}

/* Copies the name of a test's function without "test_" and with spaces, followed by ": "; "" for
 * another function. */
__attribute__((unused)) static void tap_title(const char *function, char ret_title[128])
{
    bool is_test = strncmp(function, "test_", 5) == 0;
    snprintf(ret_title, 128, "%s%s", is_test ? function + 5 : "", is_test ? ": " : "");
    for (char *c = ret_title; *c; c++)
        *c = *c == '_' ? ' ' : *c;
}

#define ok(...) tap_ok(__func__, __VA_ARGS__)
__attribute__((format(printf, 3, 4), unused)) static bool tap_ok(const char *function, bool good,
                                                                 const char *format, ...)
{
    static char subject[1024];
    char name[1024], title[128];
    va_list args;
    const char *file = program_invocation_short_name;
    file += strncmp(file, "test_", 5) == 0 ? 5 : 0;
    tap_title(function, title);
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    bool continues = subject[0] && tap_continues(name);
    if (!continues)
        snprintf(subject, sizeof subject, "%s", name);
    const char *full = continues ? subject : name;
    printf("%sok %d - %s: %s%s%s%s\n", good ? "" : "not ", ++tap_count, file,
           strncmp(full, title, strlen(title)) == 0 ? "" : title, continues ? subject : "",
           continues ? ": " : "", name);
    fflush(stdout);
    tap_failed += !good;
    return good;
}

/* A line of explanation, shown by prove on failure (-v always). */
__attribute__((format(printf, 1, 2), unused)) static void diag(const char *format, ...)
{
    va_list args;
    printf("# ");
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

#define is_str(got, want, name) tap_is_str(__func__, got, want, name)
__attribute__((unused)) static bool tap_is_str(const char *function, const char *got,
                                               const char *want, const char *name)
{
    bool good = got && want ? strcmp(got, want) == 0 : got == want;
    if (!tap_ok(function, good, "%s", name))
        diag("got '%s', want '%s'", got ? got : "(null)", want ? want : "(null)");
    return good;
}

#define is_int(got, want, name) tap_is_int(__func__, got, want, name)
__attribute__((unused)) static bool tap_is_int(const char *function, long long got, long long want,
                                               const char *name)
{
    if (!tap_ok(function, got == want, "%s", name))
        diag("got %lld, want %lld", got, want);
    return got == want;
}

/* One passing line that says why a check could not run here. */
__attribute__((format(printf, 1, 2), unused)) static void skip(const char *format, ...)
{
    va_list args;
    printf("ok %d # SKIP ", ++tap_count);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

/* Prints the plan; returns main's exit status. */
__attribute__((unused)) static int done_testing(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed ? 1 : 0;
}
