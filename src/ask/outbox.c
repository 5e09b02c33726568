/* SPDX-License-Identifier: MIT */
/* Lists the photos, facts, bytes and price of a question before it is sent. */
#include "ask/outbox.h"

#include <math.h>
#include <stdlib.h>

#include "ask/ask_internal.h"
#include "base/json.h"

static void add_told(struct told *sum, const struct told *more)
{
    sum->facts |= more->facts;
    sum->labels += more->labels;
}

/* Adds the pictures of the conversation so far, which are sent again with their captions. */
static void add_again(const struct ask *ask, struct outbox *outbox)
{
    for (size_t i = 0; i < ask->first; i++) {
        const struct picture *p = &ask->pictures.items[i];
        if (!p->gone && pictures_stand_in(ask->messages, p->number))
            add_told(&outbox->told, &p->told);
    }
}

void outbox_list(const struct ask *ask, size_t first, struct outbox *ret_outbox)
{
    const struct pictures *pictures = &ask->pictures;
    size_t count = pictures->count - first;
    *ret_outbox = (struct outbox){.provider = llm_provider(ask->llm),
                                  .host = llm_host(ask->llm),
                                  .model = llm_model(ask->llm),
                                  .local = llm_is_local(ask->llm),
                                  .photos = xcalloc(count + 1, sizeof(struct outbox_photo)),
                                  .count = count};
    for (size_t i = 0; i < count; i++) {
        const struct picture *p = &pictures->items[first + i];
        ret_outbox->photos[i] =
            (struct outbox_photo){.number = p->number,
                                  .photo = p->photo,
                                  .score = p->score,
                                  .width = p->view.width,
                                  .height = p->view.height,
                                  .bytes = p->view.bytes,
                                  .jpeg = p->view.jpeg,
                                  .tokens = llm_image_tokens(p->view.width, p->view.height),
                                  .part = p->view.part,
                                  .caption = p->caption,
                                  .told = p->told};
        add_told(&ret_outbox->told, &p->told);
        ret_outbox->bytes += p->view.bytes;
        ret_outbox->tokens += ret_outbox->photos[i].tokens;
    }
    struct llm_usage usage = {0};
    bool cached = session_request(ask, ask->messages).cache;
    *(cached ? &usage.cache_write_tokens : &usage.input_tokens) = ret_outbox->tokens;
    ret_outbox->price_usd = ret_outbox->price_max_usd = llm_cost(ask->llm, &usage);
}

static int measure_request(struct ask *ask, bool judged, struct outbox *outbox, struct error *err)
{
    AUTO_FREE char *body = NULL;
    size_t size;
    struct gate_load load;
    AUTO_JSON *messages = json_copy(ask->messages);
    json_array_append_new(messages, session_turn(ask));
    struct llm_request request = session_request(ask, messages);
    int rc =
        gate_body(ask->store, ask->llm, &request, &ask->pictures, judged, &body, &size, &load, err);
    if (rc)
        return rc;
    outbox->bytes = size;
    outbox->tokens = load.input_tokens;
    outbox->price_usd = load.cost_usd;
    load.input.output_tokens = request.max_tokens;
    outbox->price_max_usd = llm_cost(ask->llm, &load.input);
    return 0;
}

int outbox_make(struct ask *ask, bool judged, struct error *err)
{
    struct outbox made, *old = &ask->outbox;
    outbox_list(ask, ask->first, &made);
    made.bytes = 0;
    made.tokens = 0;
    made.price_usd = made.price_max_usd = 0;
    made.again = session_images(ask) - made.count;
    made.more = ask_more(ask);
    add_again(ask, &made);
    int rc = ask_would_send(ask) ? measure_request(ask, judged, &made, err) : 0;
    if (rc) {
        outbox_release(&made);
        return rc;
    }
    made.weak = old->weak;
    made.language_unsupported = old->language_unsupported;
    made.partly_unread = old->partly_unread;
    made.near = old->near;
    made.near_why = old->near_why;
    made.withheld = old->withheld;
    made.withheld_why = old->withheld_why;
    made.no_room = old->no_room;
    made.unreadable = old->unreadable;
    made.unreadable_why = old->unreadable_why;
    free(old->photos);
    *old = made;
    return 0;
}

void outbox_release(struct outbox *outbox)
{
    free(outbox->photos);
    free(outbox->near_why);
    free(outbox->withheld_why);
    free(outbox->unreadable_why);
    *outbox = (struct outbox){0};
}
