/* SPDX-License-Identifier: MIT */
/* Machines and containers of the owner's that a language model runs on and that may be asked
 * unencrypted: those of --llm-plain-http, and those that were asked so before, which are kept, one
 * a line, in $XDG_STATE_HOME/keepsake/plain-http. */
#pragma once

#include "base/error.h"

/* All of them, parted by blanks; `setting` may be NULL. The caller frees. */
char *plain_hosts_all(const char *setting);
/* Keeps the host, unless it is kept already. */
int plain_hosts_keep(const char *host, struct error *err) MUST_CHECK;
