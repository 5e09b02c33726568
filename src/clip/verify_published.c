#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "clip/config.h"
#include "clip/model_facts.h"
#include "clip/verification.h"

/* The published text vectors were computed in fp16 (11 significant bits in every product), on top
 * of what our own precision costs. */
#define FP16_LOSS 1e-3

static int has_its_shape(const struct verification *v, bool *ret_it_has, struct error *err)
{
    struct clip_config c;
    int rc = clip_config_read(v->folder, &c, err);
    if (rc)
        return rc;
    *ret_it_has = c.dim == MODEL_FACTS_DIM && c.vision.width == 768 && c.vision.layers == 12 &&
                  c.image_px == 224 && c.patch_px == 32 && c.vision.activation == CLIP_QUICK_GELU &&
                  c.text.width == 512 && c.vocab_size == 49408;
    return 0;
}

static bool has_its_name(const struct verification *v)
{
    AUTO_FREE char *real = realpath(v->folder, NULL);
    return real && strcmp(file_name(real), "clip-vit-b-32") == 0;
}

static int check_texts(struct verification *v, bool *ret_all_good, struct error *err)
{
    AUTO_FREE float *got = xmalloc(v->dim * sizeof *got);
    *ret_all_good = true;
    for (const struct text_fact *fact = openai_b32_texts; fact->text; fact++) {
        int rc = clip_embed_text(v->clip, fact->text, got, NULL, err);
        if (rc)
            return rc;
        verification_expect_one(v, "text", fact->text, verification_cosine(v, got, fact->vector),
                                FP16_LOSS + verification_loss(v));
        *ret_all_good &= v->checks[v->count - 1].good;
    }
    return 0;
}

static void softmax(double *values, int n)
{
    double sum = 0, most = values[0];
    for (int i = 1; i < n; i++)
        most = fmax(most, values[i]);
    for (int i = 0; i < n; i++)
        sum += values[i] = exp(values[i] - most);
    for (int i = 0; i < n; i++)
        values[i] /= sum;
}

/* Logits are 100 x cosine. In f32 they agree with other programs to 0.01 when the pixels are equal;
 * in bf16 each vector turns by up to sqrt(2 loss), 1.8 degrees, for which 0.5 is allowed.
 * The probabilities were computed with a crop one pixel further right (its offset was rounded up,
 * ours is rounded down as Hugging Face's): some tenths of a logit more, and a probability p moves
 * by p (1 - p), here 0.007, of that. */
static double picture_tolerance(const struct verification *v, const struct picture_fact *fact)
{
    bool bf16 = clip_precision(v->clip) == CLIP_PRECISION_BF16;
    if (fact->softmax)
        return bf16 ? 0.006 : 0.003;
    return bf16 ? 0.5 : 0.01;
}

static int check_picture(struct verification *v, const struct picture_fact *fact, const char *path,
                         struct error *err)
{
    struct file f;
    AUTO(image) *image = NULL;
    AUTO_FREE float *picture = xmalloc(v->dim * sizeof *picture);
    AUTO_FREE float *text = xmalloc(v->dim * sizeof *text);
    double values[MODEL_FACTS_TEXTS];
    int rc = file_read(path, LIMIT_PHOTO_FILE_BYTES, &f, err);
    if (rc)
        return rc;
    rc = image_decode(f.data, f.size, NULL, &image, NULL, err);
    file_release(&f);
    if (!rc)
        rc = verification_embed_image(v, image, picture, err);
    for (int i = 0; !rc && i < fact->count; i++) {
        rc = clip_embed_text(v->clip, fact->texts[i], text, NULL, err);
        if (!rc)
            values[i] = 100 * verification_cosine(v, picture, text);
    }
    if (rc)
        return rc;
    if (fact->softmax)
        softmax(values, fact->count);
    for (int i = 0; i < fact->count; i++) {
        struct model_check *check = verification_add(v, fact->file, fact->texts[i]);
        check->got = values[i];
        check->want = fact->values[i];
        check->tolerance = picture_tolerance(v, fact);
        check->good = fabs(check->got - check->want) <= check->tolerance;
    }
    return 0;
}

/* The pictures are not ours to ship: whoever has them names their folder. */
static int check_pictures(struct verification *v, struct error *err)
{
    const char *folder = getenv("KEEPSAKE_VERIFY_PICTURES");
    if (!folder || !folder[0]) {
        struct model_check *check = verification_add(
            v, "pictures", "skipped, KEEPSAKE_VERIFY_PICTURES names no folder with them");
        check->known = false;
        check->good = true;
        return 0;
    }
    int rc = 0;
    for (const struct picture_fact *fact = openai_b32_pictures; !rc && fact->file; fact++) {
        AUTO_FREE char *path = file_join(folder, fact->file);
        rc = check_picture(v, fact, path, err);
    }
    return rc;
}

int verify_published(struct verification *v, bool *ret_found, struct error *err)
{
    bool its_shape = false, all_good = false;
    size_t before = v->count;
    int rc = has_its_shape(v, &its_shape, err);
    if (rc || !its_shape)
        return rc;
    rc = check_texts(v, &all_good, err);
    if (rc)
        return rc;
    if (!all_good && !has_its_name(v)) {
        v->count = before; /* another model of the same shape */
        return 0;
    }
    rc = check_pictures(v, err);
    if (!rc)
        *ret_found = true;
    return rc;
}
