/* SPDX-License-Identifier: MIT */
/* What a decoding worker and the process it works for say to each other: one fixed struct for each
 * direction, each in one packet of a SOCK_SEQPACKET socket, in the byte order of the machine. The
 * bytes of the file and the pixels are not in it; they lie in shared memory (segment.h).
 *
 *     worker                          its owner
 *     READY  (walls, own size)   ->
 *                                <-   DECODE (a file lies in the input)
 *     ASK    (bytes in all)      ->                    only when it was granted less
 *                                <-   GRANT, or LATER: put it down, there is no memory now
 *     PICTURE, FAILURE or PUT_DOWN  ->
 *
 * What comes from a worker is foreign: a codec that a file took over may say anything. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/photo.h"

enum wire_kind {
    WIRE_READY = 1,
    WIRE_ASK,
    WIRE_PICTURE,
    WIRE_FAILURE,
    WIRE_PUT_DOWN,
    WIRE_DECODE = 65,
    WIRE_GRANT,
    WIRE_LATER,
};

/* Descriptors that come with an order, in this order; each replaces the segment that was there. */
enum { WIRE_INPUT = 1, WIRE_OUTPUT = 2 };

/* What every worker has the time for without a word. */
#define WIRE_MEGAPIXELS_USUAL 40

struct wire_order {
    uint32_t kind; /* DECODE, GRANT, LATER */
    uint32_t segments;
    uint64_t input_room, output_room; /* of the segments */
    uint64_t input_bytes;             /* DECODE: of the file */
    uint64_t granted;                 /* DECODE, GRANT: bytes it may hold */
    int32_t short_edge_px;            /* DECODE: as in struct decode_options */
    uint32_t unused;
};

struct wire_facts {
    char format[8];
    int32_t width, height;
    char taken[32], make[64], model[64], lens[96], damage[128];
    double latitude, longitude;
    uint32_t has_place;
    uint32_t unused;
};

struct wire_answer {
    uint32_t kind;
    int32_t code;    /* FAILURE: of enum error_code */
    uint64_t bytes;  /* READY: of its address space; ASK: wanted in all; else: that it holds now */
    uint64_t offset; /* PICTURE: of the pixels in the output; ASK: how much of it is in use */
    int32_t width, height;   /* PICTURE: of these pixels */
    uint32_t walls;          /* READY: bits of enum cage_wall */
    uint32_t megapixels;     /* ASK: to be decoded, which takes time */
    struct wire_facts facts; /* PICTURE */
    char message[1024];      /* FAILURE */
};

/* The packet `data` of a worker whose output has `output_room` bytes, every field of it checked:
 * ERR_CORRUPT names what cannot be. An error's sentence is printable text on one line. */
int wire_read_answer(const void *data, size_t size, uint64_t output_room,
                     struct wire_answer *ret_answer, struct error *err) MUST_CHECK;
/* Of a checked PICTURE. */
void wire_read_facts(const struct wire_facts *facts, struct photo_facts *ret_facts);
void wire_write_facts(const struct photo_facts *facts, struct wire_facts *ret_facts);

/* Sends one packet with up to 2 descriptors; 0, or an errno value. */
int wire_send(int socket, const void *data, size_t size, const int *fds, int n_fds);
/* Receives one packet of at most `size` bytes into ret_data. Returns its size, 0 at the end, or -1
 * with errno. Descriptors that came are in ret_fds [2] (-1: none); NULL: none may come. */
long wire_receive(int socket, void *ret_data, size_t size, int ret_fds[2]);
