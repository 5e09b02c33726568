/* SPDX-License-Identifier: MIT */
/* Gives albums (store/albums.h) their meaning.
 *
 * An album has the photos that its query finds now, without those left out by hand, and those put
 * in by hand. If the query says what photos show, it finds those that match it at least weakly
 * (SEARCH_WEAK); bare words in it are no names of labels. A name that the gallery no longer has,
 * such as a label, selects nothing. In another query `album:NAME` is a criterion.
 *
 *     struct album album;
 *     rc = album_find(store, "Summer", &album, NULL, err);
 *     if (!rc) rc = album_read(store, &album, &query, NULL, err);
 *     if (!rc) rc = search_run(store, clip, id, &(struct search_request){.tree = query.tree,
 *                      .sort = query.sort, .only_matching = true, .k = 10}, &results, err); */
#pragma once

#include "search/understood.h"
#include "store/albums.h"

struct clip;

struct album {
    int64_t id;
    char *name, *folded, *query; /* owned */
    int64_t put_in, left_out;    /* as in struct store_album */
};

void album_release(struct album *album);
/* Gets the album with this name, or with this id. ERR_NOT_FOUND: there is none; *ret_near (may be
 * NULL) is the name of an album with a similar name, which the caller frees, or NULL. ERR_INVALID:
 * not a name. */
int album_find(struct store *store, const char *name, struct album *ret_album, char **ret_near,
               struct error *err) MUST_CHECK;
int album_get(struct store *store, int64_t id, struct album *ret_album,
              struct error *err) MUST_CHECK;

/* Checks a query before it is saved for the album with this name ("" is fine). ERR_INVALID and
 * ERR_NOT_FOUND as understood_read, also if the album would contain itself, directly or through
 * other albums. On failure *ret_fault has the place. */
int album_check(struct store *store, const char *name, const char *query,
                struct syntax_fault *ret_fault, struct error *err) MUST_CHECK;

/* Checks another name for an album with a query. ERR_INVALID: not a name, or with it the album
 * would contain itself. */
int album_check_name(struct store *store, const struct album *album, const char *name,
                     struct error *err) MUST_CHECK;

/* Gives an album another name, also in the queries of the albums that name it. Errors as
 * album_check_name and store_change_album. */
int album_rename(struct store *store, const struct album *album, const char *name,
                 struct error *err) MUST_CHECK;

/* Reads what the album contains. The caller releases *ret_query. *ret_remark (may be NULL) is a
 * sentence about a name in the query that the gallery lacks, which the caller frees, or NULL.
 * ERR_INVALID: the query is wrong, or the album contains itself. */
int album_read(struct store *store, const struct album *album, struct understood *ret_query,
               char **ret_remark, struct error *err) MUST_CHECK;

/* Counts the photos of an album as album_read gave it. `clip` may be NULL if nothing is wanted in
 * the tree; otherwise all photos are graded, which takes seconds for a million. */
int album_count(struct store *store, struct clip *clip, const char *model_id,
                const struct understood *query, int64_t *ret_photos, struct error *err) MUST_CHECK;
