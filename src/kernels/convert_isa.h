/* SPDX-License-Identifier: MIT */
/* The instruction-set variants of convert.h, for convert.c only. */
#pragma once

#include "kernels/convert.h"

extern const struct convert_kernels convert_kernels_avx2;
