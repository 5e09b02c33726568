/* SPDX-License-Identifier: MIT */
/* Parses the values of request headers. */
#include "server/headers.h"

#include <string.h>
#include <strings.h>

#include "server/target.h"

/* As target_number, but as RFC 9110 allows: with leading zeros, and of any size, which is beyond
 * the end of every file. */
static size_t digits(const char *text, int64_t *ret_number)
{
    size_t all = strspn(text, "0123456789"), zeros = strspn(text, "0");
    if (all == 0)
        return 0;
    if (zeros == all)
        zeros--;
    if (target_number(text + zeros, ret_number) == 0)
        *ret_number = INT64_MAX;
    return all;
}

static struct range suffix_range(int64_t length, int64_t size)
{
    if (length == 0 || size == 0)
        return (struct range){RANGE_NOT_SATISFIABLE, 0, 0};
    return (struct range){RANGE_PART, length < size ? size - length : 0, size - 1};
}

struct range range_parse(const char *header, int64_t size)
{
    static const struct range all = {RANGE_ALL, 0, 0};
    int64_t first, last = INT64_MAX;
    if (!header || strncasecmp(header, "bytes=", 6) != 0)
        return all;
    const char *at = header + 6;
    at += strspn(at, " \t");
    bool suffix = *at == '-';
    size_t used = digits(at + suffix, &first);
    if (used == 0)
        return all;
    at += suffix + used;
    if (!suffix && *at++ != '-')
        return all;
    if (!suffix && (used = digits(at, &last)) > 0)
        at += used;
    at += strspn(at, " \t");
    if (*at || (!suffix && last < first))
        return all;
    if (suffix)
        return suffix_range(first, size);
    if (first >= size)
        return (struct range){RANGE_NOT_SATISFIABLE, 0, 0};
    return (struct range){RANGE_PART, first, last < size ? last : size - 1};
}

bool etag_matches(const char *header, const char *etag, bool weak_too)
{
    size_t length = strlen(etag);
    if (!header)
        return false;
    if (strcmp(header, "*") == 0)
        return true;
    for (const char *at = header; *at;) {
        at += strspn(at, " \t,");
        bool weak = strncmp(at, "W/", 2) == 0;
        at += weak ? 2 : 0;
        if (*at != '"')
            return false;
        const char *end = strchr(at + 1, '"');
        if (!end)
            return false;
        if ((size_t)(end - at - 1) == length && memcmp(at + 1, etag, length) == 0)
            return !weak || weak_too;
        at = end + 1;
    }
    return false;
}

/* "q=0", "q=0.0" and the like among the parameters of [at, at + length). */
static bool is_refused(const char *at, size_t length)
{
    const char *q = memmem(at, length, "q=", 2);
    if (!q)
        return false;
    const char *end = at + length;
    for (q += 2; q < end && (*q == '0' || *q == '.'); q++)
        ;
    return q == end || *q == ' ' || *q == ';' || *q == '\t';
}

bool accepts_gzip(const char *header)
{
    for (const char *at = header; at && *at;) {
        at += strspn(at, " \t,");
        size_t length = strcspn(at, ",");
        if (length >= 4 && strncasecmp(at, "gzip", 4) == 0 &&
            (length == 4 || strchr(" ;\t", at[4])))
            return !is_refused(at + 4, length - 4);
        at += length;
    }
    return false;
}

bool cookie_get(const char *header, const char *name, char *ret_value, size_t size)
{
    size_t name_length = strlen(name);
    for (const char *at = header; at && *at;) {
        at += strspn(at, " \t;");
        size_t length = strcspn(at, ";");
        if (length > name_length && memcmp(at, name, name_length) == 0 && at[name_length] == '=') {
            const char *value = at + name_length + 1;
            size_t n = length - name_length - 1;
            while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
                n--;
            if (n >= size)
                return false;
            memcpy(ret_value, value, n);
            ret_value[n] = '\0';
            return true;
        }
        at += length;
    }
    return false;
}

bool media_type_is(const char *header, const char *type)
{
    if (!header)
        return false;
    size_t length = strcspn(header, "; \t"), wanted = strlen(type);
    bool family = type[wanted - 1] == '*';
    wanted -= family;
    return (family ? length > wanted : length == wanted) && strncasecmp(header, type, wanted) == 0;
}
