/* SPDX-License-Identifier: MIT */
/* Writes an answer as a stream of events. */
#include "server/asks_events.h"

#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "server/forms.h"
#include "server/response.h"

static json_t *form_facts(unsigned facts)
{
    AUTO_FREE char *list = told_list(facts);
    return told_array(list);
}

static json_t *form_outbox_photo(const struct outbox_photo *p)
{
    json_t *object = json_object();
    json_object_set_new(object, "number", json_integer(p->number));
    json_object_set_new(object, "photo", form_photo(&p->photo));
    json_object_set_new(object, "score", form_number_or_null(p->score));
    json_object_set_new(object, "width", json_integer(p->width));
    json_object_set_new(object, "height", json_integer(p->height));
    json_object_set_new(object, "bytes", json_integer((json_int_t)p->bytes));
    json_object_set_new(object, "tokens", json_integer(p->tokens));
    json_object_set_new(object, "part",
                        json_pack("{sisisisi}", "left", p->part.left, "top", p->part.top, "width",
                                  p->part.width, "height", p->part.height));
    json_object_set_new(object, "caption", json_string(p->caption ? p->caption : ""));
    json_object_set_new(object, "facts", form_facts(p->told.facts));
    json_object_set_new(object, "labels", json_integer((json_int_t)p->told.labels));
    return object;
}

static json_t *form_outbox_photos(const struct outbox *outbox)
{
    json_t *photos = json_array();
    for (size_t i = 0; outbox && i < outbox->count; i++)
        json_array_append_new(photos, form_outbox_photo(&outbox->photos[i]));
    return photos;
}

json_t *form_outbox(const struct outbox *o)
{
    json_t *object = json_object();
    json_object_set_new(object, "provider", json_string(o->provider));
    json_object_set_new(object, "host", json_string(o->host));
    json_object_set_new(object, "model", json_string(o->model));
    json_object_set_new(object, "local", json_boolean(o->local));
    json_object_set_new(object, "photos", form_outbox_photos(o));
    json_object_set_new(object, "withheld", json_integer((json_int_t)o->withheld));
    json_object_set_new(object, "withheld_why", form_text_or_null(o->withheld_why));
    json_object_set_new(object, "facts", form_facts(o->told.facts));
    json_object_set_new(object, "labels", json_integer((json_int_t)o->told.labels));
    json_object_set_new(object, "more_photos", json_integer((json_int_t)o->more.photos));
    json_object_set_new(object, "more_bytes", json_integer((json_int_t)o->more.bytes));
    json_object_set_new(object, "language_unsupported", json_boolean(o->language_unsupported));
    json_object_set_new(object, "weak", json_integer((json_int_t)o->weak));
    json_object_set_new(object, "near_withheld", json_integer((json_int_t)o->near));
    json_object_set_new(object, "near_withheld_why", form_text_or_null(o->near_why));
    json_object_set_new(object, "no_room", json_integer((json_int_t)o->no_room));
    json_object_set_new(object, "bytes", json_integer((json_int_t)o->bytes));
    json_object_set_new(object, "tokens", json_integer(o->tokens));
    json_object_set_new(object, "price_usd", form_number_or_null(o->price_usd));
    json_object_set_new(object, "price_max_usd", form_number_or_null(o->price_max_usd));
    return object;
}

static json_t *form_citation(const struct ask_citation *c)
{
    struct store_box box = {c->box.x, c->box.y, c->box.width, c->box.height};
    json_t *object = json_object();
    json_object_set_new(object, "number", json_integer(c->number));
    json_object_set_new(object, "photo", c->photo ? json_integer(c->photo) : json_null());
    if (c->photo && c->path)
        json_set_text(object, "path", c->path);
    else
        json_object_set_new(object, "path", json_null());
    json_object_set_new(object, "taken", form_text_or_null(c->taken));
    json_object_set_new(object, "score", form_number_or_null(c->score));
    json_object_set_new(object, "box", form_box(c->has_box ? &box : NULL));
    return object;
}

static json_t *form_usage(const struct llm_usage *u)
{
    return json_pack("{sIsIsIsI}", "input_tokens", (json_int_t)u->input_tokens, "output_tokens",
                     (json_int_t)u->output_tokens, "cache_read_tokens",
                     (json_int_t)u->cache_read_tokens, "cache_write_tokens",
                     (json_int_t)u->cache_write_tokens);
}

static json_t *form_answer(const struct ask_answer *answer, const char *conversation)
{
    json_t *object = json_object(), *citations = json_array();
    for (size_t i = 0; i < answer->count; i++)
        json_array_append_new(citations, form_citation(&answer->citations[i]));
    json_object_set_new(object, "conversation", json_string(conversation));
    json_object_set_new(object, "text", json_string(answer->text ? answer->text : ""));
    json_object_set_new(object, "citations", citations);
    json_object_set_new(object, "nothing_matches", json_boolean(answer->nothing_matches));
    json_object_set_new(object, "stop", form_text_or_null(answer->stop_name));
    json_object_set_new(object, "model", form_text_or_null(answer->model));
    json_object_set_new(object, "usage", form_usage(&answer->usage));
    json_object_set_new(object, "cost_usd", form_number_or_null(answer->cost_usd));
    json_object_set_new(object, "requests", json_integer(answer->requests));
    return object;
}

/* ---- what happens while it is answered ---- */

static void on_text(void *context, const char *text, size_t size)
{
    struct answering *a = context;
    events_send(a->events, "text", json_pack("{ss%}", "text", text, size));
}

static void on_tool(void *context, const char *name, const json_t *input)
{
    struct answering *a = context;
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(name));
    json_object_set_new(object, "input",
                        json_is_object(input) ? json_deep_copy(input) : json_object());
    events_send(a->events, "tool", object);
}

static void on_tool_done(void *context, const char *name, const char *sentence,
                         const struct outbox *added)
{
    struct answering *a = context;
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(name));
    json_object_set_new(object, "sentence", json_string(sentence));
    json_object_set_new(object, "photos", form_outbox_photos(added));
    events_send(a->events, "tool_done", object);
}

static void on_note(void *context, const char *sentence)
{
    struct answering *a = context;
    events_send(a->events, "note", json_pack("{ss}", "sentence", sentence));
}

/* Who went away gets nothing more, and pays for nothing more. */
static bool on_proceed(void *context)
{
    struct answering *a = context;
    return !atomic_load(&a->stop) && !events_is_abandoned(a->events);
}

static bool on_approve(void *context, const struct outbox *added)
{
    struct answering *a = context;
    (void)added;
    return a->more_photos;
}

void answering_run(struct answering *a, struct ask *ask, const char *conversation)
{
    struct ask_events events = {.context = a,
                                .text = on_text,
                                .tool = on_tool,
                                .tool_done = on_tool_done,
                                .note = on_note,
                                .proceed = on_proceed,
                                .approve = on_approve};
    struct ask_answer answer;
    struct error err = ERROR_INIT;
    events_send(a->events, "outbox", form_outbox(ask_outbox(ask)));
    int rc = ask_send(ask, &events, &answer, &err);
    if (!rc || (answer.text && answer.text[0]))
        events_send(a->events, "answer", form_answer(&answer, conversation));
    if (rc)
        events_send(a->events, "problem", problem_of_error(&err));
    ask_answer_release(&answer);
    events_close(a->events);
}
