/* SPDX-License-Identifier: MIT */
/* Matrix products y = f(x W^T + b) with packed weights, and y += x W^T + b.
 *
 * The only module that uses oneDNN. Weights are converted and laid out for this CPU once, by
 * matmul_new; bias, activation and addition to y happen inside the product. An engine caches
 * compiled programs by shape, shared by all products of that shape. An engine is used by one thread
 * at a time; products are immutable and may run on several engines at the same time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/memory.h"
#include "kernels/value.h"

/* True when the CPU multiplies bf16 natively (AVX512_BF16 or AMX). */
bool matmul_has_bf16(void);

struct matmul_engine;

/* threads: at least 1. */
int matmul_engine_new(int threads, struct matmul_engine **ret_engine, struct error *err) MUST_CHECK;
/* An engine that can run the products made with `model`, which must outlive it. */
int matmul_engine_new_like(const struct matmul_engine *model, int threads,
                           struct matmul_engine **ret_engine, struct error *err) MUST_CHECK;
void matmul_engine_free(
    struct matmul_engine *engine); /* NULL is fine; call it after its products were freed */
DEFINE_AUTO(matmul_engine, matmul_engine_free)
int matmul_engine_threads(const struct matmul_engine *engine);
/* Each thread that runs products calls this first: the number of threads is a property of the
 * calling thread. */
void matmul_engine_enter(const struct matmul_engine *engine);

enum matmul_finish {
    MATMUL_PLAIN,
    MATMUL_QUICK_GELU, /* x * sigmoid(1.702 x) */
    MATMUL_GELU,       /* x * (1 + erf(x / sqrt 2)) / 2 */
    MATMUL_ADD,        /* added to y */
};

struct matmul_spec {
    size_t in, out;          /* columns of x and of y */
    enum value_type inputs;  /* type of x and of the packed weights */
    enum value_type outputs; /* type of y */
    enum matmul_finish finish;
    size_t typical_rows; /* the weights are laid out for this many rows of x; other numbers also
                            work */
};

struct matmul;

/* weight: [out][in], or [in][out] when `transposed`; bias: [out] or NULL. Both are read only during
 * the call. ERR_NO_MEMORY, ERR_LIMIT, ERR_UNSUPPORTED. */
int matmul_new(struct matmul_engine *engine, const struct matmul_spec *spec, const float *weight,
               bool transposed, const float *bias, struct matmul **ret_matmul,
               struct error *err) MUST_CHECK;
void matmul_free(struct matmul *matmul); /* NULL is fine */
DEFINE_AUTO(matmul, matmul_free)

/* x [rows][in] -> y [rows][out], both dense; rows > 0. ERR_NO_MEMORY, ERR_UNSUPPORTED. */
int matmul_run(const struct matmul *matmul, struct matmul_engine *engine, size_t rows,
               const void *x, void *y, struct error *err) MUST_CHECK;

/* The version of oneDNN, such as "2.6.3". */
void matmul_version(char *ret_version, size_t size);
