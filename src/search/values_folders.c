/* SPDX-License-Identifier: MIT */
/* Lists the names of folders as values of in:. */
#include <stdlib.h>
#include <string.h>

#include "base/hash_table.h"
#include "base/memory.h"
#include "base/text.h"
#include "search/values_internal.h"
#include "store/fact_values.h"

struct folder {
    char *path; /* owned */
    int64_t photos;
};

struct name {
    char *text; /* owned */
    int64_t photos;
    const char *last; /* the last path that was counted */
};

struct gathering {
    struct folder *folders;
    size_t count, cap;
    struct name *names;
    size_t name_count, name_cap;
    struct hash_table table;
};

static int take_folder(void *context, const struct store_value *value)
{
    struct gathering *g = context;
    ARRAY_GROW(g->folders, g->cap, g->count + 1);
    g->folders[g->count++] = (struct folder){xstrdup(value->text), value->photos};
    return 0;
}

/* Returns the length of the longest path at or above all folders, without its last name. */
static size_t find_base(const struct gathering *g)
{
    size_t length = g->count ? strlen(g->folders[0].path) : 0;
    for (size_t i = 1; i < g->count; i++) {
        const char *a = g->folders[0].path, *b = g->folders[i].path;
        size_t same = 0;
        while (same < length && a[same] == b[same])
            same++;
        while (same > 0 && !((a[same] == '/' || !a[same]) && (b[same] == '/' || !b[same])))
            same--;
        length = same;
    }
    while (length > 0 && g->folders[0].path[length - 1] != '/')
        length--;
    return length ? length - 1 : 0;
}

static uint32_t hash_of_name(const void *items, size_t item)
{
    const struct name *names = items;
    return hash_table_hash(names[item].text, strlen(names[item].text));
}

static bool has_name(const void *items, size_t item, const void *key)
{
    const struct name *names = items;
    return strcmp(names[item].text, key) == 0;
}

/* Takes ownership of `text`. A name that a path has twice is counted once. */
static void count_name(struct gathering *g, char *text, const struct folder *folder)
{
    uint32_t hash = hash_table_hash(text, strlen(text));
    size_t at = hash_table_find(&g->table, hash, has_name, g->names, text);
    if (at == HASH_TABLE_NONE) {
        at = g->name_count++;
        hash_table_reserve(&g->table, at + 1, hash_of_name, g->names);
        hash_table_add(&g->table, hash, at);
        ARRAY_GROW(g->names, g->name_cap, at + 1);
        g->names[at] = (struct name){.text = text};
    } else {
        free(text);
    }
    if (g->names[at].last != folder->path)
        g->names[at].photos += folder->photos;
    g->names[at].last = folder->path;
}

static void count_names(struct gathering *g, size_t base)
{
    for (size_t i = 0; i < g->count; i++)
        for (const char *at = g->folders[i].path + base; *at == '/';) {
            size_t length = strcspn(at + 1, "/");
            if (length)
                count_name(g, text_printable(at + 1, length), &g->folders[i]);
            at += 1 + length;
        }
}

int values_add_folders(struct store *store, struct candidates *all, struct error *err)
{
    struct gathering g = {.table = HASH_TABLE_INIT};
    int rc = store_list_values(store, NULL, take_folder, &g, err);
    if (!rc)
        count_names(&g, find_base(&g));
    for (size_t i = 0; i < g.name_count; i++) {
        if (!rc)
            values_add(all, g.names[i].text, g.names[i].photos);
        free(g.names[i].text);
    }
    for (size_t i = 0; i < g.count; i++)
        free(g.folders[i].path);
    free(g.folders);
    free(g.names);
    hash_table_release(&g.table);
    return rc;
}
