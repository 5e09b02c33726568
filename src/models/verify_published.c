/* SPDX-License-Identifier: MIT */
/* Compares a model's vectors and logits with published ones. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "cage/cage.h"
#include "clip/config.h"
#include "models/published_facts.h"
#include "models/verification.h"

/* The published text vectors were computed in fp16 (11 significant bits in every product), in
 * addition to the loss of our own precision. */
#define FP16_LOSS 1e-3

/* Decoders of JPEG differ by up to 2 levels of 255, and the resized picture with them. */
#define JPEG_LOSS 2e-3

/* Logits are 100 x cosine. In f32 they agree with other programs to 0.01 when the pixels are equal;
 * in bf16 each vector turns by up to sqrt(2 loss), 1.8 degrees, for which 0.5 is allowed. */
#define F32_LOGIT 0.01
#define BF16_LOGIT 0.5

static int has_its_shape(const struct verification *v, bool *ret_it_has, struct error *err)
{
    struct clip_config c;
    int rc = clip_config_read(v->folder, &c, err);
    if (rc)
        return rc;
    *ret_it_has = c.dim == PUBLISHED_DIM && c.vision.width == 768 && c.vision.layers == 12 &&
                  c.image_px == 224 && c.patch_px == 32 &&
                  c.vision.activation == ACTIVATION_QUICK_GELU && c.text.width == 512 &&
                  c.vocab_size == 49408;
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

/* Embeds FOLDER/FILE. *ret_there is false when the folder has no such file. */
static int embed_file(const struct verification *v, const char *folder, const char *name,
                      float *ret_vector, bool *ret_there, struct error *err)
{
    struct file f;
    AUTO(image) *image = NULL;
    AUTO_FREE char *path = file_join(folder, name);
    *ret_there = access(path, F_OK) == 0;
    if (!*ret_there)
        return 0;
    int rc = file_read(path, LIMIT_PHOTO_FILE_BYTES, &f, err);
    if (rc)
        return rc;
    rc = cage_decode(f.data, f.size, NULL, &image, NULL, err);
    file_release(&f);
    return rc ? error_add(err, "%s", path) : verification_embed_image(v, image, ret_vector, err);
}

static void add_skipped(struct verification *v, const char *what)
{
    struct model_check *check = verification_add(v, "skipped", what);
    check->known = false;
    check->good = true;
}

static int check_photos(struct verification *v, const char *folder, struct error *err)
{
    AUTO_FREE float *got = xmalloc(v->dim * sizeof *got);
    for (const struct photo_fact *fact = openai_b32_photos; fact->file; fact++) {
        bool there = false;
        int rc = embed_file(v, folder, fact->file, got, &there, err);
        if (rc)
            return rc;
        if (there)
            verification_expect_one(v, "picture", fact->file,
                                    verification_cosine(v, got, fact->vector),
                                    JPEG_LOSS + FP16_LOSS + verification_loss(v));
        else
            add_skipped(v, fact->file);
    }
    return 0;
}

static int check_logit(struct verification *v, const char *folder, const struct logit_fact *fact,
                       struct error *err)
{
    AUTO_FREE float *picture = xmalloc(v->dim * sizeof *picture);
    AUTO_FREE float *text = xmalloc(v->dim * sizeof *text);
    bool there = false;
    int rc = embed_file(v, folder, fact->file, picture, &there, err);
    if (rc)
        return rc;
    if (!there) {
        add_skipped(v, fact->file);
        return 0;
    }
    rc = clip_embed_text(v->clip, fact->text, text, NULL, err);
    if (rc)
        return rc;
    struct model_check *check = verification_add(v, fact->file, fact->text);
    check->got = 100 * verification_cosine(v, picture, text);
    check->want = fact->logit;
    check->tolerance = clip_precision(v->clip) == CLIP_PRECISION_BF16 ? BF16_LOGIT : F32_LOGIT;
    check->good = fabs(check->got - check->want) <= check->tolerance;
    return 0;
}

/* The pictures may not be distributed with the program: users who have them name their folder. */
static int check_pictures(struct verification *v, struct error *err)
{
    const char *folder = getenv("KEEPSAKE_VERIFY_PICTURES");
    if (!folder || !folder[0]) {
        add_skipped(v, "pictures (KEEPSAKE_VERIFY_PICTURES names no folder with them)");
        return 0;
    }
    int rc = check_photos(v, folder, err);
    for (const struct logit_fact *fact = openai_b32_logits; !rc && fact->file; fact++)
        rc = check_logit(v, folder, fact, err);
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
