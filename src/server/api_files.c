/* SPDX-License-Identifier: MIT */
/* Handlers that send originals and thumbnails. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/photo_file.h"
#include "forms/forms.h"
#include "image/formats.h"
#include "image/image.h"
#include "server/api.h"
#include "server/headers.h"
#include "server/server_internal.h"

/* Larger photos are hashed in a pool where nobody else waits for it. */
#define QUICK_BYTES ((size_t)32 << 20)

static int get_photo(struct call *call, struct store_photo *ret_photo, struct error *err)
{
    struct store *store;
    int rc = call_store(call, &store, err);
    return rc ? rc : store_get_photo(store, call->match.id, ret_photo, err);
}

/* An address that contains the version never changes its content. */
static void set_caching(struct call *call, const char *version)
{
    const char *v = target_get(&call->target, "v");
    respond_header(call->reply, "Cache-Control", "%s",
                   v && strcmp(v, version) == 0 ? "private, max-age=31536000, immutable"
                                                : "private, no-cache");
}

/* For a file that vanished or became unreadable since the last index run. */
static void reply_gone(struct call *call, const struct error *err)
{
    respond_problem(call->reply, 410, error_name(err->code), "%s", err->message);
}

/* ---- original ---- */

/* The name as a quoted ASCII string; the caller frees. */
static char *quotable(const char *name)
{
    char *text = xstrdup(name);
    for (char *c = text; *c; c++)
        if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\')
            *c = '_';
    return text;
}

/* Percent-escapes all but RFC 3986's unreserved characters; the caller frees. */
static char *escape(const char *name)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    char *text = xmalloc(3 * strlen(name) + 1), *out = text;
    for (; *name; name++)
        if (strchr(plain, *name))
            *out++ = *name;
        else
            out += snprintf(out, 4, "%%%02X", (unsigned char)*name);
    *out = '\0';
    return text;
}

/* Content-Disposition (RFC 6266), with the name in both forms of RFC 8187. */
static void set_disposition(struct call *call, const char *name)
{
    AUTO_FREE char *quoted = quotable(name);
    AUTO_FREE char *escaped = escape(name);
    respond_header(call->reply, "Content-Disposition", "%s; filename=\"%s\"; filename*=UTF-8''%s",
                   target_get(&call->target, "download") ? "attachment" : "inline", quoted,
                   escaped);
}

static void reply_range(struct call *call, const char *type, int fd, int64_t size,
                        struct range range)
{
    if (range.kind == RANGE_NOT_SATISFIABLE) {
        close(fd);
        respond_problem(call->reply, 416, "range", "the photo has %" PRId64 " bytes", size);
        respond_header(call->reply, "Content-Range", "bytes */%" PRId64, size);
    } else if (range.kind == RANGE_PART) {
        respond_file(call->reply, 206, type, fd, (uint64_t)range.first,
                     (uint64_t)(range.last - range.first + 1));
        respond_header(call->reply, "Content-Range", "bytes %" PRId64 "-%" PRId64 "/%" PRId64,
                       range.first, range.last, size);
    } else {
        respond_file(call->reply, 200, type, fd, 0, (uint64_t)size);
    }
}

static void reply_content(struct call *call, const struct store_photo *photo,
                          struct photo_file *file)
{
    char etag[64], version[PHOTO_VERSION_SIZE];
    form_version(photo, version);
    snprintf(etag, sizeof etag, "%llx-%llx.%lx", (unsigned long long)file->size,
             (unsigned long long)file->modified.tv_sec, (unsigned long)file->modified.tv_nsec);
    set_caching(call, version);
    respond_header(call->reply, "Accept-Ranges", "bytes");
    if (call_is_unchanged(call, etag)) {
        photo_file_close(file);
        return;
    }
    const char *if_range = http_header(call->request, "If-Range");
    struct range range = {RANGE_ALL, 0, 0};
    if (!if_range || etag_matches(if_range, etag, false))
        range = range_parse(http_header(call->request, "Range"), (int64_t)file->size);
    set_disposition(call, file_name(photo->path));
    const char *type = format_media_type(photo->facts.format);
    reply_range(call, type ? type : "application/octet-stream", file->fd, (int64_t)file->size,
                range);
}

/* A file with other content than was indexed counts as gone. */
static int reply_original(struct call *call, const struct store_photo *photo, struct error *err)
{
    struct photo_file file;
    if (call->pool == POOL_QUICK && photo_file_size(photo->path) > QUICK_BYTES)
        return CALL_SLOWLY;
    int rc = photo_file_open(photo->path, photo->hash, &file, err);
    if (!rc && !image_has_format(file.head, file.head_size, photo->facts.format)) {
        photo_file_close(&file);
        rc = error_set(err, ERR_MISMATCH,
                       "the file no longer has the format that was indexed: "
                       "index it again");
    }
    if (rc == ERR_NO_MEMORY)
        return rc;
    if (rc)
        reply_gone(call, err);
    else
        reply_content(call, photo, &file);
    return 0;
}

int api_original(struct call *call, struct error *err)
{
    struct store_photo photo;
    int rc = get_photo(call, &photo, err);
    if (rc)
        return rc;
    rc = reply_original(call, &photo, err);
    store_photo_release(&photo);
    return rc;
}

/* ---- thumbnail ---- */

static int read_size(const struct target *target, enum thumb_size *ret_size, struct error *err)
{
    const char *size = target_get(target, "size");
    if (!size || strcmp(size, "small") == 0)
        *ret_size = THUMB_SMALL;
    else if (strcmp(size, "large") == 0)
        *ret_size = THUMB_LARGE;
    else
        return error_set(err, ERR_INVALID, "'size' must be small or large");
    return 0;
}

/* Returns the cached thumbnail; otherwise makes one, in the slow pool. */
static int get_thumbnail(struct call *call, const struct store_photo *photo, enum thumb_size which,
                         uint8_t **ret_data, size_t *ret_size, struct error *err)
{
    struct thumbs *thumbs = call->server->options.thumbs;
    if (call->pool == POOL_SLOW)
        return thumbs_make(thumbs, photo->path, photo->hash, which, ret_data, ret_size, err);
    int rc = thumbs_get(thumbs, photo->hash, which, ret_data, ret_size, err);
    return rc ? CALL_SLOWLY : 0;
}

/* The name of a photo's JPEG thumbnail: "IMG_7.heic" gives "IMG_7.jpg"; the caller frees. */
static char *jpeg_name(const char *path)
{
    const char *name = file_name(path), *dot = strrchr(name, '.');
    if (dot && (strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0))
        return xstrdup(name);
    return xasprintf("%.*s.jpg", dot && dot > name ? (int)(dot - name) : (int)strlen(name), name);
}

static int reply_thumbnail(struct call *call, const struct store_photo *photo, struct error *err)
{
    enum thumb_size which = THUMB_SMALL;
    char etag[32], version[PHOTO_VERSION_SIZE];
    uint8_t *data;
    size_t size;
    int rc = read_size(&call->target, &which, err);
    if (rc)
        return rc;
    form_version(photo, version);
    snprintf(etag, sizeof etag, "%s-%c", version, which == THUMB_SMALL ? 's' : 'l');
    set_caching(call, version);
    if (call_is_unchanged(call, etag))
        return 0;
    rc = get_thumbnail(call, photo, which, &data, &size, err);
    if (rc < 0 && rc != ERR_NO_MEMORY) {
        reply_gone(call, err);
        return 0;
    }
    if (!rc) {
        AUTO_FREE char *name = jpeg_name(photo->path);
        set_disposition(call, name);
        respond_memory(call->reply, 200, "image/jpeg", data, size);
    }
    return rc;
}

int api_thumbnail(struct call *call, struct error *err)
{
    struct store_photo photo;
    if (!call->server->options.thumbs)
        return error_set(err, ERR_IO,
                         "thumbnails cannot be stored: the server's log has the reason");
    int rc = get_photo(call, &photo, err);
    if (rc)
        return rc;
    rc = reply_thumbnail(call, &photo, err);
    store_photo_release(&photo);
    return rc;
}
