/* SPDX-License-Identifier: MIT */
/* Opens the file of a photo in the gallery and makes sure that its content is what was indexed.
 *
 * A path is only where the photo was when it was indexed: a link, another file or a device may be
 * there now. Code that passes bytes of a photo on (to a browser, a language model, a terminal)
 * opens the file here: the path is resolved once, must lead to a regular file, and the content must
 * have the hash that the gallery knows. All later reads use that one descriptor. Symbolic links are
 * followed, because photos are also indexed through links; the hash tells whether they still lead
 * to the same photo. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"

#define PHOTO_FILE_HEAD 256 /* bytes: enough to recognise any format */

struct photo_file {
    int fd; /* at offset 0 */
    size_t size;
    struct timespec modified;
    uint8_t head[PHOTO_FILE_HEAD]; /* its first bytes */
    size_t head_size;
};

/* ERR_NOT_FOUND, ERR_DENIED, ERR_IO; ERR_INVALID: not a regular file; ERR_MISMATCH: the content has
 * changed, or the gallery never read it (the hash is zeros). The error names the file and what
 * helps. Call photo_file_close when done. */
int photo_file_open(const char *path, const uint8_t hash[HASH_BYTES], struct photo_file *ret_photo,
                    struct error *err) MUST_CHECK;
void photo_file_close(struct photo_file *photo);

/* As photo_file_open, but returns the very bytes that were hashed. ERR_LIMIT when there are more
 * than max_bytes. */
int photo_file_read(const char *path, const uint8_t hash[HASH_BYTES], size_t max_bytes,
                    struct file *ret_file, struct error *err) MUST_CHECK;

/* The size of the file at `path`, to estimate how long photo_file_open takes; 0 when unknown. */
size_t photo_file_size(const char *path);
