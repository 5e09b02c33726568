/* SPDX-License-Identifier: MIT */
/* Reads API keys and addresses from the environment and from key files. */
#include "llm/keys.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/secrecy.h"
#include "base/text.h"

static char *trimmed_copy(const char *text, size_t length)
{
    while (length && isspace((unsigned char)*text))
        text++, length--;
    while (length && isspace((unsigned char)text[length - 1]))
        length--;
    return length ? xstrndup(text, length) : NULL;
}

char *keys_variable(const char *name)
{
    const char *value = getenv(name);
    return value ? trimmed_copy(value, strlen(value)) : NULL;
}

int keys_check(const char *key, const char *where, struct error *err)
{
    for (const char *c = key; *c; c++)
        if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7F)
            return error_set(err, ERR_INVALID,
                             "%s does not contain a key: it has a space or another character "
                             "that keys do not have",
                             where);
    return 0;
}

void keys_forget(char *key)
{
    secrecy_forget(key);
}

static int check_owner(int fd, const char *name, struct error *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return error_errno(err, errno, "%s", name);
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return error_set(err, ERR_DENIED,
                         "cannot use the key file %s: it belongs to another "
                         "user",
                         name);
    if (st.st_mode & 077)
        return error_set(err, ERR_DENIED,
                         "cannot use the key file %s: other users can read it; run chmod 600 on "
                         "it (and replace the key if somebody has read it)",
                         name);
    return 0;
}

static int read_line(int fd, const char *name, char **ret_key, struct error *err)
{
    char *text = xcalloc(LIMIT_LLM_KEY_BYTES + 1, 1);
    size_t used = 0;
    ssize_t n;
    while (used < LIMIT_LLM_KEY_BYTES &&
           (n = read(fd, text + used, LIMIT_LLM_KEY_BYTES - used)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            keys_forget(text);
            return error_errno(err, errno, "%s", name);
        }
        used += (size_t)n;
    }
    char *key = trimmed_copy(text, strcspn(text, "\r\n"));
    explicit_bzero(text, used);
    free(text);
    if (!key)
        return error_set(err, ERR_INVALID, "the key file %s has no key in its first line", name);
    *ret_key = key;
    return 0;
}

int keys_read_file(const char *path, char **ret_key, struct error *err)
{
    AUTO_FREE char *name = text_printable(path, strlen(path));
    char *key = NULL;
    int fd;
    size_t size;
    int rc = file_open_regular(path, &fd, &size, err);
    if (rc)
        return rc == ERR_NOT_FOUND ? error_set(err, rc, "cannot find the key file %s", name) : rc;
    rc = check_owner(fd, name, err);
    if (!rc)
        rc = read_line(fd, name, &key, err);
    close(fd);
    if (!rc)
        rc = keys_check(key, name, err);
    if (rc) {
        keys_forget(key);
        return rc;
    }
    *ret_key = key;
    return 0;
}

void keys_hide(char *text, const char *key)
{
    size_t n = key ? strlen(key) : 0;
    for (char *at = n ? strstr(text, key) : NULL; at; at = strstr(at, key)) {
        memset(at, '*', n);
        at += n;
    }
}
