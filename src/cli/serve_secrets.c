/* SPDX-License-Identifier: MIT */
/* Reads, generates and stores the secrets of `serve`. */
#include "cli/serve_secrets.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/secrecy.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/password_prompt.h"
#include "server/auth.h"
#include "server/password.h"

#define TOKEN_VARIABLE "KEEPSAKE_TOKEN"
#define TOKEN_FILE "serve.token"

static int password_path(char **ret_path, struct error *err)
{
    AUTO_FREE char *folder = file_config_home();
    if (!folder)
        return error_set(err, ERR_NOT_FOUND,
                         "cannot find the config folder: HOME is not set; "
                         "set HOME");
    *ret_path = file_join(folder, "serve.password");
    return 0;
}

static int read_hash(char **ret_hash, struct error *err)
{
    AUTO_FREE char *path = NULL;
    if (password_path(&path, NULL))
        return 0;
    int rc = auth_read_hash(path, ret_hash, err);
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

static int read_token(const char *file, char **ret_token, struct error *err)
{
    const char *variable = getenv(TOKEN_VARIABLE);
    int rc = 0;
    if (file)
        rc = auth_read_token(file, ret_token, err);
    else if (variable && variable[0])
        rc = auth_check_token(variable, TOKEN_VARIABLE, err);
    if (!rc && !file && variable && variable[0])
        *ret_token = xstrdup(variable);
    unsetenv(TOKEN_VARIABLE); /* child processes need not know it */
    return rc;
}

/* Generates the token for `serve`. If it cannot be stored, it is valid for this run. */
int serve_secrets_make(struct serve_secrets *secrets, struct error *err)
{
    struct error why = ERROR_INIT;
    AUTO_FREE char *folder = file_data_home();
    AUTO_FREE char *path = folder ? file_join(folder, TOKEN_FILE) : NULL;
    int rc = path ? auth_keep_token(path, &secrets->token, &why) : ERR_NOT_FOUND;
    secrets->made = true;
    if (!rc) {
        secrets->token_path = xstrdup(path);
        return 0;
    }
    if (path && access(path, F_OK) == 0)
        return error_set(err, rc, "%s", why.message);
    secrets->token = xcalloc(AUTH_TOKEN_SIZE, 1);
    random_hex(secrets->token, AUTH_TOKEN_BYTES);
    return 0;
}

int serve_secrets_read(const char *token_file, struct serve_secrets *ret_secrets, struct error *err)
{
    struct serve_secrets secrets = {.hash = NULL};
    int rc = read_hash(&secrets.hash, err);
    if (!rc)
        rc = read_token(token_file, &secrets.token, err);
    if (rc)
        serve_secrets_release(&secrets);
    else
        *ret_secrets = secrets;
    return rc;
}

void serve_secrets_release(struct serve_secrets *secrets)
{
    secrecy_forget(secrets->hash);
    secrecy_forget(secrets->token);
    free(secrets->token_path);
    *secrets = (struct serve_secrets){.hash = NULL};
}

static int read_password(char **ret_password, struct error *err)
{
    char *again = NULL;
    int rc = password_prompt("New password: ", ret_password, err);
    if (rc || !isatty(STDIN_FILENO))
        return rc;
    rc = password_prompt("Once more: ", &again, err);
    if (!rc && strcmp(*ret_password, again) != 0)
        rc = error_set(err, ERR_INVALID, "the passwords differ; nothing was changed");
    secrecy_forget(again);
    return rc;
}

int serve_set_password(struct error *err)
{
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *hash = NULL;
    char *password = NULL;
    int rc = password_path(&path, err);
    if (!rc)
        rc = read_password(&password, err);
    if (!rc)
        rc = password_hash(password, &hash, err);
    if (!rc)
        rc = auth_write_hash(path, hash, err);
    secrecy_forget(password);
    if (rc)
        return rc;
    output_error("the password is set; its hash is in %s. Restart a running server", path);
    return STATUS_DONE;
}
