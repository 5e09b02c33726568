/* SPDX-License-Identifier: MIT */
/* The walls around a decoding worker: what a codec that a file took over can still do is to
 * compute, and to answer. Called in the worker, once, before it reads anything foreign.
 *
 * Under AddressSanitizer there is no limit on memory (it reserves terabytes of addresses) and the
 * filter allows what the sanitizer needs; under ThreadSanitizer there is no filter. */
#pragma once

#include "cage/cage.h"

/* Closes every descriptor from `first_fd` on; takes away files, network, new programs and new
 * privileges, as far as the kernel can. Returns the walls that stand, bits of enum cage_wall. */
unsigned walls_close(int first_fd);

/* The filter of system calls: what is not allowed ends the process (SIGSYS), but for harmless
 * questions of libraries to the file system, which fail. Other threads of the process come under
 * it, too. False when the kernel has no such filters. `socket` is the one descriptor that may be
 * sent to. */
bool filter_install(int socket);
