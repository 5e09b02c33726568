/* SPDX-License-Identifier: MIT */
/* Records folders in the gallery for the next run. */
#include <string.h>

#include "indexer/gallery_folders.h"

/* Maximum number of recorded disks that alternate at one path; beyond it, the oldest is dropped. */
#define MOST_IDENTITIES 8
#define AT_ONCE 1000

/* The identity of folders that contained photos before identities were recorded. */
static const struct identity unknown_identity;

static size_t count_identities(const char *text, const struct identity *wanted, bool *ret_has)
{
    struct identity identity;
    size_t n = 0;
    for (*ret_has = false; identity_read(&text, &identity); n++)
        *ret_has = *ret_has || identity_same_folder(&identity, wanted);
    return n;
}

/* The caller frees. */
static char *append_identity(const struct folder *folder, const char *now)
{
    const char *before = folder->recorded;
    char unknown[IDENTITY_TEXT_SIZE];
    bool has;
    size_t n = count_identities(before, &folder->identity, &has);
    if (has && n > 1)
        return xstrdup(before);
    if (n == 0) {
        identity_write(&unknown_identity, unknown);
        before = unknown;
    }
    if (n >= MOST_IDENTITIES)
        before += strcspn(before, " ") + 1;
    return xasprintf("%s %s", before, now);
}

/* Returns the identities to record; NULL: no change. The caller frees them. */
static char *choose_identities(const struct folder *folder)
{
    char now[IDENTITY_TEXT_SIZE];
    if (!folder->has_identity || (!folder->n_known && !folder->has_photos))
        return NULL;
    identity_write(&folder->identity, now);
    switch (folder->verdict) {
    case FOLDER_HERE: /* also for new folders */
        return xstrdup(now);
    case FOLDER_SHARED:
    case FOLDER_ELSEWHERE:
    case FOLDER_REPLACED:
        return folder->has_photos ? append_identity(folder, now) : NULL;
    case FOLDER_MISSING:
    case FOLDER_EMPTY:
    case FOLDER_UNREADABLE:
        break;
    }
    return NULL;
}

int folders_record(struct folders *folders, struct store *store, struct error *err)
{
    AUTO_FREE struct store_folder *rows = xcalloc(AT_ONCE, sizeof *rows);
    size_t n = 0;
    int rc = 0;
    for (size_t i = 0; i < folders->n && !rc; i++) {
        struct folder *folder = &folders->items[i];
        AUTO_FREE char *text = choose_identities(folder);
        if (text && strcmp(text, folder->recorded) != 0) {
            folder->recorded = arena_copy(&folders->texts, text);
            rows[n++] = (struct store_folder){folder->path, folder->recorded, folder->absent_since};
        }
        if (n == 0 || (n < AT_ONCE && i + 1 < folders->n))
            continue;
        rc = store_set_folders(store, rows, n, err);
        n = 0;
    }
    return rc;
}
