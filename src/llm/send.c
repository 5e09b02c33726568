/* llm_send: attempts, and what becomes of each. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "llm/error_reply.h"
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
    bool spend_limit;
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
    struct error_facts facts;
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
    int rc = error_reply_read(&reply, &facts, err);
    a->spend_limit = facts.spend_limit;
    if (facts.max_side_px)
        a->llm->oversized_px = facts.max_side_px;
    return rc;
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
        return error_add(err, "%s", host);
    if (rc || end == 0)
        return rc;
    if (end == ERR_CORRUPT)
        return error_set(
            err, end, "%s answered with something else than a reply%s%s: check the address", host,
            a->answer.content_type[0] ? ", of type " : "", a->answer.content_type);
    return error_set(err, end, "%s: %s", host, why.message);
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
    long status = a->answer.status;
    if (status >= 200 && status < 300)
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
    bool began = a->answer.status >= 200 && a->answer.status < 300;
    if (rc == ERR_CANCELLED || began || number > RETRY_TIMES ||
        !retry_is_useful(&a->answer, a->spend_limit))
        return rc;
    double wait = retry_wait_s(&a->answer, number - 1, (double)clock_unix(), fraction());
    if (wait > RETRY_LONGEST_S)
        return rc;
    if (a->events && a->events->retry)
        a->events->retry(a->events->context, err ? err->message : "", wait);
    return wait_for(wait, a->events, err);
}

/* Keeps what arrived where that is promised; empties the reply otherwise. */
static void settle(struct llm_reply *reply, const struct attempt *a, int rc)
{
    bool began = a->answer.status >= 200 && a->answer.status < 300;
    text_copy(reply->request_id, sizeof reply->request_id, a->answer.request_id);
    if (rc == 0 || (began && (rc == ERR_CANCELLED || rc == ERR_NETWORK)))
        return;
    int attempts = reply->attempts;
    llm_reply_release(reply);
    reply->attempts = attempts;
}

static int one_attempt(struct llm *llm, const struct llm_events *events,
                       const struct headers *headers, const char *url, const char *body,
                       size_t size, struct llm_reply *reply, bool *ret_again, struct error *err)
{
    struct attempt a = {.llm = llm, .events = events, .body = body, .size = size};
    int number = reply->attempts + 1;
    int rc = events && events->sending ? events->sending(events->context, number, size, err) : 0;
    if (rc)
        return rc;
    reply->attempts = number;
    stream_init(&a.stream, llm->provider->protocol, events, reply);
    rc = run_attempt(&a, headers, url, err);
    settle(reply, &a, rc);
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

int llm_send(struct llm *llm, const struct llm_request *request, const struct llm_events *events,
             struct llm_reply *ret_reply, struct error *err)
{
    struct error own = ERROR_INIT;
    struct headers headers = {NULL, 0, 0};
    char *body = NULL;
    size_t size = 0;
    *ret_reply = (struct llm_reply){.stop = LLM_STOP_OTHER};
    llm->oversized_px = 0;
    err = err ? err : &own;
    int rc = llm_check_key(llm, err);
    if (!rc)
        rc = llm_body(llm, request, &body, &size, err);
    if (!rc)
        rc = check_size(llm, size, err);
    if (!rc) {
        AUTO_FREE char *url = llm->provider->url(llm);
        make_headers(llm, &headers);
        bool again;
        do {
            again = false;
            rc = one_attempt(llm, events, &headers, url, body, size, ret_reply, &again, err);
        } while (again);
    }
    headers_release(&headers);
    free(body);
    return rc;
}

void llm_reply_release(struct llm_reply *reply)
{
    json_decref(reply->content);
    *reply = (struct llm_reply){.stop = LLM_STOP_OTHER};
}
