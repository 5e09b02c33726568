/* SPDX-License-Identifier: MIT */
/* The inside of struct clip, for clip.c, clip_preprocess.c, background.c and scripts.c only. */
#pragma once

#include "base/fair_mutex.h"
#include "base/hash.h"
#include "clip/clip.h"
#include "clip/config.h"
#include "clip/text_tower.h"
#include "clip/vision_tower.h"
#include "clip/weights.h"
#include "nn/matmul.h"
#include "tokenizer/tokenizer.h"

struct clip {
    struct clip_config config;
    struct clip_weights *weights;
    struct tokenizer *tokenizer;
    char fingerprint[HASH_HEX_SIZE];
    enum clip_precision precision;     /* never AUTO */
    float levels[3][256];              /* the input value for each 8-bit R, G, B */
    struct matmul_engine *engine;      /* of the vision tower: all processors */
    struct matmul_engine *text_engine; /* one thread: a sentence is too little work to share, and
                                          spinning threads would occupy the processors */
    struct vision *vision;             /* NULL until first used */
    struct text *text;                 /* NULL until first used */
    struct fair_mutex vision_mutex, text_mutex,
        background_mutex; /* of who uses that which is above */
    float *background;    /* of background.h; NULL until first used */
};

/* Fills levels from the config. */
void clip_make_levels(struct clip *clip);
