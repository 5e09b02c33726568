/* SPDX-License-Identifier: MIT */
/* Albums: named sets of photos. An album has a saved query, or contents that the owner put in or
 * left out by hand, or both; what the owner did by hand has precedence.
 *
 * The query is a text in the language of query/syntax.h. The store keeps it as it is:
 * search/album.h checks it and gives it its meaning. Like a label, a membership by hand belongs to
 * the photo's content: it survives when the file is moved or forgotten, holds for every copy, and
 * follows an edited photo. Names are compared as those of labels; no two albums have equal names.
 */
#pragma once

#include "store/store.h"

struct store_album {
    int64_t id;
    const char *name;         /* borrowed, as are `folded` and `query` */
    const char *folded;       /* comparison key of the name */
    const char *query;        /* "": only photos that were put in by hand */
    int64_t put_in, left_out; /* number of contents; some may not be in the gallery at present */
};

/* ERR_INVALID: an empty, overlong or malformed name, a name that another album has, or a query that
 * is longer than LIMIT_QUERY_BYTES or not UTF-8; ERR_LIMIT: there are LIMIT_ALBUMS already. */
int store_add_album(struct store *store, const char *name, const char *query, int64_t *ret_id,
                    struct error *err) MUST_CHECK;
/* `name` and `query` may be NULL: no change. Errors as above; ERR_NOT_FOUND. */
int store_change_album(struct store *store, int64_t id, const char *name, const char *query,
                       struct error *err) MUST_CHECK;
/* ERR_NOT_FOUND. Photos are not touched. */
int store_remove_album(struct store *store, int64_t id, struct error *err) MUST_CHECK;
/* Lists the albums in order of folded name. A non-zero return value of `each` ends the iteration
 * and is returned; `each` may read the gallery, but must not change it. A gallery of an older
 * format has none. */
int store_list_albums(struct store *store,
                      int (*each)(void *context, const struct store_album *album), void *context,
                      struct error *err) MUST_CHECK;

enum store_membership {
    STORE_MEMBER_PUT_IN,
    STORE_MEMBER_LEFT_OUT,
    STORE_MEMBER_BY_QUERY, /* the saved query decides again */
};
/* Sets the membership of the contents of n photos, all or none. ERR_NOT_FOUND: no such album or
 * photo; ERR_INVALID: a photo whose content hash is still unknown. */
int store_set_members(struct store *store, int64_t album, const int64_t *photos, size_t n,
                      enum store_membership membership, struct error *err) MUST_CHECK;

struct store_member {
    const char *album; /* its name; borrowed */
    uint8_t hash[HASH_BYTES];
    bool put_in; /* otherwise left out */
};
/* Lists what was done by hand, in order of folded album name. The rules of store_list_albums apply.
 */
int store_list_members(struct store *store,
                       int (*each)(void *context, const struct store_member *member), void *context,
                       struct error *err) MUST_CHECK;
