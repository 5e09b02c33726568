/* SPDX-License-Identifier: MIT */
/* CLIP: embeds pictures and sentences as unit vectors of one space, where a small angle means
 * similar content.
 *
 *     AUTO(clip) *clip = NULL;
 *     if (clip_open("models/mini", NULL, &clip, err)) ...
 *     float *vector = xmalloc(clip_dim(clip) * sizeof *vector);
 *     clip_embed_text(clip, "two dogs in the snow", vector, NULL, err)
 *
 * A folder in the layout of Hugging Face's CLIPModel (config.json, model.safetensors) or OpenCLIP's
 * (open_clip_config.json, open_clip_model.safetensors), with vocab.json and merges.txt beside it.
 * Vectors are float32 of unit length. Callers never see tensors.
 *
 * Threads: any number of threads may call all functions concurrently. Calls that embed pictures are
 * serialised in order of arrival, and so are those that embed sentences: the matrix products use
 * all cores themselves. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "image/image.h"

enum clip_precision {
    CLIP_PRECISION_AUTO = 0, /* bf16 where the CPU multiplies it natively, else f32 */
    CLIP_PRECISION_F32,
    CLIP_PRECISION_BF16,
};

struct clip_options {
    enum clip_precision precision;
    int threads; /* for matrix products; 0: all processors */
};

/* Raised whenever the same picture would give the towers other pixels than before. */
#define CLIP_PREPROCESSING_VERSION 1

struct clip;

/* ERR_NOT_FOUND: no such folder or a file of it is missing; ERR_CORRUPT: a file is broken, or its
 * tensors do not fit its config; ERR_UNSUPPORTED: not a CLIP with ViT and text transformer; options
 * may be NULL. The towers' weights are prepared when first used, so opening is cheap. */
int clip_open(const char *folder, const struct clip_options *options, struct clip **ret_clip,
              struct error *err) MUST_CHECK;
void clip_close(struct clip *clip); /* NULL is fine */
DEFINE_AUTO(clip, clip_close)

size_t clip_dim(const struct clip *clip);         /* components of a vector */
int clip_image_px(const struct clip *clip);       /* side of the square the vision tower sees */
size_t clip_pixel_count(const struct clip *clip); /* 3 * image_px * image_px floats */
enum clip_precision
clip_precision(const struct clip *clip); /* never AUTO: the precision it resolved to */
/* 64 hexadecimal digits that change with the weights: SHA-256 over the safetensors header and a
 * sample of every tensor (reading all of a 600 MB file at each start would cost more than the
 * search). */
const char *clip_fingerprint(const struct clip *clip);

/* What the vision tower sees of a picture: short edge resized to image_px, centre crop as in the
 * model's layout, normalised by the config's mean and deviation. ret_pixels:
 * [3][image_px][image_px], planes R, G, B. */
int clip_preprocess(const struct clip *clip, const struct image *image, float *ret_pixels,
                    struct error *err) MUST_CHECK;

/* Embeds n pictures: pixels [n][3][image_px][image_px] -> ret_vectors [n][dim]. This and the two
 * functions below return ERR_CORRUPT when the weights give no finite numbers, ERR_NO_MEMORY,
 * ERR_LIMIT, ERR_UNSUPPORTED, and ERR_IO when oneDNN fails. */
int clip_embed_pixels(struct clip *clip, const float *pixels, size_t n, float *ret_vectors,
                      struct error *err) MUST_CHECK;

/* ret_vector [dim]. *ret_truncated (may be NULL) tells whether the text was longer than the
 * context. ERR_INVALID when the text is not UTF-8. */
int clip_embed_text(struct clip *clip, const char *text, float *ret_vector, bool *ret_truncated,
                    struct error *err) MUST_CHECK;

/* Whether the model was trained on texts in the script of a letter (given as a code point): only
 * Latin, unless its config.json or open_clip_config.json says "reads_all_scripts": true. */
bool clip_reads_letter(const struct clip *clip, uint32_t letter);

/* Whether it was trained on texts in other languages than English, which it was if it reads all
 * scripts. */
bool clip_reads_languages(const struct clip *clip);

/* Returns the id of the token that is the whole word, in any case, or -1 if the vocabulary has no
 * such token. Ids ascend as the frequency of tokens in captions descends. */
int32_t clip_word_id(const struct clip *clip, const char *word);

/* Embeds token ids as tokenizer_encode gives them -> ret_vector [dim], for checks against recorded
 * ids. ERR_INVALID when an id is not in the vocabulary, or n_ids is 0 or above the context. */
int clip_embed_ids(struct clip *clip, const int32_t *ids, size_t n_ids, float *ret_vector,
                   struct error *err) MUST_CHECK;

/* The file of ready-packed weights in the cache folder (docs/cache.md), which is made if it is not
 * there yet. All of it is compared with its digests; a damaged one is deleted. */
enum clip_cache {
    CLIP_CACHE_GOOD,
    CLIP_CACHE_DAMAGED,
    CLIP_CACHE_NONE, /* it cannot be written: each process prepares the weights again */
};
/* Errors as clip_embed_text. */
int clip_examine_cache(struct clip *clip, enum clip_cache *ret_cache, struct error *err) MUST_CHECK;

/* The version of oneDNN, such as "2.6.3". */
void clip_engine_version(char *ret_version, size_t size);
