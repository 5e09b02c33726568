/* SPDX-License-Identifier: MIT */
/* A piece of memory that a worker and its owner both have: the file's bytes on their way in, pixels
 * on their way out. The owner makes it; it can neither shrink nor grow afterwards (a worker that
 * shrank it would kill the owner by its next access), so that a larger one is a new one. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What a worker keeps from one picture to the next; larger segments are given back at once. */
#define SEGMENT_KEPT_INPUT ((size_t)4 << 20)
#define SEGMENT_KEPT_OUTPUT ((size_t)12 << 20)

struct segment {
    uint8_t *data; /* NULL: there is none */
    size_t room;
    int fd; /* the owner's, until it was sent; -1: none */
};

#define SEGMENT_NONE \
    {                \
        NULL, 0, -1  \
    }

/* Replaces `segment` by one of at least `bytes` unless it is one; what was in it is lost. Pages
 * take memory only once they are written. ERR_NO_MEMORY. */
int segment_make(struct segment *segment, size_t bytes, struct error *err) MUST_CHECK;
/* The worker's side: replaces it by what came; closes fd. ERR_NO_MEMORY. */
int segment_receive(struct segment *segment, int fd, size_t room, struct error *err) MUST_CHECK;
/* Once it was sent, the descriptor is not needed any more. */
void segment_sent(struct segment *segment);
void segment_release(struct segment *segment);
/* Releases it when it is larger than what is kept. */
void segment_trim(struct segment *segment, size_t kept);
