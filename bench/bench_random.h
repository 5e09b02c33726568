/* SPDX-License-Identifier: MIT */
/* Random numbers of the benchmarks, the same in each run (Marsaglia's xorshift64). For one thread.
 */
#pragma once

#include <stdint.h>

static inline uint64_t next_random(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}
