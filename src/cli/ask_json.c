/* SPDX-License-Identifier: MIT */
/* What would be sent, and the answer, as JSON. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "cli/ask_run.h"
#include "cli/output.h"

static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *facts_json(unsigned facts)
{
    AUTO_FREE char *list = told_list(facts);
    return told_array(list);
}

static json_t *photo_json(const struct outbox_photo *photo)
{
    json_t *line =
        json_pack("{s:i, s:I}", "number", photo->number, "id", (json_int_t)photo->photo.id);
    output_set_text(line, "path", photo->photo.path);
    if (photo->photo.facts.taken[0])
        json_object_set_new(line, "taken", json_string(photo->photo.facts.taken));
    json_object_set_new(line, "score", number_or_null(photo->score));
    json_object_set_new(line, "width", json_integer(photo->width));
    json_object_set_new(line, "height", json_integer(photo->height));
    json_object_set_new(line, "bytes", json_integer((json_int_t)photo->bytes));
    json_object_set_new(line, "tokens", json_integer(photo->tokens));
    json_object_set_new(line, "caption", json_string(photo->caption));
    json_object_set_new(line, "facts", facts_json(photo->told.facts));
    return line;
}

static json_t *outbox_json(const struct outbox *outbox)
{
    json_t *photos = json_array();
    for (size_t i = 0; i < outbox->count; i++)
        json_array_append_new(photos, photo_json(&outbox->photos[i]));
    json_t *object =
        json_pack("{s:o, s:I, s:I, s:o, s:o}", "photos", photos, "bytes", (json_int_t)outbox->bytes,
                  "tokens", (json_int_t)outbox->tokens, "price", number_or_null(outbox->price_usd),
                  "price_max", number_or_null(outbox->price_max_usd));
    json_object_set_new(object, "provider", json_string(outbox->provider));
    json_object_set_new(object, "host", json_string(outbox->host));
    json_object_set_new(object, "model", json_string(outbox->model));
    json_object_set_new(object, "local", json_boolean(outbox->local));
    json_object_set_new(object, "facts", facts_json(outbox->told.facts));
    json_object_set_new(object, "labels", json_integer((json_int_t)outbox->told.labels));
    json_object_set_new(object, "more_photos", json_integer((json_int_t)outbox->more.photos));
    json_object_set_new(object, "more_bytes", json_integer((json_int_t)outbox->more.bytes));
    json_object_set_new(object, "language_unsupported", json_boolean(outbox->language_unsupported));
    json_object_set_new(object, "weak", json_integer((json_int_t)outbox->weak));
    json_object_set_new(object, "near_withheld", json_integer((json_int_t)outbox->near));
    if (outbox->near_why)
        output_set_text(object, "near_withheld_why", outbox->near_why);
    json_object_set_new(object, "again", json_integer((json_int_t)outbox->again));
    json_object_set_new(object, "withheld", json_integer((json_int_t)outbox->withheld));
    json_object_set_new(object, "no_room", json_integer((json_int_t)outbox->no_room));
    json_object_set_new(object, "unreadable", json_integer((json_int_t)outbox->unreadable));
    if (outbox->withheld_why)
        output_set_text(object, "withheld_why", outbox->withheld_why);
    if (outbox->unreadable_why)
        output_set_text(object, "unreadable_why", outbox->unreadable_why);
    return object;
}

void ask_print_outbox_json(const struct outbox *outbox, const char *body, size_t size)
{
    static const char head[] = "{\"outbox\":", middle[] = ",\"request\":";
    json_t *object = outbox_json(outbox);
    AUTO_FREE char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(object);
    output_bytes(head, strlen(head));
    output_bytes(text, strlen(text));
    output_bytes(middle, strlen(middle));
    output_bytes(body ? body : "null", body ? size : strlen("null"));
    output_bytes("}\n", 2);
}

static json_t *citation_json(const struct ask_citation *c)
{
    json_t *line = json_pack("{s:i, s:I}", "number", c->number, "id", (json_int_t)c->photo);
    output_set_text(line, "path", c->path);
    if (c->taken[0])
        json_object_set_new(line, "taken", json_string(c->taken));
    json_object_set_new(line, "score", number_or_null(c->score));
    if (c->has_box)
        json_object_set_new(line, "box",
                            json_pack("{s:f, s:f, s:f, s:f}", "x", c->box.x, "y", c->box.y, "width",
                                      c->box.width, "height", c->box.height));
    return line;
}

void ask_print_answer_json(const struct ask_run *run, const struct ask_answer *answer,
                           const char *problem)
{
    json_t *citations = json_array(), *rejected = json_array(), *object = json_object();
    for (size_t i = 0; i < answer->count; i++) {
        const struct ask_citation *c = &answer->citations[i];
        if (c->photo)
            json_array_append_new(citations, citation_json(c));
        else
            json_array_append_new(rejected, json_integer(c->number));
    }
    const struct llm_usage *u = &answer->usage;
    json_object_set_new(object, "text", json_string(answer->text));
    json_object_set_new(object, "citations", citations);
    json_object_set_new(object, "rejected", rejected);
    json_object_set_new(object, "nothing_matches", json_boolean(answer->nothing_matches));
    json_object_set_new(object, "language_unsupported", json_boolean(answer->language_unsupported));
    if (answer->remark)
        output_set_text(object, "remark", answer->remark);
    if (problem)
        output_set_text(object, "error", problem);
    output_set_text(object, "stop_reason", answer->stop_name);
    output_set_text(object, "provider", llm_provider(run->context->llm));
    output_set_text(object, "model", answer->model);
    json_object_set_new(object, "usage",
                        json_pack("{s:I, s:I, s:I, s:I}", "input_tokens",
                                  (json_int_t)u->input_tokens, "output_tokens",
                                  (json_int_t)u->output_tokens, "cache_read_tokens",
                                  (json_int_t)u->cache_read_tokens, "cache_write_tokens",
                                  (json_int_t)u->cache_write_tokens));
    json_object_set_new(object, "cost", number_or_null(answer->cost_usd));
    json_object_set_new(object, "requests", json_integer(answer->requests));
    output_json(object);
}
