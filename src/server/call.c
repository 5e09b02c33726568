/* SPDX-License-Identifier: MIT */
/* Helpers that handlers share: the gallery, folders, ETags and checked JSON keys. */
#include "server/call.h"

#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "server/headers.h"
#include "server/server_internal.h"

int call_store(struct call *call, struct store **ret_store, struct error *err)
{
    return worker_store(call->worker, ret_store, err);
}

bool call_is_unchanged(struct call *call, const char *etag)
{
    respond_header(call->reply, "ETag", "\"%s\"", etag);
    if (!etag_matches(http_header(call->request, "If-None-Match"), etag, true))
        return false;
    respond_empty(call->reply, 304);
    return true;
}

void call_reply_tagged(struct call *call, json_t *object)
{
    uint8_t digest[HASH_BYTES];
    char hex[HASH_HEX_SIZE];
    respond_json(call->reply, 200, object);
    hash_bytes(call->reply->data, call->reply->size, digest);
    hash_hex(digest, hex)[24] = '\0';
    respond_header(call->reply, "Cache-Control", "private, no-cache");
    call_is_unchanged(call, hex);
}

bool call_is_owners(struct call *call, const char *deed)
{
    if (principal_is_owner(call->principal))
        return true;
    if (auth_is_required(call->server->auth)) {
        respond_problem(call->reply, 401, "sign_in",
                        "sign-in required: sign in with the password or token, or send "
                        "`Authorization: Bearer TOKEN`");
        respond_header(call->reply, "WWW-Authenticate", "Bearer");
        return false;
    }
    respond_problem(call->reply, 403, "owner_only",
                    "%s needs the owner's token or password even with --no-auth: send "
                    "`Authorization: Bearer TOKEN`, or start `keepsake serve` without --no-auth "
                    "and sign in",
                    deed);
    return false;
}

static bool is_word(const char *words, const char *key)
{
    size_t length = strlen(key);
    for (const char *at = words; (at = strstr(at, key)); at += length)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

int call_check_keys(const json_t *object, const char *known, struct error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        if (key[0] && is_word(known, key))
            continue;
        AUTO_FREE char *shown = text_printable(key, strlen(key));
        return error_set(err, ERR_INVALID, "unknown key '%.80s'; the keys are: %s", shown, known);
    }
    return 0;
}
