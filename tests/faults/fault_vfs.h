/* SPDX-License-Identifier: MIT */
/* A VFS of SQLite over the default one, whose calls fail when a test says so, and which can lose
 * what was written and not synced, as a power cut does.
 *
 *     fault_vfs_install();                          once; it becomes the default VFS
 *     fault_plan(FAULT_ONCE, 7);                    the 7th call fails, with an error or a full
 * disk
 *     ... use SQLite ...
 *     fault_plan(FAULT_NEVER, 0);
 *     fault_count()                                 calls since the last plan
 *
 * After FAULT_POWER_CUT every later call fails too, and fault_crash() then leaves each file with
 * what was synced and a random share of what was not: whole writes are kept or lost, and some are
 * torn at a sector of 512 bytes. For one thread at a time that writes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum fault_mode {
    FAULT_NEVER,
    FAULT_ONCE,     /* that one call */
    FAULT_FOR_EVER, /* that call and all after it */
    FAULT_POWER_CUT,
};

void fault_vfs_install(void);
/* `at` counts from 1. */
void fault_plan(enum fault_mode mode, long at);
long fault_count(void);
/* Whether the planned call was reached. */
bool fault_struck(void);
/* Every connection must be closed. `seed` chooses what is lost; the same seed, the same loss. */
void fault_crash(uint64_t seed);
/* Begins to follow what is synced anew: all files are taken to be on disk as they are now. */
void fault_forget_files(void);
