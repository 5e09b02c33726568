/* SPDX-License-Identifier: MIT */
/* `keepsake serve`: serves the gallery over HTTP. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/omp_reexec.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "cli/serve_page.h"
#include "cli/serve_secrets.h"
#include "cli/service_manager.h"
#include "cli/thumbnails.h"
#include "server/server.h"

#define DEFAULT_PORT 8420
#define STOP_S 20.0
#define TICK_NS 50000000L

struct serve_options {
    const char *bind;
    int64_t port;
    bool open, set_password, no_auth;
    struct argument_list host_names, trusted_proxies;
    const char *base_path;
    const char *token_file;
    int64_t rate, connections;
};

#define DEFAULT_BIND "127.0.0.1"

#define AT(field) offsetof(struct serve_options, field)

static const struct option_spec options[] = {
    {.name = "bind",
     .kind = OPTION_TEXT,
     .offset = AT(bind),
     .value = "ADDRESS",
     .help = "address to listen on (default: 127.0.0.1); addresses that other machines can "
             "reach need a password or token"},
    {.name = "port",
     .kind = OPTION_NUMBER,
     .offset = AT(port),
     .value = "N",
     .help = "port (default: 8420)",
     .min = 1,
     .max = 65535},
    {.name = "open",
     .kind = OPTION_FLAG,
     .offset = AT(open),
     .help = "open the page in the browser"},
    {.name = "host-name",
     .kind = OPTION_LIST,
     .offset = AT(host_names),
     .value = "NAME",
     .help = "an additional host name of this server, such as a proxy's; may be repeated"},
    {.name = "trusted-proxy",
     .kind = OPTION_LIST,
     .offset = AT(trusted_proxies),
     .value = "ADDRESS[/LEN]",
     .help = "a proxy whose X-Forwarded-* or Forwarded headers are trusted; may be repeated"},
    {.name = "base-path",
     .kind = OPTION_TEXT,
     .offset = AT(base_path),
     .value = "PATH",
     .help = "the path of the page at the proxy, such as /photos"},
    {.name = "no-auth",
     .kind = OPTION_FLAG,
     .offset = AT(no_auth),
     .help = "let every user and program of this machine use the server without a token"},
    {.name = "set-password",
     .kind = OPTION_FLAG,
     .offset = AT(set_password),
     .help = "ask for a password, store its hash in the config folder, and exit"},
    {.name = "token-file",
     .kind = OPTION_TEXT,
     .offset = AT(token_file),
     .value = "FILE",
     .help = "file with a token for programs, readable only by you (or set KEEPSAKE_TOKEN)",
     .complete = COMPLETE_FILES},
    {.name = "rate",
     .kind = OPTION_NUMBER,
     .offset = AT(rate),
     .value = "N",
     .help = "maximum requests per second from one address (default: 500; unlimited from this "
             "machine)",
     .min = 1,
     .max = SERVE_RATE_MAX},
    {.name = "connections",
     .kind = OPTION_NUMBER,
     .offset = AT(connections),
     .value = "N",
     .help = "maximum number of simultaneous connections (default: 1024)",
     .min = SERVE_CONNECTIONS_MIN,
     .max = SERVE_CONNECTIONS_MAX},
    {.name = NULL},
};

static void on_log(void *context, const char *sentence)
{
    (void)context;
    output_error("%s", sentence);
}

/* ---- while the server runs ---- */

static void warm_up(struct context *context)
{
    AUTO_FREE float *vector = xmalloc(clip_dim(context->clip) * sizeof *vector);
    struct error err;
    if (clip_embed_text(context->clip, "a photo", vector, NULL, &err))
        output_error("%s", err.message);
}

static int serve_gallery(struct context *context, const struct serve_options *o,
                         const struct serve_secrets *secrets,
                         const struct server_options *server_options, struct error *err)
{
    struct server *server;
    int rc = server_start(server_options, &server, err);
    if (rc)
        return rc;
    interrupt_catch();
    const struct serve_page page = {.bind = o->bind,
                                    .port = server_port(server),
                                    .base_path = o->base_path,
                                    .secrets = secrets,
                                    .open = o->open};
    AUTO_FREE char *redirect = serve_page_announce(context, &page);
    context_remark_model(context);
    warm_up(context);
    service_notify("READY=1\nSTATUS=serving");
    while (!interrupt_requested())
        nanosleep(&(struct timespec){.tv_nsec = TICK_NS}, NULL);
    service_notify("STOPPING=1\nSTATUS=finishing requests in progress");
    context_note(context, "stopping after the requests in progress");
    if (redirect)
        unlink(redirect);
    server_stop(server, STOP_S);
    return STATUS_DONE;
}

/* ---- before the server starts ---- */

/* Resolves the folders that the page may index to absolute paths. */
static int resolve_folders(const struct argument_list *operands, struct argument_list *ret_folders,
                           struct error *err)
{
    for (size_t i = 0; i < operands->count; i++) {
        const char *path = operands->items[i].text;
        if (access(path, F_OK) < 0)
            return error_errno(err, errno, "cannot index %s", path);
        argument_list_add(ret_folders, path_resolve(path), 0);
    }
    return 0;
}

/* If there are folders to index, a missing gallery is created. */
static int open_gallery(struct context *context, bool make, struct error *err)
{
    int rc = context_open_gallery(context, STORE_READ, err);
    if (rc == ERR_NOT_FOUND && make)
        rc = context_make_gallery(context, NULL, err);
    if (!rc)
        rc = context_open_model(context, err);
    store_close(context->store); /* the server opens its own handle */
    context->store = NULL;
    return rc;
}

static struct argument_list copy_list(const struct argument_list *list)
{
    struct argument_list copy = {NULL, 0, 0};
    for (size_t i = 0; i < list->count; i++)
        argument_list_add(&copy, list->items[i].text, list->items[i].order);
    return copy;
}

static const char **texts_of(const struct argument_list *list)
{
    const char **texts = xcalloc(list->count + 1, sizeof *texts);
    for (size_t i = 0; i < list->count; i++)
        texts[i] = list->items[i].text;
    return texts;
}

static void fill_options(struct server_options *s, const struct context *context,
                         const struct serve_options *o, const struct serve_secrets *secrets)
{
    *s = (struct server_options){
        .bind = o->bind,
        .port = (int)o->port,
        .host_name_count = o->host_names.count,
        .gallery = context->settings.gallery,
        .clip = context->clip,
        .model_id = context->choice.id,
        .thumbs = context->thumbs,
        .index_threads = (int)context->settings.threads,
        .password_hash = secrets->hash,
        .token = secrets->token,
        .open = o->no_auth,
        .base_path = o->base_path,
        .requests_per_second = (double)o->rate,
        .connections = (size_t)o->connections,
        .llm = settings_llm(&context->settings),
        .ask_facts = settings_telling(&context->settings),
        .ask_more = (int)context->settings.ask_more,
        .log = on_log,
    };
}

/* A server that only this machine can reach generates its own secret if it was given none. */
static int read_secrets(const struct serve_options *o, struct serve_secrets *ret_secrets,
                        struct error *err)
{
    int rc = serve_secrets_read(o->token_file, ret_secrets, err);
    bool none = !rc && !ret_secrets->hash && !ret_secrets->token;
    if (none && server_is_loopback(o->bind) && o->host_names.count == 0)
        rc = serve_secrets_make(ret_secrets, err);
    if (!rc && o->no_auth)
        output_error("--no-auth: every user and program of this machine can see and search all "
                     "photos and their paths, add labels, re-index folders, and read the "
                     "ledger. Never-send rules and questions that cost money still need the "
                     "token or password");
    return rc;
}

/* Takes options that the command line does not give from the environment and the config file. */
static void choose_settings(struct serve_options *o, const struct serve_settings *settings)
{
    const char *bind = settings->bind ? settings->bind : DEFAULT_BIND;
    o->bind = o->bind ? o->bind : bind;
    o->port = o->port ? o->port : settings->port;
    o->port = o->port ? o->port : DEFAULT_PORT;
    o->base_path = o->base_path ? o->base_path : settings->base_path;
    o->token_file = o->token_file ? o->token_file : settings->token_file;
    o->rate = o->rate ? o->rate : settings->rate;
    o->connections = o->connections ? o->connections : settings->connections;
}

/* Fills an empty list with the parts of a setting (may be NULL), each with its ~ expanded; the
 * settings own the strings. */
static void choose_list(struct context *context, const char *setting, const char *between,
                        struct argument_list *list)
{
    AUTO_FREE char *words = setting && list->count == 0 ? xstrdup(setting) : NULL;
    char *rest = words, *word;
    while (rest && (word = strtok_r(rest, between, &rest))) {
        char *whole = path_expand_home(word);
        argument_list_add(&context->settings.owned, whole, 0);
        argument_list_add(list, whole, 0);
    }
}

static int prepare_and_serve(struct context *context, const struct serve_options *o,
                             const struct argument_list *folders, struct error *err)
{
    struct serve_secrets secrets = {.hash = NULL};
    int rc = read_secrets(o, &secrets, err);
    if (!rc)
        rc = open_gallery(context, folders->count > 0, err);
    if (!rc) {
        struct server_options s;
        thumbnails_open(context);
        if (!context->thumbs) /* even with a full disk, the page shows every picture */
            context->thumbs = thumbs_new_unkept();
        AUTO_FREE const char **names = texts_of(&o->host_names);
        AUTO_FREE const char **paths = texts_of(folders);
        AUTO_FREE const char **trusted = texts_of(&o->trusted_proxies);
        fill_options(&s, context, o, &secrets);
        s.host_names = names;
        s.folders = paths;
        s.folder_count = folders->count;
        s.trusted_proxies = trusted;
        s.trusted_proxy_count = o->trusted_proxies.count;
        rc = serve_gallery(context, o, &secrets, &s, err);
    }
    serve_secrets_release(&secrets);
    return rc;
}

static int run_serve(struct context *context, const void *chosen,
                     const struct argument_list *operands, struct error *err)
{
    const struct serve_options *given = chosen;
    const struct settings *settings = &context->settings;
    if (given->set_password)
        return serve_set_password(err);
    omp_reexec_passive();
    struct serve_options o = *given;
    struct argument_list named = {NULL, 0, 0}, folders = {NULL, 0, 0};
    o.host_names = copy_list(&given->host_names);
    o.trusted_proxies = copy_list(&given->trusted_proxies);
    choose_settings(&o, &settings->serve);
    choose_list(context, settings->serve.host_names, ", \t", &o.host_names);
    choose_list(context, settings->trusted_proxy, ", \t", &o.trusted_proxies);
    if (operands->count == 0)
        choose_list(context, settings->serve.folders, ":", &named);
    int rc = resolve_folders(operands->count ? operands : &named, &folders, err);
    if (!rc)
        rc = prepare_and_serve(context, &o, &folders, err);
    for (size_t i = 0; i < folders.count; i++)
        free((void *)(uintptr_t)folders.items[i].text);
    argument_list_release(&folders);
    argument_list_release(&named);
    argument_list_release(&o.host_names);
    argument_list_release(&o.trusted_proxies);
    return rc;
}

static const struct example examples[] = {
    {"keepsake serve --open", "open the gallery in the browser"},
    {"keepsake serve ~/Pictures", "let the page re-index the folder"},
    {"keepsake serve --set-password", "required for access from other machines"},
    {"keepsake serve --bind 0.0.0.0", "serve the other devices at home"},
    {"keepsake serve --trusted-proxy 127.0.0.1 --base-path /photos", "behind nginx, below /photos"},
    {NULL, NULL},
};

const struct command command_serve = {
    .name = "serve",
    .summary = "the gallery as a web page and an HTTP API",
    .usage = "[--bind ADDRESS] [--port N] [--open] [FOLDER...]\n--set-password",
    .description =
        "Prints the address and serves until it is interrupted; it then completes the requests "
        "in progress. The page may re-index the FOLDERs. In a PostgreSQL gallery, rows that other "
        "programs insert without a vector are filled from their files as they come. "
        "/api/v1/openapi.json of the server describes the API. The config file supplies settings "
        "that are not given on the command "
        "line: bind, port, host-name, folders (separated by colons), base-path, token-file, "
        "trusted-proxy, rate and connections.\n\n"
        "By default the server is reachable only from this machine, and only its owner can use "
        "it: without a password or token, the server generates a token, stores it in "
        "~/.local/share/keepsake/serve.token, and prints an address that signs the browser in; "
        "--open opens that address. All other addresses, and names given with --host-name, need "
        "a password (--set-password) or a token (--token-file, or KEEPSAKE_TOKEN): browsers "
        "sign in with either, programs send `Authorization: Bearer TOKEN`. The server has no "
        "TLS: on a shared network, put a proxy with TLS in front of it. docs/serve.md explains "
        "this, with a systemd unit and a Dockerfile.",
    .examples = examples,
    .options = options,
    .options_size = sizeof(struct serve_options),
    .operands = COMPLETE_FILES,
    .uses_llm = true,
    .decodes = true,
    .run = run_serve,
};
