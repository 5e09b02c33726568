/* SPDX-License-Identifier: MIT */
/* Parses the target of a request. */
#include "server/target.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes [text, text + length) to *ret_end and adds a NUL; false when it is malformed. */
static bool decode(const char *text, size_t length, char **ret_end)
{
    char *out = *ret_end;
    for (size_t i = 0; i < length; i++) {
        char c = text[i] == '+' ? ' ' : text[i];
        if (c == '%') {
            int high = i + 1 < length ? hex_digit(text[i + 1]) : -1;
            int low = i + 2 < length ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0')
            return false;
        *out++ = c;
    }
    *out = '\0';
    bool good = text_is_utf8(*ret_end, (size_t)(out - *ret_end));
    *ret_end = out + 1;
    return good;
}

static int add_parameter(struct target *parsed, const char *text, size_t length, char **end,
                         struct error *err)
{
    const char *equals = memchr(text, '=', length);
    size_t name_length = equals ? (size_t)(equals - text) : length;
    size_t value_at = equals ? name_length + 1 : length;
    if (parsed->count == TARGET_PARAMETERS_MAX)
        return error_set(err, ERR_INVALID, "the address has more than %d parameters",
                         TARGET_PARAMETERS_MAX);
    const char *name = *end;
    bool good = decode(text, name_length, end);
    const char *value = *end;
    if (!good || !decode(text + value_at, length - value_at, end))
        return error_set(err, ERR_INVALID,
                         "the address has an invalid escape sequence or invalid UTF-8");
    if (target_get(parsed, name))
        return error_set(err, ERR_INVALID, "the address has the parameter '%s' more than once",
                         name);
    parsed->parameters[parsed->count++] = (struct target_parameter){name, value};
    return 0;
}

int target_parse(const char *target, struct target *ret_target, struct error *err)
{
    size_t path_length = strcspn(target, "?");
    if (target[0] != '/')
        return error_set(err, ERR_INVALID, "the address must begin with a slash");
    struct target parsed = {.path = xstrndup(target, path_length)};
    const char *at = target + path_length;
    at += *at == '?';
    parsed.decoded = xmalloc(2 * strlen(at) + 2); /* two NULs for a parameter of one character */
    char *end = parsed.decoded;
    int rc = 0;
    while (!rc && *at) {
        size_t length = strcspn(at, "&");
        if (length > 0)
            rc = add_parameter(&parsed, at, length, &end, err);
        at += length + (at[length] == '&');
    }
    if (rc)
        target_release(&parsed);
    else
        *ret_target = parsed;
    return rc;
}

void target_release(struct target *parsed)
{
    free(parsed->path);
    free(parsed->decoded);
    *parsed = (struct target){.path = NULL};
}

const char *target_get(const struct target *parsed, const char *name)
{
    for (size_t i = 0; i < parsed->count; i++)
        if (strcmp(parsed->parameters[i].name, name) == 0)
            return parsed->parameters[i].value;
    return NULL;
}

static char *add_escaped(char *end, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
    for (; *text; text++) {
        if (strchr(plain, *text)) {
            *end++ = *text;
            continue;
        }
        *end++ = '%';
        *end++ = digits[(unsigned char)*text >> 4];
        *end++ = digits[(unsigned char)*text & 15];
    }
    return end;
}

char *target_without(const struct target *parsed, const char *name)
{
    size_t room = 1;
    for (size_t i = 0; i < parsed->count; i++)
        room +=
            3 * strlen(parsed->parameters[i].name) + 3 * strlen(parsed->parameters[i].value) + 2;
    char *query = xmalloc(room), *end = query;
    for (size_t i = 0; i < parsed->count; i++) {
        const struct target_parameter *p = &parsed->parameters[i];
        if (strcmp(p->name, name) == 0)
            continue;
        if (end > query)
            *end++ = '&';
        end = add_escaped(end, p->name);
        *end++ = '=';
        end = add_escaped(end, p->value);
    }
    *end = '\0';
    return query;
}

size_t target_number(const char *text, int64_t *ret_number)
{
    int64_t number = 0;
    size_t length = strspn(text, "0123456789");
    if (length == 0 || (text[0] == '0' && length > 1))
        return 0;
    for (size_t i = 0; i < length; i++) {
        int digit = text[i] - '0';
        if (number > (INT64_MAX - digit) / 10)
            return 0;
        number = 10 * number + digit;
    }
    *ret_number = number;
    return length;
}

int target_get_int(const struct target *parsed, const char *name, int64_t min, int64_t max,
                   int64_t otherwise, int64_t *ret_value, struct error *err)
{
    const char *text = target_get(parsed, name);
    int64_t number;
    if (!text) {
        *ret_value = otherwise;
        return 0;
    }
    size_t used = target_number(text, &number);
    if (used == 0 || text[used] || number < min || number > max)
        return error_set(err, ERR_INVALID, "'%s' must be a whole number from %lld to %lld", name,
                         (long long)min, (long long)max);
    *ret_value = number;
    return 0;
}

int target_get_count(const struct target *parsed, int64_t max, int64_t otherwise,
                     int64_t *ret_count, struct error *err)
{
    bool by_limit = target_get(parsed, "limit") != NULL;
    if (by_limit && target_get(parsed, "count"))
        return error_set(err, ERR_INVALID, "give either 'count' or 'limit', which mean the same");
    return target_get_int(parsed, by_limit ? "limit" : "count", 1, max, otherwise, ret_count, err);
}

static bool is_among(const char *name, const char *words)
{
    size_t length = strlen(name);
    for (const char *at = words; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        if (n == length && memcmp(at, name, n) == 0)
            return true;
        at += n;
    }
    return false;
}

int target_check_names(const struct target *parsed, const char *known, struct error *err)
{
    for (size_t i = 0; i < parsed->count; i++) {
        const char *name = parsed->parameters[i].name;
        if (is_among(name, known))
            continue;
        AUTO_FREE char *shown = text_printable(name, strlen(name));
        return error_set(err, ERR_INVALID, "unknown parameter '%.80s'%s%s", shown,
                         *known ? "; there are: " : "", known);
    }
    return 0;
}
