/* SPDX-License-Identifier: MIT */
/* Protects the process's memory, which holds keys, sessions and photos that must not leave this
 * machine. */
#pragma once

/* Call this first. From then on no core file is written, and other programs of the same user cannot
 * read this process's memory or trace it (ptrace, /proc/PID/mem); root still can. Debug and
 * sanitizer builds are left alone, and so is a process with KEEPSAKE_DUMPABLE=1 in its environment,
 * for debuggers and profilers. exec undoes part of this, so each program calls it for itself. */
void secrecy_begin(void);

/* Overwrites a secret, then frees it. NULL is fine. */
void secrecy_forget(char *secret);
