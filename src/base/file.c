/* SPDX-License-Identifier: MIT */
/* Reads and maps regular files, joins paths, and finds the user's XDG directories. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int fd, const char *path, uint8_t *data, size_t size, size_t *ret_size,
                    struct error *err)
{
    size_t used = 0;
    while (used < size) {
        ssize_t n = read(fd, data + used, size - used);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_errno(err, errno, "cannot read %s", path);
        if (n == 0)
            break;
        used += (size_t)n;
    }
    *ret_size = used;
    return 0;
}

int file_open_regular(const char *path, int *ret_fd, size_t *ret_size, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* does not block on a FIFO */
    if (fd < 0)
        return error_errno(err, errno, "cannot open %s", path);
    struct stat info = {0};
    if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode)) {
        close(fd);
        return error_set(err, ERR_INVALID, "%s is %s, not a file", path,
                         S_ISDIR(info.st_mode) ? "a folder" : "a device or pipe");
    }
    *ret_fd = fd;
    *ret_size = (size_t)info.st_size;
    return 0;
}

static int read_known(int fd, const char *name, size_t size, size_t max_bytes,
                      struct file *ret_file, struct error *err)
{
    void *data = NULL;
    int rc = 0;
    if (size > max_bytes)
        rc = error_set(err, ERR_LIMIT, "%s is %zu bytes long; the limit is %zu", name, size,
                       max_bytes);
    else
        rc = try_alloc(size + 1, 1, max_bytes + 1, &data, err);
    if (!rc)
        rc = read_all(fd, name, data, size, &size, err);
    if (rc) {
        free(data);
        return rc;
    }
    ((uint8_t *)data)[size] = '\0';
    *ret_file = (struct file){data, size};
    return 0;
}

int file_read_descriptor(int fd, const char *name, size_t max_bytes, struct file *ret_file,
                         struct error *err)
{
    struct stat info;
    if (fstat(fd, &info) < 0)
        return error_errno(err, errno, "cannot read the attributes of %s", name);
    return read_known(fd, name, (size_t)info.st_size, max_bytes, ret_file, err);
}

int file_read(const char *path, size_t max_bytes, struct file *ret_file, struct error *err)
{
    int fd;
    size_t size;
    int rc = file_open_regular(path, &fd, &size, err);
    if (rc)
        return rc;
    rc = read_known(fd, path, size, max_bytes, ret_file, err);
    close(fd);
    return rc;
}

int file_read_stream(const char *path, size_t max_bytes, struct file *ret_file, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, errno, "cannot open %s", path);
    uint8_t *data = NULL;
    size_t size = 0, cap = 0, n = 1;
    int rc = 0;
    while (!rc && n > 0 && size <= max_bytes) {
        ARRAY_GROW(data, cap, size + 4097);
        rc = read_all(fd, path, data + size, 4096, &n, err);
        size += rc ? 0 : n;
    }
    close(fd);
    if (!rc && size > max_bytes)
        rc = error_set(err, ERR_LIMIT, "%s is longer than %zu bytes", path, max_bytes);
    if (rc) {
        free(data);
        return rc;
    }
    data[size] = '\0';
    *ret_file = (struct file){data, size};
    return 0;
}

void file_release(struct file *f)
{
    free(f->data);
    *f = (struct file){NULL, 0};
}

int file_map_open(const char *path, struct file_map *ret_map, struct error *err)
{
    int fd;
    size_t size;
    int rc = file_open_regular(path, &fd, &size, err);
    if (rc)
        return rc;
    void *data = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    int number = errno;
    close(fd);
    if (size == 0)
        return error_set(err, ERR_CORRUPT, "%s is empty", path);
    if (data == MAP_FAILED)
        return error_errno(err, number, "cannot map %s", path);
    *ret_map = (struct file_map){data, size};
    return 0;
}

void file_map_close(struct file_map *map)
{
    if (map->data)
        munmap((void *)(uintptr_t)map->data, map->size);
    *map = (struct file_map){NULL, 0};
}

int file_make_folders(const char *path, struct error *err)
{
    AUTO_FREE char *copy = xstrdup(path);
    for (char *at = copy + 1;; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char end = *at;
        *at = '\0';
        if (mkdir(copy, 0700) < 0 && errno != EEXIST)
            return error_errno(err, errno, "cannot make the folder %s", copy);
        *at = end;
        if (end == '\0')
            break;
    }
    struct stat info;
    if (stat(path, &info) < 0 || !S_ISDIR(info.st_mode))
        return error_set(err, ERR_INVALID, "%s exists and is not a folder", path);
    return 0;
}

char *file_join(const char *folder, const char *name)
{
    size_t n = strlen(folder);
    const char *slash = n && folder[n - 1] == '/' ? "" : "/";
    return xasprintf("%s%s%s", folder, slash, name);
}

char *file_parent(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return xstrdup(".");
    return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static char *xdg_home(const char *variable, const char *below_home)
{
    const char *base = getenv(variable), *home = getenv("HOME");
    if (base && base[0] == '/')
        return file_join(base, "keepsake");
    return home && home[0] ? xasprintf("%s/%s/keepsake", home, below_home) : NULL;
}

char *file_data_home(void)
{
    return xdg_home("XDG_DATA_HOME", ".local/share");
}

char *file_config_home(void)
{
    return xdg_home("XDG_CONFIG_HOME", ".config");
}

char *file_cache_home(void)
{
    return xdg_home("XDG_CACHE_HOME", ".cache");
}

char *file_state_home(void)
{
    return xdg_home("XDG_STATE_HOME", ".local/state");
}

char *file_program_data(void)
{
    const char *given = getenv("KEEPSAKE_DATA");
    if (given && given[0])
        return xstrdup(given);
    char program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n <= 0)
        return NULL;
    program[n] = '\0';
    AUTO_FREE char *bin = file_parent(program);
    AUTO_FREE char *prefix = file_parent(bin);
    char *data = file_join(prefix, "share/keepsake");
    if (access(data, R_OK) == 0)
        return data;
    free(data);
    return NULL;
}
