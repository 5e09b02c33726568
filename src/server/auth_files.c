/* SPDX-License-Identifier: MIT */
/* Reads and writes secret files; refuses a file that others could read or have written. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_replace.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/secrecy.h"
#include "server/auth.h"
#include "server/password.h"

#define SECRET_FILE_BYTES 4096
#define TOKEN_SHORTEST 16
#define TOKEN_LONGEST 256

static int check_owner(int fd, const char *path, struct error *err)
{
    struct stat info;
    if (fstat(fd, &info) < 0)
        return error_errno(err, errno, "cannot read the attributes of %s", path);
    if (!S_ISREG(info.st_mode))
        return error_set(err, ERR_INVALID, "%s is not a file", path);
    if (info.st_uid != geteuid() && info.st_uid != 0)
        return error_set(err, ERR_DENIED,
                         "cannot use %s: it belongs to another user; create "
                         "your own file",
                         path);
    if (info.st_mode & 077)
        return error_set(err, ERR_DENIED,
                         "cannot use %s: other users can read it; run chmod "
                         "600 %s",
                         path, path);
    return 0;
}

static int read_line(int fd, const char *path, char **ret_line, struct error *err)
{
    char data[SECRET_FILE_BYTES];
    size_t size = 0;
    ssize_t n = 1;
    while (size < sizeof data && n > 0) {
        n = read(fd, data + size, sizeof data - size);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            size += (size_t)n;
    }
    int number = errno;
    const char *end = memchr(data, '\n', size);
    size_t length = end ? (size_t)(end - data) : size;
    if (length > 0 && data[length - 1] == '\r')
        length--;
    bool text = !memchr(data, '\0', length);
    if (n >= 0 && text && size < sizeof data)
        *ret_line = xstrndup(data, length);
    explicit_bzero(data, size);
    if (n < 0)
        return error_errno(err, number, "cannot read %s", path);
    if (!text || size == sizeof data)
        return error_set(err, ERR_CORRUPT, "%s is not a file of secrets", path);
    return 0;
}

/* The first line of a file that only its owner can read; the caller frees. Owner and mode are
 * checked on the open descriptor, because the path may lead elsewhere a moment later. */
static int read_secret(const char *path, char **ret_line, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return error_errno(err, errno, "cannot read %s", path);
    int rc = check_owner(fd, path, err);
    if (!rc)
        rc = read_line(fd, path, ret_line, err);
    close(fd);
    return rc;
}

int auth_check_token(const char *token, const char *where, struct error *err)
{
    size_t length = strlen(token);
    for (size_t i = 0; i < length; i++)
        if (token[i] <= ' ' || token[i] > '~')
            return error_set(err, ERR_INVALID,
                             "the token in %s has characters other than ASCII "
                             "! to ~",
                             where);
    if (length < TOKEN_SHORTEST || length > TOKEN_LONGEST)
        return error_set(err, ERR_INVALID,
                         "the token in %s has %zu characters, not %d to %d; make one with "
                         "`openssl rand -hex 32`",
                         where, length, TOKEN_SHORTEST, TOKEN_LONGEST);
    return 0;
}

int auth_read_token(const char *path, char **ret_token, struct error *err)
{
    char *token;
    int rc = read_secret(path, &token, err);
    if (rc)
        return rc;
    rc = auth_check_token(token, path, err);
    if (rc)
        secrecy_forget(token);
    else
        *ret_token = token;
    return rc;
}

int auth_read_hash(const char *path, char **ret_hash, struct error *err)
{
    char *hash;
    int rc = read_secret(path, &hash, err);
    if (rc)
        return rc;
    if (!password_is_hash(hash)) {
        free(hash);
        return error_set(err, ERR_CORRUPT,
                         "%s contains no password hash: write it again with `keepsake serve "
                         "--set-password`",
                         path);
    }
    *ret_hash = hash;
    return 0;
}

/* Creates a new file, which nobody else can open at any time. */
static int write_line(const char *path, const char *line, struct error *err)
{
    unlink(path); /* left by a program that was killed */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(err, errno, "cannot write %s", path);
    AUTO_FREE char *text = xasprintf("%s\n", line);
    size_t length = strlen(text);
    bool written =
        fchmod(fd, 0600) == 0 && write(fd, text, length) == (ssize_t)length && fsync(fd) == 0;
    int number = errno;
    close(fd);
    explicit_bzero(text, length);
    return written ? 0 : error_errno(err, number, "cannot write %s", path);
}

static int write_beside(const char *path, const char *line, char **ret_path, struct error *err)
{
    AUTO_FREE char *folder = file_parent(path);
    AUTO_FREE char *new_path = xasprintf("%s.%d.new", path, (int)getpid());
    int rc = file_make_folders(folder, err);
    if (!rc)
        rc = write_line(new_path, line, err);
    if (!rc)
        *ret_path = xstrdup(new_path);
    return rc;
}

int auth_write_hash(const char *path, const char *hash, struct error *err)
{
    AUTO_FREE char *folder = file_parent(path);
    AUTO_FREE char *line = xasprintf("%s\n", hash);
    int rc = file_make_folders(folder, err);
    if (!rc)
        rc = file_replace(path, line, strlen(line), 0600, err);
    explicit_bzero(line, strlen(line));
    return rc;
}

int auth_keep_token(const char *path, char **ret_token, struct error *err)
{
    char token[AUTH_TOKEN_SIZE];
    AUTO_FREE char *new_path = NULL;
    int rc = auth_read_token(path, ret_token, err);
    if (rc != ERR_NOT_FOUND)
        return rc;
    random_hex(token, AUTH_TOKEN_BYTES);
    rc = write_beside(path, token, &new_path, err);
    explicit_bzero(token, sizeof token);
    if (rc)
        return rc;
    /* Another server may have created it at the same time: both then use its token. */
    bool no_links =
        link(new_path, path) < 0 && errno != EEXIST; /* some file systems have no hard links */
    if (no_links && rename(new_path, path) < 0)
        rc = error_errno(err, errno, "cannot write %s", path);
    unlink(new_path);
    return rc ? rc : auth_read_token(path, ret_token, err);
}
