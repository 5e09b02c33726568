/* SPDX-License-Identifier: MIT */
/* Errors are values: a code to branch on and one sentence for a person.
 *
 *     int photo_load(const char *path, struct photo **ret_photo, struct error *err)
 *     {
 *         if (size > limit)
 *             return error_set(err, ERR_LIMIT, "%s is larger than %zu bytes", path, limit);
 *         ...
 *     }
 *
 * A fallible function returns 0, or a negative code that equals err->code. The struct error is the
 * caller's, may be NULL, and is written only on failure; so are the outputs named ret_*. The
 * sentence reads `what failed: why; what to do`. It has no final newline and contains no secret.
 * Library layers never print: cli and server do. */
#pragma once

#include <stdbool.h>

enum error_code {
    ERR_INVALID = -1,     /* the caller's or user's input is wrong */
    ERR_NOT_FOUND = -2,   /* the thing named does not exist */
    ERR_UNSUPPORTED = -3, /* well formed, but not something this program reads */
    ERR_CORRUPT = -4,     /* broken data */
    ERR_LIMIT = -5,       /* larger than a named limit */
    ERR_IO = -6,          /* the operating system or database refused or failed */
    ERR_NETWORK = -7,     /* could not reach, or was cut off from, another machine */
    ERR_DENIED = -8,      /* no permission */
    ERR_CANCELLED = -9,   /* interrupted on request; finished work is kept */
    ERR_NO_MEMORY = -10,  /* an allocation whose size came from outside failed */
    ERR_MISMATCH = -11,   /* a gallery and a model do not belong together */
    ERR_NO_KEY = -12,     /* a service needs a key or the name of a model, and none was given */
};

struct error {
    int code;
    char message[1024]; /* UTF-8, cut at a character boundary when too long */
};

#define ERROR_INIT \
    {              \
        0, ""      \
    }
#define MUST_CHECK __attribute__((warn_unused_result))

/* Sets code and message; returns code, so that `return error_set(...)` reads well. */
int error_set(struct error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prefixes the message with "FORMAT: "; returns err's code (ERR_IO when err is NULL). */
int error_add(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets the code that fits errno value `number`: "FORMAT: strerror text". */
int error_errno(struct error *err, int number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A short lower-case name of the code, such as "not_found"; "unknown" for others. */
const char *error_name(int code);

/* Prints "bug: FILE:LINE: message" and aborts: for states that only a mistake in this program can
 * reach. */
#define BUG(...) error_bug(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void error_bug(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
