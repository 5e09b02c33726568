/* SPDX-License-Identifier: MIT */
/* Opens the file of a photo, and checks that its content is what was indexed. */
#include "base/photo_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define CHUNK_BYTES ((size_t)256 << 10)

static int refuse_kind(const char *name, mode_t mode, struct error *err)
{
    return error_set(err, ERR_INVALID,
                     "%s is now %s, not the photo that was indexed: run `keepsake index` to "
                     "update the gallery",
                     name, S_ISDIR(mode) ? "a folder" : "a device or pipe");
}

/* A device is recognised by stat, because opening it may already have an effect. */
static int open_place(const char *path, const char *name, int *ret_fd, struct error *err)
{
    struct stat info = {0};
    char again[64];
    int place = open(path, O_PATH | O_CLOEXEC);
    if (place < 0)
        return error_errno(err, errno, "cannot open %s", name);
    if (fstat(place, &info) < 0 || !S_ISREG(info.st_mode)) {
        close(place);
        return refuse_kind(name, info.st_mode, err);
    }
    snprintf(again, sizeof again, "/proc/self/fd/%d", place);
    int fd = open(again, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int number = errno;
    close(place);
    if (fd < 0)
        return error_errno(err, number, "cannot open %s", name);
    *ret_fd = fd;
    return 0;
}

static int open_regular(const char *path, const char *name, int *ret_fd, struct stat *ret_info,
                        struct error *err)
{
    int fd = -1;
    int rc = open_place(path, name, &fd, err);
    if (rc)
        return rc;
    if (fstat(fd, ret_info) < 0 || !S_ISREG(ret_info->st_mode)) {
        close(fd);
        return refuse_kind(name, ret_info->st_mode, err);
    }
    *ret_fd = fd;
    return 0;
}

static int check_hash(const uint8_t want[HASH_BYTES], const uint8_t found[HASH_BYTES],
                      const char *name, struct error *err)
{
    if (memcmp(want, found, HASH_BYTES) == 0)
        return 0;
    return error_set(err, ERR_MISMATCH,
                     "%s has changed since it was indexed: run `keepsake index` to update the "
                     "gallery",
                     name);
}

static int check_known(const uint8_t hash[HASH_BYTES], const char *name, struct error *err)
{
    static const uint8_t unknown[HASH_BYTES];
    if (memcmp(hash, unknown, HASH_BYTES) != 0)
        return 0;
    return error_set(err, ERR_MISMATCH, "%s has not been read yet: run `keepsake index` to read it",
                     name);
}

/* Reads up to `size` bytes from the start, and adds each piece to the digest. */
static int hash_content(int fd, const char *name, uint8_t digest[HASH_BYTES],
                        struct photo_file *photo, struct error *err)
{
    AUTO_FREE uint8_t *piece = xmalloc(CHUNK_BYTES);
    struct hash *hash = hash_new();
    off_t at = 0;
    for (;;) {
        ssize_t n = pread(fd, piece, CHUNK_BYTES, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            hash_free(hash);
            return error_errno(err, errno, "cannot read %s", name);
        }
        if (n == 0)
            break;
        if (at == 0) {
            photo->head_size = (size_t)n < PHOTO_FILE_HEAD ? (size_t)n : PHOTO_FILE_HEAD;
            memcpy(photo->head, piece, photo->head_size);
        }
        hash_add(hash, piece, (size_t)n);
        at += n;
    }
    hash_finish(hash, digest);
    photo->size = (size_t)at;
    return 0;
}

int photo_file_open(const char *path, const uint8_t hash[HASH_BYTES], struct photo_file *ret_photo,
                    struct error *err)
{
    struct stat info = {0};
    struct photo_file photo = {.fd = -1};
    uint8_t digest[HASH_BYTES];
    AUTO_FREE char *name = text_printable(path, strlen(path));
    int rc = check_known(hash, name, err);
    if (!rc)
        rc = open_regular(path, name, &photo.fd, &info, err);
    if (rc)
        return rc;
    photo.modified = info.st_mtim;
    rc = hash_content(photo.fd, name, digest, &photo, err);
    if (!rc)
        rc = check_hash(hash, digest, name, err);
    if (rc)
        photo_file_close(&photo);
    else
        *ret_photo = photo;
    return rc;
}

void photo_file_close(struct photo_file *photo)
{
    if (photo->fd >= 0)
        close(photo->fd);
    photo->fd = -1;
}

int photo_file_read(const char *path, const uint8_t hash[HASH_BYTES], size_t max_bytes,
                    struct file *ret_file, struct error *err)
{
    struct stat info = {0};
    struct file file = {NULL, 0};
    uint8_t digest[HASH_BYTES];
    int fd;
    AUTO_FREE char *name = text_printable(path, strlen(path));
    int rc = check_known(hash, name, err);
    if (!rc)
        rc = open_regular(path, name, &fd, &info, err);
    if (rc)
        return rc;
    rc = file_read_descriptor(fd, name, max_bytes, &file, err);
    close(fd);
    if (rc)
        return rc;
    hash_bytes(file.data, file.size, digest);
    rc = check_hash(hash, digest, name, err);
    if (rc)
        file_release(&file);
    else
        *ret_file = file;
    return rc;
}

size_t photo_file_size(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) ? (size_t)info.st_size : 0;
}
