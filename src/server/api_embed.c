/* SPDX-License-Identifier: MIT */
/* Handlers that compute the vector of a text or picture, for programs that keep their own index. */
#include "base/json.h"
#include "base/limits.h"
#include "base/memory.h"
#include "search/search.h"
#include "server/api.h"
#include "server/server_internal.h"

static int embed_text(struct call *call, float *ret_vector, json_t *object, struct error *err)
{
    struct clip *clip = call->server->options.clip;
    const json_t *value = json_object_get(call->body, "text");
    const char *text = json_string_value(value);
    bool truncated = false;
    int rc = call_check_keys(call->body, "text", err);
    if (rc)
        return rc;
    if (!text || strlen(text) != json_string_length(value))
        return error_set(err, ERR_INVALID,
                         "give {\"text\": \"...\"}, or send a picture file with its own type");
    if (json_string_length(value) > LIMIT_QUERY_BYTES)
        return error_set(err, ERR_LIMIT, "the text is longer than %zu bytes", LIMIT_QUERY_BYTES);
    rc = clip_embed_text(clip, text, ret_vector, &truncated, err);
    json_object_set_new(object, "truncated", json_boolean(truncated));
    json_object_set_new(object, "language_unsupported",
                        json_boolean(!search_reads_text(clip, text)));
    return rc;
}

static int embed_picture(struct call *call, float *ret_vector, struct error *err)
{
    const struct http_request *http = call->request;
    if (http->content_length == 0)
        return error_set(err, ERR_INVALID, "the body is empty: send a picture file");
    return search_embed_picture(call->server->options.clip, http->body,
                                (size_t)http->content_length, ret_vector, err);
}

int api_embed(struct call *call, struct error *err)
{
    const struct server_options *o = &call->server->options;
    size_t dim = clip_dim(o->clip);
    AUTO_FREE float *vector = xmalloc(dim * sizeof *vector);
    AUTO_JSON *object = json_object();
    json_object_set_new(object, "model", json_string(o->model_id));
    json_object_set_new(object, "dim", json_integer((json_int_t)dim));
    int rc = call->body ? embed_text(call, vector, object, err) : embed_picture(call, vector, err);
    if (!call->body && (rc == ERR_CORRUPT || rc == ERR_UNSUPPORTED || rc == ERR_LIMIT)) {
        respond_problem(call->reply, 422, error_name(rc), "%s", err->message);
        return 0;
    }
    if (rc)
        return rc;
    json_t *numbers = json_array();
    for (size_t i = 0; i < dim; i++)
        json_array_append_new(numbers, json_real((double)vector[i]));
    json_object_set_new(object, "vector", numbers);
    respond_json(call->reply, 200, json_incref(object));
    return 0;
}
