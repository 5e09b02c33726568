/* SPDX-License-Identifier: MIT */
/* Deletes ready files that nothing will use again. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clip/ready.h"
#include "clip/ready_layout.h"

static bool read_head(int folder, const char *name, struct ready_head *ret_head)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool good = read(fd, ret_head, sizeof *ret_head) == (ssize_t)sizeof *ret_head;
    close(fd);
    return good && memcmp(ret_head->magic, READY_MAGIC, sizeof ret_head->magic) == 0;
}

static bool is_unused(const struct ready_head *head)
{
    struct stat info;
    if (head->version < READY_VERSION)
        return true;
    return head->version == READY_VERSION && head->folder[0] == '/' &&
           memchr(head->folder, 0, sizeof head->folder) && stat(head->folder, &info) < 0 &&
           errno == ENOENT;
}

void ready_prune(const char *cache)
{
    DIR *listing = opendir(cache);
    if (!listing)
        return;
    int folder = dirfd(listing);
    for (const struct dirent *entry; (entry = readdir(listing));) {
        struct ready_head head;
        if (strncmp(entry->d_name, READY_PREFIX, strlen(READY_PREFIX)) == 0 &&
            read_head(folder, entry->d_name, &head) && is_unused(&head))
            unlinkat(folder, entry->d_name, 0);
    }
    closedir(listing);
}
