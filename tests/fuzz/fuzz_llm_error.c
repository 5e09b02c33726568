/* SPDX-License-Identifier: MIT */
/* Bodies of error replies: always a sentence that can be printed, never the key. The first byte
 * chooses the status. */
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "llm/error_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = {0,   302, 400, 401, 402, 403, 404, 408,
                                    409, 413, 422, 429, 500, 503, 529, 999};
    struct error err = ERROR_INIT;
    struct error_facts facts;
    if (size == 0)
        return 0;
    struct error_reply reply = {.status = statuses[data[0] % 16],
                                .body = (const char *)data + 1,
                                .size = size - 1,
                                .content_type = data[0] & 32 ? "text/html" : "",
                                .host = "api.example",
                                .url = "https://api.example/v1",
                                .model = "m",
                                .key_name = "THE_KEY",
                                .key = "sk-1",
                                .request_id = "",
                                .wait_s = data[0] / 16,
                                .local = data[0] & 16};
    int rc = error_reply_read(&reply, &facts, &err);
    if (rc >= 0 || err.code != rc || !err.message[0] || strstr(err.message, "sk-1"))
        __builtin_trap();
    if (!text_is_utf8(err.message, strlen(err.message)) || facts.max_side_px < 0)
        __builtin_trap();
    for (const char *c = err.message; *c; c++)
        if ((unsigned char)*c < 0x20)
            __builtin_trap();
    return 0;
}
