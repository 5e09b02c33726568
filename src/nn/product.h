/* SPDX-License-Identifier: MIT */
/* A product of a tower, by whatever multiplies best: oneDNN for many rows, panels for few. */
#pragma once

#include "nn/matmul.h"
#include "nn/packed.h"

struct product {
    struct matmul *matmul; /* owned; NULL: `packed` is the product */
    struct packed_linear packed;
    enum panel_finish finish; /* of `packed` */
};

static inline struct product product_of(const struct packed_linear *packed,
                                        enum panel_finish finish)
{
    return (struct product){.packed = *packed, .finish = finish};
}

/* As matmul_run; x and y of a packed product are float32, and its engine is not used. */
static inline int product_run(const struct product *product, struct matmul_engine *engine,
                              size_t rows, const void *x, void *y, struct error *err)
{
    if (product->matmul)
        return matmul_run(product->matmul, engine, rows, x, y, err);
    const struct packed_linear *packed = &product->packed;
    struct panel_job job = {.rows = rows,
                            .in = packed->in,
                            .out = packed->out,
                            .type = packed->type,
                            .finish = product->finish,
                            .x = x,
                            .weights = packed->weights,
                            .scales = packed->scales,
                            .biases = packed->biases,
                            .y = y};
    panel_multiply(&job);
    return 0;
}
