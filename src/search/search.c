#include "search/search.h"

#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"

static int check_text(const char *text, struct error *err)
{
    size_t length = strlen(text);
    if (text[strspn(text, " \t\r\n")] == '\0')
        return error_set(err, ERR_INVALID, "the query is empty: say what the photos should show");
    if (length > LIMIT_QUERY_BYTES)
        return error_set(err, ERR_LIMIT, "the query is %zu bytes long; the limit is %zu", length,
                         LIMIT_QUERY_BYTES);
    if (!text_is_utf8(text, length))
        return error_set(err, ERR_INVALID, "the query is not UTF-8 text");
    return 0;
}

static int check_request(const struct search_request *request, struct error *err)
{
    if (request->k < 1 || request->k > LIMIT_RESULTS)
        return error_set(err, ERR_INVALID, "the number of results must be 1 to %d", LIMIT_RESULTS);
    if (!request->text == !request->like)
        return error_set(err, ERR_INVALID,
                         "give either a text or a picture to search for, and only one of them");
    return request->text ? check_text(request->text, err) : 0;
}

static int check_model(struct store *store, const struct clip *clip, const char *model_id,
                       struct error *err)
{
    struct store_model model = {.preprocessing = CLIP_PREPROCESSING_VERSION,
                                .dim = (int)clip_dim(clip)};
    text_copy(model.id, sizeof model.id, model_id);
    text_copy(model.fingerprint, sizeof model.fingerprint, clip_fingerprint(clip));
    return store_check_model(store, &model, err);
}

static int decode_file(const char *path, int short_edge_px, struct image **ret_image,
                       struct error *err)
{
    struct file file;
    int rc = file_read(path, LIMIT_PHOTO_FILE_BYTES, &file, err);
    if (rc)
        return rc;
    struct decode_options options = {.short_edge_px = short_edge_px};
    rc = image_decode(file.data, file.size, &options, ret_image, NULL, err);
    file_release(&file);
    if (rc) {
        AUTO_FREE char *name = text_printable(path, strlen(path));
        error_add(err, "%s", name);
    }
    return rc;
}

int search_embed_file(struct clip *clip, const char *path, float *ret_vector, struct error *err)
{
    AUTO(image) *image = NULL;
    int rc = decode_file(path, clip_image_px(clip), &image, err);
    if (rc)
        return rc;
    AUTO_FREE float *pixels = xmalloc(clip_pixel_count(clip) * sizeof *pixels);
    rc = clip_preprocess(clip, image, pixels, err);
    return rc ? rc : clip_embed_pixels(clip, pixels, 1, ret_vector, err);
}

/* A photo that another process removed after the ranking is left out. */
static int fill_results(struct store *store, const struct store_hit *hits, size_t n,
                        struct search_results *results, struct error *err)
{
    results->items = xcalloc(n ? n : 1, sizeof *results->items);
    for (size_t i = 0; i < n; i++) {
        struct search_result *item = &results->items[results->count];
        struct error why;
        int rc = store_get_photo(store, hits[i].id, &item->photo, &why);
        if (rc == ERR_NOT_FOUND)
            continue;
        if (rc)
            return error_set(err, rc, "%s", why.message);
        item->score = hits[i].score;
        results->count++;
    }
    return 0;
}

int search_run(struct store *store, struct clip *clip, const char *model_id,
               const struct search_request *request, struct search_results *ret_results,
               struct error *err)
{
    struct search_results results = {NULL, 0, false};
    int rc = check_request(request, err);
    if (!rc)
        rc = check_model(store, clip, model_id, err);
    if (rc)
        return rc;
    AUTO_FREE float *query = xmalloc(clip_dim(clip) * sizeof *query);
    rc = request->text ? clip_embed_text(clip, request->text, query, &results.truncated, err)
                       : search_embed_file(clip, request->like, query, err);
    if (rc)
        return rc;
    AUTO_FREE struct store_hit *hits = xmalloc(request->k * sizeof *hits);
    size_t count;
    rc = store_search(store, query, request->k, request->filter, hits, &count, err);
    if (!rc)
        rc = fill_results(store, hits, count, &results, err);
    if (rc)
        search_results_release(&results);
    else
        *ret_results = results;
    return rc;
}

void search_results_release(struct search_results *results)
{
    for (size_t i = 0; i < results->count; i++)
        store_photo_release(&results->items[i].photo);
    free(results->items);
    *results = (struct search_results){NULL, 0, false};
}
