/* SPDX-License-Identifier: MIT */
/* The last conversation about a gallery, kept for --continue. */
#include <string.h>

#include "base/file.h"
#include "base/file_replace.h"
#include "base/hash.h"
#include "base/json.h"
#include "cli/ask_run.h"

#define HISTORY_BYTES_MAX ((size_t)64 << 20)

/* Returns $XDG_STATE_HOME/keepsake/ask-<hash of the gallery's name>.json; NULL without HOME. */
static char *history_path(const struct ask_run *run)
{
    AUTO_FREE char *folder = file_state_home();
    AUTO_FREE char *gallery = context_name(run->context->settings.gallery);
    uint8_t digest[HASH_BYTES];
    char hex[HASH_HEX_SIZE];
    hash_bytes(gallery, strlen(gallery), digest);
    AUTO_FREE char *name = xasprintf("ask-%.16s.json", hash_hex(digest, hex));
    return folder ? file_join(folder, name) : NULL;
}

int ask_history_load(struct ask_run *run, struct error *err)
{
    AUTO_JSON *saved = NULL;
    AUTO_FREE char *path = history_path(run);
    int rc = path ? json_read_file(path, HISTORY_BYTES_MAX, &saved, err) : ERR_NOT_FOUND;
    if (rc == ERR_NOT_FOUND)
        return error_set(err, rc,
                         "cannot continue: there is no conversation about this "
                         "gallery; ask without --continue");
    if (!rc)
        rc = ask_restore(run->ask, saved, err);
    return rc ? error_add(err, "cannot continue the last conversation") : 0;
}

int ask_history_save(const struct ask_run *run, struct error *err)
{
    AUTO_FREE char *path = history_path(run);
    if (!path)
        return 0;
    AUTO_FREE char *folder = file_parent(path);
    AUTO_JSON *saved = ask_save(run->ask);
    AUTO_FREE char *text = json_dumps(saved, JSON_COMPACT);
    int rc = file_make_folders(folder, err);
    if (!rc && text && (rc = file_replace(path, text, strlen(text), 0600, err)))
        return error_add(err, "cannot save the conversation");
    return rc;
}
