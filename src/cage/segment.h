/* SPDX-License-Identifier: MIT */
/* A piece of memory that a worker and its owner share: the file's bytes on their way in, pixels on
 * their way out. The owner creates it with a fixed size, because a worker that shrank it would
 * crash the owner; a larger one is a new segment. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The size that a worker keeps from one picture to the next; larger segments are released
 * immediately. */
#define SEGMENT_KEPT_INPUT ((size_t)4 << 20)
#define SEGMENT_KEPT_OUTPUT ((size_t)12 << 20)

struct segment {
    uint8_t *data; /* NULL: no segment */
    size_t room;
    int fd; /* the owner's until it is sent; -1: none */
};

#define SEGMENT_NONE \
    {                \
        NULL, 0, -1  \
    }

/* Makes sure that the segment has at least `bytes`; a smaller one is replaced and its content lost.
 * Pages take memory only once they are written. ERR_NO_MEMORY. */
int segment_make(struct segment *segment, size_t bytes, struct error *err) MUST_CHECK;
/* The worker's side: maps the received segment in its place, and closes fd. ERR_NO_MEMORY. */
int segment_receive(struct segment *segment, int fd, size_t room, struct error *err) MUST_CHECK;
/* Closes the descriptor, which is not needed once it was sent. */
void segment_sent(struct segment *segment);
void segment_release(struct segment *segment);
/* Releases the segment when it is larger than the size that is kept. */
void segment_trim(struct segment *segment, size_t kept);
