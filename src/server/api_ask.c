/* SPDX-License-Identifier: MIT */
/* Handlers of /ask: prepare a question, send it, end a conversation. */
#include <math.h>

#include "ask/daily_budget.h"
#include "base/json.h"
#include "forms/forms.h"
#include "server/api.h"
#include "server/asks.h"
#include "server/asks_events.h"
#include "server/read_filter.h"
#include "server/server_internal.h"

#define QUESTION_KEYS                                                                 \
    "question conversation photo count k folder from until label facts include_weak " \
    "more_photos_max"
#define CONSENT_KEYS "photos more_photos"
#define MOST_PHOTOS 100

int api_ask_setup(struct call *call, struct error *err)
{
    AUTO(llm) *llm = NULL;
    struct error why = ERROR_INIT;
    int rc = llm_open(&call->server->options.llm, &llm, &why);
    if (!rc)
        rc = llm_check_key(llm, &why);
    (void)err;
    json_t *object = json_object();
    json_object_set_new(object, "available", json_boolean(rc == 0));
    json_object_set_new(object, "why_not", form_text(rc ? why.message : NULL));
    json_object_set_new(object, "provider", form_text(llm ? llm_provider(llm) : NULL));
    json_object_set_new(object, "host", form_text(llm ? llm_host(llm) : NULL));
    json_object_set_new(object, "model", form_text(llm ? llm_model(llm) : NULL));
    json_object_set_new(object, "local", json_boolean(llm && llm_is_local(llm)));
    json_object_set_new(object, "price_date", form_text(llm ? llm_price_date(llm) : NULL));
    respond_json(call->reply, 200, object);
    return 0;
}

static int read_text_or_null(const json_t *body, const char *key, const char **ret_text,
                             struct error *err)
{
    const json_t *value = json_object_get(body, key);
    *ret_text = json_string_value(value);
    if (value && !json_is_null(value) && !*ret_text)
        return error_set(err, ERR_INVALID, "\"%s\" is not a text", key);
    return 0;
}

/* The owner's settings, unless the request overrides them. */
static int read_telling(const json_t *body, struct asks_question *q, struct error *err)
{
    const char *facts;
    const json_t *weak = json_object_get(body, "include_weak");
    int64_t more = 0;
    struct error why;
    int rc = read_text_or_null(body, "facts", &facts, err);
    if (!rc && facts && !telling_parse(facts, &q->facts))
        rc = error_set(err, ERR_INVALID, "\"facts\" must be rounded, exact or none");
    if (!rc && weak && !json_is_boolean(weak))
        rc = error_set(err, ERR_INVALID, "\"include_weak\" must be true or false");
    q->include_weak = json_is_true(weak);
    if (rc || !json_object_get(body, "more_photos_max"))
        return rc;
    if (json_get_int(body, "more_photos_max", 0, MOST_PHOTOS, "the body", &more, &why))
        return error_set(err, ERR_INVALID, "%s", why.message);
    q->more = more == 0 ? -1 : (int)more;
    return 0;
}

static int read_question(const struct call *call, struct asks_question *ret_question,
                         struct error *err)
{
    const struct server_options *options = &call->server->options;
    const json_t *body = call->body;
    struct asks_question q = {
        .principal = call->principal, .facts = options->ask_facts, .more = options->ask_more};
    struct error why;
    int64_t k = 0;
    int rc = read_text_or_null(body, "question", &q.question, err);
    if (!rc && (!q.question || !q.question[0]))
        rc = error_set(err, ERR_INVALID, "the body has no \"question\"");
    if (!rc)
        rc = read_text_or_null(body, "conversation", &q.conversation, err);
    if (!rc && json_object_get(body, "photo") &&
        json_get_int(body, "photo", 1, INT64_MAX, "the body", &q.photo, &why))
        rc = error_set(err, ERR_INVALID, "%s", why.message);
    const char *count = json_object_get(body, "count") ? "count" : "k";
    if (!rc && json_object_get(body, count) &&
        json_get_int(body, count, 1, MOST_PHOTOS, "the body", &k, &why))
        rc = error_set(err, ERR_INVALID, "%s", why.message);
    if (!rc)
        rc = read_filter_json(body, &q.filter, err);
    if (!rc)
        rc = read_telling(body, &q, err);
    q.k = (size_t)k;
    if (!rc)
        *ret_question = q;
    return rc;
}

static int read_consent(const json_t *body, struct asks_consent *ret_consent, struct error *err)
{
    const json_t *photos = json_object_get(body, "photos");
    const json_t *more = json_object_get(body, "more_photos");
    if (photos && !json_is_array(photos))
        return error_set(err, ERR_INVALID, "\"photos\" must be a list of ids");
    for (size_t i = 0; i < json_array_size(photos); i++)
        if (json_integer_value(json_array_get(photos, i)) <= 0)
            return error_set(err, ERR_INVALID, "\"photos\" contains an item that is not an id");
    if (more && !json_is_boolean(more))
        return error_set(err, ERR_INVALID, "\"more_photos\" must be true or false");
    *ret_consent = (struct asks_consent){photos, !more || json_is_true(more)};
    return 0;
}

/* Settings that the server lacks are not the client's fault. */
static int reply_failure(struct call *call, int rc, const struct error *err)
{
    if (rc != ERR_LIMIT)
        return rc;
    respond_problem(call->reply, 503, "busy", "%s", err->message);
    respond_header(call->reply, "Retry-After", "5");
    return 0;
}

int api_ask_prepare(struct call *call, struct error *err)
{
    struct asks *asks = call->server->asks;
    struct asks_question question;
    struct conversation *c;
    int rc = call_check_keys(call->body, QUESTION_KEYS, err);
    if (!rc)
        rc = read_question(call, &question, err);
    if (rc)
        return rc;
    rc = asks_prepare(asks, &question, &c, err);
    if (rc)
        return reply_failure(call, rc, err);
    const struct outbox *outbox = conversation_outbox(c);
    json_t *object = json_object();
    json_object_set_new(object, "conversation", json_string(conversation_id(c)));
    json_object_set_new(object, "question", json_string(question.question));
    json_object_set_new(object, "nothing_matches", json_boolean(outbox->count == 0));
    json_object_set_new(object, "outbox", form_outbox(outbox));
    respond_json(call->reply, 201, object);
    respond_header(call->reply, "Location", "%s/api/v1/ask/%s", call->client.base,
                   conversation_id(c));
    asks_put_back(asks, c);
    return 0;
}

/* Whether the user may spend money on an answer; if not, fills the reply. */
static bool may_spend(struct call *call)
{
    AUTO(llm) *llm = NULL;
    struct error why;
    if (!llm_open(&call->server->options.llm, &llm, &why) && llm_is_local(llm))
        return true;
    return call_is_owners(call, "asking a language model that costs money");
}

/* Checked before the stream begins, while a status can still be sent; gate_send checks each request
 * exactly. The cost without the photos that the owner left out is known only there. */
static bool has_budget(struct call *call, const struct outbox *outbox,
                       const struct asks_consent *consent)
{
    AUTO(llm) *llm = NULL;
    struct store *store;
    struct error err;
    double highest_usd =
        consent->photos && isfinite(outbox->price_max_usd) ? 0 : outbox->price_max_usd;
    int rc = llm_open(&call->server->options.llm, &llm, &err);
    if (!rc)
        rc = call_store(call, &store, &err);
    if (!rc)
        rc = budget_check(store, llm, highest_usd, &err);
    if (rc != ERR_LIMIT)
        return true; /* other failures are reported where they occur again */
    respond_problem(call->reply, 402, "budget", "%s", err.message);
    return false;
}

static int send_question(struct call *call, struct conversation *c,
                         const struct asks_consent *consent, struct error *err)
{
    struct events *events;
    if (!has_budget(call, conversation_outbox(c), consent)) {
        asks_put_back(call->server->asks, c);
        return 0;
    }
    int rc = asks_send(call->server->asks, c, consent, &events, err);
    if (rc)
        return reply_failure(call, rc, err);
    respond_events(call->reply, events);
    return 0;
}

int api_ask_send(struct call *call, struct error *err)
{
    struct asks_consent consent;
    struct conversation *c;
    int rc = call_check_keys(call->body, CONSENT_KEYS, err);
    if (!rc && !may_spend(call))
        return 0;
    if (!rc)
        rc = read_consent(call->body, &consent, err);
    if (!rc)
        rc = asks_take(call->server->asks, call->match.conversation, &c, err);
    return rc ? rc : send_question(call, c, &consent, err);
}

int api_ask_now(struct call *call, struct error *err)
{
    struct asks_question question;
    struct asks_consent consent;
    struct conversation *c;
    int rc = call_check_keys(call->body, QUESTION_KEYS " " CONSENT_KEYS, err);
    if (!rc && !may_spend(call))
        return 0;
    if (!rc)
        rc = read_question(call, &question, err);
    if (!rc)
        rc = read_consent(call->body, &consent, err);
    if (rc)
        return rc;
    rc = asks_prepare(call->server->asks, &question, &c, err);
    return rc ? reply_failure(call, rc, err) : send_question(call, c, &consent, err);
}

int api_ask_end(struct call *call, struct error *err)
{
    int rc = asks_end(call->server->asks, call->match.conversation, err);
    if (!rc)
        respond_empty(call->reply, 204);
    return rc;
}
