/* SPDX-License-Identifier: MIT */
/* The walls around a decoding worker: a codec that a file has taken over can still compute, and
 * answer, and nothing else. The worker calls this once, before it reads any untrusted byte.
 * AddressSanitizer builds have no limit on memory (it reserves terabytes of addresses), and their
 * filter allows what the sanitizer needs; ThreadSanitizer builds have no filter. */
#pragma once

#include "cage/cage.h"

/* Closes every descriptor from `first_fd` on, and gives up files, network, new programs and new
 * privileges as far as the kernel can. Returns the walls in place, bits of enum cage_wall. */
unsigned walls_close(int first_fd);

/* Installs the system call filter for all threads. A call that is not allowed ends the process
 * (SIGSYS), except harmless questions of libraries to the file system, which fail with an errno.
 * False when the kernel has no such filters. Only the descriptor `socket` may be sent to. */
bool filter_install(int socket);
