/* SPDX-License-Identifier: MIT */
/* Checks the head of a request byte by byte. */
#include "server/http_strict.h"

#include <microhttpd.h>
#include <stddef.h>
#include <string.h>

/* This version keeps lines in place, and replaces the colon and each byte of a line's end by a NUL.
 * Later versions check themselves what is checked here. */
#define LINES_STAY_IN_PLACE (MHD_VERSION < 0x01000000)

struct head_check {
    const char *end; /* of the previous text: its NUL */
    bool good;
};

static bool is_token(const char *name, size_t length)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        bool alphanumeric =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!alphanumeric && (c == '\0' || !strchr(others, c)))
            return false;
    }
    return length > 0;
}

static bool is_plain(const char *value, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)value[i] < ' ' && value[i] != '\t') || value[i] == 0x7F)
            return false;
    return true;
}

#if LINES_STAY_IN_PLACE
/* A CR and LF, both replaced by NUL. */
static bool line_ends(const char *end)
{
    return end[0] == '\0' && end[1] == '\0';
}

/* The value is on the same line as its name's colon. */
static bool is_beside(const char *name_end, const char *value)
{
    const char *at = name_end + 1;
    while (at < value && (*at == ' ' || *at == '\t'))
        at++;
    return at == value;
}
#endif

static enum MHD_Result check_header(void *context, enum MHD_ValueKind kind, const char *name,
                                    size_t name_size, const char *value, size_t value_size)
{
    struct head_check *check = context;
    (void)kind;
    check->good = is_token(name, name_size) && is_plain(value, value_size);
#if LINES_STAY_IN_PLACE
    const char *line = check->end + 2;
    check->good = check->good && line_ends(check->end) && name == line &&
                  is_beside(name + name_size, value) && line_ends(value + value_size);
    check->end = value + value_size;
#endif
    return check->good ? MHD_YES : MHD_NO;
}

bool http_head_is_strict(struct MHD_Connection *mhd, const char *target_end, const char *version)
{
    struct head_check check = {.end = version + strlen(version), .good = true};
#if LINES_STAY_IN_PLACE
    if (target_end + 1 != version)
        return false;
#else
    (void)target_end;
#endif
    MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, check_header, &check);
#if LINES_STAY_IN_PLACE
    /* The empty line: the library has dropped no line before it. */
    check.good = check.good && line_ends(check.end) && line_ends(check.end + 2);
#endif
    return check.good;
}
