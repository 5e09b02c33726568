/* SPDX-License-Identifier: MIT */
/* Resizes as Pillow does: antialiased bicubic, two passes in fixed point. */
#include "image/image.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "kernels/resize.h"

#define SUPPORT 2.0 /* of the cubic, in input pixels at scale 1 */

/* Keys' cubic convolution with a = -0.5, in Pillow's order of operations. */
static double cubic_weight(double x)
{
    const double a = -0.5;
    x = fabs(x);
    if (x < 1.0)
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
    if (x < 2.0)
        return (((x - 5) * x + 8) * x - 4) * a;
    return 0.0;
}

/* The taps of outputs [from, from + n) when `in` pixels are resized to `out`. */
struct axis {
    struct resize_taps taps;
    int *first, *counts;
    struct resize_block *weights;
};

static void axis_release(struct axis *axis)
{
    free(axis->first);
    free(axis->counts);
    free(axis->weights);
}

static int axis_init(struct axis *axis, int in, int n, int taps, struct error *err)
{
    size_t blocks = ((size_t)taps + RESIZE_BLOCK - 1) / RESIZE_BLOCK;
    void *first = NULL, *counts = NULL, *weights = NULL;
    int rc = try_alloc((size_t)n, sizeof(int), LIMIT_DECODE_BYTES, &first, err);
    if (!rc)
        rc = try_alloc((size_t)n, sizeof(int), LIMIT_DECODE_BYTES, &counts, err);
    if (!rc)
        rc = try_alloc((size_t)n * blocks, sizeof(struct resize_block), LIMIT_DECODE_BYTES,
                       &weights, err);
    axis->first = first;
    axis->counts = counts;
    axis->weights = weights;
    if (rc) {
        axis_release(axis);
        return rc;
    }
    memset(weights, 0, (size_t)n * blocks * sizeof(struct resize_block));
    axis->taps = (struct resize_taps){.n_inputs = in,
                                      .n_outputs = n,
                                      .blocks = (int)blocks,
                                      .first = axis->first,
                                      .counts = axis->counts,
                                      .weights = axis->weights};
    return 0;
}

static void set_weight(struct resize_block *weights, int tap, double weight)
{
    double scaled = weight * (1 << RESIZE_PRECISION_BITS);
    int fixed = (int)(weight < 0 ? scaled - 0.5 : scaled + 0.5);
    int high = fixed >= 0 ? fixed / RESIZE_SPLIT : -((RESIZE_SPLIT - 1 - fixed) / RESIZE_SPLIT);
    weights[tap / RESIZE_BLOCK].high[tap % RESIZE_BLOCK] = (int16_t)high;
    weights[tap / RESIZE_BLOCK].low[tap % RESIZE_BLOCK] = (int16_t)(fixed - high * RESIZE_SPLIT);
}

/* Computes the weights of one output whose centre is at `center`: the cubic stretched by
 * `stretch`, normalised to a sum of one in double. */
static void fill_weights(struct resize_block *weights, int first, int count, double center,
                         double stretch, double *scratch)
{
    double inverse = 1.0 / stretch, sum = 0.0;
    for (int k = 0; k < count; k++) {
        scratch[k] = cubic_weight((k + first - center + 0.5) * inverse);
        sum += scratch[k];
    }
    for (int k = 0; k < count; k++)
        set_weight(weights, k, sum != 0.0 ? scratch[k] / sum : scratch[k]);
}

static int axis_open(struct axis *axis, int in, int out, int from, int n, struct error *err)
{
    double scale = (double)in / out, stretch = scale < 1.0 ? 1.0 : scale;
    double support = SUPPORT * stretch;
    int taps = (int)ceil(support) * 2 + 1;
    int rc = axis_init(axis, in, n, taps, err);
    if (rc)
        return rc;
    AUTO_FREE double *scratch = xmalloc((size_t)taps * sizeof *scratch);
    for (int i = 0; i < n; i++) {
        double center = (from + i + 0.5) * scale;
        int first = (int)(center - support + 0.5), end = (int)(center + support + 0.5);
        first = first < 0 ? 0 : first;
        end = end > in ? in : end;
        axis->first[i] = first;
        axis->counts[i] = end - first;
        fill_weights(axis->weights + (size_t)i * (size_t)axis->taps.blocks, first, end - first,
                     center, stretch, scratch);
    }
    return 0;
}

/* Makes the axis start at its first input, which it returns; *ret_used is the number of inputs it
 * covers. */
static int axis_rebase(struct axis *axis, int *ret_used)
{
    int n = axis->taps.n_outputs, base = axis->first[0];
    *ret_used = axis->first[n - 1] + axis->counts[n - 1] - base;
    for (int i = 0; i < n; i++)
        axis->first[i] -= base;
    axis->taps.n_inputs = *ret_used;
    return base;
}

static int resample_axes(const struct image *image, const struct axis *x_axis, struct axis *y_axis,
                         struct image *out, struct error *err)
{
    const struct resize_kernels *kernels = resize_kernels(cpu_level());
    size_t in_stride = (size_t)image->width * 3, stride = (size_t)out->width * 3;
    int n_rows, top = axis_rebase(y_axis, &n_rows);
    void *block;
    int rc = try_alloc((size_t)n_rows, stride, LIMIT_DECODE_BYTES, &block, err);
    if (rc)
        return rc;
    uint8_t *rows = block;
    for (int y = 0; y < n_rows; y++)
        kernels->across(image->rgb + (size_t)(top + y) * in_stride, &x_axis->taps,
                        rows + (size_t)y * stride);
    for (int y = 0; y < out->height; y++)
        kernels->down(rows, stride, &y_axis->taps, y, stride, out->rgb + (size_t)y * stride);
    free(rows);
    return 0;
}

static int check_crop(int width, int height, int left, int top, int crop_width, int crop_height,
                      struct error *err)
{
    if (width < 1 || height < 1 || left < 0 || top < 0 || crop_width < 1 || crop_height < 1 ||
        left > width - crop_width || top > height - crop_height)
        return error_set(err, ERR_INVALID,
                         "a crop of %d x %d at %d, %d is not inside a picture of %d x %d",
                         crop_width, crop_height, left, top, width, height);
    return 0;
}

int image_resize_crop(const struct image *image, int width, int height, int left, int top,
                      int crop_width, int crop_height, struct image **ret_image, struct error *err)
{
    int rc = check_crop(width, height, left, top, crop_width, crop_height, err);
    if (rc)
        return rc;
    AUTO(image) *out = NULL;
    struct axis x_axis, y_axis;
    if ((rc = image_new(crop_width, crop_height, &out, err)) ||
        (rc = axis_open(&x_axis, image->width, width, left, crop_width, err)))
        return rc;
    rc = axis_open(&y_axis, image->height, height, top, crop_height, err);
    if (!rc) {
        rc = resample_axes(image, &x_axis, &y_axis, out, err);
        axis_release(&y_axis);
    }
    axis_release(&x_axis);
    if (rc)
        return rc;
    *ret_image = out;
    out = NULL;
    return 0;
}

int image_resize(const struct image *image, int width, int height, struct image **ret_image,
                 struct error *err)
{
    return image_resize_crop(image, width, height, 0, 0, width, height, ret_image, err);
}
