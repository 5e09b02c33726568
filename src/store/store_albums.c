/* SPDX-License-Identifier: MIT */
/* Checks albums before a backend sees them. */
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "query/label_name.h"
#include "store/check.h"
#include "store/store_internal.h"

int store_check_album_query(const char *query, struct error *err)
{
    if (strlen(query) > LIMIT_QUERY_BYTES)
        return error_set(err, ERR_INVALID,
                         "the album's query of %zu bytes is too long: %zu at most", strlen(query),
                         LIMIT_QUERY_BYTES);
    return text_is_utf8(query, strlen(query))
               ? 0
               : error_set(err, ERR_INVALID,
                           "the album's query is not UTF-8 text: check its encoding");
}

int store_fold_album_name(const char *name, char **ret_folded, struct error *err)
{
    if (!name[strspn(name, " ")])
        return error_set(err, ERR_INVALID, "the album's name is empty: give it a name");
    return label_name_fold(name, ret_folded, err);
}

int store_refuse_album_name(const char *name, struct error *err)
{
    return error_set(err, ERR_INVALID,
                     "there is an album named %s already: change that one, or take another name",
                     name);
}

int store_refuse_member(const char *album, struct error *err)
{
    AUTO_FREE char *shown = text_printable(album, strlen(album));
    return error_set(err, ERR_NOT_FOUND, "there is no album named %s for a photo of it", shown);
}

int store_refuse_albums(struct error *err)
{
    return error_set(err, ERR_LIMIT, "there are %d albums already, which is the most: remove one",
                     LIMIT_ALBUMS);
}

int store_add_album(struct store *store, const char *name, const char *query, int64_t *ret_id,
                    struct error *err)
{
    char *key;
    int rc = store_check_album_query(query, err);
    if (!rc)
        rc = store_fold_album_name(name, &key, err);
    if (rc)
        return rc;
    AUTO_FREE char *folded = key;
    AUTO_FREE char *trimmed = label_name_trim(name);
    return store->backend->add_album(store, trimmed, folded, query, ret_id, err);
}

int store_change_album(struct store *store, int64_t id, const char *name, const char *query,
                       struct error *err)
{
    char *key = NULL;
    int rc = query ? store_check_album_query(query, err) : 0;
    if (!rc && name)
        rc = store_fold_album_name(name, &key, err);
    if (rc)
        return rc;
    AUTO_FREE char *folded = key;
    AUTO_FREE char *trimmed = name ? label_name_trim(name) : NULL;
    return store->backend->change_album(store, id, trimmed, folded, query, err);
}
