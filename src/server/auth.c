#include "server/auth.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/secrecy.h"
#include "server/headers.h"
#include "server/password.h"
#include "server/sessions.h"
#include "server/throttle.h"

/* Wrong passwords from one address: so many at once, then one in so many seconds. */
#define WRONG_AT_ONCE 5
#define WRONG_EVERY_S 20

struct auth {
    char *hash, *token;
    struct sessions *sessions;
    struct throttle *wrong;
};

struct auth *auth_new(const char *hash, const char *token)
{
    struct auth *auth = xcalloc(1, sizeof *auth);
    auth->hash = hash ? xstrdup(hash) : NULL;
    auth->token = token ? xstrdup(token) : NULL;
    auth->sessions = sessions_new();
    auth->wrong = throttle_new(WRONG_AT_ONCE, 1.0 / WRONG_EVERY_S);
    return auth;
}

void auth_free(struct auth *auth)
{
    if (!auth)
        return;
    sessions_free(auth->sessions);
    throttle_free(auth->wrong);
    secrecy_forget(auth->hash);
    secrecy_forget(auth->token);
    free(auth);
}

bool auth_is_required(const struct auth *auth)
{
    return auth->hash || auth->token;
}

static bool has_token(const struct auth *auth, const char *header)
{
    static const char scheme[] = "Bearer ";
    return auth->token && header && strncasecmp(header, scheme, sizeof scheme - 1) == 0 &&
           password_same(header + sizeof scheme - 1, auth->token);
}

bool auth_allows(struct auth *auth, const struct http_request *request)
{
    char name[SESSION_NAME_SIZE];
    if (!auth_is_required(auth) || has_token(auth, http_header(request, "Authorization")))
        return true;
    return cookie_get(http_header(request, "Cookie"), AUTH_COOKIE, name, sizeof name) &&
           sessions_has(auth->sessions, name);
}

/* The browser reached a proxy by TLS: the cookie shall go no other way. */
static const char *secure_mark(const struct http_request *request)
{
    const char *scheme = http_header(request, "X-Forwarded-Proto");
    const char *origin = http_header(request, "Origin");
    bool tls = (scheme && strcasecmp(scheme, "https") == 0) ||
               (origin && strncasecmp(origin, "https://", 8) == 0);
    return tls ? "; Secure" : "";
}

static bool is_right(const struct auth *auth, const char *secret)
{
    return (auth->token && password_same(secret, auth->token)) ||
           (auth->hash && password_fits(secret, auth->hash));
}

int auth_sign_in(struct auth *auth, struct http_request *request, const char *secret,
                 double *ret_wait_s, struct error *err)
{
    *ret_wait_s = throttle_wait(auth->wrong, request->address);
    if (*ret_wait_s > 0)
        return error_set(err, ERR_LIMIT,
                         "too many wrong passwords came from your address: wait %.0f seconds",
                         *ret_wait_s + 1);
    if (!is_right(auth, secret)) {
        throttle_take(auth->wrong, request->address);
        return error_set(err, ERR_DENIED, "this is not the password");
    }
    char name[SESSION_NAME_SIZE];
    sessions_open(auth->sessions, name);
    respond_header(&request->reply, "Set-Cookie",
                   AUTH_COOKIE "=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s", name,
                   SESSION_S, secure_mark(request));
    return 0;
}

void auth_sign_out(struct auth *auth, struct http_request *request)
{
    char name[SESSION_NAME_SIZE];
    if (cookie_get(http_header(request, "Cookie"), AUTH_COOKIE, name, sizeof name))
        sessions_end(auth->sessions, name);
    respond_header(&request->reply, "Set-Cookie",
                   AUTH_COOKIE "=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict%s",
                   secure_mark(request));
}
