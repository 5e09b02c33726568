/* SPDX-License-Identifier: MIT */
/* Authenticates users: anyone with the password or the token. An open server may be read without
 * signing in; changing rules and spending money still take one of the two. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/principal.h"
#include "server/client.h"
#include "server/guesses.h"
#include "server/http.h"

struct auth;

#define AUTH_TOKEN_BYTES 32
#define AUTH_TOKEN_SIZE (2 * AUTH_TOKEN_BYTES + 1)

struct auth_options {
    const char *hash, *token; /* of the password (password.h), or NULL; token: or NULL. Copied. */
    bool open;                /* no sign-in is needed, except for what only the owner may do */
    int port; /* part of the cookie's name, because browsers share cookies among all ports of a host
               */
};

struct auth *auth_new(const struct auth_options *options);
void auth_free(struct auth *auth); /* NULL is fine */
bool auth_is_required(const struct auth *auth);

/* Who sends the request: the owner, when it has the token ("Authorization: Bearer TOKEN") or a
 * session's cookie; else a guest. */
const struct principal *auth_principal(struct auth *auth, const struct http_request *request);
/* Whether the principal may read: the owner, and on an open server everybody. */
bool auth_allows(const struct auth *auth, const struct principal *principal);

/* Opens a session for a user with the right token: sets the cookie in request->reply. ERR_DENIED:
 * wrong token. ERR_UNSUPPORTED: it may be the password, which takes auth_sign_in. */
int auth_sign_in_by_token(struct auth *auth, struct http_request *request,
                          const struct client *client, const char *secret,
                          struct error *err) MUST_CHECK;
/* The same with the password. Slow (password.h), so only the sign-in thread calls it (sign_ins.h).
 * ERR_DENIED: wrong password; ERR_LIMIT with *ret_wait_s: wrong, and so were too many from that
 * network, so the next attempt has to wait. */
int auth_sign_in(struct auth *auth, struct http_request *request, const struct client *client,
                 const char *secret, double *ret_wait_s, struct error *err) MUST_CHECK;
/* Ends the session of the request's cookie, if there is one, and removes the cookie. */
void auth_sign_out(struct auth *auth, struct http_request *request, const struct client *client);

/* The counters of wrong passwords by network; borrowed. */
struct guesses *auth_guesses(struct auth *auth);

/* ---- secret files: read through one descriptor, whose owner and mode are checked ---- */

/* The file's first line: a token of 16 to 256 printable characters. ERR_DENIED when another user
 * owns the file, or others can read it. The caller frees. */
int auth_read_token(const char *path, char **ret_token, struct error *err) MUST_CHECK;
int auth_check_token(const char *token, const char *where, struct error *err) MUST_CHECK;
/* As auth_read_token, but creates the file with a new token when it is missing. */
int auth_keep_token(const char *path, char **ret_token, struct error *err) MUST_CHECK;
/* Reads the password's hash that auth_write_hash wrote. ERR_NOT_FOUND. */
int auth_read_hash(const char *path, char **ret_hash, struct error *err) MUST_CHECK;
/* Writes the file with mode 0600, replacing an old one atomically; creates the folder. */
int auth_write_hash(const char *path, const char *hash, struct error *err) MUST_CHECK;
