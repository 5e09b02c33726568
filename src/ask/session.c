/* SPDX-License-Identifier: MIT */
/* The state of a conversation: its messages, its pictures and their captions. */
#include "ask/ask_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ask/caption.h"
#include "ask/prompt.h"
#include "base/memory.h"

/* Share of the body that pictures may fill, before base64; the rest is text. */
#define PICTURE_SHARE 0.66

struct view_request session_look(const struct ask *ask, int edge_px, int max_tokens, size_t count)
{
    const struct llm_limits *limits = &ask->limits;
    struct view_request request = {.edge_px = edge_px, .max_tokens = max_tokens};
    if (limits->image_edge_px && (!edge_px || limits->image_edge_px < edge_px))
        request.edge_px = limits->image_edge_px;
    if (limits->image_tokens && (!max_tokens || limits->image_tokens < max_tokens))
        request.max_tokens = limits->image_tokens;
    size_t share = (size_t)((double)limits->request_bytes * PICTURE_SHARE /
                            (double)(session_images(ask) + count + 1));
    request.max_bytes = limits->image_bytes;
    if (limits->request_bytes && (!request.max_bytes || share < request.max_bytes))
        request.max_bytes = share;
    return request;
}

int session_render(const struct ask *ask, const struct store_photo *photo, bool judged,
                   const struct view_request *request, struct view *ret_view, struct error *err)
{
    const struct ask_options *options = &ask->options;
    if (options->proceed && !options->proceed(options->context))
        return error_set(err, ERR_CANCELLED, "interrupted");
    return judged ? gate_render_judged(photo, request, ret_view, err)
                  : gate_render(ask->store, photo, request, ret_view, err);
}

bool session_is_fatal(int rc)
{
    return rc == ERR_NO_MEMORY || rc == ERR_NETWORK || rc == ERR_CANCELLED;
}

int session_add_picture(struct ask *ask, struct store_photo *photo, double score, bool judged,
                        const struct view_request *request, struct error *err)
{
    struct picture picture = {
        .number = ask->pictures.last + 1, .photo = *photo, .score = score, .request = *request};
    int rc = session_render(ask, photo, judged, request, &picture.view, err);
    if (rc)
        return rc;
    *photo = (struct store_photo){0};
    pictures_add(&ask->pictures, &picture);
    return 0;
}

int session_caption(struct ask *ask, size_t first, struct error *err)
{
    struct pictures *pictures = &ask->pictures;
    if (first == pictures->count)
        return 0;
    return caption_make(ask->store, ask->options.facts, pictures->items + first,
                        pictures->count - first, err);
}

static bool is_same(const struct store_photo *photo, int64_t id, const uint8_t hash[HASH_BYTES])
{
    static const uint8_t unknown[HASH_BYTES];
    return photo->id == id || (memcmp(photo->hash, unknown, HASH_BYTES) != 0 &&
                               memcmp(photo->hash, hash, HASH_BYTES) == 0);
}

int session_number_of(const struct ask *ask, const struct store_photo *photo)
{
    int number = 0;
    for (size_t i = 0; i < ask->pictures.count; i++) {
        const struct picture *p = &ask->pictures.items[i];
        if (is_same(photo, p->photo.id, p->view.hash) && !p->request.has_part && !p->gone &&
            (i >= ask->first || pictures_stand_in(ask->messages, p->number)))
            number = p->number;
    }
    return number;
}

bool session_is_dropped(const struct ask *ask, const struct store_photo *photo)
{
    for (size_t i = 0; i < ask->n_dropped; i++)
        if (is_same(photo, ask->dropped[i].id, ask->dropped[i].hash))
            return true;
    return false;
}

static bool is_standing(const struct ask *ask, size_t i)
{
    const struct picture *p = &ask->pictures.items[i];
    return !p->gone && (i >= ask->first || pictures_stand_in(ask->messages, p->number));
}

size_t session_images(const struct ask *ask)
{
    size_t count = 0;
    for (size_t i = 0; i < ask->pictures.count; i++)
        count += is_standing(ask, i);
    return count;
}

static int shrink_picture(struct ask *ask, struct picture *picture, int edge_px, struct error *err)
{
    struct picture smaller = *picture;
    smaller.request.edge_px = edge_px;
    smaller.view = (struct view){0};
    smaller.caption = NULL;
    int rc = session_render(ask, &picture->photo, false, &smaller.request, &smaller.view, err);
    if (!rc)
        rc = caption_make(ask->store, ask->options.facts, &smaller, 1, err);
    if (rc) {
        view_release(&smaller.view);
        return rc;
    }
    view_release(&picture->view);
    free(picture->caption);
    *picture = smaller;
    return 0;
}

int session_shrink(struct ask *ask, int edge_px, bool *ret_changed, struct error *err)
{
    bool changed = false;
    for (size_t i = 0; i < ask->pictures.count; i++) {
        struct picture *p = &ask->pictures.items[i];
        if (p->gone || (p->view.width <= edge_px && p->view.height <= edge_px))
            continue;
        int rc = shrink_picture(ask, p, edge_px, err);
        if (rc)
            return rc;
        changed = true;
    }
    *ret_changed = changed;
    return 0;
}

void session_keep(struct ask *ask, size_t count)
{
    struct pictures *pictures = &ask->pictures;
    size_t kept = 0;
    for (size_t i = ask->first; i < pictures->count; i++)
        if (is_standing(ask, i) && kept++ >= count)
            pictures->items[i].gone = xstrdup("the model takes no more photos in one request.");
    for (size_t i = ask->first; i-- > 0;)
        if (is_standing(ask, i) && kept++ >= count)
            pictures->items[i].gone = xstrdup("the model takes no more photos in one request.");
}

json_t *session_turn(const struct ask *ask)
{
    json_t *content = json_array();
    for (size_t i = ask->first; i < ask->pictures.count; i++)
        json_array_append_new(content, picture_block(ask->pictures.items[i].number));
    AUTO_FREE char *text = prompt_question(ask->question, ask->shown, ask->n_shown);
    json_array_append_new(content, json_pack("{s:s, s:s}", "type", "text", "text", text));
    return json_pack("{s:s, s:o}", "role", "user", "content", content);
}

struct llm_request session_request(const struct ask *ask, const json_t *messages)
{
    /* Tool rounds and further questions repeat the previous messages. */
    bool repeats = ask->tools || json_array_size(messages) > 1;
    return (struct llm_request){.system = prompt_system(ask->tools != NULL),
                                .messages = messages,
                                .tools = ask->tools,
                                .effort = ask->options.effort,
                                .max_tokens = ask->options.max_tokens,
                                .cache = repeats};
}

void session_forget_question(struct ask *ask, bool was_sent)
{
    if (!was_sent)
        pictures_cut(&ask->pictures, ask->first);
    ask->first = ask->pictures.count;
    free(ask->question);
    ask->question = NULL;
    ask->n_shown = ask->n_dropped = 0;
    outbox_release(&ask->outbox);
}
