/* SPDX-License-Identifier: MIT */
/* Loads single tensors by name, checked against the shapes that the config demands. */
#include "clip/weights_layout.h"

int weights_vector(const struct safetensors *file, const char *prefix, const char *name,
                   size_t length, struct tensor *ret_tensor, struct error *err)
{
    AUTO_FREE char *whole = xasprintf("%s%s", prefix, name);
    return safetensors_get(file, whole, 1, &length, ret_tensor, err);
}

int weights_matrix(const struct safetensors *file, const char *prefix, const char *name,
                   size_t rows, size_t columns, struct tensor *ret_tensor, struct error *err)
{
    AUTO_FREE char *whole = xasprintf("%s%s", prefix, name);
    const size_t shape[] = {rows, columns};
    return safetensors_get(file, whole, 2, shape, ret_tensor, err);
}

int weights_norm(const struct safetensors *file, const char *prefix, const char *name, size_t width,
                 struct norm_weights *ret_norm, struct error *err)
{
    AUTO_FREE char *whole = xasprintf("%s%s", prefix, name);
    int rc = weights_vector(file, whole, ".weight", width, &ret_norm->gain, err);
    return rc ? rc : weights_vector(file, whole, ".bias", width, &ret_norm->bias, err);
}

int weights_linear(const struct safetensors *file, const char *prefix, const char *name, size_t out,
                   size_t in, struct linear_weights *ret_linear, struct error *err)
{
    AUTO_FREE char *whole = xasprintf("%s%s", prefix, name);
    struct linear_weights linear = {.out = out, .in = in};
    int rc = weights_matrix(file, whole, ".weight", out, in, &linear.weight, err);
    if (!rc)
        rc = weights_vector(file, whole, ".bias", out, &linear.bias, err);
    if (!rc)
        *ret_linear = linear;
    return rc;
}

int weights_projection(const struct safetensors *file, const char *prefix, const char *name,
                       size_t out, size_t in, bool transposed, struct linear_weights *ret_linear,
                       struct error *err)
{
    struct linear_weights linear = {.out = out, .in = in, .transposed = transposed};
    int rc = weights_matrix(file, prefix, name, transposed ? in : out, transposed ? out : in,
                            &linear.weight, err);
    if (!rc)
        *ret_linear = linear;
    return rc;
}

int weights_patch(const struct safetensors *file, const char *name,
                  const struct clip_config *config, struct linear_weights *ret_linear,
                  struct error *err)
{
    size_t width = (size_t)config->vision.width, px = (size_t)config->patch_px;
    const size_t shape[] = {width, 3, px, px};
    struct linear_weights linear = {.out = width, .in = 3 * px * px};
    int rc = safetensors_get(file, name, 4, shape, &linear.weight, err);
    if (rc)
        return rc;
    linear.weight.rank = 2;
    linear.weight.shape[1] = linear.in;
    linear.weight.shape[2] = linear.weight.shape[3] = 0;
    *ret_linear = linear;
    return 0;
}
