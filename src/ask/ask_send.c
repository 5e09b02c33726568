/* SPDX-License-Identifier: MIT */
/* Sends a prepared question, runs the model's tools, and returns an answer with checked citations.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/ask_internal.h"
#include "ask/citations.h"
#include "ask/own_calls.h"
#include "ask/tools.h"
#include "base/json.h"
#include "base/strbuf.h"
#include "base/text.h"

#define ANSWER_BYTES_MAX ((size_t)8 << 20)
#define PAUSES_MAX 8

/* The state of one ask_send call. */
struct turn {
    struct ask *ask;
    const struct ask_events *events;
    struct citations citations;
    struct strbuf text;     /* the answer, as the caller sees it */
    size_t reply_start;     /* offset of the current reply in it */
    size_t reply_citations; /* number of citations when its text began */
    bool in_reply;          /* some of its text has arrived */
    bool is_full;           /* text could not be added */
    int tool_rounds, pauses;
    struct outbox_more added; /* added by tools so far */
    size_t messages_before;
    struct ask_answer answer;
};

static void note_sentence(const struct turn *t, const char *sentence)
{
    if (t->events->note)
        t->events->note(t->events->context, sentence);
}

__attribute__((format(printf, 2, 3))) static void remark(struct turn *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    free(t->answer.remark);
    t->answer.remark = xvasprintf(format, args);
    va_end(args);
}

/* ---- events of the llm ---- */

static void emit_text(void *context, const char *text, size_t size)
{
    struct turn *t = context;
    if (strbuf_add(&t->text, text, size, NULL))
        t->is_full = true;
    else if (t->events->text)
        t->events->text(t->events->context, text, size);
}

static void on_text(void *context, const char *text, size_t size)
{
    struct turn *t = context;
    if (!t->in_reply && t->text.length > 0)
        emit_text(t, "\n\n", 2); /* text before a tool call is a paragraph of its own */
    if (!t->in_reply) {
        t->reply_start = t->text.length;
        t->reply_citations = t->citations.count;
    }
    t->in_reply = true;
    citations_feed(&t->citations, text, size);
}

/* The text has already been shown; the answer and its citations omit it. */
static void on_retract(void *context)
{
    struct turn *t = context;
    if (!t->in_reply)
        return;
    t->text.length = t->reply_start;
    citations_forget(&t->citations, t->reply_citations);
    if (t->events->text)
        t->events->text(t->events->context, "\n\n", 2);
    note_sentence(t, "the text above was the model's reasoning; its answer follows");
}

static void on_retry(void *context, const char *sentence, double wait_s)
{
    AUTO_FREE char *text =
        wait_s > 0 ? xasprintf("%s; trying again in %.1f s", sentence, wait_s) : xstrdup(sentence);
    note_sentence(context, text);
}

static bool on_proceed(void *context)
{
    const struct turn *t = context;
    return !t->is_full && (!t->events->proceed || t->events->proceed(t->events->context));
}

/* ---- one request ---- */

static int try_request(struct turn *t, struct llm_reply *ret_reply, struct error *err)
{
    struct ask *ask = t->ask;
    struct llm_request request = session_request(ask, ask->messages);
    struct llm_events events = {.context = t,
                                .text = on_text,
                                .retract = on_retract,
                                .retry = on_retry,
                                .proceed = on_proceed};
    t->in_reply = false;
    t->reply_start = t->text.length;
    t->answer.requests++;
    struct gate_sender sender = {ask->options.principal, ask->options.purpose};
    int rc =
        gate_send(ask->store, ask->llm, &sender, &request, &ask->pictures, &events, ret_reply, err);
    citations_end(&t->citations);
    return rc;
}

/* With more pictures than this, the server accepts only small ones. */
static int fit_many(struct ask *ask, struct error *err)
{
    const struct llm_limits *limits = &ask->limits;
    bool changed;
    if (!limits->many_images || session_images(ask) <= (size_t)limits->many_images)
        return 0;
    return session_shrink(ask, limits->many_image_edge_px, &changed, err);
}

/* The server takes fewer pictures in one request than its limits say. */
static void keep_fewer(struct turn *t, size_t count)
{
    session_keep(t->ask, count);
    t->ask->limits.images = (int)count;
    AUTO_FREE char *sentence =
        xasprintf("%s takes %zu photo%s in one request: asking again with the best of them",
                  llm_host(t->ask->llm), count, count == 1 ? "" : "s");
    note_sentence(t, sentence);
}

static int send_request(struct turn *t, struct llm_reply *ret_reply, struct error *err)
{
    struct ask *ask = t->ask;
    struct error why = ERROR_INIT;
    int rc = fit_many(ask, err);
    if (rc)
        return rc;
    rc = try_request(t, ret_reply, &why);
    int edge_px = rc == ERR_INVALID ? llm_oversized_image_px(ask->llm) : 0;
    int fewer = rc == ERR_INVALID ? llm_fewer_images(ask->llm) : 0;
    if (fewer > 0 && (size_t)fewer < session_images(ask)) {
        keep_fewer(t, (size_t)fewer);
        llm_reply_release(ret_reply);
        return try_request(t, ret_reply, err);
    }
    bool smaller = false;
    int failed = edge_px > 0 ? session_shrink(ask, edge_px, &smaller, err) : 0;
    if (failed)
        return failed;
    if (smaller) {
        AUTO_FREE char *sentence = xasprintf(
            "the server accepts no image side above %d px: trying again with smaller images",
            edge_px);
        note_sentence(t, sentence);
        llm_reply_release(ret_reply);
        return try_request(t, ret_reply, err);
    }
    return rc ? error_set(err, rc, "%s", why.message) : 0;
}

/* ---- adding to the conversation ---- */

static void add_message(struct ask *ask, const char *role, json_t *content)
{
    json_array_append_new(ask->messages, json_pack("{s:s, s:o}", "role", role, "content", content));
}

static bool is_of_type(const json_t *block, const char *type)
{
    const char *own = json_string_value(json_object_get(block, "type"));
    return own && strcmp(own, type) == 0;
}

static json_t *text_content(const char *text)
{
    return json_pack("[{s:s, s:s}]", "type", "text", "text", text);
}

/* A reply that was cut off may end with a partial thought, which no server accepts back. */
static bool ends_whole(enum llm_stop stop)
{
    return stop != LLM_STOP_CUT && stop != LLM_STOP_LENGTH && stop != LLM_STOP_CONTEXT;
}

/* Keeps a last reply, without the calls that nobody answers; only its text if it was cut off. */
static void keep_last_reply(struct turn *t, const struct llm_reply *reply, bool is_whole)
{
    json_t *content = json_array();
    bool has_text = false;
    for (size_t i = 0; i < json_array_size(reply->content); i++) {
        json_t *block = json_array_get(reply->content, i);
        bool is_text =
            is_of_type(block, "text") && json_string_length(json_object_get(block, "text")) > 0;
        has_text |= is_text;
        if (is_text || (is_whole && !is_of_type(block, "text") && !is_of_type(block, "tool_use")))
            json_array_append(content, block);
    }
    if (!has_text) {
        json_decref(content);
        content = text_content("(no answer)");
    }
    add_message(t->ask, "assistant", own_calls_reply(t->ask->messages, content));
    json_decref(content);
}

/* ---- tools ---- */

static void decline_all(struct turn *t, struct tool_result *result, const char *why)
{
    pictures_cut(&t->ask->pictures, result->first);
    json_array_clear(result->content);
    tool_refuse(result, "%s", why);
}

/* Keeps the first `kept` of the pictures that the call added. */
static void cut_added(struct turn *t, struct tool_result *result, size_t kept)
{
    struct pictures *pictures = &t->ask->pictures;
    size_t more = pictures->count - result->first - kept;
    AUTO_FREE char *sentence = xasprintf(
        "the agreed number of photos for this question is reached: %zu more not sent", more);
    note_sentence(t, sentence);
    if (kept == 0) {
        decline_all(t, result,
                    "the owner's consent covers no more photos for this question: "
                    "answer with what you have seen");
        return;
    }
    int last = pictures->items[result->first + kept - 1].number;
    for (size_t i = json_array_size(result->content); i-- > 0;)
        if (picture_of_block(json_array_get(result->content, i)) > last)
            json_array_remove(result->content, i);
    pictures_cut(pictures, result->first + kept);
    tool_say(result, "The owner's consent covers no more photos for this question.");
}

/* The number of added pictures, from the first on, that the consent covers. */
static size_t count_covered(const struct turn *t, const struct outbox *added)
{
    struct outbox_more sum = t->added, most = ask_more(t->ask);
    size_t covered = 0;
    while (covered < added->count && sum.photos < most.photos &&
           sum.bytes + added->photos[covered].bytes <= most.bytes) {
        sum.photos++;
        sum.bytes += added->photos[covered++].bytes;
    }
    return covered;
}

static void count_added(struct turn *t, size_t first)
{
    const struct pictures *pictures = &t->ask->pictures;
    for (size_t i = first; i < pictures->count; i++) {
        t->added.photos++;
        t->added.bytes += pictures->items[i].view.bytes;
    }
}

/* Keeps the pictures of a call that the owner's consent covers, after asking for more if needed. */
static void ask_consent_for(struct turn *t, struct tool_result *result)
{
    const struct ask_events *events = t->events;
    struct outbox added;
    if (t->ask->pictures.count == result->first)
        return;
    outbox_list(t->ask, result->first, &added);
    size_t covered = added.local ? added.count : count_covered(t, &added);
    if (events->approve && !events->approve(events->context, &added))
        decline_all(t, result, "the owner declined to show these photos");
    else if (covered < added.count &&
             !(events->exceed && events->exceed(events->context, &added, &t->added)))
        cut_added(t, result, covered);
    outbox_release(&added);
    count_added(t, result->first);
}

static void tell_done(struct turn *t, const char *name, const struct tool_result *result)
{
    struct outbox added;
    if (!t->events->tool_done)
        return;
    outbox_list(t->ask, result->first, &added);
    t->events->tool_done(t->events->context, name, result->sentence ? result->sentence : "",
                         &added);
    outbox_release(&added);
}

static int answer_call(struct turn *t, const json_t *block, json_t *ret_results, struct error *err)
{
    const char *name = json_string_value(json_object_get(block, "name"));
    const json_t *input = json_object_get(block, "input");
    struct tool_result result = {0};
    name = name ? name : "";
    if (t->tool_rounds > t->ask->options.rounds || !t->ask->tools) {
        result = (struct tool_result){.content = json_array(), .first = t->ask->pictures.count};
        tool_refuse(&result, "no more rounds: answer now with what you have seen");
    } else {
        if (t->events->tool)
            t->events->tool(t->events->context, name, input);
        int rc = tool_run(t->ask, name, input, &result, err);
        if (rc)
            return rc;
        ask_consent_for(t, &result);
    }
    tell_done(t, name, &result);
    json_t *id = json_object_get(block, "id");
    json_t *answer = json_pack("{s:s, s:O*, s:O}", "type", "tool_result", "tool_use_id", id,
                               "content", result.content);
    if (result.is_error)
        json_object_set_new(answer, "is_error", json_true());
    json_array_append_new(ret_results, answer);
    tool_result_release(&result);
    return 0;
}

/* Answers all calls of a reply; adds nothing if that fails. */
static int run_tools(struct turn *t, const json_t *reply, struct error *err)
{
    AUTO_JSON *content = own_calls_reply(t->ask->messages, reply);
    json_t *results = json_array();
    size_t pictures = t->ask->pictures.count;
    int rc = 0;
    t->tool_rounds++;
    for (size_t i = 0; !rc && i < json_array_size(content); i++) {
        const json_t *block = json_array_get(content, i);
        if (is_of_type(block, "tool_use"))
            rc = on_proceed(t) ? answer_call(t, block, results, err)
                               : error_set(err, ERR_CANCELLED, "interrupted");
    }
    if (rc) {
        json_decref(results);
        pictures_cut(&t->ask->pictures, pictures);
        return rc;
    }
    add_message(t->ask, "assistant", json_incref(content));
    add_message(t->ask, "user", results);
    return 0;
}

/* ---- the end of a turn ---- */

static void remark_stop(struct turn *t, const struct llm_reply *reply)
{
    switch (reply->stop) {
    case LLM_STOP_LENGTH:
        remark(t, "The answer was cut off at the limit of %lld tokens.",
               (long long)t->ask->options.max_tokens);
        break;
    case LLM_STOP_REFUSAL:
        remark(t, "The model declined to answer.");
        break;
    case LLM_STOP_CONTEXT:
        remark(t, "The answer was cut off: the conversation no longer fits the model's context. "
                  "Begin a new one.");
        break;
    case LLM_STOP_CUT:
        remark(t, "The answer is incomplete: the connection was lost.");
        break;
    case LLM_STOP_TOOLS:
        remark(t, "The model needed more than the allowed %d rounds.", t->ask->options.rounds);
        break;
    case LLM_STOP_PAUSE:
        remark(t, "The model paused too often.");
        break;
    case LLM_STOP_OTHER: {
        AUTO_FREE char *name = text_printable(reply->stop_name, strlen(reply->stop_name));
        remark(t, "The model stopped for an unknown reason: %s.", name);
        break;
    }
    case LLM_STOP_END:
        break;
    }
}

static void drop_turn(struct turn *t)
{
    json_t *messages = t->ask->messages;
    while (json_array_size(messages) > t->messages_before)
        json_array_remove(messages, json_array_size(messages) - 1);
}

static void finish_answer(struct turn *t, const struct llm_reply *reply)
{
    remark_stop(t, reply);
    if (t->text.length == 0 && !t->answer.remark)
        remark(t, "The model gave no answer.");
    if (reply->stop == LLM_STOP_REFUSAL) /* a refused turn must not be sent again */
        drop_turn(t);
    else
        keep_last_reply(t, reply, ends_whole(reply->stop));
    session_forget_question(t->ask, true);
}

/* Handles a failure: keeps the text that arrived as the answer; if none arrived, the question can
 * be sent again. */
static void give_up(struct turn *t, int rc)
{
    size_t prepared = t->messages_before + 1;
    bool began = t->text.length > 0 || json_array_size(t->ask->messages) > prepared;
    t->answer.stop = LLM_STOP_CUT;
    if (!began) {
        drop_turn(t);
        return;
    }
    const char *arrived = t->text.data && t->text.length > t->reply_start
                              ? t->text.data + t->reply_start
                              : "(interrupted)";
    add_message(t->ask, "assistant", text_content(arrived));
    if (t->text.length > 0)
        remark(t, rc == ERR_CANCELLED ? "The answer is incomplete: it was interrupted."
                                      : "The answer is incomplete.");
    session_forget_question(t->ask, true);
}

static void absorb_reply(struct turn *t, const struct llm_reply *reply)
{
    struct ask *ask = t->ask;
    llm_usage_add(&t->answer.usage, &reply->usage);
    bool counted = reply->usage.input_tokens || reply->usage.output_tokens || reply->attempts == 0;
    t->answer.cost_usd +=
        counted || llm_is_own(ask->llm)
            ? llm_cost(ask->llm, &reply->usage) /* priced by its own length, as in the ledger */
            : NAN;
    if (reply->model[0])
        text_copy(ask->model, sizeof ask->model, reply->model);
    text_copy(ask->stop_name, sizeof ask->stop_name, reply->stop_name);
    t->answer.stop = reply->stop;
}

static bool has_calls(const json_t *content)
{
    for (size_t i = 0; i < json_array_size(content); i++)
        if (is_of_type(json_array_get(content, i), "tool_use"))
            return true;
    return false;
}

/* Sends requests until there is an answer. */
static int run_rounds(struct turn *t, struct error *err)
{
    for (;;) {
        struct llm_reply reply = {0};
        int rc = send_request(t, &reply, err);
        absorb_reply(t, &reply);
        bool calls = rc == 0 && reply.stop == LLM_STOP_TOOLS && has_calls(reply.content);
        bool again = calls && t->tool_rounds <= t->ask->options.rounds;
        if (!rc && again) {
            rc = run_tools(t, reply.content, err);
        } else if (!rc && reply.stop == LLM_STOP_PAUSE && t->pauses++ < PAUSES_MAX) {
            add_message(t->ask, "assistant", own_calls_reply(t->ask->messages, reply.content));
            again = true;
        } else if (!rc) {
            finish_answer(t, &reply);
        }
        llm_reply_release(&reply);
        if (rc || !again)
            return rc;
    }
}

/* ---- the answer ---- */

static struct ask_citation citation_of(const struct ask *ask, const struct citation *c)
{
    struct ask_citation citation = {.number = c->number, .score = NAN};
    const struct picture *p = c->sent ? pictures_find(&ask->pictures, c->number) : NULL;
    if (!p)
        return citation;
    citation.photo = p->photo.id;
    citation.path = p->photo.path;
    citation.hash = p->view.hash;
    citation.taken = p->photo.facts.taken;
    citation.score = p->score;
    citation.has_box = c->has_box;
    citation.box.x = c->box.x;
    citation.box.y = c->box.y;
    citation.box.width = c->box.width;
    citation.box.height = c->box.height;
    return citation;
}

static void write_answer(struct turn *t, struct ask_answer *ret_answer)
{
    struct ask *ask = t->ask;
    struct ask_answer *answer = &t->answer;
    answer->text = strbuf_take(&t->text);
    answer->citations = xcalloc(t->citations.count + 1, sizeof *answer->citations);
    for (size_t i = 0; i < t->citations.count; i++)
        answer->citations[answer->count++] = citation_of(ask, &t->citations.items[i]);
    answer->stop_name = ask->stop_name;
    answer->model = ask->model[0] ? ask->model : llm_model(ask->llm);
    *ret_answer = *answer;
}

int ask_send(struct ask *ask, const struct ask_events *events, struct ask_answer *ret_answer,
             struct error *err)
{
    static const char no_match[] = "Nothing in this gallery matches.";
    static const char not_understood[] =
        "Nothing was sent: the search needs English words in Latin letters, and the question is "
        "in another script or language. Ask in English, or use one of your labels.";
    static const struct ask_events none;
    struct turn t = {.ask = ask,
                     .events = events ? events : &none,
                     .text = STRBUF_INIT(ANSWER_BYTES_MAX),
                     .messages_before = json_array_size(ask->messages)};
    t.citations = (struct citations){.pictures = &ask->pictures, .emit = emit_text, .context = &t};
    ask->stop_name[0] = '\0';
    t.answer.language_unsupported = ask->outbox.language_unsupported;
    int rc = 0;
    if (!ask->question) {
        rc = error_set(err, ERR_INVALID, "no question is prepared");
    } else if (!ask_would_send(ask)) {
        t.answer.nothing_matches = true;
        const char *why = ask->outbox.language_unsupported ? not_understood : no_match;
        emit_text(&t, why, strlen(why));
        session_forget_question(ask, false);
    } else {
        json_array_append_new(ask->messages, session_turn(ask));
        rc = run_rounds(&t, err);
        if (rc)
            give_up(&t, rc);
    }
    write_answer(&t, ret_answer);
    citations_release(&t.citations);
    return rc;
}

void ask_answer_release(struct ask_answer *answer)
{
    free(answer->text);
    free(answer->remark);
    free(answer->citations);
    *answer = (struct ask_answer){0};
}
