/* SPDX-License-Identifier: MIT */
/* Replies made smaller on their way: JSON as gzip, for who takes it. */
#pragma once

#include "server/call.h"

/* Compresses a reply of JSON or text that is worth it. Not those to other requests than GET, and
 * not those that set a cookie: beside a secret, the size of what a stranger may have put there
 * would tell something of it. */
void compress_reply(struct call *call);
