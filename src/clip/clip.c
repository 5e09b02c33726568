/* SPDX-License-Identifier: MIT */
/* Opens a model folder and embeds texts and pixels with it. */
#include "clip/clip.h"

#include <stdlib.h>

#include "clip/clip_internal.h"
#include "nn/parallel.h"

static int choose_precision(enum clip_precision wanted, enum clip_precision *ret_precision,
                            struct error *err)
{
    bool native = matmul_has_bf16();
    if (wanted == CLIP_PRECISION_BF16 && !native)
        return error_set(err, ERR_UNSUPPORTED,
                         "this processor does not multiply bf16 numbers; use f32");
    if (wanted == CLIP_PRECISION_AUTO)
        wanted = native ? CLIP_PRECISION_BF16 : CLIP_PRECISION_F32;
    *ret_precision = wanted;
    return 0;
}

int clip_open(const char *folder, const struct clip_options *options, struct clip **ret_clip,
              struct error *err)
{
    static const struct clip_options defaults = {CLIP_PRECISION_AUTO, 0};
    options = options ? options : &defaults;
    AUTO(clip) *clip = xcalloc(1, sizeof *clip);
    fair_mutex_init(&clip->vision_mutex);
    fair_mutex_init(&clip->text_mutex);
    fair_mutex_init(&clip->weights_mutex);
    fair_mutex_init(&clip->background_mutex);
    clip->folder = xstrdup(folder);
    clip->threads = options->threads > 0 ? options->threads : parallel_processors();
    int code = choose_precision(options->precision, &clip->precision, err);
    if (!code)
        code = clip_config_read(folder, &clip->config, err);
    if (!code)
        code = clip_open_parts(clip, err);
    if (code)
        return code;
    clip_make_levels(clip);
    *ret_clip = clip;
    clip = NULL;
    return 0;
}

void clip_close(struct clip *clip)
{
    if (!clip)
        return;
    vision_free(clip->vision);
    text_free(clip->text);
    free(clip->background);
    matmul_engine_free(clip->engine);
    tokenizer_close(clip->tokenizer);
    ready_close(clip->ready);
    ready_close(clip->before);
    ready_source_release(&clip->source);
    clip_weights_close(clip->weights);
    free(clip->folder);
    fair_mutex_release(&clip->vision_mutex);
    fair_mutex_release(&clip->text_mutex);
    fair_mutex_release(&clip->weights_mutex);
    fair_mutex_release(&clip->background_mutex);
    free(clip);
}

size_t clip_dim(const struct clip *clip)
{
    return (size_t)clip->config.dim;
}

int clip_image_px(const struct clip *clip)
{
    return clip->config.image_px;
}

size_t clip_pixel_count(const struct clip *clip)
{
    return 3 * (size_t)clip->config.image_px * (size_t)clip->config.image_px;
}

enum clip_precision clip_precision(const struct clip *clip)
{
    return clip->precision;
}

const char *clip_fingerprint(const struct clip *clip)
{
    return clip->fingerprint;
}

int clip_embed_pixels(struct clip *clip, const float *pixels, size_t n, float *ret_vectors,
                      struct error *err)
{
    fair_mutex_lock(&clip->vision_mutex);
    int code = clip_need_vision(clip, err);
    if (!code)
        code = vision_embed(clip->vision, pixels, n, ret_vectors, err);
    fair_mutex_unlock(&clip->vision_mutex);
    return code;
}

int clip_embed_ids(struct clip *clip, const int32_t *ids, size_t n_ids, float *ret_vector,
                   struct error *err)
{
    fair_mutex_lock(&clip->text_mutex);
    int code;
    do {
        code = clip_need_text(clip, err);
        if (!code)
            code = text_embed(clip->text, ids, n_ids, ret_vector, err);
    } while (code == ERR_CORRUPT && clip_renew_text(clip));
    fair_mutex_unlock(&clip->text_mutex);
    return code;
}

int clip_embed_text(struct clip *clip, const char *text, float *ret_vector, bool *ret_truncated,
                    struct error *err)
{
    size_t context = (size_t)clip->config.context, n_ids;
    bool truncated;
    AUTO_FREE int32_t *ids = xcalloc(context, sizeof *ids);
    int code = tokenizer_encode(clip->tokenizer, text, context, ids, &n_ids, &truncated, err);
    if (!code)
        code = clip_embed_ids(clip, ids, n_ids, ret_vector, err);
    if (!code && ret_truncated)
        *ret_truncated = truncated;
    return code;
}

int32_t clip_word_id(const struct clip *clip, const char *word)
{
    int32_t ids[4]; /* start, the word, end; one more of a word of several tokens */
    size_t count;
    bool truncated;
    int rc = tokenizer_encode(clip->tokenizer, word, sizeof ids / sizeof *ids, ids, &count,
                              &truncated, NULL);
    return rc || truncated || count != 3 ? -1 : ids[1];
}

void clip_engine_version(char *ret_version, size_t size)
{
    matmul_version(ret_version, size);
}
