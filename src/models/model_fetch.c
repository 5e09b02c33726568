/* SPDX-License-Identifier: MIT */
/* Downloads one file of a model with retries, checks its hash and renames it into place. */
#include "models/model_fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/memory.h"
#include "models/model_download.h"

enum { DEFAULT_RETRIES = 6, DEFAULT_STALL_S = 30, MAX_PAUSE_S = 60, MAX_RETRY_AFTER_S = 300 };

/* An attempt that brought this much resets the number of attempts. */
#define PROGRESS_BYTES ((uint64_t)1 << 20)

#define PROGRESS_INTERVAL_S 0.1

/* A file in progress. */
struct course {
    const struct fetch *f;
    char *part, *url;
    int fd;
    uint64_t done;
    bool resumed; /* the file begins with bytes of an earlier pull */
    bool reached; /* a server answered at least once */
    double began, shown;
    uint64_t began_at;
};

bool fetch_is_good(const char *folder, const struct model_file *file)
{
    AUTO_FREE char *path = file_join(folder, file->name);
    struct stat info;
    if (stat(path, &info) < 0 || !S_ISREG(info.st_mode))
        return false;
    if (file->size && (uint64_t)info.st_size != file->size)
        return false;
    uint8_t digest[HASH_BYTES];
    char hex[HASH_HEX_SIZE];
    return !file->sha256 ||
           (hash_file(path, digest, NULL) == 0 && strcmp(hash_hex(digest, hex), file->sha256) == 0);
}

static bool is_cancelled(const struct model_pull_options *options)
{
    return options->cancelled && options->cancelled(options->context);
}

int fetch_wait(const struct model_pull_options *options, double seconds, struct error *err)
{
    double end = clock_seconds() + seconds;
    for (;;) {
        if (is_cancelled(options))
            return error_set(err, ERR_CANCELLED,
                             "interrupted; the partial download is kept for the next pull");
        double left = end - clock_seconds();
        if (left <= 0)
            return 0;
        double step = left < 0.1 ? left : 0.1;
        struct timespec pause = {0, (long)(step * 1e9)};
        nanosleep(&pause, NULL);
    }
}

static bool on_proceed(void *context, uint64_t done, uint64_t total)
{
    struct course *c = context;
    const struct model_pull_options *options = c->f->options;
    double now = clock_seconds();
    if (options->progress && now - c->shown >= PROGRESS_INTERVAL_S) {
        c->shown = now;
        double rate = done > c->began_at && now > c->began
                          ? (double)(done - c->began_at) / (now - c->began)
                          : 0;
        struct model_pull_progress p = {c->f->file->name, done, total, rate};
        options->progress(options->context, &p);
    }
    return !is_cancelled(options);
}

static void show_end(const struct course *c)
{
    const struct model_pull_options *options = c->f->options;
    struct model_pull_progress p = {c->f->file->name, c->done, c->done, 0};
    double seconds = clock_seconds() - c->began;
    if (seconds > 0 && c->done > c->began_at)
        p.bytes_per_second = (double)(c->done - c->began_at) / seconds;
    if (options->progress)
        options->progress(options->context, &p);
}

static int start_over(struct course *c, struct error *err)
{
    c->done = 0;
    c->resumed = false;
    if (ftruncate(c->fd, 0) < 0)
        return error_errno(err, errno, "cannot shorten %s", c->part);
    return 0;
}

/* One request; *ret_result as download_run writes it. */
static int try_once(struct course *c, struct download_result *ret_result, struct error *err)
{
    const struct fetch *f = c->f;
    const struct model_file *file = f->file;
    double stall = f->options->stall_s;
    struct download d = {
        .url = c->url,
        .bearer = f->bearer,
        .ca_file = f->ca_file,
        .sha256 = file->sha256,
        .stall_s = stall > 0 ? stall : DEFAULT_STALL_S,
        .fd = c->fd,
        .offset = c->done,
        .size = file->size,
        .limit = file->size ? file->size : LIMIT_CONFIG_BYTES,
        .proceed = on_proceed,
        .context = c,
    };
    c->began = clock_seconds();
    c->began_at = c->done;
    int rc = download_run(&d, ret_result, err);
    if (ret_result->done < c->began_at)
        c->resumed = false; /* the server sent the whole file instead of the rest */
    c->done = ret_result->done;
    c->reached |= ret_result->reached;
    if (!rc && file->size && c->done < file->size) {
        ret_result->again = true;
        rc = error_set(err, ERR_NETWORK, "the connection was cut off");
    }
    return rc;
}

/* Seconds to wait before another attempt; < 0: no more attempts. */
static double pause_before(const struct course *c, const struct download_result *result, int tries)
{
    const struct model_pull_options *options = c->f->options;
    int retries = options->retries < 0 ? DEFAULT_RETRIES : options->retries;
    if (!c->reached || tries > retries || result->retry_after_s > MAX_RETRY_AFTER_S ||
        (!result->again && !result->from_start))
        return -1; /* no server ever answered, so there is no network: say so immediately */
    double pause = options->retry_pause_s < 0 ? 1 : options->retry_pause_s;
    for (int i = 1; i < tries && pause < MAX_PAUSE_S; i++)
        pause *= 2;
    pause = pause < MAX_PAUSE_S ? pause : MAX_PAUSE_S;
    return result->retry_after_s > pause ? result->retry_after_s : pause;
}

/* Repeats requests until the file is complete. */
static int download_rest(struct course *c, struct error *err)
{
    uint64_t size = c->f->file->size;
    for (int tries = 1; !size || c->done < size; tries++) {
        uint64_t before = c->done;
        struct download_result result;
        int rc = try_once(c, &result, err);
        if (!rc)
            break;
        if (c->done >= before + PROGRESS_BYTES)
            tries = 1;
        double pause = pause_before(c, &result, tries);
        if (pause < 0)
            return rc;
        if (result.from_start || !size)
            rc = start_over(c, err);
        else
            rc = 0;
        if (!rc)
            rc = fetch_wait(c->f->options, pause, err);
        if (rc)
            return rc;
    }
    return 0;
}

/* The downloaded file must match whatever is known about it. */
static int check_part(const struct course *c, struct error *err)
{
    const struct model_file *file = c->f->file;
    const char *dot = strrchr(file->name, '.');
    if (file->sha256) {
        uint8_t digest[HASH_BYTES];
        char hex[HASH_HEX_SIZE];
        int rc = hash_file(c->part, digest, err);
        if (!rc && strcmp(hash_hex(digest, hex), file->sha256) != 0)
            rc = error_set(
                err, ERR_CORRUPT,
                "the downloaded file is not the published one (its SHA-256 is %s, not %s) and was "
                "deleted: pull again, and if that does not help, from another "
                "network or without HF_ENDPOINT",
                hex, file->sha256);
        return rc;
    }
    if (dot && strcmp(dot, ".json") == 0) {
        AUTO_JSON *root = NULL;
        return json_read_file(c->part, LIMIT_CONFIG_BYTES, &root, err);
    }
    return 0;
}

static int download_and_check(struct course *c, struct error *err)
{
    int rc = download_rest(c, err);
    if (rc)
        return rc;
    if (fsync(c->fd) < 0)
        return error_errno(err, errno, "cannot save %s", c->part);
    rc = check_part(c, err);
    if (rc == ERR_CORRUPT && c->resumed) { /* the old part may belong to another file */
        rc = start_over(c, err);
        return rc ? rc : download_and_check(c, err);
    }
    if (rc == ERR_CORRUPT)
        unlink(c->part);
    return rc;
}

static int open_part(struct course *c, struct error *err)
{
    const struct model_file *file = c->f->file;
    struct stat info;
    c->fd = open(c->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (c->fd < 0 || fstat(c->fd, &info) < 0)
        return error_errno(err, errno, "cannot write %s", c->part);
    c->done = (uint64_t)info.st_size;
    c->resumed = c->done > 0;
    /* Files without a pinned size are small: resuming them is not worthwhile. */
    return c->done > file->size ? start_over(c, err) : 0;
}

int fetch_file(const struct fetch *f, struct error *err)
{
    if (fetch_is_good(f->folder, f->file))
        return 0;
    AUTO_FREE char *path = file_join(f->folder, f->file->name);
    AUTO_FREE char *part = xasprintf("%s.part", path);
    AUTO_FREE char *url = xasprintf("%s%s", f->endpoint, f->file->url);
    struct course c = {.f = f, .part = part, .url = url, .fd = -1};
    int rc = open_part(&c, err);
    if (!rc) {
        rc = download_and_check(&c, err);
        if (rc)
            error_add(err, "%s", url);
    }
    if (!rc && rename(part, path) < 0)
        rc = error_errno(err, errno, "cannot rename %s", part);
    if (!rc)
        show_end(&c);
    if (c.fd >= 0)
        close(c.fd);
    return rc;
}
