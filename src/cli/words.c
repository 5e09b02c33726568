/* SPDX-License-Identifier: MIT */
/* Joins operands into one text. */
#include "cli/words.h"

#include "base/strbuf.h"

int words_join(const struct argument_list *words, size_t first, size_t max_bytes, const char *what,
               char **ret_text, struct error *err)
{
    struct strbuf text = STRBUF_INIT(max_bytes);
    for (size_t i = first; i < words->count; i++) {
        int rc = strbuf_addf(&text, NULL, "%s%s", i > first ? " " : "", words->items[i].text);
        if (rc) {
            strbuf_release(&text);
            return error_set(err, rc, "the %s is longer than the limit of %zu bytes", what,
                             max_bytes);
        }
    }
    *ret_text = strbuf_take(&text);
    return 0;
}
