/* SPDX-License-Identifier: MIT */
/* What is in memory stays there: keys, sessions and photos that never leave this machine. */
#pragma once

/* To be called first of all. No core file is written from now on, and no other program of the same
 * user may read this process's memory or stop it (ptrace, /proc/PID/mem); root may. Builds for
 * debugging and with sanitizers are left as they are, and so is a process with KEEPSAKE_DUMPABLE=1
 * in its environment, for debuggers and profilers. exec undoes half of it: each program calls it
 * for itself. */
void secrecy_begin(void);

/* Overwrites a secret, then frees it. NULL is fine. */
void secrecy_forget(char *secret);
