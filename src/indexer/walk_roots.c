/* SPDX-License-Identifier: MIT */
/* Resolves the given paths to the roots of a walk, without those inside others. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "indexer/walk.h"

static int add_root(struct walk_roots *roots, const char *path, bool missing_too, struct error *err)
{
    AUTO_FREE char *shown = text_printable(path, strlen(path));
    AUTO_FREE char *real = realpath(path, NULL);
    struct stat info;
    if (!real || stat(real, &info) < 0) {
        bool is_missing = errno == ENOENT || errno == ENOTDIR;
        if (is_missing && missing_too && path[0] == '/') {
            path_set_add(&roots->folders, path);
            return 0;
        }
        if (is_missing)
            return error_set(err, ERR_NOT_FOUND, "cannot find the file or folder %s", shown);
        return error_errno(err, errno, "cannot read the attributes of %s", shown);
    }
    if (S_ISDIR(info.st_mode))
        path_set_add(&roots->folders, real);
    else if (S_ISREG(info.st_mode))
        path_set_add(&roots->files, real);
    else
        return error_set(err, ERR_INVALID, "%s is neither a folder nor a regular file", shown);
    return 0;
}

int walk_resolve(const char *const *paths, size_t n_paths, bool missing_too,
                 struct walk_roots *ret_roots, struct error *err)
{
    struct walk_roots roots = {PATH_SET_INIT, PATH_SET_INIT};
    for (size_t i = 0; i < n_paths; i++) {
        int rc = add_root(&roots, paths[i], missing_too, err);
        if (rc) {
            walk_roots_release(&roots);
            return rc;
        }
    }
    path_set_sort(&roots.folders);
    path_set_sort(&roots.files);
    *ret_roots = roots;
    return 0;
}

void walk_roots_release(struct walk_roots *roots)
{
    path_set_release(&roots->folders);
    path_set_release(&roots->files);
}

bool walk_roots_cover(const struct walk_roots *roots, const char *path)
{
    return path_set_covers(&roots->folders, path) || path_set_covers(&roots->files, path);
}

bool walk_is_empty(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return false;
    bool empty = true;
    struct dirent *entry;
    errno = 0;
    while (empty && (entry = readdir(dir)))
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    empty = empty && errno == 0;
    closedir(dir);
    return empty;
}
