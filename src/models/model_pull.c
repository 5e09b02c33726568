/* SPDX-License-Identifier: MIT */
/* Downloads all files of a model into a partial folder, and moves it into place when complete. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_replace.h"
#include "base/memory.h"
#include "base/text.h"
#include "models/model.h"
#include "models/model_fetch.h"
#include "net/web.h"

static const char DEFAULT_ENDPOINT[] = "https://huggingface.co";

struct pull {
    const struct model_entry *entry;
    const struct model_pull_options *options;
    char *endpoint;
    const char *bearer;
    char *ca_file; /* NULL: the system's */
    char *place;   /* the final folder of the model */
    char *partial; /* the folder while it grows */
    int lock;      /* on partial/.lock; -1: not held */
};

static int read_endpoint(const char *given, char **ret_endpoint, struct error *err)
{
    if (!given)
        given = getenv("HF_ENDPOINT");
    if (!given || !given[0])
        given = DEFAULT_ENDPOINT;
    if (strncmp(given, "https://", 8) != 0 || !given[8])
        return error_set(err, ERR_INVALID,
                         "cannot download models: HF_ENDPOINT must begin with https://");
    if (strchr(given, '@'))
        return error_set(err, ERR_INVALID,
                         "HF_ENDPOINT must not contain a user name or password: use HF_TOKEN");
    size_t n = strlen(given);
    while (given[n - 1] == '/')
        n--;
    *ret_endpoint = xstrndup(given, n);
    return 0;
}

int model_file_url(const struct model_file *file, const char *endpoint, char **ret_url,
                   struct error *err)
{
    AUTO_FREE char *from = NULL;
    int rc = read_endpoint(endpoint, &from, err);
    if (!rc)
        *ret_url = xasprintf("%s%s", from, file->url);
    return rc;
}

static int choose_bearer(struct pull *p, struct error *err)
{
    const char *token = getenv("HF_TOKEN");
    if (!token || !token[0])
        return 0;
    for (const char *c = token; *c; c++) {
        if (*c <= ' ' || *c > '~')
            return error_set(err, ERR_INVALID,
                             "HF_TOKEN contains a character that tokens do not have, such as a "
                             "space or newline");
    }
    p->bearer = token;
    return 0;
}

static bool is_complete(const struct pull *p)
{
    for (const struct model_file *f = p->entry->files; f->name; f++) {
        if (!fetch_is_good(p->place, f))
            return false;
    }
    return true;
}

/* ---- one pull of a model at a time ---- */

/* Opens partial/.lock, creating the folder; another pull may rename the folder away in between. */
static int open_lock(struct pull *p, struct error *err)
{
    AUTO_FREE char *path = file_join(p->partial, ".lock");
    for (int tries = 0;; tries++) {
        int rc = file_make_folders(p->partial, err);
        if (rc)
            return rc;
        p->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (p->lock >= 0)
            return 0;
        if (errno != ENOENT || tries == 10)
            return error_errno(err, errno, "cannot write %s", path);
    }
}

/* Waits for another pull of the same model to end. */
static int take_lock(struct pull *p, struct error *err)
{
    int rc = open_lock(p, err);
    while (!rc && flock(p->lock, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK || errno == EINTR)
            rc = fetch_wait(p->options, 0.1, err);
        else
            return error_errno(err, errno, "cannot lock %s", p->partial);
    }
    return rc;
}

/* ---- into place ---- */

static int move_files(const struct pull *p, struct error *err)
{
    for (const struct model_file *f = p->entry->files; f->name; f++) {
        AUTO_FREE char *from = file_join(p->partial, f->name);
        AUTO_FREE char *to = file_join(p->place, f->name);
        if (rename(from, to) < 0 && errno != ENOENT) /* ENOENT: a good file was already in place */
            return error_errno(err, errno, "cannot move %s into place", from);
    }
    return 0;
}

static void remove_lock_in(const char *folder)
{
    AUTO_FREE char *path = file_join(folder, ".lock");
    unlink(path);
}

/* The lock goes last, together with the folder: a waiting process then finds the model complete. */
static int put_in_place(const struct pull *p, struct error *err)
{
    int rc = file_sync_folder(p->partial, err);
    if (rc)
        return rc;
    if (rename(p->partial, p->place) == 0) {
        remove_lock_in(p->place);
    } else if (errno == ENOTEMPTY || errno == EEXIST) {
        rc = move_files(p, err);
        if (rc)
            return rc;
        remove_lock_in(p->partial);
        rmdir(p->partial);
    } else {
        return error_errno(err, errno, "cannot move the model to %s", p->place);
    }
    AUTO_FREE char *parent = file_parent(p->place);
    return file_sync_folder(parent, err);
}

/* ---- the pull ---- */

static uint64_t bytes_in(const char *folder, const char *name)
{
    AUTO_FREE char *path = file_join(folder, name);
    struct stat info;
    return stat(path, &info) == 0 ? (uint64_t)info.st_size : 0;
}

/* Refuses a download that cannot fit before its first byte. */
static int check_space(const struct pull *p, struct error *err)
{
    struct statvfs disk;
    uint64_t needed = 0;
    for (const struct model_file *f = p->entry->files; f->name; f++) {
        AUTO_FREE char *part = xasprintf("%s.part", f->name);
        uint64_t here = bytes_in(p->partial, f->name) + bytes_in(p->partial, part);
        if (here == 0)
            here = bytes_in(p->place, f->name);
        needed += f->size > here ? f->size - here : 0;
    }
    if (statvfs(p->partial, &disk) < 0 || disk.f_frsize == 0)
        return 0;
    uint64_t free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (needed <= free_bytes)
        return 0;
    char want[32], have[32];
    return error_set(err, ERR_IO,
                     "not enough disk space for the model: it needs %s more, and only %s are "
                     "free in %s; free some space, or set XDG_DATA_HOME to another disk",
                     text_bytes(want, sizeof want, needed),
                     text_bytes(have, sizeof have, free_bytes), p->partial);
}

/* Says what to do without a connection to the server. */
static int without_network(const struct pull *p, struct error *err)
{
    if (!err)
        return ERR_NETWORK;
    struct error cause = *err;
    const char *host = p->endpoint + strlen("https://");
    AUTO_FREE char *name = xstrndup(host, strcspn(host, "/:"));
    AUTO_FREE char *proxy = web_proxy(name);
    AUTO_FREE char *through = proxy ? xasprintf(" (through %s)", proxy) : xstrdup("");
    return error_set(
        err, ERR_NETWORK,
        "%s%s. If this machine cannot reach the server, copy the model's files from another "
        "machine into %s (`keepsake model pull --print-urls %s` lists them), or give --model "
        "DIR. The next pull continues this download",
        cause.message, through, p->place, p->entry->id);
}

static int fetch_all(const struct pull *p, struct error *err)
{
    for (const struct model_file *f = p->entry->files; f->name; f++) {
        struct fetch fetch = {f, p->endpoint, p->bearer, p->ca_file, p->partial, p->options};
        if (fetch_is_good(p->place, f))
            continue;
        int rc = fetch_file(&fetch, err);
        if (rc)
            return rc == ERR_NETWORK ? without_network(p, err) : rc;
    }
    return 0;
}

static int pull_locked(const struct pull *p, struct error *err)
{
    if (is_complete(p)) { /* another pull finished it in the meantime */
        remove_lock_in(p->partial);
        rmdir(p->partial);
        return 0;
    }
    int rc = check_space(p, err);
    if (!rc)
        rc = fetch_all(p, err);
    return rc ? rc : put_in_place(p, err);
}

int model_pull(const struct model_entry *entry, const struct model_pull_options *options,
               struct error *err)
{
    static const struct model_pull_options defaults = {.retries = -1, .retry_pause_s = -1};
    if (!entry->files)
        return error_set(err, ERR_INVALID,
                         "nothing to pull: the model '%s' is installed with keepsake", entry->id);
    struct pull p = {.entry = entry, .options = options ? options : &defaults, .lock = -1};
    p.place = model_install_folder(entry->id);
    if (!p.place)
        return error_set(err, ERR_INVALID,
                         "cannot find a folder for the model: set HOME or XDG_DATA_HOME");
    p.partial = xasprintf("%s.partial", p.place);
    p.ca_file = p.options->ca_file ? xstrdup(p.options->ca_file) : web_ca_file();
    int rc = is_complete(&p) ? 0 : read_endpoint(p.options->endpoint, &p.endpoint, err);
    if (!rc && p.endpoint) {
        rc = choose_bearer(&p, err);
        if (!rc)
            rc = take_lock(&p, err);
        if (!rc)
            rc = pull_locked(&p, err);
    }
    if (p.lock >= 0)
        close(p.lock);
    free(p.endpoint);
    free(p.ca_file);
    free(p.place);
    free(p.partial);
    return rc;
}
