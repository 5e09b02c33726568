#include "base/json.h"
#include "server/api.h"
#include "server/parts.h"

int api_session(struct call *call, struct error *err)
{
    struct auth *auth = call->server->auth;
    (void)err;
    respond_json(call->reply, 200,
                 json_pack("{sbsb}", "required", auth_is_required(auth), "signed_in",
                           auth_allows(auth, call->request)));
    return 0;
}

int api_sign_in(struct call *call, struct error *err)
{
    const char *password = json_string_value(json_object_get(call->body, "password"));
    double wait_s;
    int rc = call_check_keys(call->body, "password", err);
    if (!rc && (!password || !password[0]))
        rc = error_set(err, ERR_INVALID, "the body has no \"password\"");
    if (rc)
        return rc;
    if (!auth_is_required(call->server->auth)) {
        respond_empty(call->reply, 204);
        return 0;
    }
    rc = auth_sign_in(call->server->auth, call->request, password, &wait_s, err);
    if (rc == ERR_LIMIT) {
        respond_problem(call->reply, 429, "limit", "%s", err->message);
        respond_header(call->reply, "Retry-After", "%.0f", wait_s + 1);
        return 0;
    }
    if (!rc)
        respond_empty(call->reply, 204);
    return rc;
}

int api_sign_out(struct call *call, struct error *err)
{
    (void)err;
    auth_sign_out(call->server->auth, call->request);
    respond_empty(call->reply, 204);
    return 0;
}
