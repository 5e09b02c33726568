/* SPDX-License-Identifier: MIT */
/* What every request must pass before anything is done for it, in this order: it is well formed,
 * there is room, it means this server, it comes from no stranger's page, it leads somewhere, it is
 * allowed, it is of a size that is taken. */
#pragma once

#include "server/call.h"

/* Fills call->target, match or asset, reserved; fills the reply when the request is refused. */
void admission_check(struct call *call);
/* Gives back what was reserved. */
void admission_leave(struct call *call);
