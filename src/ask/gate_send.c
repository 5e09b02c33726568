/* SPDX-License-Identifier: MIT */
/* Replaces the placeholders in messages by pixels, and sends them. */
#include <math.h>
#include <string.h>

#include "ask/daily_budget.h"
#include "ask/gate.h"
#include "base/base64.h"
#include "base/json.h"
#include "base/memory.h"

/* ---- placeholders ---- */

struct fill {
    const struct pictures *pictures;
    struct gate_verdict *verdicts; /* of each picture */
    struct llm_limits limits;
    bool cached;    /* the pictures are written to the provider's cache */
    json_t *photos; /* for the ledger */
    unsigned facts; /* enum fact, of the facts sent with them */
    size_t image_bytes;
    int64_t image_tokens;
    struct error *err;
};

static int add_text(json_t *blocks, const char *text)
{
    return json_array_append_new(blocks, json_pack("{s:s, s:s}", "type", "text", "text", text));
}

static void add_image(struct fill *f, const struct picture *p, json_t *blocks)
{
    AUTO_FREE char *data = base64_encode(p->view.jpeg, p->view.bytes);
    f->image_bytes += strlen(data);
    f->image_tokens += llm_image_tokens(p->view.width, p->view.height);
    json_t *image = json_pack("{s:s, s:{s:s, s:s, s:s}}", "type", "image", "source", "type",
                              "base64", "media_type", "image/jpeg", "data", data);
    if (f->limits.strict_image_size)
        json_object_set_new(image, "transformations",
                            json_pack("{s:s}", "oversized_image", "error"));
    json_array_append_new(blocks, image);
    json_array_append_new(f->photos, gate_photo_json(&p->photo, &p->view));
}

static int fill_picture(struct fill *f, int number, json_t *blocks)
{
    const struct picture *p = pictures_find(f->pictures, number);
    if (!p)
        return error_set(f->err, ERR_CORRUPT,
                         "the conversation refers to image %d, which it does not contain", number);
    const struct gate_verdict *verdict = &f->verdicts[p - f->pictures->items];
    if (p->gone || verdict->phrase || verdict->is_gone) {
        AUTO_FREE char *instead = xasprintf(
            "Image %d: %s", number, p->gone ? p->gone : "the owner no longer shares this photo.");
        add_text(blocks, instead);
        return 0;
    }
    f->facts |= p->told.facts;
    add_text(blocks, p->caption);
    add_image(f, p, blocks);
    return 0;
}

static int fill_blocks(struct fill *f, const json_t *blocks, int depth, json_t **ret_blocks);

static int fill_block(struct fill *f, json_t *block, int depth, json_t *ret_blocks)
{
    int number = picture_of_block(block);
    if (number)
        return fill_picture(f, number, ret_blocks);
    const json_t *inner = json_object_get(block, "content");
    if (!json_is_array(inner) || depth > 0) {
        json_array_append(ret_blocks, block);
        return 0;
    }
    json_t *content = NULL;
    int rc = fill_blocks(f, inner, depth + 1, &content);
    if (rc)
        return rc;
    json_t *copy = json_copy(block);
    json_object_set_new(copy, "content", content);
    json_array_append_new(ret_blocks, copy);
    return 0;
}

static int fill_blocks(struct fill *f, const json_t *blocks, int depth, json_t **ret_blocks)
{
    json_t *filled = json_array();
    int rc = 0;
    for (size_t i = 0; !rc && i < json_array_size(blocks); i++)
        rc = fill_block(f, json_array_get(blocks, i), depth, filled);
    if (rc)
        json_decref(filled);
    else
        *ret_blocks = filled;
    return rc;
}

/* Placeholders occur only in the user's turns; the model's turns are unchanged. */
static int fill_message(struct fill *f, json_t *message, json_t *ret_messages)
{
    json_t *role = json_object_get(message, "role"), *content = NULL;
    if (!json_is_string(role) || strcmp(json_string_value(role), "user") != 0) {
        json_array_append(ret_messages, message);
        return 0;
    }
    int rc = fill_blocks(f, json_object_get(message, "content"), 0, &content);
    if (!rc)
        json_array_append_new(ret_messages,
                              json_pack("{s:O, s:o}", "role", role, "content", content));
    return rc;
}

static int fill_messages(struct fill *f, const json_t *messages, json_t **ret_messages)
{
    json_t *filled = json_array();
    int rc = 0;
    for (size_t i = 0; !rc && i < json_array_size(messages); i++)
        rc = fill_message(f, json_array_get(messages, i), filled);
    if (rc)
        json_decref(filled);
    else
        *ret_messages = filled;
    return rc;
}

static void release_verdicts(struct gate_verdict *verdicts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(verdicts[i].phrase);
    free(verdicts);
}

static int judge_pictures(struct store *store, const struct pictures *pictures,
                          struct gate_verdict *ret_verdicts, struct error *err)
{
    AUTO_FREE int64_t *ids = xmalloc((pictures->count + 1) * sizeof *ids);
    for (size_t i = 0; i < pictures->count; i++)
        ids[i] = pictures->items[i].photo.id;
    return pictures->count ? gate_rules(store, ids, pictures->count, ret_verdicts, err) : 0;
}

static int fill_request(struct store *store, struct llm *llm, const struct llm_request *request,
                        const struct pictures *pictures, bool judged, struct fill *ret_fill,
                        json_t **ret_messages, struct error *err)
{
    *ret_fill = (struct fill){.pictures = pictures,
                              .verdicts = xcalloc(pictures->count + 1, sizeof(struct gate_verdict)),
                              .cached = request->cache,
                              .photos = json_array(),
                              .err = err};
    llm_limits(llm, &ret_fill->limits);
    int rc = judged ? 0 : judge_pictures(store, pictures, ret_fill->verdicts, err);
    if (!rc)
        rc = fill_messages(ret_fill, request->messages, ret_messages);
    release_verdicts(ret_fill->verdicts, pictures->count);
    ret_fill->verdicts = NULL;
    if (rc)
        json_decref(ret_fill->photos);
    return rc;
}

static struct gate_load load_of(struct llm *llm, const struct fill *f, size_t body_bytes)
{
    size_t text = body_bytes > f->image_bytes ? body_bytes - f->image_bytes : 0;
    int64_t tokens = f->image_tokens + llm_text_tokens(text);
    struct gate_load load = {
        .body_bytes = body_bytes, .image_bytes = f->image_bytes, .image_tokens = f->image_tokens};
    *(f->cached ? &load.input.cache_write_tokens : &load.input.input_tokens) = tokens;
    load.input_tokens = tokens;
    load.cost_usd = llm_cost(llm, &load.input);
    return load;
}

int gate_body(struct store *store, struct llm *llm, const struct llm_request *request,
              const struct pictures *pictures, bool judged, char **ret_body, size_t *ret_size,
              struct gate_load *ret_load, struct error *err)
{
    struct fill f;
    AUTO_JSON *messages = NULL;
    int rc = fill_request(store, llm, request, pictures, judged, &f, &messages, err);
    if (rc)
        return rc;
    struct llm_request filled = *request;
    filled.messages = messages;
    rc = llm_body(llm, &filled, ret_body, ret_size, err);
    if (!rc)
        *ret_load = load_of(llm, &f, *ret_size);
    json_decref(f.photos);
    return rc;
}

/* ---- sending ---- */

struct transfer {
    struct store *store;
    struct llm *llm;
    const struct fill *fill;
    const struct llm_events *events; /* the caller's */
    struct gate_parcel parcel;
    int64_t max_tokens; /* limit of the reply */
    struct budget_hold hold;
    char name[GATE_NAME_SIZE]; /* of the current attempt; "": none */
};

static void forward_text(void *context, const char *text, size_t size)
{
    const struct llm_events *events = ((struct transfer *)context)->events;
    if (events->text)
        events->text(events->context, text, size);
}

static void forward_tool(void *context, const char *name)
{
    const struct llm_events *events = ((struct transfer *)context)->events;
    if (events->tool)
        events->tool(events->context, name);
}

static void forward_retract(void *context)
{
    const struct llm_events *events = ((struct transfer *)context)->events;
    if (events->retract)
        events->retract(events->context);
}

static bool forward_proceed(void *context)
{
    const struct llm_events *events = ((struct transfer *)context)->events;
    return !events->proceed || events->proceed(events->context);
}

static int end_attempt(struct transfer *p, enum ledger_event event, const struct llm_usage *usage,
                       const char *detail, struct error *err)
{
    if (!p->name[0])
        return 0;
    double cost_usd = usage ? llm_cost(p->llm, usage) : llm_may_have_charged(p->llm) ? NAN : 0;
    int rc = gate_record_end(p->store, &p->parcel, p->name, event, usage, cost_usd, detail, err);
    p->name[0] = '\0';
    budget_end(&p->hold);
    return rc;
}

/* Records the result of a failed attempt in the ledger before the next attempt. */
static void forward_retry(void *context, const char *sentence, double wait_s)
{
    struct transfer *p = context;
    (void)end_attempt(p, LEDGER_FAILED, NULL, sentence, NULL);
    if (p->events->retry)
        p->events->retry(p->events->context, sentence, wait_s);
}

/* Checks for a rule that was added since the last attempt. */
static int check_rules(const struct transfer *p, struct error *err)
{
    size_t n = json_array_size(p->fill->photos);
    AUTO_FREE int64_t *ids = xmalloc((n + 1) * sizeof *ids);
    struct gate_verdict *verdicts = xcalloc(n + 1, sizeof *verdicts);
    for (size_t i = 0; i < n; i++)
        ids[i] = json_integer_value(json_object_get(json_array_get(p->fill->photos, i), "id"));
    int rc = n ? gate_rules(p->store, ids, n, verdicts, err) : 0;
    for (size_t i = 0; !rc && i < n; i++) {
        if (verdicts[i].is_gone)
            rc = error_set(err, ERR_NOT_FOUND,
                           "the request was not sent again: the gallery no longer has one of "
                           "the photos; ask again");
        else if (verdicts[i].phrase)
            rc = error_set(err, ERR_DENIED, "the request was not sent again: never-send now has %s",
                           verdicts[i].phrase);
    }
    release_verdicts(verdicts, n);
    return rc;
}

static int forward_sending(void *context, int attempt, size_t bytes, struct error *err)
{
    struct transfer *p = context;
    p->parcel.bytes = bytes;
    struct gate_load load = load_of(p->llm, p->fill, bytes);
    p->parcel.cost_usd = load.cost_usd;
    load.input.output_tokens = p->max_tokens;
    int rc = end_attempt(p, LEDGER_FAILED, NULL, "another attempt followed", err);
    if (!rc && attempt > 1)
        rc = check_rules(p, err);
    if (!rc)
        rc = budget_begin(p->store, p->llm, llm_cost(p->llm, &load.input), &p->hold, err);
    if (!rc)
        rc = gate_record_sent(p->store, &p->parcel, p->name, err);
    if (!rc && p->events->sending)
        rc = p->events->sending(p->events->context, attempt, bytes, err);
    return rc;
}

static int record_outcome(struct transfer *p, int rc, const struct llm_reply *reply,
                          struct error *err)
{
    const struct llm_usage *usage = &reply->usage;
    bool used = usage->input_tokens || usage->output_tokens;
    if (rc == 0) /* if the server sends no counts, the estimate remains */
        return end_attempt(p, LEDGER_ANSWERED, used || llm_is_own(p->llm) ? usage : NULL,
                           reply->stop_name, err);
    (void)end_attempt(p, LEDGER_FAILED, used ? usage : NULL, err ? err->message : error_name(rc),
                      NULL);
    return rc;
}

int gate_send(struct store *store, struct llm *llm, const struct gate_sender *sender,
              const struct llm_request *request, const struct pictures *pictures,
              const struct llm_events *events, struct llm_reply *ret_reply, struct error *err)
{
    struct fill f;
    struct error own = ERROR_INIT;
    err = err ? err : &own;
    *ret_reply = (struct llm_reply){0};
    AUTO_JSON *messages = NULL;
    int rc = fill_request(store, llm, request, pictures, false, &f, &messages, err);
    if (rc)
        return rc;
    struct llm_request filled = *request;
    filled.messages = messages;
    struct transfer transfer = {.store = store,
                                .llm = llm,
                                .fill = &f,
                                .events = events,
                                .max_tokens = request->max_tokens,
                                .parcel = {.sender = *sender,
                                           .provider = llm_provider(llm),
                                           .host = llm_host(llm),
                                           .model = llm_model(llm),
                                           .photos = f.photos,
                                           .facts = f.facts}};
    struct llm_events own_events = {.context = &transfer,
                                    .text = forward_text,
                                    .retract = forward_retract,
                                    .tool = forward_tool,
                                    .sending = forward_sending,
                                    .retry = forward_retry,
                                    .proceed = forward_proceed};
    rc = llm_send(llm, &filled, &own_events, ret_reply, err);
    rc = record_outcome(&transfer, rc, ret_reply, err);
    budget_end(&transfer.hold); /* also if the ledger could not be written */
    json_decref(f.photos);
    return rc;
}
