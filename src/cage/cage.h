/* SPDX-License-Identifier: MIT */
/* Decoding in a cage: the bytes of a picture file are foreign, codecs have a new hole every month,
 * and this process holds photos, keys and the gallery. So no codec runs in it. A worker process
 * decodes: it has no files, no network, no way to start programs, limits on memory and time, and
 * nothing to steal but the one picture. It lives on from picture to picture; a file that crashes,
 * hangs or fills it costs itself, and a fresh worker goes on.
 *
 *     AUTO(image) *photo = NULL;
 *     struct photo_facts facts;
 *     struct decode_options options = {.short_edge_px = 224};
 *     if (cage_decode(data, size, &options, &photo, &facts, err)) ...
 *
 * All functions are thread-safe; each decode takes a worker of its own. Memory comes from one
 * budget for the whole process, by the width and height that the picture's header states: whoever
 * does not find enough waits, and one that is larger than the whole budget is refused. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/photo.h"
#include "image/image.h"

#define CAGE_MEMORY_DEFAULT ((size_t)1536 << 20)
#define CAGE_MEMORY_LEAST ((size_t)64 << 20)
#define CAGE_SECONDS_DEFAULT 10

struct cage_settings {
    /* For all decodes at once; 0: CAGE_MEMORY_DEFAULT, or half of the machine's where that is less.
     * The program itself and the idle workers (some MB each) come on top. */
    size_t memory_bytes;
    /* Of processor time for one picture, and a second more for every 32 MiB that it takes, or for
     * every 10 million pixels; six
     * times as much may pass by the clock, and more while it works. 0: CAGE_SECONDS_DEFAULT. */
    int seconds;
    bool required; /* decode nothing unless every wall stands */
};

/* Before the first decode; without it the defaults hold. */
void cage_configure(const struct cage_settings *settings);
size_t cage_memory(void); /* bytes of the budget */

/* As image_decode (image/image.h), and besides, with the sentences "the decoder crashed on it:
 * signal 11" (ERR_CORRUPT), that it took too long or more memory than it may have (ERR_LIMIT), or
 * that the system ended it (ERR_NO_MEMORY: another time it may do). ERR_IO, ERR_DENIED: no picture
 * can be decoded at all now, the file is not to blame.
 *
 * The pixels are the worker's own, without a copy, and with their part of the budget on loan until
 * image_free: whoever holds a picture must not wait for another one. */
int cage_decode(const void *data, size_t size, const struct decode_options *options,
                struct image **ret_image, struct photo_facts *ret_facts,
                struct error *err) MUST_CHECK;

/* Memory for one photo that is taken before its file is even read. cage_decode_with never waits for
 * more: it fails with share->wanted set when there is not enough. Then the caller lets go of the
 * file and of the share, takes `wanted` bytes, and begins again. */
struct cage_share {
    size_t taken, wanted;
};

/* What a photo in a file of that size needs at the least. */
size_t cage_least_share(size_t file_bytes);
/* Waits. More than the whole budget is cut to it. */
void cage_share_take(struct cage_share *ret_share, size_t bytes);
void cage_share_give(struct cage_share *share);

/* As cage_decode; the share must last as long as the image. share->wanted is 0 unless it is the
 * reason of the failure. */
int cage_decode_with(struct cage_share *share, const void *data, size_t size,
                     const struct decode_options *options, struct image **ret_image,
                     struct photo_facts *ret_facts, struct error *err) MUST_CHECK;

enum cage_wall {
    CAGE_PRIVILEGES = 1, /* no new privileges, memory not readable by others */
    CAGE_LANDLOCK = 2,   /* no files, no network */
    CAGE_SECCOMP = 4,    /* no system calls but those of computing */
    CAGE_ALL = 7,
};

/* ERR_DENIED, with what is missing, when a cage is required and cannot be had. */
int cage_check_required(struct error *err) MUST_CHECK;

/* Starts a worker and asks which walls it has: bits of enum cage_wall. */
int cage_examine(unsigned *ret_walls, struct error *err) MUST_CHECK;
/* What is missing, as a phrase for a sentence: "no filter of system calls (seccomp) ...". The
 * caller frees. */
char *cage_missing_walls(unsigned walls);

/* Ends the workers that have nothing to do. */
void cage_release_idle(void);

/* Only a benchmark defines them: whether to decode in this process, to compare, and how. */
__attribute__((weak, visibility("default"))) bool cage_bench_here(void);
__attribute__((weak, visibility("default"))) int
cage_bench_decode(const void *data, size_t size, const struct decode_options *options,
                  struct image **ret_image, struct photo_facts *ret_facts, struct error *err);
