/* SPDX-License-Identifier: MIT */
/* Reads standard input as a whole, or as a list whose items are returned as they arrive. */
#include "cli/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "cli/interrupt.h"

#define PIECE_BYTES ((size_t)64 << 10)

int input_read_all(size_t max_bytes, const char *what, char **ret_data, size_t *ret_size,
                   struct error *err)
{
    struct strbuf all = STRBUF_INIT(max_bytes);
    AUTO_FREE char *piece = xmalloc(PIECE_BYTES);
    int rc = 0;
    for (ssize_t n = 1; !rc && n != 0;) {
        n = read(STDIN_FILENO, piece, PIECE_BYTES);
        if (n < 0 && errno == EINTR && !interrupt_requested())
            continue;
        if (n < 0)
            rc = error_errno(err, errno, "cannot read standard input");
        else if (n > 0 && strbuf_add(&all, piece, (size_t)n, NULL))
            rc = error_set(err, ERR_LIMIT, "the %s on standard input is longer than %zu bytes",
                           what, max_bytes);
    }
    if (!rc) {
        *ret_size = all.length;
        *ret_data = strbuf_take(&all);
    }
    strbuf_release(&all);
    return rc;
}

int input_list_open(struct input_list *list, const char *path, bool by_nul, struct error *err)
{
    *list = (struct input_list){.is_stdin = strcmp(path, "-") == 0, .end = by_nul ? '\0' : '\n'};
    list->stream = list->is_stdin ? stdin : fopen(path, "re");
    return list->stream ? 0 : error_errno(err, errno, "cannot read the list %s", path);
}

const char *input_list_next(struct input_list *list, struct error *err)
{
    ssize_t n;
    errno = 0;
    while ((n = getdelim(&list->item, &list->cap, list->end, list->stream)) >= 0) {
        if (n > 0 && list->item[n - 1] == (char)list->end)
            list->item[--n] = '\0';
        if (n > 0 && list->end == '\n' && list->item[n - 1] == '\r')
            list->item[--n] = '\0';
        if (strlen(list->item) < (size_t)n) {
            error_set(err, ERR_INVALID,
                      "cannot read the list: it contains a NUL byte; give -0 if its items end "
                      "with NUL");
            return NULL;
        }
        if (n > 0)
            return list->item;
    }
    if (ferror(list->stream))
        error_errno(err, errno ? errno : EIO, "cannot read the list");
    return NULL;
}

void input_list_close(struct input_list *list)
{
    if (list->stream && !list->is_stdin)
        fclose(list->stream);
    free(list->item);
    *list = (struct input_list){.stream = NULL};
}
