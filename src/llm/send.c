/* llm_send: attempts, and what becomes of each. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "llm/error_reply.h"
#include "llm/keys.h"
#include "llm/provider.h"
#include "llm/retry.h"

/* One attempt. */
struct attempt {
    struct llm *llm;
    const struct llm_events *events;
    const char *body;
    size_t size;
    struct stream stream;
    struct http_reply answer;
    bool began; /* a reply with HTTP 2xx has begun: it may be charged */
    struct error_facts facts;
};

static bool proceeds(const struct llm_events *events)
{
    return !events || !events->proceed || events->proceed(events->context);
}

static bool on_proceed(void *context)
{
    const struct attempt *a = context;
    return proceeds(a->events);
}

static int on_data(void *context, const char *bytes, size_t size, struct error *err)
{
    struct attempt *a = context;
    int rc = stream_feed(&a->stream, bytes, size, err);
    return rc == 1 ? HTTP_ENOUGH : rc;
}

/* ---- one attempt ---- */

static int read_error(struct attempt *a, long status, const char *body, size_t size,
                      struct error *err)
{
    struct error_reply reply = {
        .status = status,
        .body = body,
        .size = size,
        .host = a->llm->address.host,
        .model = a->llm->model,
        .key_name = a->llm->key_name,
        .key = a->llm->key,
        .request_id = a->answer.request_id,
        .wait_s = retry_asked_s(&a->answer, (double)clock_unix()),
        .local = a->llm->address.loopback,
    };
    int rc = error_reply_read(&reply, &a->facts, err);
    if (a->facts.max_side_px)
        a->llm->oversized_px = a->facts.max_side_px;
    return rc;
}

/* The transfer of a reply that had begun failed: it is not asked for again. */
static int lost_reply(const struct attempt *a, int rc, const char *why, struct error *err)
{
    return error_set(
        err, rc, "%s, in mid-reply%s", why,
        llm_is_local(a->llm) ? "" : "; it is not asked again, because this reply may be charged");
}

/* The reply began with HTTP 2xx: `rc` is how its transfer ended. */
static int end_reply(struct attempt *a, int rc, struct error *err)
{
    struct error why = ERROR_INIT;
    int end = stream_finish(&a->stream, &why);
    const char *host = a->llm->address.host;
    if (a->stream.failure) {
        AUTO_FREE char *said = json_dumps(a->stream.failure, JSON_COMPACT);
        return read_error(a, 0, said ? said : "", said ? strlen(said) : 0, err);
    }
    if (a->stream.stopped)
        return 0; /* whatever the connection did afterwards */
    if (rc == ERR_CORRUPT || rc == ERR_LIMIT)
        return error_set(err, rc, "%s sent a reply that cannot be read: %s", host, err->message);
    if (rc == ERR_NETWORK)
        return lost_reply(a, rc, err->message, err);
    if (rc || end == 0)
        return rc;
    if (end == ERR_CORRUPT)
        return error_set(
            err, end, "%s answered with something else than a reply%s%s: check the address", host,
            a->answer.content_type[0] ? ", of type " : "", a->answer.content_type);
    AUTO_FREE char *sentence = xasprintf("%s ended its reply", host);
    return lost_reply(a, end, sentence, err);
}

static int run_attempt(struct attempt *a, const struct headers *headers, const char *url,
                       struct error *err)
{
    const struct llm *llm = a->llm;
    struct http_request request = {
        .url = url,
        .host = llm->address.host,
        .headers = (const char *const *)headers->lines,
        .body = a->body,
        .size = a->size,
        .ca_file = llm->ca_file,
        .loopback = llm->address.loopback,
        .connect_s = llm->connect_s,
        .silence_s = llm->silence_s,
        .total_s = llm->total_s,
        .context = a,
        .proceed = on_proceed,
        .data = on_data,
    };
    int rc = http_post(&request, &a->answer, err);
    keys_hide(a->answer.request_id, llm->key);
    keys_hide(a->answer.content_type, llm->key);
    long status = a->answer.status;
    a->began = status >= 200 && status < 300;
    a->llm->may_have_charged =
        !llm_is_local(llm) && (a->began || (status < 300 && a->answer.sent_whole));
    if (a->began)
        return end_reply(a, rc, err);
    /* An error whose page was cut off is still that error. */
    if (status >= 300 && rc != ERR_CANCELLED)
        return read_error(a, status, a->answer.body.data ? a->answer.body.data : "",
                          a->answer.body.length, err);
    return rc;
}

/* ---- all attempts ---- */

static int wait_for(double seconds, const struct llm_events *events, struct error *err)
{
    const struct timespec step = {.tv_nsec = 50000000};
    double end = clock_seconds() + seconds;
    while (clock_seconds() < end) {
        if (!proceeds(events))
            return error_set(err, ERR_CANCELLED, "interrupted");
        nanosleep(&step, NULL);
    }
    return 0;
}

static double fraction(void)
{
    return (double)random_id() / 9223372036854775807.0;
}

/* 0 when another attempt is to be made, after the wait; else the code to return. */
static int before_retry(struct attempt *a, int number, int rc, struct error *err)
{
    if (rc == ERR_CANCELLED || a->began || number > RETRY_TIMES || a->facts.no_tools ||
        !retry_is_useful(&a->answer, a->facts.pointless))
        return rc;
    double wait = retry_wait_s(&a->answer, number - 1, (double)clock_unix(), fraction());
    if (wait > RETRY_LONGEST_S)
        return rc;
    if (a->events && a->events->retry) {
        AUTO_FREE char *sentence = xasprintf(
            "%s%s", a->facts.cause[0] ? a->facts.cause : err->message,
            a->llm->may_have_charged ? " (this attempt may be charged all the same)" : "");
        a->events->retry(a->events->context, sentence, wait);
    }
    return wait_for(wait, a->events, err);
}

/* Keeps the content that arrived where that is promised; what it cost in any case. */
static void settle(struct llm_reply *reply, const struct attempt *a, int rc)
{
    text_copy(reply->request_id, sizeof reply->request_id, a->answer.request_id);
    if (rc == 0 || (a->began && (rc == ERR_CANCELLED || rc == ERR_NETWORK)))
        return;
    json_decref(reply->content);
    reply->content = NULL;
}

/* What llm_send needs for every attempt. */
struct sending {
    struct llm *llm;
    const struct llm_request *request;
    const struct llm_events *events;
    struct headers headers;
    char *url;
    struct llm_reply *reply;
    bool cannot_use_tools; /* the last attempt told so */
};

static int one_attempt(struct sending *s, const char *body, size_t size, int number,
                       bool *ret_again, struct error *err)
{
    const struct llm_events *events = s->events;
    struct attempt a = {.llm = s->llm, .events = events, .body = body, .size = size};
    int rc = events && events->sending
                 ? events->sending(events->context, s->reply->attempts + 1, size, err)
                 : 0;
    if (rc)
        return rc;
    s->reply->attempts++;
    stream_init(&a.stream, s->llm->provider->protocol, events, s->reply);
    rc = run_attempt(&a, &s->headers, s->url, err);
    settle(s->reply, &a, rc);
    s->cannot_use_tools = a.facts.no_tools;
    if (rc) {
        rc = before_retry(&a, number, rc, err);
        *ret_again = rc == 0;
    }
    stream_release(&a.stream);
    http_reply_release(&a.answer);
    return rc;
}

static void make_headers(const struct llm *llm, struct headers *headers)
{
    headers_set(headers, "accept", "application/json");
    llm->provider->headers(llm, headers);
    for (size_t i = 0; i < llm->custom.count; i++) {
        const char *line = llm->custom.lines[i];
        AUTO_FREE char *name = xstrndup(line, strcspn(line, ":;"));
        headers_set(headers, name, headers_get(&llm->custom, name));
    }
    headers_set(headers, "content-type", "application/json");
}

static int check_size(const struct llm *llm, size_t size, struct error *err)
{
    struct llm_limits limits;
    char is[32], most[32];
    llm_limits(llm, &limits);
    if (size <= limits.request_bytes)
        return 0;
    return error_set(err, ERR_LIMIT,
                     "the request is %s large; %s takes %s at most: send fewer photos",
                     text_bytes(is, sizeof is, size), llm->address.host,
                     text_bytes(most, sizeof most, limits.request_bytes));
}

static int send_body(struct sending *s, struct error *err)
{
    AUTO_FREE char *body = NULL;
    size_t size;
    int rc = llm_body(s->llm, s->request, &body, &size, err);
    if (!rc)
        rc = check_size(s->llm, size, err);
    bool again = !rc;
    for (int number = 1; again; number++) {
        again = false;
        rc = one_attempt(s, body, size, number, &again, err);
    }
    return rc;
}

/* A server whose model knows no tools is asked once more without them; such a refusal is free. */
static int send_with_and_without_tools(struct sending *s, struct error *err)
{
    int rc = send_body(s, err);
    if (!rc || !s->cannot_use_tools || s->llm->no_tools ||
        s->llm->provider->protocol != &stream_chat || !json_array_size(s->request->tools))
        return rc;
    s->llm->no_tools = true;
    if (s->events && s->events->retry)
        s->events->retry(s->events->context, "the model cannot use tools; it is asked without", 0);
    return send_body(s, err);
}

int llm_send(struct llm *llm, const struct llm_request *request, const struct llm_events *events,
             struct llm_reply *ret_reply, struct error *err)
{
    struct error own = ERROR_INIT;
    struct sending s = {.llm = llm, .request = request, .events = events, .reply = ret_reply};
    *ret_reply = (struct llm_reply){.stop = LLM_STOP_OTHER};
    llm->oversized_px = 0;
    llm->may_have_charged = false;
    err = err ? err : &own;
    int rc = llm_check_key(llm, err);
    if (rc)
        return rc;
    s.url = llm->provider->url(llm);
    make_headers(llm, &s.headers);
    rc = send_with_and_without_tools(&s, err);
    headers_release(&s.headers);
    free(s.url);
    return rc;
}

void llm_reply_release(struct llm_reply *reply)
{
    json_decref(reply->content);
    *reply = (struct llm_reply){.stop = LLM_STOP_OTHER};
}
