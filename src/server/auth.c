/* SPDX-License-Identifier: MIT */
/* Checks tokens, passwords and session cookies. */
#include "server/auth.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/secrecy.h"
#include "server/headers.h"
#include "server/password.h"
#include "server/sessions.h"

#define COOKIE "keepsake_session"
#define USUAL_PORT 8420

struct auth {
    char *hash, *token, *cookie;
    bool open;
    struct sessions *sessions;
    struct guesses *guesses;
};

struct auth *auth_new(const struct auth_options *options)
{
    struct auth *auth = xcalloc(1, sizeof *auth);
    auth->hash = options->hash ? xstrdup(options->hash) : NULL;
    auth->token = options->token ? xstrdup(options->token) : NULL;
    auth->open = options->open;
    auth->cookie =
        options->port == USUAL_PORT ? xstrdup(COOKIE) : xasprintf(COOKIE "_%d", options->port);
    auth->sessions = sessions_new();
    auth->guesses = guesses_new();
    return auth;
}

void auth_free(struct auth *auth)
{
    if (!auth)
        return;
    sessions_free(auth->sessions);
    guesses_free(auth->guesses);
    secrecy_forget(auth->hash);
    secrecy_forget(auth->token);
    free(auth->cookie);
    free(auth);
}

bool auth_is_required(const struct auth *auth)
{
    return !auth->open && (auth->hash || auth->token);
}

struct guesses *auth_guesses(struct auth *auth)
{
    return auth->guesses;
}

static bool has_token(const struct auth *auth, const char *header)
{
    static const char scheme[] = "Bearer ";
    return auth->token && header && strncasecmp(header, scheme, sizeof scheme - 1) == 0 &&
           password_same(header + sizeof scheme - 1, auth->token);
}

static bool has_session(const struct auth *auth, const char *header)
{
    char name[SESSION_NAME_SIZE];
    return cookie_get(header, auth->cookie, name, sizeof name) &&
           sessions_has(auth->sessions, name);
}

const struct principal *auth_principal(struct auth *auth, const struct http_request *request)
{
    bool is_owner = has_token(auth, http_header(request, "Authorization")) ||
                    has_session(auth, http_header(request, "Cookie"));
    return is_owner ? &principal_owner : &principal_guest;
}

bool auth_allows(const struct auth *auth, const struct principal *principal)
{
    return !auth_is_required(auth) || principal_is_owner(principal);
}

/* The browser reached a proxy by TLS: the cookie must not be sent without it. */
static const char *secure_mark(const struct http_request *request, const struct client *client)
{
    const char *origin = http_header(request, "Origin");
    bool tls = client->tls || (origin && strncasecmp(origin, "https://", 8) == 0);
    return tls ? "; Secure" : "";
}

static void set_cookie(const struct auth *auth, struct http_request *request,
                       const struct client *client, const char *value, int seconds)
{
    respond_header(&request->reply, "Set-Cookie",
                   "%s=%s; Path=%s/; Max-Age=%d; HttpOnly; SameSite=Strict%s", auth->cookie, value,
                   client->base, seconds, secure_mark(request, client));
}

static void open_session(struct auth *auth, struct http_request *request,
                         const struct client *client)
{
    char name[SESSION_NAME_SIZE];
    sessions_open(auth->sessions, name);
    set_cookie(auth, request, client, name, SESSION_S);
}

int auth_sign_in_by_token(struct auth *auth, struct http_request *request,
                          const struct client *client, const char *secret, struct error *err)
{
    if (!auth->token && !auth->hash) /* no secret is configured */
        return 0;
    if (auth->token && password_same(secret, auth->token)) {
        open_session(auth, request, client);
        return 0;
    }
    if (auth->hash)
        return error_set(err, ERR_UNSUPPORTED, "wrong token");
    return error_set(err, ERR_DENIED, "wrong token");
}

int auth_sign_in(struct auth *auth, struct http_request *request, const struct client *client,
                 const char *secret, double *ret_wait_s, struct error *err)
{
    bool had_to_wait = guesses_guilt(auth->guesses, client->network) > 0;
    bool right = auth->hash && password_fits(secret, auth->hash);
    guesses_add(auth->guesses, client->network, right);
    if (right) {
        open_session(auth, request, client);
        return 0;
    }
    if (!had_to_wait)
        return error_set(err, ERR_DENIED, "wrong password");
    double left = guesses_next_at(auth->guesses, client->network) - clock_seconds();
    *ret_wait_s = left > 0 ? left : 0;
    return error_set(err, ERR_LIMIT,
                     "wrong password, after too many wrong ones from your network: the next one "
                     "is checked in %.0f seconds",
                     *ret_wait_s + 1);
}

void auth_sign_out(struct auth *auth, struct http_request *request, const struct client *client)
{
    char name[SESSION_NAME_SIZE];
    if (cookie_get(http_header(request, "Cookie"), auth->cookie, name, sizeof name))
        sessions_end(auth->sessions, name);
    set_cookie(auth, request, client, "", 0);
}
