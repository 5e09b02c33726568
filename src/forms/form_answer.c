/* SPDX-License-Identifier: MIT */
/* The answer of a language model as JSON: text, citations, and cost. */
#include "ask/ask.h"
#include "base/json.h"
#include "forms/forms.h"

static json_t *form_citation(const struct ask_citation *c)
{
    struct store_box box = {c->box.x, c->box.y, c->box.width, c->box.height};
    json_t *object = json_object();
    json_object_set_new(object, "number", json_integer(c->number));
    json_object_set_new(object, "photo", json_integer(c->photo));
    form_set_text(object, "path", c->path);
    json_object_set_new(object, "taken", form_text(c->taken));
    json_object_set_new(object, "score", form_number(c->score));
    json_object_set_new(object, "box", form_box(c->has_box ? &box : NULL));
    json_object_set_new(object, "id", json_integer(c->photo)); /* until 1.0 */
    return object;
}

/* A number that was never sent is not a citation: it is listed as rejected. */
static void add_citations(json_t *object, const struct ask_answer *answer)
{
    json_t *citations = json_array(), *rejected = json_array();
    for (size_t i = 0; i < answer->count; i++) {
        const struct ask_citation *c = &answer->citations[i];
        if (c->photo)
            json_array_append_new(citations, form_citation(c));
        else
            json_array_append_new(rejected, json_integer(c->number));
    }
    json_object_set_new(object, "citations", citations);
    json_object_set_new(object, "rejected", rejected);
}

json_t *form_usage(const struct llm_usage *u)
{
    return json_pack("{sIsIsIsI}", "input_tokens", (json_int_t)u->input_tokens, "output_tokens",
                     (json_int_t)u->output_tokens, "cache_read_tokens",
                     (json_int_t)u->cache_read_tokens, "cache_write_tokens",
                     (json_int_t)u->cache_write_tokens);
}

json_t *form_answer(const struct ask_answer *answer, const char *provider, const char *problem)
{
    json_t *object = json_object();
    json_object_set_new(object, "text", json_string(answer->text ? answer->text : ""));
    add_citations(object, answer);
    json_object_set_new(object, "nothing_matches", json_boolean(answer->nothing_matches));
    json_object_set_new(object, "language_unsupported", json_boolean(answer->language_unsupported));
    form_set_text(object, "remark", answer->remark);
    form_set_text(object, "error", problem);
    json_object_set_new(object, "stop_reason", form_text(answer->stop_name));
    json_object_set_new(object, "provider", form_text(provider));
    json_object_set_new(object, "model", form_text(answer->model));
    json_object_set_new(object, "usage", form_usage(&answer->usage));
    json_object_set_new(object, "cost_usd", form_number(answer->cost_usd));
    json_object_set_new(object, "requests", json_integer(answer->requests));
    json_object_set_new(object, "stop", form_text(answer->stop_name));  /* until 1.0 */
    json_object_set_new(object, "cost", form_number(answer->cost_usd)); /* until 1.0 */
    return object;
}
