/* SPDX-License-Identifier: MIT */
/* Compresses JSON replies with gzip for clients that accept it. */
#pragma once

#include "server/call.h"

/* Compresses a reply of JSON or text when that is worthwhile. Only replies to GET that set no
 * cookie: next to a secret, the compressed size of text that an attacker chose would leak part of
 * the secret. */
void compress_reply(struct call *call);
