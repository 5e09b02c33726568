/* Numbers from the kernel that nobody else has. */
#pragma once

#include <stdint.h>

/* From 1 to 2^63 - 1. */
int64_t random_id(void);
