/* SPDX-License-Identifier: MIT */
/* One set of names for the C interfaces of oneDNN 2.x and 3.x: for matmul_onednn.c only. In 2.x
 * descriptors are values, in 3.x handles. */
#pragma once

#include <dnnl.h>
#include <stddef.h>

struct layout {
    dnnl_memory_desc_t desc;
};

#if DNNL_VERSION_MAJOR >= 3

#define LAYOUT_REF const_dnnl_memory_desc_t
#define LAYOUT_ARG(layout) ((layout)->desc)

static inline dnnl_status_t layout_init(struct layout *layout, size_t rows, size_t columns,
                                        dnnl_data_type_t type, dnnl_format_tag_t tag)
{
    dnnl_dims_t dims = {(dnnl_dim_t)rows, (dnnl_dim_t)columns};
    return dnnl_memory_desc_create_with_tag(&layout->desc, 2, dims, type, tag);
}

static inline void layout_release(struct layout *layout)
{
    if (layout->desc)
        dnnl_memory_desc_destroy(layout->desc);
}

static inline dnnl_status_t describe_product(dnnl_primitive_desc_t *ret_desc, dnnl_engine_t engine,
                                             LAYOUT_REF x, LAYOUT_REF weight, LAYOUT_REF bias,
                                             LAYOUT_REF y, const_dnnl_primitive_attr_t attributes)
{
    return dnnl_matmul_primitive_desc_create(ret_desc, engine, x, weight, bias, y, attributes);
}

static inline dnnl_status_t append_function(dnnl_post_ops_t ops, dnnl_alg_kind_t function,
                                            float alpha)
{
    return dnnl_post_ops_append_eltwise(ops, function, alpha, 0);
}

static inline dnnl_status_t append_sum(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_sum(ops, 1, 0, dnnl_data_type_undef);
}

#else

#define LAYOUT_REF const dnnl_memory_desc_t *
#define LAYOUT_ARG(layout) (&(layout)->desc)

static inline dnnl_status_t layout_init(struct layout *layout, size_t rows, size_t columns,
                                        dnnl_data_type_t type, dnnl_format_tag_t tag)
{
    dnnl_dims_t dims = {(dnnl_dim_t)rows, (dnnl_dim_t)columns};
    return dnnl_memory_desc_init_by_tag(&layout->desc, 2, dims, type, tag);
}

static inline void layout_release(struct layout *layout)
{
    (void)layout;
}

static inline dnnl_status_t describe_product(dnnl_primitive_desc_t *ret_desc, dnnl_engine_t engine,
                                             LAYOUT_REF x, LAYOUT_REF weight, LAYOUT_REF bias,
                                             LAYOUT_REF y, const_dnnl_primitive_attr_t attributes)
{
    dnnl_matmul_desc_t operation;
    dnnl_status_t status = dnnl_matmul_desc_init(&operation, x, weight, bias, y);
    if (status != dnnl_success)
        return status;
    return dnnl_primitive_desc_create(ret_desc, &operation, attributes, engine, NULL);
}

static inline dnnl_status_t append_function(dnnl_post_ops_t ops, dnnl_alg_kind_t function,
                                            float alpha)
{
    return dnnl_post_ops_append_eltwise(ops, 1, function, alpha, 0);
}

static inline dnnl_status_t append_sum(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_sum(ops, 1);
}

#endif
