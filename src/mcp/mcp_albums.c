/* SPDX-License-Identifier: MIT */
/* The tool list_albums. */
#include "ask/retrieve.h"
#include "base/text.h"
#include "mcp/mcp_tools.h"
#include "search/album.h"
#include "search/search.h"

struct album_names {
    char **names; /* owned */
    size_t count, cap;
};

static int note_name(void *context, const struct store_album *album)
{
    struct album_names *all = context;
    ARRAY_GROW(all->names, all->cap, all->count + 1);
    all->names[all->count++] = xstrdup(album->name);
    return 0;
}

static int note_photo(void *context, struct search_result *result, bool *ret_taken,
                      struct error *err)
{
    (void)result;
    (void)err;
    *(bool *)context = *ret_taken = true;
    return 0;
}

/* Finds out whether the album has a photo that the client may know of. An album that cannot be read
 * has none. */
static int has_known_photo(struct mcp *mcp, const char *name, bool *ret_has, struct error *err)
{
    struct album album;
    struct understood query;
    struct retrieval retrieval;
    struct error why;
    *ret_has = false;
    if (album_find(mcp->store, name, &album, NULL, &why))
        return 0;
    int rc = album_read(mcp->store, &album, &query, NULL, &why);
    album_release(&album);
    if (rc == ERR_INVALID || rc == ERR_LIMIT)
        return 0;
    if (rc)
        return error_set(err, rc, "%s", why.message);
    struct retrieve_request request = {
        .search = {.tree = query.tree, .sort = query.sort, .only_matching = true, .k = 1},
        .include_weak = true,
        .offer = note_photo,
        .context = ret_has};
    rc = retrieve(mcp->store, mcp->clip, mcp->model_id, &request, &retrieval, err);
    if (!rc)
        retrieval_release(&retrieval);
    understood_release(&query);
    return rc;
}

int mcp_list_albums(struct mcp *mcp, const json_t *input, struct mcp_reply *reply,
                    struct error *err)
{
    struct album_names all = {.names = NULL};
    json_t *albums = json_array();
    (void)input;
    int rc = mcp->facts == TELL_NOTHING ? 0 : store_list_albums(mcp->store, note_name, &all, err);
    for (size_t i = 0; i < all.count; i++) {
        bool has = false;
        if (!rc)
            rc = has_known_photo(mcp, all.names[i], &has, err);
        if (has)
            json_array_append_new(albums, json_pack("{s:s}", "name", all.names[i]));
        free(all.names[i]);
    }
    free(all.names);
    if (rc) {
        json_decref(albums);
        return rc;
    }
    mcp_answer(reply, json_pack("{s:o}", "albums", albums));
    return 0;
}
