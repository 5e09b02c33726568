/* SPDX-License-Identifier: MIT */
/* Sends one conversation and prints all that came of it as one JSON object, for test scripts.
 *
 *     llm_send [--provider P] [--model M] [--key-file F] [--ca-file F] [--connect S] [--silence S]
 *              [--total S] [--plain-http HOSTS] [--cancel-on-text | --cancel-on-retry]
 *              [--body | --limits] REQUEST.json
 *
 * REQUEST.json: {"messages", "system", "tools", "effort", "max_tokens", "cache"}. --body prints the
 * body only, --limits what the model takes. SIGINT cancels, too. The output has rc, error, seconds;
 * text, tools, attempts and retries as the events told them; the reply; cost. */
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "llm/llm.h"

enum { REQUEST_BYTES = 64 << 20 };

struct run {
    struct llm_options options;
    bool cancel_on_text, cancel_on_retry, body, limits;
    json_t *root;
    char *text;
    json_t *tools, *attempts, *retries;
};

static volatile sig_atomic_t cancelled;

static void on_interrupt(int signal)
{
    (void)signal;
    cancelled = 1;
}

/* ---- events ---- */

static void on_text(void *context, const char *text, size_t size)
{
    struct run *run = context;
    if (!text_is_utf8(text, size) || size == 0)
        abort(); /* the header promises whole characters */
    char *more = xasprintf("%s%.*s", run->text, (int)size, text);
    free(run->text);
    run->text = more;
    if (run->cancel_on_text)
        cancelled = 1;
}

static void on_retract(void *context)
{
    struct run *run = context;
    run->text[0] = '\0';
}

static void on_tool(void *context, const char *name)
{
    struct run *run = context;
    json_array_append_new(run->tools, json_string(name));
}

static int on_sending(void *context, int attempt, size_t bytes, struct error *err)
{
    struct run *run = context;
    (void)err;
    json_array_append_new(run->attempts,
                          json_pack("{s:i, s:I}", "number", attempt, "bytes", (json_int_t)bytes));
    return 0;
}

static void on_retry(void *context, const char *sentence, double wait_s)
{
    struct run *run = context;
    json_array_append_new(run->retries,
                          json_pack("{s:s, s:f}", "sentence", sentence, "wait_s", wait_s));
    if (run->cancel_on_retry)
        cancelled = 1;
}

static bool on_proceed(void *context)
{
    (void)context;
    return !cancelled;
}

/* ---- output ---- */

static const char *const stop_names[] = {
    [LLM_STOP_END] = "end",     [LLM_STOP_LENGTH] = "length",   [LLM_STOP_TOOLS] = "tools",
    [LLM_STOP_PAUSE] = "pause", [LLM_STOP_REFUSAL] = "refusal", [LLM_STOP_CONTEXT] = "context",
    [LLM_STOP_CUT] = "cut",     [LLM_STOP_OTHER] = "other",
};

static json_t *reply_json(const struct llm_reply *reply)
{
    return json_pack("{s:O?, s:s, s:s, s:s, s:s, s:i, s:{s:I, s:I, s:I, s:I}}", "content",
                     reply->content, "stop", stop_names[reply->stop], "stop_name", reply->stop_name,
                     "model", reply->model, "request_id", reply->request_id, "attempts",
                     reply->attempts, "usage", "input", (json_int_t)reply->usage.input_tokens,
                     "output", (json_int_t)reply->usage.output_tokens, "cache_read",
                     (json_int_t)reply->usage.cache_read_tokens, "cache_write",
                     (json_int_t)reply->usage.cache_write_tokens);
}

static void print(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
    puts(text);
    free(text);
    json_decref(object);
}

static int send_request(struct run *run, struct llm *llm, const struct llm_request *request)
{
    struct error err = ERROR_INIT;
    struct llm_reply reply;
    struct llm_events events = {.context = run,
                                .text = on_text,
                                .retract = on_retract,
                                .tool = on_tool,
                                .sending = on_sending,
                                .retry = on_retry,
                                .proceed = on_proceed};
    run->text = xstrdup("");
    run->tools = json_array(), run->attempts = json_array(), run->retries = json_array();
    double started = clock_seconds();
    int rc = llm_send(llm, request, &events, &reply, &err);
    double seconds = clock_seconds() - started, cost = llm_cost(llm, &reply.usage);
    print(json_pack(
        "{s:s, s:s, s:f, s:s, s:o, s:o, s:o, s:o, s:o, s:i}", "rc", rc ? error_name(rc) : "ok",
        "error", rc ? err.message : "", "seconds", seconds, "text", run->text, "tools", run->tools,
        "attempts", run->attempts, "retries", run->retries, "reply", reply_json(&reply), "cost",
        isnan(cost) ? json_null() : json_real(cost), "oversized_px", llm_oversized_image_px(llm)));
    llm_reply_release(&reply);
    free(run->text);
    return rc ? 1 : 0;
}

static int print_body(struct llm *llm, const struct llm_request *request)
{
    struct error err = ERROR_INIT;
    char *body;
    size_t size;
    int rc = llm_body(llm, request, &body, &size, &err);
    puts(rc ? err.message : body);
    if (!rc)
        free(body);
    return rc ? 1 : 0;
}

static int print_limits(struct llm *llm)
{
    struct llm_limits l;
    llm_limits(llm, &l);
    print(json_pack("{s:s, s:s, s:s, s:b, s:i, s:i, s:i, s:b, s:b}", "provider", llm_provider(llm),
                    "model", llm_model(llm), "host", llm_host(llm), "local", llm_is_local(llm),
                    "images", l.images, "image_edge_px", l.image_edge_px, "image_tokens",
                    l.image_tokens, "tools", l.tools, "strict_image_size", l.strict_image_size));
    return 0;
}

static int run_request(struct run *run, const json_t *root)
{
    struct error err = ERROR_INIT;
    AUTO(llm) *llm = NULL;
    int rc = llm_open(&run->options, &llm, &err);
    if (rc) {
        print(json_pack("{s:s, s:s}", "rc", error_name(rc), "error", err.message));
        return 1;
    }
    struct llm_request request = {
        .system = json_string_value(json_object_get(root, "system")),
        .messages = json_object_get(root, "messages"),
        .tools = json_object_get(root, "tools"),
        .effort = json_string_value(json_object_get(root, "effort")),
        .max_tokens = json_integer_value(json_object_get(root, "max_tokens")),
        .cache = json_is_true(json_object_get(root, "cache")),
    };
    if (run->limits)
        return print_limits(llm);
    return run->body ? print_body(llm, &request) : send_request(run, llm, &request);
}

static bool read_options(struct run *run, int argc, char **argv)
{
    static const struct option options[] = {
        {"provider", 1, NULL, 'p'},
        {"model", 1, NULL, 'm'},
        {"key-file", 1, NULL, 'k'},
        {"ca-file", 1, NULL, 'a'},
        {"connect", 1, NULL, 'c'},
        {"silence", 1, NULL, 's'},
        {"total", 1, NULL, 't'},
        {"cancel-on-retry", 0, NULL, 'x'},
        {"cancel-on-text", 0, NULL, 'y'},
        {"body", 0, NULL, 'b'},
        {"limits", 0, NULL, 'l'},
        {"plain-http", 1, NULL, 'P'},
        {NULL, 0, NULL, 0},
    };
    struct llm_options *o = &run->options;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        double number = optarg ? strtod(optarg, NULL) : 0;
        switch (c) {
        case 'p':
            o->provider = optarg;
            break;
        case 'm':
            o->model = optarg;
            break;
        case 'k':
            o->key_file = optarg;
            break;
        case 'a':
            o->ca_file = optarg;
            break;
        case 'c':
            o->connect_s = number;
            break;
        case 's':
            o->silence_s = number;
            break;
        case 't':
            o->total_s = number;
            break;
        case 'P':
            o->plain_http = optarg;
            break;
        case 'x':
            run->cancel_on_retry = true;
            break;
        case 'y':
            run->cancel_on_text = true;
            break;
        case 'b':
            run->body = true;
            break;
        case 'l':
            run->limits = true;
            break;
        default:
            return false;
        }
    }
    return optind == argc - 1;
}

int main(int argc, char **argv)
{
    struct error err = ERROR_INIT;
    struct run run = {.text = NULL};
    AUTO_JSON *root = NULL;
    signal(SIGINT, on_interrupt);
    if (!read_options(&run, argc, argv)) {
        fputs("usage: llm_send [OPTIONS] REQUEST.json\n", stderr);
        return 2;
    }
    if (json_read_file(argv[optind], REQUEST_BYTES, &root, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 2;
    }
    return run_request(&run, root);
}
