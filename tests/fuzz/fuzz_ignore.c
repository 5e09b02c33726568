/* SPDX-License-Identifier: MIT */
/* Files that say what is left out: any lines, matched against paths in bounded time. The first line
 * is the path, what follows the file. */
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "indexer/ignore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t length = end ? (size_t)(end - data) : 0;
    if (!end || length > 4096 || size > 65536 || memchr(data, 0, length))
        return 0;
    struct ignore_list list = IGNORE_LIST_INIT;
    AUTO_FREE char *path = xasprintf("/base/%.*s", (int)length, (const char *)data);
    AUTO_FREE char *pattern = xstrndup((const char *)end + 1, size - length - 1);
    ignore_add_pattern(&list, pattern);
    (void)ignore_matches(&list, path, true);
    ignore_truncate(&list, 0);
    ignore_add_text(&list, "/base", (const char *)end + 1, size - length - 1);
    (void)ignore_matches(&list, path, false);
    ignore_release(&list);
    return 0;
}
