/* SPDX-License-Identifier: MIT */
/* Password and token of `serve`: where they come from, and how a password is set. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

struct serve_secrets {
    char *hash, *token; /* NULL: there is none */
    bool made;          /* the token was not given, but made by serve_secrets_make */
    char *token_path;   /* where that is kept; NULL: nowhere */
};

/* The hash from $XDG_CONFIG_HOME/keepsake/serve.password, the token from `token_file` (may be
 * NULL), else from KEEPSAKE_TOKEN, which is taken out of the environment. */
int serve_secrets_read(const char *token_file, struct serve_secrets *ret_secrets,
                       struct error *err) MUST_CHECK;
/* Makes the token of a server that was given no secret: 32 random bytes in hexadecimal digits, kept
 * in $XDG_DATA_HOME/keepsake/serve.token (mode 0600) for the next start, or nowhere where that
 * cannot be written. ERR_DENIED, ERR_CORRUPT: the file is there and is no good. */
int serve_secrets_make(struct serve_secrets *secrets, struct error *err) MUST_CHECK;
void serve_secrets_release(struct serve_secrets *secrets);

/* Asks on the terminal, twice; without one, reads a line of stdin. An exit status. */
int serve_set_password(struct error *err);
