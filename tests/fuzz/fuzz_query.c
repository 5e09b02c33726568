/* SPDX-License-Identifier: MIT */
/* Texts of queries: refused with a sentence and a place inside the text, or printed as a text that
 * is read as the same query. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "query/syntax.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *print_text(const char *text)
{
    struct syntax_query query;
    struct syntax_fault fault;
    struct error err;
    if (syntax_parse(text, &query, &fault, &err)) {
        if (fault.span.begin > fault.span.end || fault.span.end > strlen(text) || !err.message[0])
            abort();
        syntax_fault_release(&fault);
        return NULL;
    }
    char *printed = syntax_print(&query);
    syntax_query_release(&query);
    return printed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = xstrndup((const char *)data, size);
    AUTO_FREE char *printed = print_text(text);
    AUTO_FREE char *again = printed ? print_text(printed) : NULL;
    if (printed && (!again || strcmp(printed, again) != 0))
        abort();
    return 0;
}
