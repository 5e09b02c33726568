/* SPDX-License-Identifier: MIT */
/* The protocol between a decoding worker and its owner: one fixed struct for each direction, sent
 * as one packet of a SOCK_SEQPACKET socket in the machine's byte order. The file's bytes and the
 * pixels are in shared memory (segment.h).
 *
 *     worker                          its owner
 *     READY  (walls, own size)   ->
 *                                <-   DECODE (a file lies in the input, its sidecars after it)
 *     ASK    (bytes in all)      ->                    only when it was granted less
 *                                <-   GRANT, or LATER: put it down, there is no memory now
 *     PICTURE, FAILURE or PUT_DOWN  ->
 *
 * Answers of a worker are untrusted: a codec that a file has taken over may send anything. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/photo.h"
#include "image/image.h"

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

/* Descriptors sent with an order, in this sequence; each replaces the previous segment. */
enum { WIRE_INPUT = 1, WIRE_OUTPUT = 2 };

/* Megapixels that every worker may decode without asking for time. */
#define WIRE_MEGAPIXELS_USUAL 40

struct wire_order {
    uint32_t kind; /* DECODE, GRANT, LATER */
    uint32_t segments;
    uint64_t input_room, output_room; /* of the segments */
    uint64_t input_bytes;             /* DECODE: of the file */
    uint64_t granted;                 /* DECODE, GRANT: bytes that it may hold */
    int32_t short_edge_px;            /* DECODE: as in struct decode_options */
    uint32_t n_sidecars;              /* DECODE */
    struct {
        uint32_t kind, bytes; /* of struct sidecar */
    } sidecars[LIMIT_SIDECARS];
};

/* As struct photo_facts, but nothing in it has values that must not be read before it is checked.
 */
struct wire_facts {
#define TEXT(name, bytes, ...) char name[bytes];
#define TIME(name, bytes, ...) char name[bytes];
#define LIST(name, bytes, ...) char name[bytes];
#define WHOLE(name, ...) int32_t name;
#define REAL(name, ...) double name;
#define FLAG(name) uint32_t name;
#include "base/facts.def"
};

struct wire_region {
    char name[sizeof((struct photo_region *)NULL)->name];
    uint32_t has_box;
    double x, y, width, height;
};

/* As struct decode_extras. */
struct wire_extras {
    uint32_t broken_sidecars, n_regions;
    struct wire_region regions[LIMIT_REGIONS];
};

struct wire_answer {
    uint32_t kind;
    int32_t code;    /* FAILURE: of enum error_code */
    uint64_t bytes;  /* READY: its address space; ASK: wanted in total; otherwise: held now */
    uint64_t offset; /* PICTURE: of the pixels in the output; ASK: bytes of the output in use */
    int32_t width, height;     /* PICTURE: of the pixels */
    uint32_t walls;            /* READY: bits of enum cage_wall */
    uint32_t megapixels;       /* ASK: to be decoded, which takes time */
    char message[1024];        /* FAILURE */
    struct wire_facts facts;   /* PICTURE. Late, so that a new fact moves nothing before it */
    struct wire_extras extras; /* PICTURE */
};

/* Parses the packet `data` of a worker whose output has `output_room` bytes, and checks every
 * field: ERR_CORRUPT names the invalid one. An error message is printable text on one line. */
int wire_read_answer(const void *data, size_t size, uint64_t output_room,
                     struct wire_answer *ret_answer, struct error *err) MUST_CHECK;
/* The pixels' facts of a checked PICTURE. */
void wire_read_facts(const struct wire_facts *facts, struct photo_facts *ret_facts);
/* The same for what else is known of the photo. */
void wire_read_extras(const struct wire_extras *extras, struct decode_extras *ret_extras);
void wire_write_extras(const struct decode_extras *extras, struct wire_extras *ret_extras);
void wire_write_facts(const struct photo_facts *facts, struct wire_facts *ret_facts);

/* Sends one packet with up to 2 descriptors; 0, or an errno value. */
int wire_send(int socket, const void *data, size_t size, const int *fds, int n_fds);
/* Receives one packet of at most `size` bytes into ret_data. Returns its size, 0 at the end, or -1
 * with errno. Received descriptors are in ret_fds [2] (-1: none); NULL: none are accepted. */
long wire_receive(int socket, void *ret_data, size_t size, int ret_fds[2]);
