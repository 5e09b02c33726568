/* SPDX-License-Identifier: MIT */
/* A perceptual hash: 64 bits that stay nearly the same when a picture is scaled, compressed again,
 * or changed a little in brightness. Two pictures look alike if their hashes differ in few bits.
 *
 * The picture is resized to 32 x 32 pixels (bicubic, without regard to its aspect ratio), converted
 * to grey by ITU-R 601 (as Pillow's mode L), and transformed by a two-dimensional DCT-II. Bit k of
 * the hash, from the most significant one, tells whether coefficient (k / 8, k % 8) (vertical,
 * horizontal frequency) of the lowest 8 x 8 is above the median of these 64. All of it is computed
 * in whole numbers, so that every CPU gives the same bits. The payload of the signal is the hash in
 * 8 bytes, most significant first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "image/image.h"
#include "signals/signal_kind.h"

#define PERCEPTUAL_HASH_KIND "phash"
#define PERCEPTUAL_HASH_VERSION 1
#define PERCEPTUAL_HASH_EDGE 32
#define PERCEPTUAL_HASH_BYTES 8

/* Computes the hash of one picture. ERR_NO_MEMORY, ERR_LIMIT. */
int perceptual_hash(const struct image *picture, uint64_t *ret_hash, struct error *err) MUST_CHECK;
/* The batch function of the kind: payloads of PERCEPTUAL_HASH_BYTES. */
int perceptual_hash_compute(const struct image *const *pictures, size_t n,
                            struct signal_payload *ret_payloads, struct error *err) MUST_CHECK;
/* Reads a payload. Returns false if it has another size. */
bool perceptual_hash_read(const void *payload, size_t size, uint64_t *ret_hash);
