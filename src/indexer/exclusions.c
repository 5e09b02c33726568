/* SPDX-License-Identifier: MIT */
/* Stores exclusion patterns and counts of unread files between runs, as JSON in the gallery's
 * notes. */
#include "indexer/exclusions.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "indexer/unread.h"
#include "store/notes.h"

/* Reads a note; gets an empty one if there is none or it has another JSON type. */
static int read_note(struct store *store, const char *name, json_type type, json_t **ret_note,
                     struct error *err)
{
    char *owned;
    int rc = store_get_note(store, name, &owned, err);
    if (rc)
        return rc;
    AUTO_FREE char *text = owned;
    json_t *note = NULL;
    if (!text || json_read_bytes(text, strlen(text), "the gallery's note", &note, NULL))
        note = NULL;
    if (json_typeof(note ? note : json_null()) != type) {
        json_decref(note);
        note = type == JSON_ARRAY ? json_array() : json_object();
    }
    *ret_note = note;
    return 0;
}

static int write_note(struct store *store, const char *name, const json_t *note, struct error *err)
{
    AUTO_FREE char *text = json_dumps(note, JSON_COMPACT);
    return store_set_note(store, name, text, err);
}

static bool has_pattern(const json_t *kept, const char *pattern)
{
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)(uintptr_t)kept, i, item)
    {
        const char *text = json_string_value(item);
        if (text && strcmp(text, pattern) == 0)
            return true;
    }
    return false;
}

static int add_pattern(json_t *kept, const char *pattern, struct error *err)
{
    if (!pattern[strspn(pattern, "/")])
        return error_set(err, ERR_INVALID,
                         "invalid --exclude \"%s\": it would exclude "
                         "everything",
                         pattern);
    if (!text_is_utf8(pattern, strlen(pattern)))
        return error_set(err, ERR_INVALID,
                         "invalid --exclude: the pattern is not UTF-8; write ? for the invalid "
                         "bytes, or put the pattern into a file .keepsakeignore");
    if (!has_pattern(kept, pattern))
        json_array_append_new(kept, json_string(pattern));
    return 0;
}

static int add_patterns(struct store *store, const struct index_options *options, json_t *kept,
                        struct error *err)
{
    size_t before = json_array_size(kept);
    if (options->forget_excluded)
        json_array_clear(kept);
    int rc = 0;
    for (size_t i = 0; i < options->n_excluded && !rc; i++)
        rc = add_pattern(kept, options->excluded[i], err);
    if (!rc && (options->forget_excluded || json_array_size(kept) != before))
        rc = write_note(store, STORE_NOTE_EXCLUDED, kept, err);
    return rc;
}

int exclusions_open(struct store *store, const struct index_options *options,
                    struct exclusions *ret_exclusions, struct error *err)
{
    struct exclusions e = {0};
    int rc = read_note(store, STORE_NOTE_EXCLUDED, JSON_ARRAY, &e.kept, err);
    if (!rc)
        rc = add_patterns(store, options, e.kept, err);
    if (rc) {
        exclusions_close(&e);
        return rc;
    }
    size_t i;
    json_t *item;
    e.patterns = xcalloc(json_array_size(e.kept) + 1, sizeof *e.patterns);
    json_array_foreach(e.kept, i, item)
    {
        if (json_is_string(item))
            e.patterns[e.n++] = json_string_value(item);
    }
    *ret_exclusions = e;
    return 0;
}

void exclusions_close(struct exclusions *exclusions)
{
    free(exclusions->patterns);
    json_decref(exclusions->kept);
    *exclusions = (struct exclusions){0};
}

static void drop_below(json_t *note, const char *path)
{
    const char *folder;
    json_t *counts;
    void *next;
    json_object_foreach_safe(note, next, folder, counts)
    {
        if (path_is_below(folder, path))
            json_object_del(note, folder);
    }
}

/* Deletes the counts of folders below `root`. Returns false if the counts of a folder above cover
 * it, which then stay unchanged. */
static bool make_room(json_t *note, const char *root)
{
    const char *folder;
    json_t *counts;
    json_object_foreach(note, folder, counts)
    {
        if (strcmp(folder, root) != 0 && path_is_below(root, folder))
            return false;
    }
    drop_below(note, root);
    return true;
}

int exclusions_forget_unread(struct store *store, const char *path, struct error *err)
{
    json_t *owned;
    int rc = read_note(store, STORE_NOTE_UNREAD, JSON_OBJECT, &owned, err);
    if (rc)
        return rc;
    AUTO_JSON *note = owned;
    size_t before = json_object_size(note);
    drop_below(note, path);
    return json_object_size(note) == before ? 0 : write_note(store, STORE_NOTE_UNREAD, note, err);
}

int exclusions_record_unread(struct store *store, const struct path_set *roots,
                             const int64_t (*counts)[NAME_UNREAD_KINDS], struct error *err)
{
    json_t *owned;
    int rc = read_note(store, STORE_NOTE_UNREAD, JSON_OBJECT, &owned, err);
    if (rc)
        return rc;
    AUTO_JSON *note = owned;
    AUTO_JSON *before = json_deep_copy(note);
    for (size_t i = 0; i < roots->n; i++) {
        AUTO_FREE char *root = text_printable(roots->paths[i], strlen(roots->paths[i]));
        if (make_room(note, root) && unread_total(counts[i]))
            json_object_set_new(note, root, unread_to_json(counts[i]));
    }
    return json_equal(note, before) ? 0 : write_note(store, STORE_NOTE_UNREAD, note, err);
}

int exclusions_list(struct store *store, json_t **ret_patterns, struct error *err)
{
    return read_note(store, STORE_NOTE_EXCLUDED, JSON_ARRAY, ret_patterns, err);
}

int exclusions_count_unread(struct store *store, int64_t ret_counts[NAME_UNREAD_KINDS],
                            struct error *err)
{
    json_t *owned;
    const char *folder;
    json_t *counts;
    memset(ret_counts, 0, NAME_UNREAD_KINDS * sizeof *ret_counts);
    int rc = read_note(store, STORE_NOTE_UNREAD, JSON_OBJECT, &owned, err);
    if (rc)
        return rc;
    AUTO_JSON *note = owned;
    json_object_foreach(note, folder, counts)
    {
        unread_add_json(ret_counts, counts);
    }
    return 0;
}
