/* SPDX-License-Identifier: MIT */
/* Deletes a gallery's thumbnails if they prevent the gallery from being written. */
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "store/store.h"
#include "thumbs/thumbs.h"

/* With less free space nothing can be written. */
#define ROOM_TO_WRITE ((uint64_t)1 << 20)

static bool is_full(const char *gallery, dev_t *ret_device)
{
    AUTO_FREE char *folder = file_parent(gallery);
    struct statvfs room;
    struct stat info;
    if (stat(folder, &info) < 0 || statvfs(folder, &room) < 0)
        return false;
    *ret_device = info.st_dev;
    return (uint64_t)room.f_bavail * room.f_frsize < ROOM_TO_WRITE;
}

bool thumbs_make_way(const char *gallery)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal", ""};
    dev_t device;
    struct stat info;
    if (!store_is_file(gallery) || !is_full(gallery, &device))
        return false;
    AUTO_FREE char *path = thumbs_path(gallery);
    if (!path || lstat(path, &info) < 0 || !S_ISREG(info.st_mode) || info.st_dev != device ||
        info.st_size == 0)
        return false;
    bool deleted = false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        AUTO_FREE char *name = xasprintf("%s%s", path, endings[i]);
        deleted = unlink(name) == 0;
    }
    return deleted;
}
