/* SPDX-License-Identifier: MIT */
/* Published outputs of OpenAI's ViT-B/32, to distinguish it from another model of the same shape.
 */
#pragma once

#define PUBLISHED_DIM 512

struct text_fact {
    const char *text;
    const float *vector; /* [PUBLISHED_DIM], unit length */
};

struct photo_fact {
    const char *file;
    const float *vector; /* [PUBLISHED_DIM], unit length */
};

/* 100 x cosine of a picture and a sentence. */
struct logit_fact {
    const char *file, *text;
    double logit;
};

/* Each list ends with NULLs. */
extern const struct text_fact openai_b32_texts[];
extern const struct photo_fact openai_b32_photos[];
extern const struct logit_fact openai_b32_logits[];
