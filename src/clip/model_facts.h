/* Published outputs of OpenAI's ViT-B/32, to tell the real model from another of its shape. */
#pragma once

#include <stdbool.h>

#define MODEL_FACTS_DIM 512
#define MODEL_FACTS_TEXTS 3

struct text_fact {
    const char *text;
    const float *vector; /* [MODEL_FACTS_DIM], unit length */
};

/* A picture against sentences: 100 x cosine each, or the softmax of these. */
struct picture_fact {
    const char *file;
    bool softmax;
    int count;
    const char *texts[MODEL_FACTS_TEXTS];
    double values[MODEL_FACTS_TEXTS];
};

extern const struct text_fact openai_b32_texts[];       /* ends with text == NULL */
extern const struct picture_fact openai_b32_pictures[]; /* ends with file == NULL */
