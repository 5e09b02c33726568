/* SPDX-License-Identifier: MIT */
/* The parts of model_verify: a growing list of checks, and the functions that add to it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "clip/clip.h"
#include "models/model.h"

struct verification {
    struct clip *clip;
    const char *folder;
    size_t dim;
    struct model_check *checks;
    size_t count, cap;
};

/* How far a cosine may lie below 1: the order of additions differs in f32; in bf16 every factor is
 * rounded to 8 significant bits, which costs these models up to 5e-4. */
double verification_loss(const struct verification *v);

/* Appends a check and returns it for the caller to fill in the numbers; valid until the next one is
 * added. */
struct model_check *verification_add(struct verification *v, const char *kind, const char *what);
/* Appends the check that `got` is within the tolerance of 1. */
void verification_expect_one(struct verification *v, const char *kind, const char *what, double got,
                             double tolerance);

/* Cosine of two unit vectors. */
double verification_cosine(const struct verification *v, const float *a, const float *b);

/* ret_vector [dim]. */
int verification_embed_image(const struct verification *v, const struct image *image,
                             float *ret_vector, struct error *err) MUST_CHECK;

/* Checks the hashes and vectors in FOLDER/reference.json; *ret_found tells whether there is one.
 * ERR_CORRUPT. */
int verify_recorded(struct verification *v, bool *ret_found, struct error *err) MUST_CHECK;

/* Compares with published outputs of OpenAI's ViT-B/32. *ret_found is false when the model is of
 * another shape, or has another name and other outputs. */
int verify_published(struct verification *v, bool *ret_found, struct error *err) MUST_CHECK;
