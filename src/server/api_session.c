/* SPDX-License-Identifier: MIT */
/* Handlers for signing in and out. */
#include "base/json.h"
#include "server/api.h"
#include "server/server_internal.h"

int api_session(struct call *call, struct error *err)
{
    struct auth *auth = call->server->auth;
    (void)err;
    respond_json(call->reply, 200,
                 json_pack("{sbsb}", "required", auth_is_required(auth), "signed_in",
                           auth_allows(auth, call->principal)));
    return 0;
}

/* Runs on the sign-in thread. */
static int sign_in_by_password(struct call *call, const char *password, struct error *err)
{
    double wait_s;
    int rc = auth_sign_in(call->server->auth, call->request, &call->client, password, &wait_s, err);
    if (rc != ERR_LIMIT)
        return rc;
    respond_problem(call->reply, 429, "limit", "%s", err->message);
    respond_header(call->reply, "Retry-After", "%.0f", wait_s + 1);
    return 0;
}

int api_sign_in(struct call *call, struct error *err)
{
    struct auth *auth = call->server->auth;
    const char *secret = json_string_value(json_object_get(call->body, "password"));
    int rc = call_check_keys(call->body, "password", err);
    if (!rc && (!secret || !secret[0]))
        rc = error_set(err, ERR_INVALID, "the body has no \"password\"");
    if (!rc && call->pool == POOL_SIGN_IN)
        rc = sign_in_by_password(call, secret, err);
    else if (!rc)
        rc = auth_sign_in_by_token(auth, call->request, &call->client, secret, err);
    if (rc == ERR_UNSUPPORTED && call->pool != POOL_SIGN_IN)
        return CALL_SLOWLY;
    if (!rc && !call->reply->status)
        respond_empty(call->reply, 204);
    return rc;
}

int api_sign_out(struct call *call, struct error *err)
{
    (void)err;
    auth_sign_out(call->server->auth, call->request, &call->client);
    respond_empty(call->reply, 204);
    /* The browser may cache pictures for a year, but the next user of this browser must not see
     * them. The page's local storage has only settings such as the language, and stays. */
    respond_header(call->reply, "Clear-Site-Data", "\"cache\"");
    return 0;
}
