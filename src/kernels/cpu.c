/* SPDX-License-Identifier: MIT */
/* Detects the instruction set once, capped by KEEPSAKE_CPU. */
#include "kernels/cpu.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

static const char *const names[] = {"scalar", "avx2", "avx512"};
static enum cpu_level level;

#if defined(__x86_64__)
/* Not all compilers know f16c in __builtin_cpu_supports. */
static bool has_f16c(void)
{
    unsigned a, b, c = 0, d;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
}
#endif

static enum cpu_level supported_level(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init(); /* also checks that the operating system saves the registers (XGETBV) */
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !has_f16c())
        return CPU_SCALAR;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vnni"))
        return CPU_AVX512;
    return CPU_AVX2;
#else
    return CPU_SCALAR;
#endif
}

static void choose_level(void)
{
    const char *cap = getenv("KEEPSAKE_CPU");
    level = supported_level();
    for (int i = 0; cap && i <= CPU_AVX512; i++)
        if (strcmp(cap, names[i]) == 0 && i < (int)level)
            level = (enum cpu_level)i;
}

enum cpu_level cpu_level(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, choose_level);
    return level;
}

const char *cpu_level_name(enum cpu_level l)
{
    return names[l];
}
