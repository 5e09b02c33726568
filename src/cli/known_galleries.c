/* SPDX-License-Identifier: MIT */
/* The list of this user's galleries, and the report for a new one. */
#include "cli/known_galleries.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_replace.h"
#include "base/memory.h"
#include "base/text.h"

#define LIST_BYTES_MAX ((size_t)64 << 10)
#define GALLERIES_MAX 32

/* ---- the list: one path per line, the most recently used first ---- */

struct gallery_list {
    char *paths[GALLERIES_MAX];
    size_t count;
};

static void add_path(struct gallery_list *list, const char *path, size_t length)
{
    for (size_t i = 0; i < list->count; i++)
        if (strlen(list->paths[i]) == length && memcmp(list->paths[i], path, length) == 0)
            return;
    if (length > 0 && list->count < GALLERIES_MAX)
        list->paths[list->count++] = xstrndup(path, length);
}

static char *list_path(void)
{
    AUTO_FREE char *folder = file_state_home();
    return folder ? file_join(folder, "galleries") : NULL;
}

/* An unreadable list is empty: it is only a hint. */
static void read_list(struct gallery_list *list)
{
    AUTO_FREE char *path = list_path();
    struct file file;
    if (!path || file_read(path, LIST_BYTES_MAX, &file, NULL))
        return;
    for (const char *at = (const char *)file.data; *at;) {
        size_t n = strcspn(at, "\n");
        add_path(list, at, n);
        at += n + (at[n] == '\n');
    }
    file_release(&file);
}

static void release_list(struct gallery_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->paths[i]);
}

static void write_list(const struct gallery_list *list)
{
    AUTO_FREE char *path = list_path();
    char *text = xstrdup("");
    for (size_t i = 0; i < list->count; i++) {
        AUTO_FREE char *before = text;
        text = xasprintf("%s%s\n", before, list->paths[i]);
    }
    AUTO_FREE char *owned = text;
    AUTO_FREE char *folder = path ? file_parent(path) : NULL;
    struct error ignored; /* only a hint is lost */
    if (path && !file_make_folders(folder, &ignored) &&
        file_replace(path, owned, strlen(owned), 0600, &ignored))
        return;
}

void gallery_is_used(const struct context *context)
{
    const char *own = context->settings.gallery;
    struct gallery_list list = {.count = 0}, old = {.count = 0};
    if (!store_is_file(own) || strchr(own, '\n'))
        return;
    read_list(&old);
    if (old.count == 0 || strcmp(old.paths[0], own) != 0) {
        add_path(&list, own, strlen(own));
        for (size_t i = 0; i < old.count; i++)
            add_path(&list, old.paths[i], strlen(old.paths[i]));
        write_list(&list);
    }
    release_list(&list);
    release_list(&old);
}

/* ---- a new gallery ---- */

bool gallery_is_there(const struct context *context)
{
    AUTO(store) *store = NULL;
    struct error why;
    return store_open(context->settings.gallery, STORE_READ, &store, &why) != ERR_NOT_FOUND;
}

static char *count_text(int64_t n, const char *what)
{
    return xasprintf("%" PRId64 " %s%s", n, what, n == 1 ? "" : "s");
}

/* Whether the other gallery has records, which it then reports. */
static bool tell_records(const struct context *context, const char *other)
{
    AUTO(store) *store = NULL;
    struct store_status status;
    struct error why;
    if (access(other, R_OK) < 0 || store_open(other, STORE_READ, &store, &why) ||
        store_status(store, &status, &why) || status.labels + status.rules + status.albums == 0)
        return false;
    AUTO_FREE char *labels = count_text(status.labels, "label");
    AUTO_FREE char *rules = count_text(status.rules, "never-send rule");
    AUTO_FREE char *count = count_text(status.albums, "album");
    AUTO_FREE char *albums = status.albums ? xasprintf(", %s", count) : xstrdup("");
    AUTO_FREE char *own = context_name(context->settings.gallery);
    AUTO_FREE char *name = text_printable(other, strlen(other));
    context_note(context,
                 "the gallery %s has %s%s and %s, which do not apply to this new gallery: to copy "
                 "them, run `keepsake --gallery %s import --records-only %s`",
                 name, labels, albums, rules, own, name);
    return true;
}

void gallery_was_made(struct context *context)
{
    const char *own = context->settings.gallery;
    struct gallery_list list = {.count = 0};
    AUTO_FREE char *home = file_data_home();
    AUTO_FREE char *usual = home ? file_join(home, "gallery.db") : NULL;
    bool told = false;
    read_list(&list);
    if (usual)
        add_path(&list, usual, strlen(usual));
    for (size_t i = 0; i < list.count && !told && !context->brings_records; i++)
        if (strcmp(list.paths[i], own) != 0)
            told = tell_records(context, list.paths[i]);
    release_list(&list);
    gallery_is_used(context);
}
