/* SPDX-License-Identifier: MIT */
/* Why no whole reply arrived, in a sentence that names the server and the way out. */
#pragma once

#include "llm/llm.h"
#include "net/http_client.h"

/* `rc` and `why` are what http_send said of a request to the llm's server. Sets *err and returns
 * its code. Marks the reply as final where asking again would only begin anew: a server of one's
 * own that is slow. */
int no_reply_explain(const struct llm *llm, struct http_reply *reply, int rc,
                     const struct error *why, struct error *err);
