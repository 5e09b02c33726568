#include "base/random.h"

#include <sys/random.h>

#include "base/error.h"

int64_t random_id(void)
{
    uint64_t bits;
    do
        if (getrandom(&bits, sizeof bits, 0) != sizeof bits)
            BUG("the kernel gives no random numbers");
    while (bits >> 1 == 0);
    return (int64_t)(bits >> 1);
}
