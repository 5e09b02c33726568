/* SPDX-License-Identifier: MIT */
/* Reads, compares, formats and parses identities of folders. */
#include "indexer/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

int identity_of(int fd, struct identity *ret_identity)
{
    struct statx info;
    struct statfs system;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &info) < 0 ||
        fstatfs(fd, &system) < 0)
        return errno;
    struct identity identity = {
        .device = makedev(info.stx_dev_major, info.stx_dev_minor),
        .inode = info.stx_ino,
    };
    memcpy(&identity.system, &system.f_fsid, sizeof identity.system);
    if (info.stx_mask & STATX_BTIME)
        identity.born_ns = info.stx_btime.tv_sec * 1000000000 + info.stx_btime.tv_nsec;
    *ret_identity = identity;
    return 0;
}

bool identity_same_device(const struct identity *a, const struct identity *b)
{
    if (a->system && b->system)
        return a->system == b->system;
    return a->device == b->device && a->system == b->system;
}

bool identity_same_folder(const struct identity *a, const struct identity *b)
{
    return identity_same_device(a, b) && a->inode == b->inode && a->born_ns == b->born_ns;
}

bool identity_is_certain(const struct identity *identity)
{
    /* FAT, exFAT and NTFS derive the id of the file system from the device number. */
    bool is_own = identity->system != 0 && identity->system != identity->device;
    return is_own || identity->born_ns != 0;
}

void identity_write(const struct identity *identity, char ret_text[IDENTITY_TEXT_SIZE])
{
    snprintf(ret_text, IDENTITY_TEXT_SIZE, "%" PRIx64 ":%" PRIx64 ":%" PRIx64 ":%" PRIx64,
             identity->device, identity->system, identity->inode, (uint64_t)identity->born_ns);
}

bool identity_read(const char **text, struct identity *ret_identity)
{
    struct identity identity;
    uint64_t born;
    int used = 0;
    if (sscanf(*text, "%" SCNx64 ":%" SCNx64 ":%" SCNx64 ":%" SCNx64 "%n", &identity.device,
               &identity.system, &identity.inode, &born, &used) != 4)
        return false;
    identity.born_ns = (int64_t)born;
    *text += used;
    *text += strspn(*text, " ");
    *ret_identity = identity;
    return true;
}
