/* SPDX-License-Identifier: MIT */
/* Identifies a file that is not a known picture, as far as its first bytes allow. */
#include "image/image_unknown.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "image/formats.h"

static bool begins_with(const uint8_t *data, size_t size, const char *text)
{
    size_t n = strlen(text);
    return size >= n && strncasecmp((const char *)data, text, n) == 0;
}

static bool holds_only_zeros(const uint8_t *data, size_t size)
{
    return data[0] == 0 && memcmp(data, data + 1, size - 1) == 0;
}

static bool is_web_page(const uint8_t *data, size_t size)
{
    while (size > 0 && strchr("\xEF\xBB\xBF \t\r\n", *data)) {
        data++;
        size--;
    }
    return begins_with(data, size, "<!doctype html") || begins_with(data, size, "<html");
}

int image_set_unknown(const uint8_t *data, size_t size, struct error *err)
{
    if (size > 0 && holds_only_zeros(data, size))
        return error_set(err, ERR_UNSUPPORTED, "the file contains only zeros");
    if (begins_with(data, size, "version https://git-lfs"))
        return error_set(err, ERR_UNSUPPORTED,
                         "this is a pointer of Git LFS, not the picture: run \"git lfs pull\"");
    if (is_web_page(data, size))
        return error_set(err, ERR_UNSUPPORTED, "this is a web page, not a picture");
    char formats[200];
    format_list(formats, sizeof formats);
    return error_set(err, ERR_UNSUPPORTED, "this is not a %s picture", formats);
}
