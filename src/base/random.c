/* SPDX-License-Identifier: MIT */
/* Random ids from the kernel. */
#include "base/random.h"

#include <stdio.h>
#include <sys/random.h>

#include "base/error.h"

static void fill_random(void *ret_bytes, size_t size)
{
    if (getrandom(ret_bytes, size, 0) != (ssize_t)size)
        BUG("the kernel gives no random numbers");
}

int64_t random_id(void)
{
    uint64_t bits;
    do
        fill_random(&bits, sizeof bits);
    while (bits >> 1 == 0);
    return (int64_t)(bits >> 1);
}

void random_hex(char *ret_text, size_t bytes)
{
    uint8_t room[64];
    if (bytes > sizeof room)
        BUG("%zu random bytes in one call", bytes);
    fill_random(room, bytes);
    for (size_t i = 0; i < bytes; i++)
        snprintf(ret_text + 2 * i, 3, "%02x", room[i]);
}
