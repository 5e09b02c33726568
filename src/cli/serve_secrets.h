/* Password and token of `serve`: where they come from, and how a password is set. */
#pragma once

#include "base/error.h"

struct serve_secrets {
    char *hash, *token; /* NULL: there is none */
};

/* The hash from $XDG_CONFIG_HOME/keepsake/serve.password, the token from `token_file` (may be
 * NULL), else from KEEPSAKE_TOKEN, which is taken out of the environment. */
int serve_secrets_read(const char *token_file, struct serve_secrets *ret_secrets,
                       struct error *err) MUST_CHECK;
void serve_secrets_release(struct serve_secrets *secrets);

/* Asks on the terminal, twice; without one, reads a line of stdin. An exit status. */
int serve_set_password(struct error *err);
