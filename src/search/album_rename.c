/* SPDX-License-Identifier: MIT */
/* Renames an album, also in the queries of albums that name it. */
#include <string.h>

#include "query/label_name.h"
#include "search/album.h"

/* An album whose query has to change. */
struct mention {
    int64_t album;
    char *query; /* owned: the new one */
};

struct mentions {
    const char *folded, *name; /* the old name, and the new one */
    struct mention *items;
    size_t count, cap;
};

/* Puts the new name in place of the old one; returns whether it was there. */
static bool replace_name(struct syntax *node, const struct mentions *m)
{
    bool any = false;
    bool names = node->kind == SYNTAX_CRITERION && node->keyword->form == KEYWORD_ALBUM;
    for (size_t i = 0; names && i < node->value_count; i++) {
        AUTO_FREE char *folded = NULL;
        struct syntax_value *value = &node->values[i];
        if (label_name_fold(value->text, &folded, NULL) || strcmp(folded, m->folded) != 0)
            continue;
        free(value->text);
        value->text = xstrdup(m->name);
        any = true;
    }
    for (size_t i = 0; i < node->count; i++)
        any |= replace_name(node->parts[i], m);
    return any;
}

static int find_mention(void *context, const struct store_album *album)
{
    struct mentions *m = context;
    struct syntax_query query;
    struct syntax_fault fault;
    if (!album->query[0])
        return 0;
    if (syntax_parse(album->query, &query, &fault, NULL)) {
        syntax_fault_release(&fault);
        return 0;
    }
    if (query.root && replace_name(query.root, m)) {
        ARRAY_GROW(m->items, m->cap, m->count + 1);
        m->items[m->count++] = (struct mention){album->id, syntax_print(&query)};
    }
    syntax_query_release(&query);
    return 0;
}

int album_rename(struct store *store, const struct album *album, const char *name,
                 struct error *err)
{
    AUTO_FREE char *trimmed = label_name_trim(name);
    struct mentions m = {.folded = album->folded, .name = trimmed};
    int rc = album_check_name(store, album, name, err);
    if (!rc)
        rc = store_list_albums(store, find_mention, &m, err);
    if (!rc)
        rc = store_change_album(store, album->id, name, NULL, err);
    for (size_t i = 0; i < m.count; i++) {
        if (!rc)
            rc = store_change_album(store, m.items[i].album, NULL, m.items[i].query, err);
        free(m.items[i].query);
    }
    free(m.items);
    return rc;
}
