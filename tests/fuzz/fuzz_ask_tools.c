/* SPDX-License-Identifier: MIT */
/* What a model gives to the tools: accepted within its bounds, or refused with a sentence. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ask/tools.h"
#include "base/json.h"
#include "base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_JSON *input = NULL;
    if (json_read_bytes(data, size, "input", &input, NULL))
        return 0;
    AUTO_FREE char *problem = NULL, *other = NULL;
    struct tool_search search;
    struct tool_view view;
    if (tool_read_search(input, &search, &problem)) {
        if (!search.query || strlen(search.query) > TOOL_QUERY_BYTES_MAX || search.count < 1 ||
            search.count > TOOL_PHOTOS_MAX)
            BUG("a search out of bounds");
    } else if (!problem || !problem[0]) {
        BUG("refused without a sentence");
    }
    if (tool_read_view(input, &view, &other)) {
        if (view.number < 1 || (view.has_box && !isfinite(view.box[0] + view.box[3])))
            BUG("a view out of bounds");
    } else if (!other || !other[0]) {
        BUG("refused without a sentence");
    }
    return 0;
}
