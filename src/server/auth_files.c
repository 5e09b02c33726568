#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/secrecy.h"
#include "server/auth.h"
#include "server/password.h"

#define SECRET_FILE_BYTES 4096
#define TOKEN_SHORTEST 16
#define TOKEN_LONGEST 256

/* The first line of a file that only its owner can read; the caller frees. */
static int read_secret(const char *path, char **ret_line, struct error *err)
{
    struct stat info;
    struct file file;
    int rc = file_read(path, SECRET_FILE_BYTES, &file, err);
    if (rc)
        return rc;
    AUTO_FREE uint8_t *data = file.data;
    if (stat(path, &info) < 0)
        return error_errno(err, errno, "cannot look at %s", path);
    if (info.st_mode & 077)
        return error_set(err, ERR_DENIED, "others can read %s: chmod 600 %s", path, path);
    *ret_line = xstrndup((const char *)data, strcspn((const char *)data, "\r\n"));
    return 0;
}

int auth_check_token(const char *token, const char *where, struct error *err)
{
    size_t length = strlen(token);
    for (size_t i = 0; i < length; i++)
        if (token[i] <= ' ' || token[i] > '~')
            return error_set(err, ERR_INVALID, "the token in %s has characters other than !..~",
                             where);
    if (length < TOKEN_SHORTEST || length > TOKEN_LONGEST)
        return error_set(err, ERR_INVALID,
                         "the token in %s has %zu characters, not %d to %d: `openssl rand -hex 32` "
                         "makes a good one",
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
                         "%s holds no password: `keepsake serve --set-password` writes it anew",
                         path);
    }
    *ret_hash = hash;
    return 0;
}

static int write_line(const char *path, const char *line, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(err, errno, "cannot write %s", path);
    AUTO_FREE char *text = xasprintf("%s\n", line);
    size_t length = strlen(text);
    bool written =
        fchmod(fd, 0600) == 0 && write(fd, text, length) == (ssize_t)length && fsync(fd) == 0;
    int number = errno;
    close(fd);
    return written ? 0 : error_errno(err, number, "cannot write %s", path);
}

int auth_write_hash(const char *path, const char *hash, struct error *err)
{
    AUTO_FREE char *folder = file_parent(path);
    AUTO_FREE char *new_path = xasprintf("%s.new", path);
    int rc = file_make_folders(folder, err);
    if (!rc)
        rc = write_line(new_path, hash, err);
    if (!rc && rename(new_path, path) < 0)
        rc = error_errno(err, errno, "cannot write %s", path);
    return rc;
}
