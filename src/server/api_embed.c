/* SPDX-License-Identifier: MIT */
/* Handlers that compute the vector of a text or picture, for programs that keep their own index. */
#include "base/json.h"
#include "base/limits.h"
#include "base/memory.h"
#include "forms/forms.h"
#include "search/search.h"
#include "server/api.h"
#include "server/server_internal.h"

static int embed_text(struct call *call, float *ret_vector, struct embedding *embedding,
                      struct error *err)
{
    struct clip *clip = call->server->options.clip;
    const json_t *value = json_object_get(call->body, "text");
    const char *text = json_string_value(value);
    int rc = call_check_keys(call->body, "text", err);
    if (rc)
        return rc;
    if (!text || strlen(text) != json_string_length(value))
        return error_set(err, ERR_INVALID,
                         "give {\"text\": \"...\"}, or send a picture file with its own type");
    if (json_string_length(value) > LIMIT_QUERY_BYTES)
        return error_set(err, ERR_LIMIT, "the text is longer than %zu bytes", LIMIT_QUERY_BYTES);
    embedding->is_text = true;
    const char *language;
    embedding->language_unsupported = !search_reads_text(clip, text, &language);
    return clip_embed_text(clip, text, ret_vector, &embedding->truncated, err);
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
    struct embedding embedding = {.model = o->model_id, .vector = vector, .dim = dim};
    int rc =
        call->body ? embed_text(call, vector, &embedding, err) : embed_picture(call, vector, err);
    if (!call->body && (rc == ERR_CORRUPT || rc == ERR_UNSUPPORTED || rc == ERR_LIMIT)) {
        respond_problem(call->reply, 422, error_name(rc), "%s", err->message);
        return 0;
    }
    if (rc)
        return rc;
    respond_json(call->reply, 200, form_embedding(&embedding));
    return 0;
}
