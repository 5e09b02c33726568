/* SPDX-License-Identifier: MIT */
/* Shared memory by memfd. */
#include "cage/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROUND_BYTES ((size_t)1 << 20)
#ifndef MFD_NOEXEC_SEAL /* Linux 6.3 */
#define MFD_NOEXEC_SEAL 0x0008U
#endif

static int open_memory(size_t room)
{
    unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int fd = memfd_create("keepsake-picture", flags | MFD_NOEXEC_SEAL);
    if (fd < 0 && errno == EINVAL)
        fd = memfd_create("keepsake-picture", flags);
    if (fd < 0)
        return -1;
    if (ftruncate(fd, (off_t)room) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        int number = errno;
        close(fd);
        errno = number;
        return -1;
    }
    return fd;
}

int segment_receive(struct segment *segment, int fd, size_t room, struct error *err)
{
    segment_release(segment);
    void *data = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int number = errno;
    close(fd);
    if (data == MAP_FAILED)
        return error_errno(err, number, "cannot map shared memory");
    segment->data = data;
    segment->room = room;
    return 0;
}

int segment_make(struct segment *segment, size_t bytes, struct error *err)
{
    if (segment->data && segment->room >= bytes)
        return 0;
    size_t room = (bytes + ROUND_BYTES - 1) / ROUND_BYTES * ROUND_BYTES;
    int fd = open_memory(room);
    int kept = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (kept < 0) {
        int number = errno;
        if (fd >= 0)
            close(fd);
        return error_errno(err, number, "cannot make shared memory");
    }
    int rc = segment_receive(segment, fd, room, err);
    if (rc)
        close(kept);
    else
        segment->fd = kept;
    return rc;
}

void segment_sent(struct segment *segment)
{
    if (segment->fd >= 0)
        close(segment->fd);
    segment->fd = -1;
}

void segment_release(struct segment *segment)
{
    if (segment->data)
        munmap(segment->data, segment->room);
    segment_sent(segment);
    segment->data = NULL;
    segment->room = 0;
}

void segment_trim(struct segment *segment, size_t kept)
{
    if (segment->room > kept)
        segment_release(segment);
}
