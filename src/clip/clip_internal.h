/* SPDX-License-Identifier: MIT */
/* The inside of struct clip, for clip*.c, background.c and scripts.c only. */
#pragma once

#include "base/fair_mutex.h"
#include "base/hash.h"
#include "clip/clip.h"
#include "clip/config.h"
#include "clip/ready.h"
#include "clip/text_tower.h"
#include "clip/vision_tower.h"
#include "clip/weights.h"
#include "nn/matmul.h"
#include "tokenizer/tokenizer.h"

struct clip {
    struct clip_config config;
    char *folder;
    int threads;                  /* of the vision tower */
    struct clip_weights *weights; /* NULL until first used, when there was a ready file */
    struct ready_source source;   /* of the ready file */
    struct ready *ready;          /* NULL until first used, when there was none */
    struct ready *before;         /* one that was found damaged; the tokenizer may be its */
    struct tokenizer *tokenizer;
    char fingerprint[HASH_HEX_SIZE];
    enum clip_precision precision; /* never AUTO */
    float levels[3][256];          /* the input value for each 8-bit R, G, B */
    struct matmul_engine *engine;  /* of the vision tower; NULL until first used */
    struct vision *vision;         /* NULL until first used */
    struct text *text;             /* NULL until first used */
    struct fair_mutex vision_mutex, text_mutex, weights_mutex,
        background_mutex; /* of who uses that which is above */
    float *background;    /* of background.h; NULL until first used */
};

/* Of clip_parts.c. */

/* Opens all that a text needs, from the ready file if there is one. */
int clip_open_parts(struct clip *clip, struct error *err) MUST_CHECK;
/* Makes clip->weights, clip->vision, clip->text if they are not there yet. The caller holds the
 * mutex of the tower. */
int clip_need_vision(struct clip *clip, struct error *err) MUST_CHECK;
int clip_need_text(struct clip *clip, struct error *err) MUST_CHECK;
/* Called when the text tower computed no finite numbers: if its parameters are from a file, deletes
 * that and takes them from the model's weights. False if there is nothing more to try. */
bool clip_renew_text(struct clip *clip);

/* Fills levels from the config. */
void clip_make_levels(struct clip *clip);
