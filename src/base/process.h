/* SPDX-License-Identifier: MIT */
/* Names processes uniquely, and tells by Linux's /proc whether one of them has ended. */
#pragma once

#include <stdbool.h>

/* A name for the calling process that no other process of this machine ever has: boot, process
 * namespace, process id and start time. "" where there is no /proc. The caller frees. */
char *process_name(void);
/* True only when it is certain: false for a process of another machine, boot or namespace. */
bool process_has_ended(const char *name);
