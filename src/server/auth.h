/* Who may use the server: whoever knows the password or the token; everybody when there is neither
 * (this machine's own programs, as it listens to nobody else then). */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "server/http.h"

struct auth;

#define AUTH_COOKIE "keepsake_session"

/* hash: of the password (password.h), or NULL; token: or NULL. Copied. */
struct auth *auth_new(const char *hash, const char *token);
void auth_free(struct auth *auth); /* NULL is fine */
bool auth_is_required(const struct auth *auth);

/* Whether the request has the token ("Authorization: Bearer TOKEN") or a session's cookie. */
bool auth_allows(struct auth *auth, const struct http_request *request);
/* Opens a session for who knows the secret: sets the cookie in request->reply. Slow (password.h).
 * ERR_DENIED: it is wrong; ERR_LIMIT with *ret_wait_s: too many wrong ones came from there. */
int auth_sign_in(struct auth *auth, struct http_request *request, const char *secret,
                 double *ret_wait_s, struct error *err) MUST_CHECK;
/* Ends the session of the request's cookie, if there is one, and removes the cookie. */
void auth_sign_out(struct auth *auth, struct http_request *request);

/* The file's first line: a token of 16 to 256 printable characters. ERR_DENIED when others than
 * its owner can read the file. The caller frees. */
int auth_read_token(const char *path, char **ret_token, struct error *err) MUST_CHECK;
int auth_check_token(const char *token, const char *where, struct error *err) MUST_CHECK;
/* The same for the file with the password's hash, which auth_write_hash wrote. ERR_NOT_FOUND. */
int auth_read_hash(const char *path, char **ret_hash, struct error *err) MUST_CHECK;
/* With mode 0600; the folder is made. Replaces what was there at once. */
int auth_write_hash(const char *path, const char *hash, struct error *err) MUST_CHECK;
