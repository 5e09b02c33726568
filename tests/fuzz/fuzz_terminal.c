/* SPDX-License-Identifier: MIT */
/* What a terminal answers when asked what it can show. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal_query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *answer = malloc(size + !size); /* ends where its memory does */
    memcpy(answer, data, size);
    bool has = terminal_answer_has_sixel(answer, size);
    if (has && !memchr(answer, '4', size))
        abort();
    free(answer);
    return 0;
}
