/* SPDX-License-Identifier: MIT */
/* Lines of another program: any bytes are a message, or an error to answer with. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "mcp/rpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rpc_message message;
    rpc_parse((const char *)data, size, &message);
    if (message.kind == RPC_BROKEN ? !message.problem[0] || message.code >= 0 : !message.root)
        BUG("neither a message nor an error");
    if (message.kind == RPC_REQUEST && !message.id)
        BUG("a request that cannot be answered");
    AUTO_FREE char *reply = rpc_error(message.id, RPC_INTERNAL_ERROR, message.method);
    if (strchr(reply, '\n') != reply + strlen(reply) - 1)
        BUG("a reply of more than one line");
    rpc_message_release(&message);
    return 0;
}
