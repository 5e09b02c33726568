/* SPDX-License-Identifier: MIT */
/* Opens the parts of a model when they are first needed: its weights, its towers, the tokenizer. */
#include <unistd.h>

#include "clip/clip_internal.h"

/* The tokenizer may know fewer ids than the model, not more. */
static int check_vocabulary(const struct clip *clip, struct error *err)
{
    size_t ids = tokenizer_vocab_size(clip->tokenizer);
    if (ids > (size_t)clip->config.vocab_size)
        return error_set(err, ERR_CORRUPT,
                         "%s: vocab.json has ids up to %zu, but the model knows only %d tokens; "
                         "its files do not belong together",
                         clip->folder, ids - 1, clip->config.vocab_size);
    return 0;
}

static bool open_ready_parts(struct clip *clip)
{
    struct error ignored;
    AUTO(ready) *ready = NULL;
    if (!clip->source.folder || ready_open(&clip->source, &ready, &ignored) ||
        tokenizer_open_packed(ready->tokenizer, ready->tokenizer_bytes, &clip->tokenizer, &ignored))
        return false;
    if (check_vocabulary(clip, &ignored)) {
        tokenizer_close(clip->tokenizer);
        clip->tokenizer = NULL;
        return false;
    }
    hash_hex(ready->fingerprint, clip->fingerprint);
    clip->ready = ready;
    ready = NULL;
    return true;
}

static int open_stored_parts(struct clip *clip, struct error *err)
{
    int code = clip_weights_open(clip->folder, &clip->config, &clip->weights, err);
    if (!code)
        code = tokenizer_open(clip->folder, &clip->tokenizer, err);
    if (!code)
        code = check_vocabulary(clip, err);
    if (code)
        return code;
    uint8_t digest[HASH_BYTES];
    safetensors_fingerprint(clip->weights->file, digest);
    hash_hex(digest, clip->fingerprint);
    return 0;
}

int clip_open_parts(struct clip *clip, struct error *err)
{
    struct error missing; /* which open_stored_parts says better */
    bool rounded = clip->precision == CLIP_PRECISION_BF16;
    if (ready_source_read(clip->folder, &clip->config, rounded, &clip->source, &missing) == 0 &&
        open_ready_parts(clip))
        return 0;
    return open_stored_parts(clip, err);
}

static int need_weights(struct clip *clip, struct error *err)
{
    int code = 0;
    fair_mutex_lock(&clip->weights_mutex);
    if (!clip->weights)
        code = clip_weights_open(clip->folder, &clip->config, &clip->weights, err);
    fair_mutex_unlock(&clip->weights_mutex);
    return code;
}

int clip_need_vision(struct clip *clip, struct error *err)
{
    int code = 0;
    enum value_type type = clip->precision == CLIP_PRECISION_BF16 ? VALUE_BF16 : VALUE_F32;
    if (!clip->engine)
        code = matmul_engine_new(clip->threads, &clip->engine, err);
    if (code)
        return code;
    matmul_engine_enter(clip->engine);
    if (clip->vision)
        return 0;
    code = need_weights(clip, err);
    return code ? code
                : vision_new(clip->engine, &clip->config, clip->weights, type, &clip->vision, err);
}

int clip_need_text(struct clip *clip, struct error *err)
{
    int code = 0;
    if (clip->text)
        return 0;
    if (!clip->ready) {
        code = need_weights(clip, err);
        if (!code)
            code = ready_make(&clip->source, clip->weights, clip->tokenizer, &clip->ready, err);
    }
    return code ? code
                : text_new(&clip->config, &clip->ready->pack, clip->ready->map.data != NULL,
                           &clip->ready->token, &clip->text, err);
}

bool clip_renew_text(struct clip *clip)
{
    if (!clip->ready || !clip->ready->map.data || clip->before)
        return false;
    text_free(clip->text);
    clip->text = NULL;
    clip->before = clip->ready;
    clip->ready = NULL;
    unlink(clip->source.path);
    return true;
}

static enum clip_cache examine_file(const struct clip *clip)
{
    const struct file_map *map = &clip->ready->map;
    if (!map->data)
        return CLIP_CACHE_NONE;
    if (ready_is_whole(map->data, map->size))
        return CLIP_CACHE_GOOD;
    unlink(clip->source.path);
    return CLIP_CACHE_DAMAGED;
}

int clip_examine_cache(struct clip *clip, enum clip_cache *ret_cache, struct error *err)
{
    fair_mutex_lock(&clip->text_mutex);
    int code = clip_need_text(clip, err);
    if (!code)
        *ret_cache = examine_file(clip);
    fair_mutex_unlock(&clip->text_mutex);
    return code;
}
