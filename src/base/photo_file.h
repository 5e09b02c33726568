/* SPDX-License-Identifier: MIT */
/* The file of a photo that the gallery has, opened so that what is read is what was indexed.
 *
 * A path is only where a photo was when it was indexed: by now a link, another file or a device may
 * be there. Whoever hands on bytes of a photo (to a browser, a language model, a terminal) opens it
 * here: the path is resolved once, a regular file must be there, and its content must have the hash
 * that the gallery knows. All later reads are of that one descriptor. Links are followed, since
 * photos are indexed through links, too: the hash says whether they lead to the same photo still.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"

#define PHOTO_FILE_HEAD 256 /* bytes: enough to tell a format by */

struct photo_file {
    int fd; /* at offset 0 */
    size_t size;
    struct timespec modified;
    uint8_t head[PHOTO_FILE_HEAD]; /* its first bytes */
    size_t head_size;
};

/* ERR_NOT_FOUND, ERR_DENIED, ERR_IO; ERR_INVALID: not a regular file; ERR_MISMATCH: it has another
 * content by now, or the gallery never read it (the hash is zeros). The sentence names the file and
 * what helps. photo_file_close when done. */
int photo_file_open(const char *path, const uint8_t hash[HASH_BYTES], struct photo_file *ret_photo,
                    struct error *err) MUST_CHECK;
void photo_file_close(struct photo_file *photo);

/* The same as one piece: the very bytes that were compared. ERR_LIMIT when they are more than
 * max_bytes. */
int photo_file_read(const char *path, const uint8_t hash[HASH_BYTES], size_t max_bytes,
                    struct file *ret_file, struct error *err) MUST_CHECK;

/* The size of what lies at `path`, to tell how long photo_file_open may take; 0: not known. */
size_t photo_file_size(const char *path);
