/* SPDX-License-Identifier: MIT */
/* Turns a query of text, picture or photo into a vector. */
#include "search/query.h"

#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/photo_file.h"
#include "base/text.h"
#include "cage/cage.h"
#include "search/reading.h"

bool query_is_text(const struct search_request *request)
{
    return request->text != NULL;
}

int query_check(const struct search_request *request, struct error *err)
{
    int given = (request->text != NULL) + (request->like != NULL) + (request->like_data != NULL) +
                (request->like_photo != 0) + (request->tree != NULL);
    if (request->k < 1 || request->k > LIMIT_RESULTS)
        return error_set(err, ERR_INVALID, "the number of results must be 1 to %d", LIMIT_RESULTS);
    if (given != 1)
        return error_set(err, ERR_INVALID,
                         "give either a text or a picture to search for, and only one of them");
    struct wanted *text;
    int rc = request->text ? wanted_text(request->text, &text, err) : 0;
    if (!rc && request->text)
        wanted_free(text);
    return rc;
}

int search_embed_picture(struct clip *clip, const void *data, size_t size, float *ret_vector,
                         struct error *err)
{
    AUTO(image) *image = NULL;
    struct decode_options options = {.short_edge_px = clip_image_px(clip)};
    int rc = cage_decode(data, size, &options, &image, NULL, err);
    if (rc)
        return rc;
    AUTO_FREE float *pixels = xmalloc(clip_pixel_count(clip) * sizeof *pixels);
    rc = clip_preprocess(clip, image, pixels, err);
    return rc ? rc : clip_embed_pixels(clip, pixels, 1, ret_vector, err);
}

/* Embeds and releases a file; an error about its picture names the path. */
static int embed_read(struct clip *clip, const char *path, struct file *file, float *ret_vector,
                      struct error *err)
{
    int rc = search_embed_picture(clip, file->data, file->size, ret_vector, err);
    file_release(file);
    if (rc) {
        AUTO_FREE char *name = text_printable(path, strlen(path));
        error_add(err, "%s", name);
    }
    return rc;
}

int search_embed_file(struct clip *clip, const char *path, float *ret_vector, struct error *err)
{
    struct file file;
    int rc = file_read(path, LIMIT_PHOTO_FILE_BYTES, &file, err);
    return rc ? rc : embed_read(clip, path, &file, ret_vector, err);
}

/* Embeds a photo of the gallery whose vector is damaged from its file, if the file still has the
 * same content. */
static int embed_known(struct store *store, struct clip *clip, int64_t id, float *ret_vector,
                       struct error *err)
{
    struct store_photo photo;
    struct file file;
    int rc = store_get_photo(store, id, &photo, err);
    if (rc)
        return rc;
    rc = photo_file_read(photo.path, photo.hash, LIMIT_PHOTO_FILE_BYTES, &file, err);
    if (!rc)
        rc = embed_read(clip, photo.path, &file, ret_vector, err);
    store_photo_release(&photo);
    return rc;
}

int query_embed(struct store *store, struct clip *clip, const struct search_request *request,
                float *ret_vector, bool *ret_truncated, struct error *err)
{
    *ret_truncated = false;
    if (request->text) {
        AUTO_FREE char *asked =
            request->is_question ? search_question_text(request->text) : xstrdup(request->text);
        AUTO_FREE char *seen = reading_readable(clip, asked);
        return clip_embed_text(clip, seen, ret_vector, ret_truncated, err);
    }
    if (request->like)
        return search_embed_file(clip, request->like, ret_vector, err);
    if (request->like_data)
        return search_embed_picture(clip, request->like_data, request->like_size, ret_vector, err);
    int rc = store_get_vector(store, request->like_photo, ret_vector, err);
    return rc == ERR_CORRUPT ? embed_known(store, clip, request->like_photo, ret_vector, err) : rc;
}
