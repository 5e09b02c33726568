/* SPDX-License-Identifier: MIT */
/* The checks that every request passes before anything is done for it, in this order: well-formed,
 * capacity, Host, rate, Origin (CSRF), route, authentication, parameters, body size. */
#pragma once

#include "server/call.h"

/* Fills call->target, match or asset, and reserved; fills the reply when the request is refused. */
void admission_check(struct call *call);
/* Releases what admission reserved. */
void admission_leave(struct call *call);
