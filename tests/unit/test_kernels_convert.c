/* SPDX-License-Identifier: MIT */
/* 16-bit floats: the scalar kernels against arithmetic with ldexp, the others against scalar, for
 * every one of the 65,536 values. All must be equal to the bit: the conversions are exact. */
#include <stdint.h>

#include "kernels/convert.h"
#include "kernels/half.h"
#include "tap.h"

enum { ALL = 65536, MARGIN = 64 };

static uint16_t every[ALL];
static float want[ALL], got[ALL + MARGIN];

/* Its value by the definition of binary16, through double arithmetic. */
static double f16_value(unsigned bits)
{
    int exponent = bits >> 10 & 31, mantissa = bits & 1023;
    double size = exponent == 31 ? (mantissa ? NAN : INFINITY)
                  : exponent     ? ldexp(1024 + mantissa, exponent - 25)
                                 : ldexp(mantissa, -24);
    return bits & 0x8000 ? -size : size;
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void test_f16_meaning(void)
{
    int numbers = 0, nans = 0;
    convert_kernels(CPU_SCALAR)->f16_to_f32(every, ALL, want);
    for (unsigned i = 0; i < ALL; i++) {
        double value = f16_value(i);
        if (isnan(value)) /* sign and payload stay, the quiet bit is set */
            nans += bits_of(want[i]) == ((i & 0x8000) << 16 | 0x7fc00000 | (i & 0x3ff) << 13);
        else
            numbers += bits_of(want[i]) == bits_of((float)value);
    }
    is_int(numbers, ALL - 2 * 1023, "every float16 number has its value, zeros their sign");
    is_int(nans, 2 * 1023, "every float16 NaN is a quiet NaN of its sign and payload");
}

static void test_bf16_meaning(void)
{
    int good = 0;
    convert_kernels(CPU_SCALAR)->bf16_to_f32(every, ALL, want);
    for (unsigned i = 0; i < ALL; i++)
        good += bits_of(want[i]) == i << 16;
    is_int(good, ALL, "every bfloat16 is the upper half of its float32");
}

typedef void convert_function(const void *source, size_t n, float *ret_values);

static void compare(convert_function *spec, convert_function *fast, const char *name)
{
    static char unaligned[2 * ALL + 1];
    memcpy(unaligned + 1, every, sizeof every);
    spec(every, ALL, want);
    fast(unaligned + 1, ALL, got);
    ok(memcmp(want, got, sizeof want) == 0, "%s equals scalar, source unaligned", name);
    int good = 0;
    for (size_t n = 0; n < MARGIN; n++) { /* all remainders; nothing past the end is touched */
        memset(got, 0x5a, sizeof got);
        fast(unaligned + 1 + 2 * 0x3c00, n, got);
        good += memcmp(want + 0x3c00, got, n * sizeof *got) == 0 && bits_of(got[n]) == 0x5a5a5a5a;
    }
    is_int(good, MARGIN, name);
}

/* Every float16 comes back from its float32, which it has exactly; a value between two goes to the
 * nearer one, or to the even one of both. */
static void test_half(void)
{
    static float values[ALL];
    convert_kernels(CPU_SCALAR)->f16_to_f32(every, ALL, values);
    int back = 0, exact = 0, rounded = 0, finite = 0;
    for (unsigned i = 0; i < ALL; i++) {
        bool is_nan = (i & 0x7fff) > 0x7c00, is_finite = (i & 0x7fff) < 0x7c00;
        uint16_t half = half_from_f32(values[i]);
        back += is_nan ? (half & 0x7fff) > 0x7c00 : half == i;
        exact += half_is_exact(values[i]) == is_finite;
        if ((i & 0x7fff) >= 0x7bff)
            continue;
        float middle = values[i] + (values[i + 1] - values[i]) / 2;
        finite++;
        rounded += half_from_f32(middle) == (i & 1 ? i + 1 : i) && !half_is_exact(middle) &&
                   half_from_f32(nextafterf(middle, values[i])) == i &&
                   half_from_f32(nextafterf(middle, values[i + 1])) == i + 1;
    }
    is_int(back, ALL, "every float16 comes back from its float32");
    is_int(exact, ALL, "finite ones are exact");
    is_int(rounded, finite, "values between two are rounded to nearest, ties to even");
    ok(half_from_f32(65519.996f) == 0x7bff && half_from_f32(65520) == 0x7c00 &&
           half_from_f32(-1e30f) == 0xfc00,
       "large values become infinite");
}

int main(void)
{
    for (unsigned i = 0; i < ALL; i++)
        every[i] = (uint16_t)i;
    test_f16_meaning();
    test_bf16_meaning();
    test_half();
    for (int level = CPU_AVX2; level <= CPU_AVX512; level++) {
        if (level > (int)cpu_level()) {
            skip("this CPU has no %s", cpu_level_name((enum cpu_level)level));
            continue;
        }
        const struct convert_kernels *spec = convert_kernels(CPU_SCALAR);
        const struct convert_kernels *fast = convert_kernels((enum cpu_level)level);
        compare(spec->f16_to_f32, fast->f16_to_f32, "f16");
        compare(spec->bf16_to_f32, fast->bf16_to_f32, "bf16");
    }
    return done_testing();
}
