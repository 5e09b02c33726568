/* SPDX-License-Identifier: MIT */
/* The owner's machines and containers that run a language model and accept unencrypted requests:
 * those of --llm-plain-http, and those used so before, which are stored, one per line, in
 * $XDG_STATE_HOME/keepsake/plain-http. */
#pragma once

#include "base/error.h"

/* Returns all of them, separated by blanks; `setting` may be NULL. The caller frees it. */
char *plain_hosts_all(const char *setting);
/* Stores the host, unless it is already stored. */
int plain_hosts_keep(const char *host, struct error *err) MUST_CHECK;
