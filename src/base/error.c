/* SPDX-License-Identifier: MIT */
/* Sets, extends and names errors; a bug ends the program here. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define MESSAGE_BYTES sizeof(((struct error *)0)->message)

/* Truncates at a character boundary. The arguments may point into the old ret_message. */
__attribute__((format(printf, 2, 0))) static void format_message(char ret_message[MESSAGE_BYTES],
                                                                 const char *format, va_list args)
{
    char whole[2 * MESSAGE_BYTES];
    vsnprintf(whole, sizeof whole, format, args);
    text_copy(ret_message, MESSAGE_BYTES, whole);
}

int error_set(struct error *err, int code, const char *format, ...)
{
    va_list args;
    if (!err)
        return code;
    err->code = code;
    va_start(args, format);
    format_message(err->message, format, args);
    va_end(args);
    return code;
}

int error_add(struct error *err, const char *format, ...)
{
    va_list args;
    char prefix[MESSAGE_BYTES];
    if (!err)
        return ERR_IO;
    va_start(args, format);
    format_message(prefix, format, args);
    va_end(args);
    return error_set(err, err->code, "%s: %s", prefix, err->message);
}

static int code_of_errno(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return ERR_NOT_FOUND;
    case EACCES:
    case EPERM:
        return ERR_DENIED;
    case ENOMEM:
        return ERR_NO_MEMORY;
    case EINTR:
        return ERR_CANCELLED;
    default:
        return ERR_IO;
    }
}

int error_errno(struct error *err, int number, const char *format, ...)
{
    int code = code_of_errno(number);
    if (!err)
        return code;
    va_list args;
    char message[MESSAGE_BYTES];
    va_start(args, format);
    format_message(message, format, args);
    va_end(args);
    return error_set(err, code, "%s: %s", message, strerror(number));
}

const char *error_name(int code)
{
    static const char *const names[] = {
        [-ERR_INVALID] = "invalid",
        [-ERR_NOT_FOUND] = "not_found",
        [-ERR_UNSUPPORTED] = "unsupported",
        [-ERR_CORRUPT] = "corrupt",
        [-ERR_LIMIT] = "limit",
        [-ERR_IO] = "io",
        [-ERR_NETWORK] = "network",
        [-ERR_DENIED] = "denied",
        [-ERR_CANCELLED] = "cancelled",
        [-ERR_NO_MEMORY] = "no_memory",
        [-ERR_MISMATCH] = "mismatch",
        [-ERR_NO_KEY] = "no_key",
    };
    int n = (int)(sizeof names / sizeof *names);
    return code < 0 && -code < n ? names[-code] : "unknown";
}

void error_bug(const char *file, int line, const char *format, ...)
{
    va_list args;
    fprintf(stderr, "bug: %s:%d: ", file, line);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}
