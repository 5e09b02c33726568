/* SPDX-License-Identifier: MIT */
/* The head of a ready file (ready.h), in the byte order of the machine; for ready*.c only. */
#pragma once

#include <stdint.h>

#define READY_MAGIC "keepsake ready\n" /* 16 bytes with its NUL */
#define READY_PREFIX "ready-"          /* of the names of files */
#define READY_VERSION 1                /* raised with every change of the layout or the content */
#define READY_HEAD_BYTES 4096          /* the head and zeros */
#define READY_ALIGN 4096               /* of sections */
#define READY_FOLDER_BYTES 1024

enum { READY_TEXT, READY_TOKENIZER, READY_SECTIONS };

struct ready_section {
    uint64_t offset, bytes;
    uint8_t digest[32]; /* SHA-256 */
};

struct ready_head {
    char magic[16];
    uint32_t version;
    uint32_t text_type;  /* enum panel_type */
    uint32_t token_type; /* enum tensor_type */
    uint32_t unused;
    uint64_t file_bytes;
    uint64_t token_offset; /* of the token rows in the weights file */
    uint8_t identity[32];  /* as in struct ready_source */
    uint8_t fingerprint[32];
    struct ready_section sections[READY_SECTIONS];
    char folder[READY_FOLDER_BYTES]; /* of the model: its real path; "" if that is longer */
    uint8_t digest[32];              /* SHA-256 of all that precedes it */
};
