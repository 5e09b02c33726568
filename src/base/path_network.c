/* SPDX-License-Identifier: MIT */
/* Tells whether a path is on a network file system. */
#include <linux/magic.h>
#include <sys/vfs.h>

#include "base/path.h"

bool path_on_network(const char *path)
{
    struct statfs info;
    if (statfs(path, &info) < 0)
        return false;
    switch ((unsigned long)info.f_type & 0xffffffff) {
    case NFS_SUPER_MAGIC:
    case SMB_SUPER_MAGIC:
    case CIFS_SUPER_MAGIC:
    case SMB2_SUPER_MAGIC:
    case AFS_SUPER_MAGIC:
    case CODA_SUPER_MAGIC:
    case CEPH_SUPER_MAGIC:
    case V9FS_MAGIC:
    case FUSE_SUPER_MAGIC:
        return true;
    default:
        return false;
    }
}
