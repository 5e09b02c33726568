/* SPDX-License-Identifier: MIT */
/* Turns a server's error reply into one sentence for a person. */
#include "llm/error_reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "llm/error_words.h"

struct sentence {
    const struct error_reply *reply;
    const struct said *said;
    struct error_facts *facts;
    struct error *err;
};

/* "HTTP 429, rate_limit_error, request req_1" */
static void list_facts(const struct sentence *s, char *ret_text, size_t size)
{
    size_t n;
    if (s->reply->status)
        n = (size_t)snprintf(ret_text, size, "HTTP %ld", s->reply->status);
    else
        n = (size_t)snprintf(ret_text, size, "after HTTP 200");
    if (s->said->code[0] || s->said->type[0])
        n += (size_t)snprintf(ret_text + n, size - n, ", %s",
                              s->said->code[0] ? s->said->code : s->said->type);
    if (s->reply->request_id[0])
        snprintf(ret_text + n, size - n, ", request %.128s", s->reply->request_id);
}

/* Sets "WHAT ADVICE (FACTS): server's message"; format makes WHAT, and advice may be "". */
__attribute__((format(printf, 4, 5))) static int say(const struct sentence *s, int code,
                                                     const char *advice, const char *format, ...)
{
    char what[1024], facts[320];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    list_facts(s, facts, sizeof facts);
    text_copy(s->facts->cause, sizeof s->facts->cause, what);
    return error_set(s->err, code, "%s%s (%s)%s%s", what, advice, facts,
                     s->said->message[0] ? ": " : "", s->said->message);
}

static bool equals_name(const char *text, const char *name)
{
    return strcmp(text, name) == 0;
}

static int say_limit(const struct sentence *s)
{
    const char *host = s->reply->host;
    switch (s->said->cause) {
    case CAUSE_MONTHLY_LIMIT:
        return say(s, ERR_LIMIT, "",
                   "the monthly spend limit at %s is reached: raise it there, or wait for the next "
                   "month",
                   host);
    case CAUSE_CONTRACT_LIMIT:
        return say(s, ERR_LIMIT, "",
                   "the spend limit of the contract with %s is reached: ask who manages the "
                   "account",
                   host);
    case CAUSE_QUOTA:
        return say(s, ERR_LIMIT, "", "the quota at %s is used up: check its billing", host);
    case CAUSE_BILLING:
        return say(s, ERR_LIMIT, "", "%s cannot bill the account: check its credit and limits",
                   host);
    case CAUSE_BODY_SIZE:
        return say(s, ERR_LIMIT, "", "the request is too large for %s: send fewer photos", host);
    case CAUSE_TOO_LONG:
        return say(s, ERR_LIMIT, "",
                   "the conversation is too long for %s: send fewer photos, or begin a new one%s",
                   s->reply->model, s->reply->local ? ", or give its server a larger context" : "");
    default:
        return 0;
    }
}

static int say_many_pictures(const struct sentence *s)
{
    const char *host = s->reply->host;
    if (s->said->max_images == 0)
        return say(s, ERR_INVALID, "", "too many photos for %s: send fewer, with -k N", host);
    return say(s, ERR_INVALID, "", "%s accepts %d photo%s per request: send fewer, with -k %d",
               host, s->said->max_images, s->said->max_images == 1 ? "" : "s", s->said->max_images);
}

/* Returns 0 for a cause without a sentence of its own. */
static int say_cause(const struct sentence *s)
{
    const char *host = s->reply->host, *appeal = s->said->appeal_url;
    if (s->said->max_side_px)
        return say(s, ERR_INVALID, "",
                   "a photo is too large for %s: no side may be longer than %d px", s->reply->model,
                   s->said->max_side_px);
    if (s->said->cause == CAUSE_HOLD)
        return say(s, ERR_DENIED, "", "%s has put the account on hold%s%s", host,
                   appeal[0] ? "; to appeal: " : "", appeal);
    if (s->said->cause == CAUSE_MANY_PICTURES)
        return say_many_pictures(s);
    if (s->said->cause == CAUSE_LOADING)
        return say(s, ERR_NETWORK, ": try again in a moment", "%s is still loading its model",
                   host);
    if (s->said->cause == CAUSE_NO_PICTURES)
        return say(s, ERR_INVALID, "",
                   "the model at %s cannot see pictures: choose one that can (llama-server needs "
                   "its --mmproj)",
                   host);
    return say_limit(s);
}

static int say_busy(const struct sentence *s, const char *what)
{
    char wait[64] = "a few minutes";
    if (s->reply->wait_s > 0)
        text_duration(wait, sizeof wait, s->reply->wait_s);
    AUTO_FREE char *advice = xasprintf(": try again in %s", wait);
    return say(s, ERR_NETWORK, advice, "%s %s", s->reply->host, what);
}

static int say_not_found(const struct sentence *s)
{
    if (s->reply->local)
        return say(
            s, ERR_NOT_FOUND, "",
            "the server at %s has no model \"%s\", or no such service at %.200s: choose another "
            "model with --llm-model, or check the address",
            s->reply->host, s->reply->model, s->reply->url);
    return say(s, ERR_NOT_FOUND, "",
               "%s has no model \"%s\", or no such service at %.200s: check both", s->reply->host,
               s->reply->model, s->reply->url);
}

static int say_status(const struct sentence *s)
{
    const char *host = s->reply->host;
    switch (s->reply->status) {
    case 401:
        return say(s, ERR_DENIED, "", "%s does not accept the key: check %s", host,
                   s->reply->key_name);
    case 402:
        return say(s, ERR_LIMIT, "", "%s requires payment: check the billing of the account", host);
    case 403:
        return say(s, ERR_DENIED, "", "the key may not use \"%s\" at %s", s->reply->model, host);
    case 404:
        return say_not_found(s);
    case 413:
        return say(s, ERR_LIMIT, "", "the request is too large for %s: send fewer photos", host);
    case 429:
        return say_busy(s, "takes no more requests from this account now");
    case 503:
    case 529:
        return say_busy(s, "is overloaded");
    default:
        break;
    }
    if (s->reply->status >= 500 || s->reply->status == 408 || s->reply->status == 409)
        return say_busy(s, "failed");
    if (s->reply->status >= 300 && s->reply->status < 400)
        return say(s, ERR_NETWORK, "",
                   "%s redirects to another server, to which the key is not sent: check the "
                   "address",
                   host);
    return say(s, ERR_INVALID, "", "%s does not accept the request", host);
}

/* An error event carries a type but no status. */
static long status_of_type(const char *type)
{
    static const struct {
        const char *type;
        long status;
    } known[] = {
        {"authentication_error", 401}, {"billing_error", 402},         {"permission_error", 403},
        {"not_found_error", 404},      {"request_too_large", 413},     {"rate_limit_error", 429},
        {"overloaded_error", 529},     {"invalid_request_error", 400},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (equals_name(known[i].type, type))
            return known[i].status;
    return 500;
}

static long status_of_event(const struct said *said)
{
    if (said->status)
        return said->status;
    return status_of_type(said->type[0] ? said->type : said->code);
}

/* Chooses by the status that the event stands for; say() prints reply->status, which is 0 here. */
static int say_event(const struct sentence *s)
{
    long status = status_of_event(s->said);
    if (status == 429)
        return say_busy(s, "takes no more requests from this account now");
    if (status == 503 || status == 529)
        return say_busy(s, "is overloaded");
    if (status >= 500)
        return say_busy(s, "failed during the reply");
    switch (status) {
    case 401:
    case 403:
        return say(s, ERR_DENIED, "", "%s stopped accepting the key", s->reply->host);
    case 402:
    case 413:
        return say(s, ERR_LIMIT, "", "%s stopped the reply", s->reply->host);
    case 404:
        return say_not_found(s);
    default:
        return say(s, ERR_INVALID, "", "%s does not accept the request", s->reply->host);
    }
}

int error_reply_read(const struct error_reply *reply, struct error_facts *ret_facts,
                     struct error *err)
{
    struct said said;
    bool is_page = strncasecmp(reply->content_type, "text/html", 9) == 0;
    error_words_read(reply->body, reply->size, reply->status, is_page, reply->key, &said);
    struct sentence sentence = {reply, &said, ret_facts, err};
    *ret_facts = (struct error_facts){
        .pointless = said.cause == CAUSE_MONTHLY_LIMIT || said.cause == CAUSE_CONTRACT_LIMIT ||
                     said.cause == CAUSE_QUOTA || said.cause == CAUSE_NO_PICTURES ||
                     said.cause == CAUSE_MANY_PICTURES || said.cause == CAUSE_TOO_LONG,
        .loading = said.cause == CAUSE_LOADING,
        .refused = said.refused,
        .many_images = said.cause == CAUSE_MANY_PICTURES,
        .max_images = said.max_images,
        .max_side_px = said.max_side_px,
        .status = reply->status ? reply->status : status_of_event(&said),
    };
    int rc = say_cause(&sentence);
    if (rc)
        return rc;
    return reply->status ? say_status(&sentence) : say_event(&sentence);
}
