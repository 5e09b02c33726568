/* SPDX-License-Identifier: MIT */
/* Decodes pictures in sandboxed worker processes. Picture files are untrusted, codecs have
 * vulnerabilities, and this process holds photos, keys and the gallery, so no codec runs in it. A
 * worker has no files, no network, no way to start programs, limits on memory and time, and no data
 * but the one picture. It is reused for further pictures; a file that crashes, hangs or exhausts it
 * fails alone, and a new worker takes over.
 *
 *     AUTO(image) *photo = NULL;
 *     struct photo_facts facts;
 *     struct decode_options options = {.short_edge_px = 224};
 *     if (cage_decode(data, size, &options, &photo, &facts, err)) ...
 *
 * All functions are thread-safe; each decode uses a worker of its own. Memory comes from one budget
 * for the whole process, by the width and height in the picture's header: a decode that does not
 * fit waits, and one that is larger than the whole budget is refused. */
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
    /* The budget of all decodes together; 0: CAGE_MEMORY_DEFAULT, or half of the machine's memory
     * if that is less. The program itself and the idle workers (some MB each) are not included. */
    size_t memory_bytes;
    /* Processor time for one picture, plus a second for every 32 MiB that it takes or every 10
     * million pixels; the limit of wall-clock time is six times as long, and longer while the
     * worker makes progress. 0: CAGE_SECONDS_DEFAULT. */
    int seconds;
    bool required; /* decode nothing unless every wall is in place */
};

/* Call this before the first decode; otherwise the defaults apply. */
void cage_configure(const struct cage_settings *settings);
size_t cage_memory(void); /* bytes of the budget */

/* As image_decode (image/image.h), with these errors in addition: "the decoder crashed on it:
 * signal 11" (ERR_CORRUPT), too much time or memory (ERR_LIMIT), and a worker that the system
 * killed (ERR_NO_MEMORY: a later try may succeed). ERR_IO, ERR_DENIED: no picture can be decoded at
 * present, the file is not to blame.
 *
 * The pixels stay in the worker's shared memory, without a copy, and keep their part of the budget
 * until image_free: a caller that holds a picture must not wait for another one. */
int cage_decode(const void *data, size_t size, const struct decode_options *options,
                struct image **ret_image, struct photo_facts *ret_facts,
                struct error *err) MUST_CHECK;

/* Memory for one photo that is reserved before its file is read. cage_decode_with never waits for
 * more: when there is not enough it fails with share->wanted set. The caller then releases the file
 * and the share, reserves `wanted` bytes, and starts again. */
struct cage_share {
    size_t taken, wanted;
};

/* The least that a photo in a file of that size needs. */
size_t cage_least_share(size_t file_bytes);
/* Blocks until the memory is available. Requests above the whole budget are cut to it. */
void cage_share_take(struct cage_share *ret_share, size_t bytes);
void cage_share_give(struct cage_share *share);

/* As cage_decode; the share must live as long as the image. share->wanted is 0 unless it is the
 * reason of the failure. */
int cage_decode_with(struct cage_share *share, const void *data, size_t size,
                     const struct decode_options *options, struct image **ret_image,
                     struct photo_facts *ret_facts, struct error *err) MUST_CHECK;

enum cage_wall {
    CAGE_PRIVILEGES = 1, /* no new privileges, memory not readable by others */
    CAGE_LANDLOCK = 2,   /* no files, no network */
    CAGE_SECCOMP = 4,    /* only system calls that computing needs */
    CAGE_ALL = 7,
};

/* ERR_DENIED, naming the missing walls, when a cage is required and cannot be built. */
int cage_check_required(struct error *err) MUST_CHECK;

/* Starts a worker and asks which walls are in place: bits of enum cage_wall. */
int cage_examine(unsigned *ret_walls, struct error *err) MUST_CHECK;
/* The missing walls as a phrase: "no filter of system calls (seccomp) ...". The caller frees. */
char *cage_missing_walls(unsigned walls);

/* Ends idle workers. */
void cage_release_idle(void);

/* Defined only by a benchmark, to decode in this process for comparison. */
__attribute__((weak, visibility("default"))) bool cage_bench_here(void);
__attribute__((weak, visibility("default"))) int
cage_bench_decode(const void *data, size_t size, const struct decode_options *options,
                  struct image **ret_image, struct photo_facts *ret_facts, struct error *err);
