/* SPDX-License-Identifier: MIT */
/* The page: files that are part of the program (assets.h). */
#pragma once

#include "server/assets.h"
#include "server/call.h"

/* NULL when there is none of that path. "/" is always there. */
const struct asset *static_find(const char *path);
/* Answers with it: ETag, gzip where it is taken, how long to keep it. */
void static_reply(struct call *call, const struct asset *asset);
