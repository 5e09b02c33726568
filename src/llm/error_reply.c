#include "llm/error_reply.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "llm/keys.h"

/* Causes that have a name of their own, or words of their own where a server has no names. */
enum cause {
    CAUSE_OTHER,
    CAUSE_IMAGE_SIZE,
    CAUSE_MONTHLY_LIMIT,
    CAUSE_CONTRACT_LIMIT,
    CAUSE_QUOTA,
    CAUSE_BILLING,
    CAUSE_HOLD,
    CAUSE_BODY_SIZE,
    CAUSE_TOO_LONG,
    CAUSE_NO_PICTURES,
    CAUSE_NO_TOOLS,
};

/* An error body taken apart; every string is safe to print. */
struct said {
    enum cause cause;
    char type[64], code[64];
    char message[LIMIT_LLM_QUOTED_BYTES + 4];
    char appeal_url[256];
    int max_side_px;
};

/* ---- reading ---- */

static void copy_text(char *ret_text, size_t size, const json_t *text, const char *secret)
{
    if (!json_is_string(text))
        return;
    AUTO_FREE char *safe = text_printable(json_string_value(text), json_string_length(text));
    keys_hide(safe, secret);
    bool whole = strlen(safe) < size;
    size_t n = text_copy(ret_text, whole || size < 8 ? size : size - 3, safe);
    if (!whole && size >= 8)
        text_copy(ret_text + n, 4, "...");
}

static const json_t *first_of(const json_t *root)
{
    return json_is_array(root) ? json_array_get(root, 0) : root;
}

static void read_details(struct said *said, const json_t *details, const char *secret)
{
    json_int_t px = json_integer_value(json_object_get(details, "max_side_length_pixels"));
    copy_text(said->code, sizeof said->code, json_object_get(details, "error_code"), secret);
    copy_text(said->appeal_url, sizeof said->appeal_url, json_object_get(details, "appeal_url"),
              secret);
    if (strcmp(said->code, "image_dimensions_too_large") == 0 && px > 0 && px < LIMIT_PHOTO_SIDE_PX)
        said->max_side_px = (int)px;
}

/* Codes and types of Anthropic (resources/shared.ts of its SDK), OpenAI and llama-server; the words
 * are those of the same and Ollama's. */
static const struct {
    const char *name, *words; /* one of them */
    enum cause cause;
} causes[] = {
    {"image_dimensions_too_large", NULL, CAUSE_IMAGE_SIZE},
    {"enforced_spend_limit_reached", NULL, CAUSE_MONTHLY_LIMIT},
    {"contract_spend_limit_reached", NULL, CAUSE_CONTRACT_LIMIT},
    {"insufficient_quota", NULL, CAUSE_QUOTA},
    {"linked_organization_spend_limit_reached", NULL, CAUSE_BILLING},
    {"linked_organization_billing_unavailable", NULL, CAUSE_BILLING},
    {"organization_on_hold", NULL, CAUSE_HOLD},
    {"request_body_too_large_after_decoding", NULL, CAUSE_BODY_SIZE},
    {"context_length_exceeded", NULL, CAUSE_TOO_LONG},
    {"exceed_context_size_error", NULL, CAUSE_TOO_LONG},
    {NULL, "prompt is too long", CAUSE_TOO_LONG},
    {NULL, "exceed context limit", CAUSE_TOO_LONG},
    {NULL, "Input is too long", CAUSE_TOO_LONG},
    {NULL, "maximum context length", CAUSE_TOO_LONG},
    {NULL, "image input is not supported", CAUSE_NO_PICTURES},
    {NULL, "missing data required for image input", CAUSE_NO_PICTURES},
    {NULL, "does not support tools", CAUSE_NO_TOOLS},
    {NULL, "--jinja", CAUSE_NO_TOOLS},
};

static enum cause find_cause(const struct said *said)
{
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        const char *name = causes[i].name, *words = causes[i].words;
        bool named = name && (strcmp(said->code, name) == 0 || strcmp(said->type, name) == 0);
        if (named || (words && strstr(said->message, words)))
            return causes[i].cause;
    }
    return CAUSE_OTHER;
}

static void read_body(const struct error_reply *reply, struct said *said)
{
    AUTO_JSON *root = json_loadb(reply->body, reply->size, JSON_ALLOW_NUL, NULL);
    const json_t *top = first_of(root);
    const json_t *error = json_object_get(top, "error");
    const json_t *message = json_is_object(error) ? json_object_get(error, "message") : error;
    if (!message)
        message = json_object_get(top, "message");
    if (!message)
        message = json_object_get(top, "Message");
    if (!message)
        message = json_object_get(top, "detail");
    copy_text(said->message, sizeof said->message, message, reply->key);
    copy_text(said->type, sizeof said->type, json_object_get(error, "type"), reply->key);
    copy_text(said->code, sizeof said->code, json_object_get(error, "code"), reply->key);
    read_details(said, json_object_get(error, "details"), reply->key);
    said->cause = find_cause(said);
}

/* ---- saying ---- */

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

/* "WHAT ADVICE (FACTS): their words"; format makes WHAT, advice may be "". */
__attribute__((format(printf, 4, 5))) static int say(const struct sentence *s, int code,
                                                     const char *advice, const char *format, ...)
{
    char what[512], facts[320];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    list_facts(s, facts, sizeof facts);
    text_copy(s->facts->cause, sizeof s->facts->cause, what);
    return error_set(s->err, code, "%s%s (%s)%s%s", what, advice, facts,
                     s->said->message[0] ? ": " : "", s->said->message);
}

static bool is(const char *text, const char *name)
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

/* 0: a cause without a sentence of its own. */
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
        return say(s, ERR_NOT_FOUND, "",
                   "the server at %s has no model \"%s\", or no such service: name one that "
                   "it has with --llm-model",
                   s->reply->host, s->reply->model);
    return say(s, ERR_NOT_FOUND, "", "%s knows no model \"%s\": check its name, and the address",
               s->reply->host, s->reply->model);
}

static int say_status(const struct sentence *s)
{
    const char *host = s->reply->host;
    switch (s->reply->status) {
    case 401:
        return say(s, ERR_DENIED, "", "%s does not accept the key: check %s", host,
                   s->reply->key_name);
    case 402:
        return say(s, ERR_LIMIT, "", "%s wants the account paid: check its billing", host);
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
                   "%s redirects elsewhere, where the key is not sent: check the "
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
        if (is(known[i].type, type))
            return known[i].status;
    return 500;
}

/* say() prints reply->status, 0 here; say_status() chooses by what the type stands for. */
static int say_event(const struct sentence *s)
{
    switch (status_of_type(s->said->type)) {
    case 429:
        return say_busy(s, "takes no more requests from this account now");
    case 529:
        return say_busy(s, "is overloaded");
    case 500:
        return say_busy(s, "failed in mid-reply");
    case 401:
    case 403:
        return say(s, ERR_DENIED, "", "%s stopped accepting the key", s->reply->host);
    case 402:
    case 413:
        return say(s, ERR_LIMIT, "", "%s stopped the reply", s->reply->host);
    default:
        return say(s, ERR_INVALID, "", "%s does not accept the request", s->reply->host);
    }
}

int error_reply_read(const struct error_reply *reply, struct error_facts *ret_facts,
                     struct error *err)
{
    struct said said = {.max_side_px = 0};
    read_body(reply, &said);
    struct sentence sentence = {reply, &said, ret_facts, err};
    *ret_facts = (struct error_facts){
        .pointless = said.cause == CAUSE_MONTHLY_LIMIT || said.cause == CAUSE_CONTRACT_LIMIT ||
                     said.cause == CAUSE_QUOTA || said.cause == CAUSE_NO_PICTURES,
        .no_tools = said.cause == CAUSE_NO_TOOLS,
        .max_side_px = said.max_side_px,
    };
    int rc = say_cause(&sentence);
    if (rc)
        return rc;
    return reply->status ? say_status(&sentence) : say_event(&sentence);
}
