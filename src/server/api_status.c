/* SPDX-License-Identifier: MIT */
/* Handlers of /status, /health, /failures, /ledger, /metrics and the API's own document. */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "forms/forms.h"
#include "server/api.h"
#include "server/asks.h"
#include "server/indexing.h"
#include "server/list_call.h"
#include "server/openapi.h"
#include "server/server_internal.h"
#include "store/ledger.h"

#define METRICS_BYTES ((size_t)4 << 20)

int api_openapi(struct call *call, struct error *err)
{
    (void)err;
    respond_header(call->reply, "Cache-Control", "no-cache");
    if (!call_is_unchanged(call, openapi_etag()))
        respond_borrowed(call->reply, 200, "application/json", openapi_text(), openapi_size());
    return 0;
}

static int get_status(struct call *call, struct store_status *ret_status, struct error *err)
{
    struct store *store;
    int rc = call_store(call, &store, err);
    return rc ? rc : store_status(store, ret_status, err);
}

int api_health(struct call *call, struct error *err)
{
    struct store_status status;
    int rc = get_status(call, &status, err);
    if (rc) {
        worker_failed(call->worker, rc);
        respond_problem(call->reply, 503, "gallery", "the gallery cannot be read");
        return 0;
    }
    respond_json(call->reply, 200, json_pack("{ss}", "status", "ok"));
    return 0;
}

/* Thumbnails are only a cache: failures are ignored here. */
static struct thumbs_status count_thumbs(struct server *server)
{
    struct thumbs *thumbs = server->options.thumbs;
    struct thumbs_status status = {0, 0};
    struct error why;
    if (thumbs && thumbs_get_status(thumbs, &status, &why))
        server_log(server, "thumbnails: %s", why.message);
    return status;
}

int api_status(struct call *call, struct error *err)
{
    struct store_status status;
    struct store *store;
    json_t *object;
    int rc = get_status(call, &status, err);
    if (!rc)
        rc = call_store(call, &store, err);
    if (rc)
        return rc;
    AUTO_FREE char *gallery = form_gallery_name(call->server->options.gallery);
    struct thumbs_status thumbs = count_thumbs(call->server);
    rc = form_status(store, &status, gallery, &thumbs, &object, err);
    if (rc)
        return rc;
    json_object_set_new(object, "indexing",
                        json_boolean(indexing_is_running(call->server->indexing)));
    respond_json(call->reply, 200, object);
    return 0;
}

/* ---- failures ---- */

struct failure_page {
    json_t *list;
    int64_t first, end, at;
    bool more;
};

static int add_failure(void *context, const struct store_failure *failure)
{
    struct failure_page *page = context;
    page->more = page->at >= page->end;
    if (page->at++ < page->first || page->more)
        return page->more;
    json_array_append_new(page->list, form_failure(failure));
    return 0;
}

int api_failures(struct call *call, struct error *err)
{
    static const struct list_shape shape = {
        .most = 1000, .usual = 100, .number = "cursor", .number_max = INT32_MAX};
    struct list_call list;
    int rc = list_begin(call, &shape, &list, err);
    if (rc)
        return rc;
    AUTO_JSON *failures = json_array();
    struct failure_page page = {
        .list = failures, .first = list.number, .end = list.number + (int64_t)list.count};
    rc = store_list_failures(list.store, add_failure, &page, err);
    if (rc < 0)
        return rc;
    AUTO_FREE char *next = page.more ? xasprintf("%lld", (long long)page.end) : NULL;
    json_t *object = json_object();
    json_object_set(object, "failures", failures);
    json_object_set_new(object, "next_cursor", form_text(next));
    respond_json(call->reply, 200, object);
    return 0;
}

/* ---- ledger ---- */

struct ledger_page {
    json_t *list;
    size_t limit;
};

static int add_entry(void *context, const struct ledger_entry *entry)
{
    struct ledger_page *page = context;
    json_array_append_new(page->list, form_ledger_entry(entry));
    return json_array_size(page->list) >= page->limit;
}

int api_ledger(struct call *call, struct error *err)
{
    static const struct list_shape shape = {
        .most = 1000, .usual = 100, .number = "since", .number_max = INT64_MAX};
    struct list_call list;
    int rc = list_begin(call, &shape, &list, err);
    if (rc)
        return rc;
    AUTO_JSON *entries = json_array();
    struct ledger_page page = {entries, list.count};
    rc = store_ledger_newest(list.store, list.number, add_entry, &page, err);
    if (rc < 0)
        return rc;
    respond_json(call->reply, 200, json_pack("{sO}", "entries", entries));
    return 0;
}

/* ---- metrics ---- */

/* The resident memory of this process in bytes; NAN without /proc. */
static double resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long all, resident;
    if (!file)
        return NAN;
    int n = fscanf(file, "%lu %lu", &all, &resident);
    fclose(file);
    return n == 2 ? (double)resident * (double)sysconf(_SC_PAGESIZE) : NAN;
}

static double open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    double n = 0;
    if (!folder)
        return NAN;
    while (readdir(folder))
        n++;
    closedir(folder);
    return n - 3; /* ".", ".." and the folder itself */
}

static int add_gauges(struct call *call, const struct store_status *status, struct strbuf *text,
                      struct error *err)
{
    struct server *s = call->server;
    struct connections *connections = s->connections;
    const struct {
        const char *name, *help;
        double value;
    } gauges[] = {
        {"keepsake_photos", "Photos in the gallery.", (double)status->photos},
        {"keepsake_failed_files", "Files that could not be indexed.", (double)status->failed},
        {"keepsake_gallery_bytes", "Size of the gallery on disk.", (double)status->bytes},
        {"keepsake_index_running", "1 during an index run.", indexing_is_running(s->indexing)},
        {"keepsake_connections", "Connections there are.", (double)connections_count(connections)},
        {"keepsake_connections_busy", "Connections with a request in progress.",
         (double)connections_busy(connections)},
        {"keepsake_waiting_searches", "Searches waiting for a thread.",
         (double)workers_waiting(s->workers, POOL_SEARCH)},
        {"keepsake_waiting_slow", "Decodes and questions waiting for a thread.",
         (double)workers_waiting(s->workers, POOL_SLOW)},
        {"keepsake_upload_bytes", "Request bodies being received or processed.",
         (double)atomic_load(&s->reserved)},
        {"keepsake_conversations", "Conversations about photos.", (double)asks_count(s->asks)},
        {"process_resident_memory_bytes", "Memory in use.", resident_bytes()},
        {"process_open_fds", "Open files and sockets.", open_files()},
    };
    int rc = 0;
    for (size_t i = 0; !rc && i < sizeof gauges / sizeof *gauges; i++)
        rc = metrics_gauge(text, gauges[i].name, gauges[i].help, gauges[i].value, err);
    return rc;
}

int api_metrics(struct call *call, struct error *err)
{
    struct store_status status;
    struct strbuf text = STRBUF_INIT(METRICS_BYTES);
    int rc = get_status(call, &status, err);
    if (!rc)
        rc = metrics_write(call->server->metrics, &text, err);
    if (!rc)
        rc = add_gauges(call, &status, &text, err);
    size_t size = text.length;
    if (!rc)
        respond_memory(call->reply, 200, "text/plain; version=0.0.4; charset=utf-8",
                       strbuf_take(&text), size);
    strbuf_release(&text);
    return rc;
}
