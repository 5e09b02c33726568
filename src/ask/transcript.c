/* SPDX-License-Identifier: MIT */
/* Saves a conversation as JSON without pixels, and restores it.
 *
 *     {"version": 1, "provider": "anthropic", "host": "api.anthropic.com",
 *      "model": "claude-sonnet-5-5",
 *      "messages": [...]                     pictures as {"type": "picture", "number": 3}
 *      "pictures": [{"number", "photo", "hash", "score"?, "edge_px", "max_tokens", "max_bytes",
 *                    "part"?: [x,y,w,h], "caption", "facts": "rounded", "told": enum fact,
 *                    "labels"}]}
 *
 * A picture that cannot be rendered again is replaced by a sentence, and is tried again at the
 * next restore. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/ask_internal.h"
#include "ask/caption.h"
#include "ask/own_calls.h"
#include "base/json.h"

#define VERSION 1
#define WHERE "the saved conversation"
#define MESSAGES_MAX 10000
#define PICTURES_MAX 10000
#define EDGE_MAX_PX 65535
#define DEPTH_MAX 8

/* ---- saving ---- */

static json_t *save_picture(const struct picture *p, enum telling telling)
{
    char hash[HASH_HEX_SIZE];
    const struct view_request *r = &p->request;
    json_t *saved = json_pack("{s:i, s:I, s:s, s:i, s:i, s:I, s:s}", "number", p->number, "photo",
                              (json_int_t)p->photo.id, "hash", hash_hex(p->view.hash, hash),
                              "edge_px", r->edge_px, "max_tokens", r->max_tokens, "max_bytes",
                              (json_int_t)r->max_bytes, "caption", p->caption ? p->caption : "");
    json_object_set_new(saved, "facts", json_string(telling_name(telling)));
    json_object_set_new(saved, "told", json_integer(p->told.facts));
    json_object_set_new(saved, "labels", json_integer((json_int_t)p->told.labels));
    if (isfinite(p->score))
        json_object_set_new(saved, "score", json_real(p->score));
    if (r->has_part)
        json_object_set_new(
            saved, "part",
            json_pack("[f, f, f, f]", r->part.x, r->part.y, r->part.width, r->part.height));
    return saved;
}

json_t *ask_save(const struct ask *ask)
{
    json_t *pictures = json_array();
    for (size_t i = 0; i < ask->pictures.count; i++)
        if (i < ask->first)
            json_array_append_new(pictures,
                                  save_picture(&ask->pictures.items[i], ask->options.facts));
    return json_pack("{s:i, s:s, s:s, s:s, s:o, s:o}", "version", VERSION, "provider",
                     llm_provider(ask->llm), "host", llm_host(ask->llm), "model",
                     llm_model(ask->llm), "messages", json_deep_copy(ask->messages), "pictures",
                     pictures);
}

/* ---- restoring ---- */

static int refuse_corrupt(struct error *err, const char *what)
{
    return error_set(err, ERR_CORRUPT, WHERE ": %s", what);
}

static bool parse_hex(const char *hex, uint8_t ret_hash[HASH_BYTES])
{
    if (strlen(hex) != HASH_HEX_SIZE - 1 || strspn(hex, "0123456789abcdef") != HASH_HEX_SIZE - 1)
        return false;
    for (size_t i = 0; i < HASH_BYTES; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        ret_hash[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return true;
}

static bool read_part(const json_t *part, struct store_box *ret_box)
{
    double sides[4];
    for (size_t i = 0; i < 4; i++) {
        const json_t *side = json_array_get(part, i);
        sides[i] = json_number_value(side);
        if (!json_is_number(side) || !(sides[i] >= 0 && sides[i] <= 1))
            return false;
    }
    *ret_box = (struct store_box){sides[0], sides[1], sides[2], sides[3]};
    return json_array_size(part) == 4 && sides[2] > 0 && sides[3] > 0;
}

/* Reads everything except the photo and the view; strings are copied. */
static int read_picture(const json_t *saved, struct picture *p, uint8_t ret_hash[HASH_BYTES],
                        struct error *err)
{
    int64_t number, photo, edge_px, max_tokens, max_bytes;
    const char *hash, *caption;
    int rc = json_get_int(saved, "number", 1, PICTURES_MAX, WHERE, &number, err);
    if (!rc)
        rc = json_get_int(saved, "photo", 1, INT64_MAX, WHERE, &photo, err);
    if (!rc)
        rc = json_get_int(saved, "edge_px", 1, EDGE_MAX_PX, WHERE, &edge_px, err);
    if (!rc)
        rc = json_get_int(saved, "max_tokens", 0, INT32_MAX, WHERE, &max_tokens, err);
    if (!rc)
        rc = json_get_int(saved, "max_bytes", 0, INT64_MAX, WHERE, &max_bytes, err);
    if (!rc)
        rc = json_get_string(saved, "hash", WHERE, &hash, err);
    if (!rc)
        rc = json_get_string(saved, "caption", WHERE, &caption, err);
    if (rc)
        return rc;
    const json_t *score = json_object_get(saved, "score"), *part = json_object_get(saved, "part");
    *p = (struct picture){.number = (int)number,
                          .photo.id = photo,
                          .score = json_is_number(score) ? json_number_value(score) : NAN,
                          .request = {.edge_px = (int)edge_px,
                                      .max_tokens = (int)max_tokens,
                                      .max_bytes = (size_t)max_bytes,
                                      .has_part = part != NULL}};
    if (!parse_hex(hash, ret_hash) || (part && !read_part(part, &p->request.part)))
        return refuse_corrupt(err, "a picture is malformed");
    p->caption = xstrdup(caption);
    return 0;
}

/* Reads the photo and renders the pixels that were sent, or sets the sentence that replaces them.
 */
static int render_again(struct ask *ask, struct picture *p, const uint8_t hash[HASH_BYTES],
                        struct error *err)
{
    struct store_photo photo;
    struct error why = ERROR_INIT;
    int rc = store_get_photo(ask->store, p->photo.id, &photo, &why);
    if (!rc) {
        p->photo = photo;
        rc = session_render(ask, &p->photo, false, &p->request, &p->view, &why);
    }
    if (!rc && memcmp(p->view.hash, hash, HASH_BYTES) != 0)
        rc = ERR_MISMATCH;
    if (rc)
        view_release(&p->view);
    memcpy(p->view.hash, hash, HASH_BYTES);
    if (session_is_fatal(rc))
        return error_set(err, rc, "%s", why.message);
    if (rc == ERR_DENIED)
        p->gone = xstrdup("the owner no longer shares this photo.");
    else if (rc)
        p->gone = xstrdup("this photo was deleted or changed since it was shown.");
    return 0;
}

/* Restores the original caption, unless a different set of facts is now to be told. */
static int caption_again(struct ask *ask, const json_t *saved, struct picture *p, struct error *err)
{
    enum telling telling;
    const char *facts = json_string_value(json_object_get(saved, "facts"));
    bool same = facts && telling_parse(facts, &telling) && telling == ask->options.facts;
    if (p->gone)
        return 0;
    if (!same)
        return caption_make(ask->store, ask->options.facts, p, 1, err);
    p->told.facts = (unsigned)json_integer_value(json_object_get(saved, "told"));
    p->told.labels = (size_t)json_integer_value(json_object_get(saved, "labels"));
    return 0;
}

static int restore_pictures(struct ask *ask, const json_t *saved, struct error *err)
{
    if (!json_is_array(saved) || json_array_size(saved) > PICTURES_MAX)
        return refuse_corrupt(err, "\"pictures\" is malformed");
    for (size_t i = 0; i < json_array_size(saved); i++) {
        struct picture picture = {0};
        uint8_t hash[HASH_BYTES];
        int rc = read_picture(json_array_get(saved, i), &picture, hash, err);
        if (!rc && picture.number <= ask->pictures.last)
            rc = refuse_corrupt(err, "the pictures' numbers are not in ascending order");
        if (!rc)
            rc = render_again(ask, &picture, hash, err);
        if (!rc)
            rc = caption_again(ask, json_array_get(saved, i), &picture, err);
        if (rc) {
            picture_release(&picture);
            return rc;
        }
        pictures_add(&ask->pictures, &picture);
    }
    return 0;
}

/* Pixels come only through the gate: a saved image block is not ours. */
static bool is_sound(const struct ask *ask, const json_t *blocks, int depth)
{
    if (!json_is_array(blocks) || depth > DEPTH_MAX)
        return false;
    for (size_t i = 0; i < json_array_size(blocks); i++) {
        const json_t *block = json_array_get(blocks, i);
        const json_t *inner = json_object_get(block, "content");
        const char *type = json_string_value(json_object_get(block, "type"));
        if (!type || strcmp(type, "image") == 0 || strcmp(type, "document") == 0)
            return false;
        if (strcmp(type, "picture") == 0 && !pictures_find(&ask->pictures, picture_of_block(block)))
            return false;
        if (inner && strcmp(type, "tool_result") == 0 && !is_sound(ask, inner, depth + 1))
            return false;
    }
    return true;
}

static int restore_messages(struct ask *ask, const json_t *saved, bool same_model,
                            struct error *err)
{
    size_t count = json_array_size(saved);
    if (!json_is_array(saved) || count > MESSAGES_MAX)
        return refuse_corrupt(err, "\"messages\" is malformed");
    for (size_t i = 0; i < count; i++) {
        const json_t *message = json_array_get(saved, i);
        const json_t *content = json_object_get(message, "content");
        const char *role = json_string_value(json_object_get(message, "role"));
        bool is_user = role && strcmp(role, "user") == 0;
        if (!(is_user || (role && strcmp(role, "assistant") == 0)) || !is_sound(ask, content, 0))
            return refuse_corrupt(err, "a message is malformed");
        json_array_append_new(ask->messages, json_pack("{s:s, s:o}", "role", role, "content",
                                                       json_deep_copy(content)));
    }
    own_calls_adopt(ask->messages, !same_model);
    return 0;
}

static bool is_same(const json_t *saved, const char *key, const char *own)
{
    const char *text = json_string_value(json_object_get(saved, key));
    return text && strcmp(text, own) == 0;
}

int ask_restore(struct ask *ask, const json_t *saved, struct error *err)
{
    int64_t version;
    int rc = json_get_int(saved, "version", VERSION, VERSION, WHERE, &version, err);
    bool same_model =
        is_same(saved, "provider", llm_provider(ask->llm)) &&
        is_same(saved, "model", llm_model(ask->llm)) &&
        (!json_object_get(saved, "host") || is_same(saved, "host", llm_host(ask->llm)));
    if (!rc && (ask->pictures.count > 0 || json_array_size(ask->messages) > 0))
        BUG("cannot load a conversation: another one has already begun");
    if (!rc)
        rc = restore_pictures(ask, json_object_get(saved, "pictures"), err);
    if (!rc)
        rc = restore_messages(ask, json_object_get(saved, "messages"), same_model, err);
    if (rc) {
        json_array_clear(ask->messages);
        pictures_release(&ask->pictures);
    }
    ask->first = ask->pictures.count;
    return rc;
}
