/* SPDX-License-Identifier: MIT */
/* Reads JSON with limits, and gets typed values with errors that name the key. */
#include "base/json.h"

#include <string.h>

#include "base/base64.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

int json_read_bytes(const void *data, size_t size, const char *where, json_t **ret_root,
                    struct error *err)
{
    json_error_t problem;
    json_t *root = json_loadb(data, size, JSON_REJECT_DUPLICATES, &problem);
    if (!root) {
        AUTO_FREE char *reason = text_printable(problem.text, strlen(problem.text));
        return error_set(err, ERR_CORRUPT, "%s is not valid JSON: line %d: %s", where, problem.line,
                         reason);
    }
    *ret_root = root;
    return 0;
}

int json_read_file(const char *path, size_t max_bytes, json_t **ret_root, struct error *err)
{
    struct file f;
    int rc = file_read(path, max_bytes, &f, err);
    if (rc)
        return rc;
    rc = json_read_bytes(f.data, f.size, path, ret_root, err);
    file_release(&f);
    return rc;
}

int json_get_int(const json_t *object, const char *key, int64_t min, int64_t max, const char *where,
                 int64_t *ret_value, struct error *err)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        return error_set(err, ERR_CORRUPT, "%s: \"%s\" is not a whole number", where, key);
    int64_t n = json_integer_value(value);
    if (n < min || n > max)
        return error_set(err, ERR_CORRUPT, "%s: \"%s\" is %lld, not between %lld and %lld", where,
                         key, (long long)n, (long long)min, (long long)max);
    *ret_value = n;
    return 0;
}

int json_get_number(const json_t *object, const char *key, const char *where, double *ret_value,
                    struct error *err)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value))
        return error_set(err, ERR_CORRUPT, "%s: \"%s\" is not a number", where, key);
    *ret_value = json_number_value(value);
    return 0;
}

int json_get_string(const json_t *object, const char *key, const char *where, const char **ret_text,
                    struct error *err)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        return error_set(err, ERR_CORRUPT, "%s: \"%s\" is not a string", where, key);
    *ret_text = json_string_value(value);
    return 0;
}

int json_get_object(const json_t *object, const char *key, const char *where, json_t **ret_object,
                    struct error *err)
{
    json_t *value = json_object_get(object, key);
    if (!json_is_object(value))
        return error_set(err, ERR_CORRUPT, "%s: \"%s\" is not an object", where, key);
    *ret_object = value;
    return 0;
}

/* Malformed bytes become U+FFFD, everything else is copied; the caller frees. */
static char *valid_utf8(const char *text, size_t length)
{
    char *out = xmalloc(3 * length + 1);
    size_t used = 0;
    for (size_t at = 0; at < length;) {
        uint32_t code;
        size_t n = text_decode(text + at, length - at, &code);
        memcpy(out + used, n ? text + at : "\xEF\xBF\xBD", n ? n : 3);
        used += n ? n : 3;
        at += n ? n : 1;
    }
    out[used] = '\0';
    return out;
}

void json_set_text(json_t *object, const char *key, const char *text)
{
    size_t length = strlen(text);
    if (text_is_utf8(text, length)) {
        json_object_set_new(object, key, json_string(text));
        return;
    }
    AUTO_FREE char *valid = valid_utf8(text, length);
    AUTO_FREE char *exact = base64_encode(text, length);
    AUTO_FREE char *exact_key = xasprintf("%s_base64", key);
    json_object_set_new(object, key, json_string(valid));
    json_object_set_new(object, exact_key, json_string(exact));
}
