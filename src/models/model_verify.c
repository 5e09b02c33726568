/* SPDX-License-Identifier: MIT */
/* Checks that a model's vectors are plausible, and holds the helpers of the other checks. */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/text.h"
#include "models/model.h"
#include "models/model_patterns.h"
#include "models/verification.h"

double verification_loss(const struct verification *v)
{
    return clip_precision(v->clip) == CLIP_PRECISION_BF16 ? 5e-4 : 1e-6;
}

struct model_check *verification_add(struct verification *v, const char *kind, const char *what)
{
    ARRAY_GROW(v->checks, v->cap, v->count + 1);
    struct model_check *check = &v->checks[v->count++];
    char name[2 * sizeof check->name];
    snprintf(name, sizeof name, "%s: %s", kind, what);
    *check = (struct model_check){.known = true};
    text_copy(check->name, sizeof check->name, name);
    return check;
}

void verification_expect_one(struct verification *v, const char *kind, const char *what, double got,
                             double tolerance)
{
    struct model_check *check = verification_add(v, kind, what);
    check->got = got;
    check->want = 1;
    check->tolerance = tolerance;
    check->good = fabs(got - 1) <= tolerance;
}

double verification_cosine(const struct verification *v, const float *a, const float *b)
{
    double sum = 0, a_length = 0, b_length = 0;
    for (size_t i = 0; i < v->dim; i++) {
        sum += (double)a[i] * b[i];
        a_length += (double)a[i] * a[i];
        b_length += (double)b[i] * b[i];
    }
    return sum / sqrt(a_length * b_length);
}

int verification_embed_image(const struct verification *v, const struct image *image,
                             float *ret_vector, struct error *err)
{
    AUTO_FREE float *pixels = xmalloc(clip_pixel_count(v->clip) * sizeof *pixels);
    int rc = clip_preprocess(v->clip, image, pixels, err);
    return rc ? rc : clip_embed_pixels(v->clip, pixels, 1, ret_vector, err);
}

/* Without recorded outputs: vectors must have unit length, and different inputs different vectors.
 */
static void check_plausible(struct verification *v, const char *kind, const char *what,
                            const float *vector, const float *other)
{
    double length = 0, cosine = verification_cosine(v, vector, other);
    for (size_t i = 0; i < v->dim; i++)
        length += (double)vector[i] * vector[i];
    verification_expect_one(v, kind, what, sqrt(length), 1e-4);
    struct model_check *check = &v->checks[v->count - 1];
    check->known = false;
    check->good = check->good && cosine < 0.99999;
}

static int verify_plausible(struct verification *v, struct error *err)
{
    AUTO_FREE float *one = xmalloc(v->dim * sizeof *one);
    AUTO_FREE float *two = xmalloc(v->dim * sizeof *two);
    int rc = clip_embed_text(v->clip, "two dogs running in the snow", one, NULL, err);
    if (!rc)
        rc = clip_embed_text(v->clip, "a birthday cake with candles", two, NULL, err);
    if (rc)
        return rc;
    check_plausible(v, "text", "two dogs running in the snow", one, two);
    AUTO(image) *gradient = NULL;
    AUTO(image) *checker = NULL;
    rc = model_pattern("gradient", clip_image_px(v->clip), &gradient, err);
    if (!rc)
        rc = model_pattern("checker", clip_image_px(v->clip), &checker, err);
    if (!rc)
        rc = verification_embed_image(v, gradient, one, err);
    if (!rc)
        rc = verification_embed_image(v, checker, two, err);
    if (rc)
        return rc;
    check_plausible(v, "picture", "gradient", one, two);
    return 0;
}

int model_verify(struct clip *clip, const char *folder, struct model_check **ret_checks,
                 size_t *ret_count, struct error *err)
{
    struct verification v = {.clip = clip, .folder = folder, .dim = clip_dim(clip)};
    bool found = false;
    int rc = verify_recorded(&v, &found, err);
    if (!rc && !found)
        rc = verify_published(&v, &found, err);
    if (!rc && !found)
        rc = verify_plausible(&v, err);
    if (rc) {
        free(v.checks);
        return rc;
    }
    *ret_checks = v.checks;
    *ret_count = v.count;
    return 0;
}
