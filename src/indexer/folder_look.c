/* SPDX-License-Identifier: MIT */
/* Examines folders that the walk did not list, or that may have changed since then. */
#include "indexer/folder_look.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

/* Returns whether the folder is empty; false if it cannot be read completely. Leaves `fd` open. */
static bool has_no_entries(int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    if (!dir) {
        if (copy >= 0)
            close(copy);
        return false;
    }
    bool empty = true;
    const struct dirent *entry;
    rewinddir(dir);
    for (errno = 0; empty && (entry = readdir(dir)); errno = 0)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    empty = empty && errno == 0;
    closedir(dir);
    return empty;
}

int folder_look(const char *path, struct identity *ret_identity, bool *ret_empty,
                enum folder_verdict *ret_verdict)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int number = fd < 0 ? errno : identity_of(fd, ret_identity);
    if (number) {
        *ret_verdict = number == ENOENT || number == ENOTDIR ? FOLDER_MISSING : FOLDER_UNREADABLE;
        if (fd >= 0)
            close(fd);
        return -1;
    }
    *ret_empty = has_no_entries(fd);
    return fd;
}

int folders_open(struct folder *folder)
{
    struct identity identity;
    bool empty;
    if (folder->verdict != FOLDER_HERE)
        return -1;
    int fd = folder_look(folder->path, &identity, &empty, &folder->verdict);
    if (fd < 0)
        return -1;
    if (empty)
        folder->verdict = FOLDER_EMPTY;
    else if (!identity_same_device(&identity, &folder->identity))
        folder->verdict = FOLDER_ELSEWHERE;
    else if (!identity_same_folder(&identity, &folder->identity))
        folder->verdict = FOLDER_REPLACED;
    else
        return fd;
    close(fd);
    return -1;
}

/* Returns the nearest folder at or above `path` that can be opened; the caller closes *ret_fd,
 * which is < 0 if there is none. */
static char *find_existing(const char *path, int *ret_fd)
{
    char *at = xstrdup(path);
    while ((*ret_fd = open(at, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 && strcmp(at, "/") != 0) {
        char *parent = file_parent(at);
        free(at);
        at = parent;
    }
    return at;
}

static const char *find_root(const struct walk_roots *roots, const char *path)
{
    for (size_t i = 0; i < roots->folders.n; i++)
        if (path_is_below(path, roots->folders.paths[i]))
            return roots->folders.paths[i];
    return path;
}

/* The caller frees. */
static char *find_top(const struct folder *folder)
{
    int fd;
    char *existing = find_existing(folder->path, &fd);
    bool empty = fd >= 0 && has_no_entries(fd);
    if (fd >= 0)
        close(fd);
    size_t n = strlen(existing);
    if (empty || fd < 0 || folder->path[n] == '\0')
        return existing;
    free(existing);
    size_t end = n + (folder->path[n] == '/');
    end += strcspn(folder->path + end, "/");
    return xstrndup(folder->path, end);
}

const char *folders_find_top(struct folders *folders, struct folder *folder,
                             const struct walk_roots *roots)
{
    if (!folder->top) {
        AUTO_FREE char *top = find_top(folder);
        bool covered = walk_roots_cover(roots, top);
        folder->top = arena_copy(&folders->texts, covered ? top : find_root(roots, folder->path));
    }
    return folder->top;
}

bool folders_disk_is_away(const struct folders *folders, const char *path)
{
    const struct folder *folder = folders_find_parent(folders, path);
    if (!folder || !folder->recorded[0])
        return false;
    int fd;
    struct identity now;
    free(find_existing(folder->path, &fd));
    bool is_away =
        fd < 0 || identity_of(fd, &now) != 0 || !folders_same_disk(folders, folder->recorded, &now);
    if (fd >= 0)
        close(fd);
    return is_away;
}
