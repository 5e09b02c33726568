/* SPDX-License-Identifier: MIT */
/* Who may use the server: whoever knows the password or the token. An open server is read by
 * everybody who reaches it; what is its owner's alone (rules, money) still needs one of the two. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "server/client.h"
#include "server/guesses.h"
#include "server/http.h"

struct auth;

#define AUTH_TOKEN_BYTES 32
#define AUTH_TOKEN_SIZE (2 * AUTH_TOKEN_BYTES + 1)

struct auth_options {
    const char *hash, *token; /* of the password (password.h), or NULL; token: or NULL. Copied. */
    bool open;                /* without a sign-in for what is not its owner's alone */
    int port; /* browsers keep one set of cookies for all ports of a host: it is in the name */
};

struct auth *auth_new(const struct auth_options *options);
void auth_free(struct auth *auth); /* NULL is fine */
bool auth_is_required(const struct auth *auth);

/* Whether the request has the token ("Authorization: Bearer TOKEN") or a session's cookie. */
bool auth_knows(struct auth *auth, const struct http_request *request);
/* The same, or there is no need. */
bool auth_allows(struct auth *auth, const struct http_request *request);

/* Opens a session for who knows the token: sets the cookie in request->reply. ERR_DENIED: it is
 * another. ERR_UNSUPPORTED: it may be the password, which takes auth_sign_in. */
int auth_sign_in_by_token(struct auth *auth, struct http_request *request,
                          const struct client *client, const char *secret,
                          struct error *err) MUST_CHECK;
/* The same by the password. Slow (password.h), so only in the thread of sign_ins.h. ERR_DENIED: it
 * is wrong; ERR_LIMIT with *ret_wait_s: and so were too many from there, the next one has to wait.
 */
int auth_sign_in(struct auth *auth, struct http_request *request, const struct client *client,
                 const char *secret, double *ret_wait_s, struct error *err) MUST_CHECK;
/* Ends the session of the request's cookie, if there is one, and removes the cookie. */
void auth_sign_out(struct auth *auth, struct http_request *request, const struct client *client);

/* What is counted against networks; borrowed. */
struct guesses *auth_guesses(struct auth *auth);

/* ---- files of secrets: read through one descriptor, whose owner and mode are checked ---- */

/* The file's first line: a token of 16 to 256 printable characters. ERR_DENIED when it belongs to
 * others, or others than its owner can read it. The caller frees. */
int auth_read_token(const char *path, char **ret_token, struct error *err) MUST_CHECK;
int auth_check_token(const char *token, const char *where, struct error *err) MUST_CHECK;
/* The token of a file that is made, with a new token, when it is not there. */
int auth_keep_token(const char *path, char **ret_token, struct error *err) MUST_CHECK;
/* The same for the file with the password's hash, which auth_write_hash wrote. ERR_NOT_FOUND. */
int auth_read_hash(const char *path, char **ret_hash, struct error *err) MUST_CHECK;
/* With mode 0600; the folder is made. Replaces what was there at once. */
int auth_write_hash(const char *path, const char *hash, struct error *err) MUST_CHECK;
