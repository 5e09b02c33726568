/* SPDX-License-Identifier: MIT */
/* Finds a photo of the gallery by the path or the id that a person gave. */
#include "cli/photo_name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/paths.h"
#include "store/labels.h"

static bool is_id(const char *name, int64_t *ret_id)
{
    if (!name[0] || name[strspn(name, "0123456789")] || access(name, F_OK) == 0)
        return false;
    errno = 0;
    *ret_id = strtoll(name, NULL, 10);
    return errno == 0;
}

/* A photo is stored under the path that its links lead to; one that was indexed through another
 * link may be stored under the path as written. */
static int find_path(struct store *store, const char *name, int64_t *ret_id, struct error *err)
{
    AUTO_FREE char *resolved = path_resolve(name);
    AUTO_FREE char *written = path_absolute(name);
    struct error why = ERROR_INIT;
    int rc = store_find_photo(store, resolved, ret_id, &why);
    if (rc == ERR_NOT_FOUND)
        rc = store_find_photo(store, written, ret_id, &why);
    if (rc == ERR_NOT_FOUND) {
        AUTO_FREE char *shown = text_printable(name, strlen(name));
        return error_set(err, rc,
                         "the gallery has no photo %s: run `keepsake index` to add it, and "
                         "`keepsake status --failures` to see whether it failed",
                         shown);
    }
    return rc ? error_set(err, rc, "%s", why.message) : 0;
}

int photo_named(struct store *store, const char *name, struct store_photo *ret_photo,
                struct error *err)
{
    int64_t id;
    int rc = is_id(name, &id) ? 0 : find_path(store, name, &id, err);
    return rc ? rc : store_get_photo(store, id, ret_photo, err);
}
