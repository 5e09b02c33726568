/* SPDX-License-Identifier: MIT */
/* llm_send: makes the attempts and handles the result of each. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/random.h"
#include "base/text.h"
#include "llm/error_reply.h"
#include "llm/keys.h"
#include "llm/no_reply.h"
#include "llm/provider.h"
#include "llm/retry.h"
#include "net/http_client.h"

/* How long to wait for a model that is being loaded, and at most between two attempts. */
#define LOADING_OWN_S 600
#define LOADING_S 120
#define LOADING_STEP_S 30

/* The state of one attempt. */
struct attempt {
    struct llm *llm;
    const struct llm_events *events;
    const char *url, *body;
    size_t size;
    struct stream stream;
    struct http_reply answer;
    bool began; /* a reply with HTTP 2xx has begun, so it may be billed */
    struct error_facts facts;
};

static bool may_proceed(const struct llm_events *events)
{
    return !events || !events->proceed || events->proceed(events->context);
}

static bool on_proceed(void *context)
{
    const struct attempt *a = context;
    return may_proceed(a->events);
}

static int on_data(void *context, const char *bytes, size_t size, struct error *err)
{
    struct attempt *a = context;
    int rc = stream_feed(&a->stream, bytes, size, err);
    if (rc == 1)
        return HTTP_ENOUGH;
    return rc == 0 && a->stream.stopped ? HTTP_SETTLED : rc;
}

/* ---- one attempt ---- */

static int read_error(struct attempt *a, long status, const char *body, size_t size,
                      struct error *err)
{
    struct error_reply reply = {
        .status = status,
        .body = body,
        .size = size,
        .content_type = a->answer.content_type,
        .host = a->llm->address.host,
        .url = a->url,
        .model = a->llm->model,
        .key_name = a->llm->key_name,
        .key = a->llm->key,
        .request_id = a->answer.request_id,
        .wait_s = retry_asked_s(&a->answer, (double)clock_unix()),
        .local = llm_is_own(a->llm),
    };
    int rc = error_reply_read(&reply, &a->facts, err);
    if (a->facts.max_side_px)
        a->llm->oversized_px = a->facts.max_side_px;
    if (a->facts.max_images)
        a->llm->max_images = a->facts.max_images;
    a->llm->many_images = a->facts.many_images;
    return rc;
}

/* Handles a failed transfer of a reply that had begun: it is not requested again. */
static int lost_reply(const struct attempt *a, int rc, const char *why, struct error *err)
{
    return error_set(err, rc, "%s, during the reply%s", why,
                     llm_is_own(a->llm)
                         ? ""
                         : "; the request is not repeated, because this reply may be "
                           "billed");
}

/* Handles an error that the server sent after HTTP 2xx. Before any content it counts as a refusal:
 * nothing is billed, and the request may be repeated. */
static int end_failed(struct attempt *a, struct error *err)
{
    const struct llm_usage *usage = &a->stream.reply->usage;
    bool is_refusal = !stream_has_content(&a->stream) && !usage->input_tokens &&
                      !usage->output_tokens && !usage->cache_write_tokens;
    AUTO_FREE char *said = json_dumps(a->stream.failure, JSON_COMPACT);
    int rc = read_error(a, 0, said ? said : "", said ? strlen(said) : 0, err);
    if (is_refusal) {
        a->answer.status = a->facts.status;
        a->began = a->llm->may_have_charged = false;
    }
    return rc;
}

/* Handles a response that is neither a stream nor a reply. */
static int end_unknown(const struct attempt *a, struct error *err)
{
    const char *type = a->answer.content_type;
    AUTO_FREE char *words = xstrdup(a->stream.stray);
    keys_hide(words, a->llm->key);
    return error_set(err, ERR_CORRUPT,
                     "unexpected reply from %s%s%s: check the address, %.200s%s%s",
                     a->llm->address.host, *type ? ", of type " : "", type, a->url,
                     *words ? "; it said: " : "", words);
}

/* Handles the end of a reply that began with HTTP 2xx; `rc` is the result of its transfer. */
static int end_reply(struct attempt *a, int rc, struct error *err)
{
    struct error why = ERROR_INIT;
    int end = stream_finish(&a->stream, rc == 0, &why);
    const char *host = a->llm->address.host;
    if (a->stream.failure)
        return end_failed(a, err);
    if (a->stream.stopped)
        return 0; /* whatever the connection did afterwards */
    if (rc == ERR_CORRUPT || rc == ERR_LIMIT)
        return error_set(err, rc, "invalid reply from %s: %s", host, err->message);
    if (rc == ERR_NETWORK)
        return lost_reply(a, rc, err->message, err);
    if (rc || end == 0)
        return rc;
    if (end == ERR_CORRUPT)
        return end_unknown(a, err);
    AUTO_FREE char *words = xstrdup(a->stream.stray);
    keys_hide(words, a->llm->key);
    AUTO_FREE char *sentence =
        xasprintf("%s ended its reply%s%s", host, *words ? " with the words: " : "", words);
    return lost_reply(a, end, sentence, err);
}

static int run_attempt(struct attempt *a, const struct headers *headers, struct error *err)
{
    const struct llm *llm = a->llm;
    struct error why = ERROR_INIT;
    struct http_request request = {
        .url = a->url,
        .headers = (const char *const *)headers->lines,
        .body = a->body,
        .size = a->size,
        .ca_file = llm->ca_file,
        .plain = llm->address.loopback || llm->address.plain,
        .direct = llm->address.loopback || llm->address.plain,
        .connect_s = fmin(llm->connect_s, llm->silence_s),
        .silence_s = llm->silence_s,
        .total_s = llm->total_s,
        .body_bytes = LIMIT_LLM_REPLY_BYTES,
        .kept_bytes = LIMIT_LLM_ERROR_BYTES,
        .context = a,
        .proceed = on_proceed,
        .data = on_data,
    };
    int rc = http_send(&request, &a->answer, &why);
    if (rc)
        no_reply_explain(llm, &a->answer, rc, &why, err);
    keys_hide(a->answer.request_id, llm->key);
    keys_hide(a->answer.content_type, llm->key);
    long status = a->answer.status;
    a->began = status >= 200 && status < 300;
    a->llm->may_have_charged =
        !llm_is_own(llm) && (a->began || (status < 300 && a->answer.sent_whole));
    if (a->began)
        return end_reply(a, rc, err);
    /* An error page that was cut off still reports its error. */
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
        if (!may_proceed(events))
            return error_set(err, ERR_CANCELLED, "interrupted");
        nanosleep(&step, NULL);
    }
    return 0;
}

static double random_fraction(void)
{
    return (double)random_id() / 9223372036854775807.0;
}

/* Whether to wait for a model that is being loaded: minutes on the user's own machine. */
static bool is_waited_for(const struct attempt *a, double since)
{
    double most = llm_is_own(a->llm) ? LOADING_OWN_S : LOADING_S;
    return a->facts.loading && clock_seconds() - since < most;
}

static bool is_to_be_retried(const struct attempt *a, int number, int rc)
{
    return rc != ERR_CANCELLED && !a->began && number <= RETRY_TIMES &&
           a->facts.refused == PART_NONE && retry_is_useful(&a->answer, a->facts.pointless);
}

/* Waits before another attempt. Returns 0 if it is to be made, else the code to return. `since`:
 * the start of the first attempt. */
static int before_retry(struct attempt *a, int number, double since, int rc, struct error *err)
{
    bool waits = rc != ERR_CANCELLED && !a->began && is_waited_for(a, since);
    if (!waits && !is_to_be_retried(a, number, rc))
        return rc;
    double wait = retry_wait_s(&a->answer, number - 1, (double)clock_unix(), random_fraction());
    if (waits && number > RETRY_TIMES)
        wait = fmin(fmax(wait, pow(2, number - RETRY_TIMES)), LOADING_STEP_S);
    if (wait > RETRY_LONGEST_S)
        return rc;
    if (a->events && a->events->retry && (!waits || number == 1)) {
        AUTO_FREE char *sentence =
            xasprintf("%s%s", a->facts.cause[0] ? a->facts.cause : err->message,
                      a->llm->may_have_charged ? " (this attempt may still be billed)" : "");
        a->events->retry(a->events->context, sentence, wait);
    }
    return wait_for(wait, a->events, err);
}

/* Keeps the content that arrived if llm_send promises it, and the usage in any case. */
static void settle_reply(struct llm_reply *reply, const struct attempt *a, int rc)
{
    text_copy(reply->request_id, sizeof reply->request_id, a->answer.request_id);
    if (rc == 0 || (a->began && (rc == ERR_CANCELLED || rc == ERR_NETWORK)))
        return;
    json_decref(reply->content);
    reply->content = NULL;
}

/* The state of llm_send over all attempts. */
struct sending {
    struct llm *llm;
    const struct llm_request *request;
    const struct llm_events *events;
    struct headers headers;
    char *url;
    struct llm_reply *reply;
    enum llm_part refused; /* by the last attempt */
    double since;          /* start of the first attempt */
};

static int one_attempt(struct sending *s, const char *body, size_t size, int number,
                       bool *ret_again, struct error *err)
{
    const struct llm_events *events = s->events;
    s->refused = PART_NONE;
    struct attempt a = {.llm = s->llm,
                        .events = events,
                        .url = s->url,
                        .body = body,
                        .size = size,
                        .facts.refused = PART_NONE};
    int rc = events && events->sending
                 ? events->sending(events->context, s->reply->attempts + 1, size, err)
                 : 0;
    if (rc)
        return rc;
    s->reply->attempts++;
    stream_init(&a.stream, s->llm->provider->protocol, events, s->reply);
    rc = run_attempt(&a, &s->headers, err);
    settle_reply(s->reply, &a, rc);
    s->refused = rc ? a.facts.refused : PART_NONE;
    if (rc) {
        rc = before_retry(&a, number, s->since, rc, err);
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
                     "the request is too large: %s; %s accepts at most %s; send fewer photos",
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
    s->since = clock_seconds();
    for (int number = 1; again; number++) {
        again = false;
        rc = one_attempt(s, body, size, number, &again, err);
    }
    return rc;
}

/* Whether the request contains the part, in its provider's terms. */
static bool has_part(const struct sending *s, enum llm_part part)
{
    bool is_chat = s->llm->provider->protocol == &stream_chat;
    const struct llm_request *request = s->request;
    switch (part) {
    case PART_TOOLS:
        return json_array_size(request->tools) > 0;
    case PART_EFFORT:
        return request->effort != NULL;
    case PART_CACHE:
        return request->cache && !is_chat;
    case PART_SYSTEM:
        return is_chat && request->system && *request->system;
    case PART_STREAM_OPTIONS:
    case PART_LIMIT_NAME:
    case PART_ROLES:
        return is_chat;
    case PART_TRANSFORMATIONS:
    case PART_BEARER:
    case PART_VERSION:
        return !is_chat;
    case PART_STREAM:
    case PART_LIMIT:
    case PARTS:
        break;
    }
    return part < PARTS;
}

static bool may_go_without(const struct sending *s, enum llm_part part)
{
    return has_part(s, part) && !provider_lacks(s->llm, part);
}

static void tell_without(const struct sending *s, enum llm_part part)
{
    if (!s->events || !s->events->retry)
        return;
    AUTO_FREE char *sentence = xasprintf("%s does not accept %s; trying again without it",
                                         s->llm->address.host, part_name(part));
    s->events->retry(s->events->context, sentence, 0);
}

/* If a server refuses a part of the request, sends it once more without that part; such a refusal
 * is not billed. Restores a part whose removal did not help. */
static int send_without_refused(struct sending *s, struct error *err)
{
    struct error why = ERROR_INIT;
    int rc = send_body(s, &why);
    while (rc && s->refused < PARTS) {
        enum llm_part part = s->refused;
        bool by_value = part == PART_LIMIT_NAME && provider_lacks(s->llm, part);
        part = by_value ? PART_LIMIT : part;
        if (!may_go_without(s, part))
            break;
        s->llm->without |= 1U << part;
        tell_without(s, part);
        headers_release(&s->headers);
        make_headers(s->llm, &s->headers);
        AUTO_FREE char *before = xstrdup(why.message);
        rc = send_body(s, &why);
        if (rc && strcmp(before, why.message) == 0) {
            s->llm->without &= ~(1U << part);
            break;
        }
    }
    return rc ? error_set(err, rc, "%s", why.message) : 0;
}

int llm_send(struct llm *llm, const struct llm_request *request, const struct llm_events *events,
             struct llm_reply *ret_reply, struct error *err)
{
    struct error own = ERROR_INIT;
    struct sending s = {
        .llm = llm, .request = request, .events = events, .reply = ret_reply, .refused = PART_NONE};
    *ret_reply = (struct llm_reply){.stop = LLM_STOP_OTHER};
    llm->oversized_px = 0;
    llm->many_images = false;
    llm->may_have_charged = false;
    err = err ? err : &own;
    int rc = llm_check_key(llm, err);
    if (rc)
        return rc;
    s.url = llm->provider->url(llm);
    make_headers(llm, &s.headers);
    rc = send_without_refused(&s, err);
    headers_release(&s.headers);
    free(s.url);
    return rc;
}

void llm_reply_release(struct llm_reply *reply)
{
    json_decref(reply->content);
    *reply = (struct llm_reply){.stop = LLM_STOP_OTHER};
}
