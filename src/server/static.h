/* SPDX-License-Identifier: MIT */
/* Serves the page's files (assets.h). */
#pragma once

#include "server/assets.h"
#include "server/call.h"

/* NULL when there is no such path. "/" always exists. */
const struct asset *static_find(const char *path);
/* Sends the file with ETag, cache lifetime, and gzip if accepted. */
void static_reply(struct call *call, const struct asset *asset);
