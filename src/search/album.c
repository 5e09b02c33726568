/* SPDX-License-Identifier: MIT */
/* Finds, checks, reads and counts albums. */
#include "search/album.h"

#include <string.h>

#include "base/suggest.h"
#include "base/text.h"
#include "query/label_name.h"
#include "search/lower.h"
#include "search/search.h"
#include "search/tree_search.h"

void album_release(struct album *album)
{
    free(album->name);
    free(album->folded);
    free(album->query);
    *album = (struct album){.id = 0};
}

static struct album copy_album(const struct store_album *album)
{
    return (struct album){.id = album->id,
                          .name = xstrdup(album->name),
                          .folded = xstrdup(album->folded),
                          .query = xstrdup(album->query),
                          .put_in = album->put_in,
                          .left_out = album->left_out};
}

/* ---- finding ---- */

struct album_search {
    const char *folded; /* NULL: the album with the id */
    int64_t id;
    struct album found;
    struct suggestion near;
    char *near_folded, *near_name; /* owned */
};

static int compare_album(void *context, const struct store_album *album)
{
    struct album_search *search = context;
    if (search->folded ? strcmp(album->folded, search->folded) == 0 : album->id == search->id) {
        search->found = copy_album(album);
        return 1;
    }
    const char *best = search->near.best;
    if (search->folded)
        suggestion_consider(&search->near, album->folded);
    if (search->near.best == best)
        return 0;
    free(search->near_folded);
    free(search->near_name);
    search->near.best = search->near_folded = xstrdup(album->folded);
    search->near_name = xstrdup(album->name);
    return 0;
}

int album_find(struct store *store, const char *name, struct album *ret_album, char **ret_near,
               struct error *err)
{
    AUTO_FREE char *folded = NULL;
    if (ret_near)
        *ret_near = NULL;
    int rc = label_name_fold(name, &folded, err);
    if (rc)
        return rc;
    struct album_search search = {.folded = folded, .near = suggestion_for(folded)};
    rc = store_list_albums(store, compare_album, &search, err);
    free(search.near_folded);
    AUTO_FREE char *near = search.near_name;
    if (rc < 0)
        return rc;
    *ret_album = search.found;
    if (search.found.id)
        return 0;
    AUTO_FREE char *shown = text_printable(name, strlen(name));
    if (ret_near) {
        *ret_near = near;
        near = NULL;
    }
    return error_set(err, ERR_NOT_FOUND, "there is no album %s", shown);
}

int album_get(struct store *store, int64_t id, struct album *ret_album, struct error *err)
{
    struct album_search search = {.id = id};
    int rc = store_list_albums(store, compare_album, &search, err);
    if (rc < 0)
        return rc;
    *ret_album = search.found;
    return search.found.id ? 0
                           : error_set(err, ERR_NOT_FOUND, "there is no album %lld", (long long)id);
}

/* ---- reading ---- */

static int read_album(struct store *store, const struct album *album, bool is_strict,
                      struct syntax_fault *fault, struct query_tree **ret_tree,
                      enum query_sort *ret_sort, struct error *err)
{
    static const struct understood_options options;
    struct lowering l = {.store = store, .options = &options, .fault = fault, .text = album->query};
    return lower_album(&l, album, is_strict, ret_tree, ret_sort, err);
}

int album_check(struct store *store, const char *name, const char *query,
                struct syntax_fault *ret_fault, struct error *err)
{
    AUTO_FREE char *folded = NULL;
    AUTO(query_tree) *tree = NULL;
    enum query_sort sort;
    *ret_fault = (struct syntax_fault){.instead = NULL};
    int rc = label_name_fold(name, &folded, err);
    if (rc || !query[0])
        return rc;
    struct album album = {.name = folded, .folded = folded, .query = (char *)(uintptr_t)query};
    rc = read_album(store, &album, true, ret_fault, &tree, &sort, err);
    return rc;
}

static int can_read(struct store *store, const struct album *album, struct error *err)
{
    struct syntax_fault fault = {.instead = NULL};
    AUTO(query_tree) *tree = NULL;
    enum query_sort sort;
    int rc = read_album(store, album, false, &fault, &tree, &sort, err);
    syntax_fault_release(&fault);
    return rc;
}

int album_check_name(struct store *store, const struct album *album, const char *name,
                     struct error *err)
{
    AUTO_FREE char *folded = NULL;
    struct error why = ERROR_INIT;
    int rc = label_name_fold(name, &folded, err);
    if (rc)
        return rc;
    struct album renamed = *album;
    renamed.folded = folded;
    renamed.name = (char *)(uintptr_t)name;
    rc = can_read(store, &renamed, &why);
    if (rc && can_read(store, album, NULL)) /* it was wrong before */
        rc = 0;
    return rc ? error_set(err, rc, "%s", why.message) : 0;
}

int album_read(struct store *store, const struct album *album, struct understood *ret_query,
               char **ret_remark, struct error *err)
{
    struct syntax_fault fault = {.instead = NULL};
    struct error why = ERROR_INIT;
    struct query_tree *tree;
    enum query_sort sort;
    if (ret_remark)
        *ret_remark = NULL;
    int rc = read_album(store, album, true, &fault, &tree, &sort, &why);
    syntax_fault_release(&fault);
    if (rc == ERR_NOT_FOUND) {
        rc = read_album(store, album, false, &fault, &tree, &sort, err);
        syntax_fault_release(&fault);
        if (!rc && ret_remark)
            *ret_remark = xstrdup(why.message);
    } else if (rc) {
        error_set(err, rc, "%s", why.message);
    }
    if (rc)
        return error_add(err, "the album %s", album->name);
    *ret_query = (struct understood){.tree = tree,
                                     .sort = sort,
                                     .is_listed = !query_tree_is_wanted(tree),
                                     .text = xstrdup(album->query)};
    return 0;
}

/* ---- counting ---- */

int album_count(struct store *store, struct clip *clip, const char *model_id,
                const struct understood *query, int64_t *ret_photos, struct error *err)
{
    AUTO(criteria) *where = NULL;
    AUTO(query_tree) *tree = NULL;
    struct id_list ids = {.ids = NULL};
    if (query->is_listed) {
        int rc = query_tree_decided(query->tree, true, &where, err);
        return rc ? rc : understood_count(store, where, ret_photos, err);
    }
    int rc = search_check_model(store, clip, model_id, err);
    if (!rc)
        rc = tree_resolve(store, clip, query->tree, &tree, err);
    if (!rc)
        rc = tree_search_ids(store, clip, tree ? tree : query->tree, &ids, err);
    if (!rc)
        *ret_photos = (int64_t)ids.count;
    id_list_release(&ids);
    return rc;
}
