/* SPDX-License-Identifier: MIT */
/* Handlers of /index: start, stop and watch the index run. */
#include "server/api.h"
#include "server/indexing.h"
#include "server/server_internal.h"

int api_index(struct call *call, struct error *err)
{
    (void)err;
    respond_json(call->reply, 200, indexing_state(call->server->indexing));
    return 0;
}

/* Settings that the server lacks are not the client's fault. */
static int refuse_busy(struct call *call, int rc, const struct error *err)
{
    if (rc != ERR_LIMIT)
        return rc;
    respond_problem(call->reply, 503, "busy", "%s", err->message);
    respond_header(call->reply, "Retry-After", "5");
    return 0;
}

int api_start_index(struct call *call, struct error *err)
{
    int rc = indexing_start(call->server->indexing, err);
    if (rc)
        return refuse_busy(call, rc, err);
    respond_json(call->reply, 202, indexing_state(call->server->indexing));
    return 0;
}

int api_stop_index(struct call *call, struct error *err)
{
    if (!indexing_stop(call->server->indexing))
        return error_set(err, ERR_MISMATCH, "no index run is in progress");
    respond_json(call->reply, 202, indexing_state(call->server->indexing));
    return 0;
}

int api_watch_index(struct call *call, struct error *err)
{
    struct events *events;
    int rc = indexing_watch(call->server->indexing, &events, err);
    if (rc)
        return refuse_busy(call, rc, err);
    respond_events(call->reply, events);
    return 0;
}
