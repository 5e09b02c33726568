/* SPDX-License-Identifier: MIT */
/* Explains why no complete reply arrived, in a sentence that names the server and a remedy. */
#pragma once

#include "llm/llm.h"
#include "net/http_client.h"

/* `rc` and `why` are the result of http_send for a request to the llm's server. Sets *err and
 * returns its code. Marks the reply as final if a retry would only start again from the beginning:
 * a slow server of the user's own. */
int no_reply_explain(const struct llm *llm, struct http_reply *reply, int rc,
                     const struct error *why, struct error *err);
