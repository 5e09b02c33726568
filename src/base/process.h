/* SPDX-License-Identifier: MIT */
/* Whether another process of this machine is still there, told by Linux's /proc. */
#pragma once

#include <stdbool.h>

/* A name for the calling process that no other process ever has on this machine: boot, process
 * namespace, number and start time. "" where /proc is not there. The caller frees. */
char *process_name(void);
/* True only when it is certain: false for one of another machine, boot or namespace. */
bool process_has_ended(const char *name);
