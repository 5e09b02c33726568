/* SPDX-License-Identifier: MIT */
/* Counts the photos of the gallery that a never-send rule covers, in one walk over all of them. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ask/rule_set.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "store/listing.h"

struct hashes {
    uint8_t (*items)[HASH_BYTES];
    size_t count, cap;
};

struct reach {
    const struct rule_set *set;
    int64_t covered;
    struct hashes inside;  /* contents of covered photos */
    struct hashes outside; /* contents of all others */
    char *folder, *real;   /* of the previous photo, and the target of its links */
};

static void add_hash(struct hashes *hashes, const uint8_t hash[HASH_BYTES])
{
    static const uint8_t unknown[HASH_BYTES];
    if (memcmp(hash, unknown, HASH_BYTES) == 0)
        return;
    ARRAY_GROW(hashes->items, hashes->cap, hashes->count + 1);
    memcpy(hashes->items[hashes->count++], hash, HASH_BYTES);
}

/* Photos arrive folder by folder, so the links in a path are resolved once per folder. */
static void enter_folder(struct reach *reach, const char *path)
{
    AUTO_FREE char *folder = file_parent(path);
    if (reach->folder && strcmp(reach->folder, folder) == 0)
        return;
    free(reach->folder);
    free(reach->real);
    reach->real = realpath(folder, NULL);
    reach->folder = xstrdup(folder);
}

static bool folder_covers(const struct rule_set *set, const char *path)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct rule_set_item *rule = &set->items[i];
        if (rule->kind == STORE_RULE_FOLDER &&
            (path_is_below(path, rule->value) || (rule->real && path_is_below(path, rule->real))))
            return true;
    }
    return false;
}

static bool covers_place(struct reach *reach, const char *path)
{
    struct stat info;
    if (folder_covers(reach->set, path))
        return true;
    enter_folder(reach, path);
    AUTO_FREE char *place = reach->real ? file_join(reach->real, file_name(path)) : xstrdup(path);
    if (folder_covers(reach->set, place))
        return true;
    if (lstat(place, &info) < 0 || !S_ISLNK(info.st_mode))
        return false;
    AUTO_FREE char *real = realpath(place, NULL);
    return real && folder_covers(reach->set, real);
}

static int sort_file(void *context, const struct store_file *file)
{
    struct reach *reach = context;
    if (file->failed)
        return 0;
    bool inside = covers_place(reach, file->path);
    reach->covered += inside;
    add_hash(inside ? &reach->inside : &reach->outside, file->hash);
    return 0;
}

static int compare_hashes(const void *a, const void *b)
{
    return memcmp(a, b, HASH_BYTES);
}

static void count_copies(struct reach *reach)
{
    struct hashes *inside = &reach->inside;
    if (inside->count == 0)
        return;
    qsort(inside->items, inside->count, HASH_BYTES, compare_hashes);
    for (size_t i = 0; i < reach->outside.count; i++)
        reach->covered += bsearch(reach->outside.items[i], inside->items, inside->count, HASH_BYTES,
                                  compare_hashes) != NULL;
}

static int count_folders(const struct rule_set *set, int64_t *ret_photos, struct error *err)
{
    struct reach reach = {.set = set};
    int rc = store_list_files(set->store, NULL, sort_file, &reach, err);
    if (!rc)
        count_copies(&reach);
    *ret_photos = reach.covered;
    free(reach.inside.items);
    free(reach.outside.items);
    free(reach.folder);
    free(reach.real);
    return rc;
}

/* ---- labels ---- */

static int count_month(void *context, const struct store_month *month)
{
    *(int64_t *)context += month->photos;
    return 0;
}

int rule_reach(struct store *store, const struct store_rule *rule, int64_t *ret_photos,
               struct error *err)
{
    struct store_filter filter = {.label = rule->value};
    struct rule_set set;
    int64_t photos = 0;
    if (rule->kind == STORE_RULE_LABEL) {
        int rc = store_list_months(store, &filter, count_month, &photos, err);
        *ret_photos = photos;
        return rc;
    }
    rule_set_of(store, rule, &set);
    int rc = count_folders(&set, ret_photos, err);
    rule_set_release(&set);
    return rc;
}
