/* SPDX-License-Identifier: MIT */
/* Resolves a folder as people write it to the folder in the gallery. */
#include "search/folder.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "store/listing.h"

static int found_photo(void *context, const struct store_photo *photo)
{
    (void)photo;
    *(bool *)context = true;
    return 0;
}

static int has_photos(struct store *store, const char *folder, bool *ret_has, struct error *err)
{
    struct store_filter filter = {.folder = folder};
    *ret_has = false;
    return store_list_photos(store, &filter, NULL, 0, 1, found_photo, ret_has, err);
}

/* Returns the path with links resolved in its first `end` bytes only; NULL if those do not exist.
 * The caller frees it. */
static char *follow_until(const char *path, size_t end)
{
    AUTO_FREE char *head = xstrndup(path, end);
    AUTO_FREE char *real = realpath(end ? head : "/", NULL);
    AUTO_FREE char *whole = real ? xasprintf("%s%s", real, path + end) : NULL;
    return whole ? path_absolute(whole) : NULL;
}

/* The path of a photo that was indexed through a link contains the link. Therefore this tries the
 * folder with all links resolved, then with all but those in its last component, and so on. */
static int find_known(struct store *store, const char *written, char **ret_folder,
                      struct error *err)
{
    bool has = false;
    int rc = 0;
    for (size_t end = strlen(written); !rc && !has; end--) {
        if (end > 0 && written[end] != '/' && written[end] != '\0')
            continue;
        AUTO_FREE char *tried = follow_until(written, end);
        if (tried)
            rc = has_photos(store, tried, &has, err);
        if (!rc && has) {
            *ret_folder = tried;
            tried = NULL;
        }
        if (end == 0)
            break;
    }
    return rc;
}

int folder_find(struct store *store, const char *given, bool relative, char **ret_folder,
                struct error *err)
{
    AUTO_FREE char *expanded = path_expand_home(given);
    if (expanded[0] != '/' && !relative) {
        *ret_folder = xstrdup(given);
        return 0;
    }
    AUTO_FREE char *resolved = path_resolve(expanded);
    AUTO_FREE char *written = path_absolute(expanded);
    char *known = NULL;
    bool has = true;
    int rc = 0;
    if (strcmp(resolved, written) != 0 && !strstr(expanded, "..")) /* ".." follows the link */
        rc = has_photos(store, resolved, &has, err);
    if (!rc && !has)
        rc = find_known(store, written, &known, err);
    if (!rc)
        *ret_folder = known ? known : xstrdup(resolved);
    return rc;
}
