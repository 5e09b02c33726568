/* SPDX-License-Identifier: MIT */
/* Requests from the router to their handlers, on a small gallery and without a socket: each is
 * answered, with a problem document where it fails. The input: "METHOD target", a line feed, and
 * the body. Left out are those that start threads: index runs, answers of a language model, and
 * passwords. */
#include <stdatomic.h>

#include "base/json.h"
#include "fuzz/gallery.h"
#include "server/api.h"
#include "server/asks.h"
#include "server/http_internal.h"
#include "server/indexing.h"
#include "server/server_internal.h"

static struct server server;
static struct worker readers = {.pool = POOL_SLOW}, writer = {.pool = POOL_WRITE};

static void open_server(void)
{
    struct error err = ERROR_INIT;
    clearenv(); /* no key, no proxy */
    fuzz_must(clip_open("models/mini", NULL, &server.options.clip, &err), &err);
    struct store_model model = {.preprocessing = CLIP_PREPROCESSING_VERSION,
                                .dim = (int)clip_dim(server.options.clip)};
    snprintf(model.id, sizeof model.id, "mini");
    snprintf(model.fingerprint, sizeof model.fingerprint, "%s",
             clip_fingerprint(server.options.clip));
    fuzz_make_gallery(fuzz_path("sound.db"), &model);
    fuzz_copy(fuzz_path("sound.db"), fuzz_path("g.db"));
    server.options.gallery = xstrdup(fuzz_path("g.db"));
    server.options.model_id = "mini";
    fuzz_must(thumbs_open(server.options.gallery, 0, &server.options.thumbs, &err), &err);
    server.options.bind = "127.0.0.1";
    server.options.llm.provider = "openai";
    server.options.llm.base_url = "http://127.0.0.1:9";
    server.auth = auth_new(&(struct auth_options){.token = "0123456789abcdef"});
    server.connections = connections_new(&(struct connections_limits){.most = 8});
    server.metrics = metrics_new();
    fuzz_must(
        workers_new(&(struct workers_options){.gallery = "", .most = 8}, &server.workers, &err),
        &err);
    server.indexing = indexing_new(&server);
    server.asks = asks_new(&server);
    readers.gallery = writer.gallery = server.options.gallery;
}

static void close_stores(void)
{
    store_close(readers.store);
    store_close(writer.store);
    readers.store = writer.store = NULL;
}

/* The dispatch of an admitted request, as in server.c. */
static void answer(struct call *call)
{
    struct error err = ERROR_INIT;
    const struct route *route = call->match.route;
    if (route->takes == TAKES_JSON) {
        if (json_read_bytes(call->request->body, (size_t)call->request->content_length, "the body",
                            &call->body, &err) ||
            !json_is_object(call->body))
            return;
    }
    int rc = route->run(call, &err);
    if (rc == CALL_SLOWLY) {
        call->pool = POOL_SLOW;
        rc = route->run(call, &err);
    }
    if (rc < 0 && !err.message[0])
        BUG("an error without its sentence");
    if (rc < 0)
        respond_error(call->reply, &err);
    if (call->reply->status < 100 || call->reply->status > 599)
        BUG("%s %s: no answer", route->method, route->pattern);
    if (rc < 0 && call->reply->status == 500)
        BUG("%s %s: %s", route->method, route->pattern, err.message);
}

static bool is_left_out(const struct route *route)
{
    return route->run == api_start_index || route->run == api_watch_index ||
           route->run == api_ask_now || route->run == api_ask_send || route->run == api_sign_in;
}

static void handle_request(const char *method, const char *target, const char *body, size_t size)
{
    struct exchange exchange = {.request = {.method = method,
                                            .target = target,
                                            .address = "127.0.0.1",
                                            .loopback = true,
                                            .body = body,
                                            .content_length = (int64_t)size}};
    struct call call = {
        .server = &server, .request = &exchange.request, .principal = &principal_guest};
    struct error err = ERROR_INIT;
    call.reply = &exchange.request.reply;
    if (target_parse(target, &call.target, &err))
        return;
    call.match = router_find(routes, method, call.target.path);
    const struct route *route = call.match.route;
    if (route && !is_left_out(route) &&
        !target_check_names(&call.target, route->parameters, &err)) {
        call.pool = route->pool;
        call.worker = route->pool == POOL_NOW     ? NULL
                      : route->pool == POOL_WRITE ? &writer
                                                  : &readers;
        answer(&call);
    }
    response_release(call.reply);
    target_release(&call.target);
    json_decref(call.body);
    free(call.folder);
    if (route && route->pool == POOL_WRITE) { /* every input meets the same gallery */
        close_stores();
        fuzz_copy(fuzz_path("sound.db"), server.options.gallery);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (fuzz_begin())
        open_server();
    AUTO_FREE char *text = xstrndup((const char *)data, size);
    size_t method = strcspn(text, " \n"), line = strcspn(text, "\n");
    if (text[method] != ' ' || text[line] != '\n')
        return 0;
    text[method] = text[line] = '\0';
    handle_request(text, text + method + 1, text + line + 1, size - line - 1);
    return 0;
}
