/* SPDX-License-Identifier: MIT */
/* Compares Debian's versions, and finds the version of an installed package. */
#include "doctor/dpkg.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct version_parts {
    unsigned long epoch;
    const char *upstream, *upstream_end;
    const char *revision, *revision_end; /* empty if there is none */
};

static struct version_parts split_version(const char *version)
{
    const char *colon = strchr(version, ':'), *end = version + strlen(version);
    struct version_parts parts = {.revision = end, .revision_end = end};
    parts.epoch = colon ? strtoul(version, NULL, 10) : 0;
    parts.upstream = colon ? colon + 1 : version;
    const char *dash = strrchr(parts.upstream, '-');
    parts.upstream_end = dash ? dash : end;
    if (dash)
        parts.revision = dash + 1;
    return parts;
}

/* The weight of a character outside numbers; the end has the weight of a digit. */
static int weigh_character(const char *at, const char *end)
{
    if (at == end || isdigit((unsigned char)*at))
        return 0;
    if (*at == '~')
        return -1;
    return isalpha((unsigned char)*at) ? *at : (unsigned char)*at + 256;
}

static const char *skip_zeros(const char *at, const char *end)
{
    while (at < end && *at == '0')
        at++;
    return at;
}

static size_t count_digits(const char *at, const char *end)
{
    size_t n = 0;
    while (at + n < end && isdigit((unsigned char)at[n]))
        n++;
    return n;
}

/* Compares words and numbers alternately, as specified in Debian Policy 5.6.12. */
static int compare_part(const char *a, const char *a_end, const char *b, const char *b_end)
{
    while (a < a_end || b < b_end) {
        while ((a < a_end && !isdigit((unsigned char)*a)) ||
               (b < b_end && !isdigit((unsigned char)*b))) {
            int difference = weigh_character(a, a_end) - weigh_character(b, b_end);
            if (difference)
                return difference;
            a++;
            b++;
        }
        a = skip_zeros(a, a_end);
        b = skip_zeros(b, b_end);
        size_t n = count_digits(a, a_end), m = count_digits(b, b_end);
        if (n != m)
            return n < m ? -1 : 1;
        int difference = memcmp(a, b, n);
        if (difference)
            return difference;
        a += n;
        b += m;
    }
    return 0;
}

int dpkg_compare(const char *a, const char *b)
{
    struct version_parts x = split_version(a), y = split_version(b);
    if (x.epoch != y.epoch)
        return x.epoch < y.epoch ? -1 : 1;
    int difference = compare_part(x.upstream, x.upstream_end, y.upstream, y.upstream_end);
    return difference ? difference
                      : compare_part(x.revision, x.revision_end, y.revision, y.revision_end);
}

bool dpkg_same_upstream(const char *a, const char *b)
{
    struct version_parts x = split_version(a), y = split_version(b);
    return compare_part(x.upstream, x.upstream_end, y.upstream, y.upstream_end) == 0;
}

/* Copies the value of a field, within one paragraph; false if it is missing or too long. */
static bool copy_field(const char *paragraph, const char *name, char *ret_value, size_t size)
{
    size_t length = strlen(name);
    for (const char *line = paragraph; *line && *line != '\n';) {
        size_t n = strcspn(line, "\n");
        if (n > length && strncmp(line, name, length) == 0) {
            if (n - length >= size)
                return false;
            memcpy(ret_value, line + length, n - length);
            ret_value[n - length] = '\0';
            return true;
        }
        line += n + (line[n] == '\n');
    }
    return false;
}

/* Returns NULL if there is none. Not strstr: under a sanitizer, each call of it measures the whole
 * text. */
static const char *next_paragraph(const char *text)
{
    const char *end = strchr(text, '\n');
    while (end && end[1] != '\n')
        end = strchr(end + 1, '\n');
    return end ? end + 2 : NULL;
}

bool dpkg_find(const char *status, const char *package, char *ret_version, size_t size)
{
    char name[128], state[64];
    for (const char *paragraph = status; paragraph && *paragraph;) {
        if (copy_field(paragraph, "Package: ", name, sizeof name) && strcmp(name, package) == 0 &&
            copy_field(paragraph, "Status: ", state, sizeof state) &&
            strcmp(state, "install ok installed") == 0)
            return copy_field(paragraph, "Version: ", ret_version, size);
        paragraph = next_paragraph(paragraph);
    }
    return false;
}
