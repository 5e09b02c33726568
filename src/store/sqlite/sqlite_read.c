/* SPDX-License-Identifier: MIT */
/* Reads photos, vectors and the status of a gallery. */
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "store/sqlite/sqlite_internal.h"

/* Reads a fact; returns false if it is unknown. */
static bool read_fact(sqlite3_stmt *row, int column, const struct fact *fact,
                      struct photo_facts *facts)
{
    if (sqlite3_column_type(row, column) == SQLITE_NULL)
        return false;
    if (!fact_is_text(fact))
        return fact_set_number(fact, facts, sqlite3_column_double(row, column));
    const unsigned char *text = sqlite3_column_text(row, column);
    fact_set_text(fact, facts, text ? (const char *)text : "");
    return true;
}

void sqlite_read_facts(sqlite3_stmt *row, int first, struct photo_facts *ret_facts)
{
    const struct fact *lacking[FACT_COUNT];
    size_t n = 0;
    *ret_facts = (struct photo_facts){.width = 0};
    for (size_t i = 0; i < FACT_COUNT; i++)
        if (fact_table[i].since && !read_fact(row, first++, &fact_table[i], ret_facts))
            lacking[n++] = &fact_table[i];
    while (n > 0) /* a place needs all of its columns */
        fact_clear(lacking[--n], ret_facts);
}

static int no_photo(const struct sqlite *s, int64_t id, struct error *err)
{
    return error_set(err, ERR_NOT_FOUND, "the gallery %s has no photo %lld", s->store.name,
                     (long long)id);
}

void sqlite_read_photo(sqlite3_stmt *row, struct store_photo *ret_photo)
{
    *ret_photo = (struct store_photo){
        .id = sqlite3_column_int64(row, 0),
        .path = xstrdup((const char *)sqlite3_column_text(row, 1)),
        .size = sqlite3_column_int64(row, 2),
        .mtime_ns = sqlite3_column_int64(row, 3),
    };
    if (sqlite3_column_bytes(row, 4) == HASH_BYTES)
        memcpy(ret_photo->hash, sqlite3_column_blob(row, 4), HASH_BYTES);
    sqlite_read_facts(row, 5, &ret_photo->facts);
}

int sqlite_get_photo(struct store *store, int64_t id, struct store_photo *ret_photo,
                     struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_follow(s, err);
    if (rc)
        return rc;
    struct query q = query_start(s, "SELECT " SQLITE_PHOTO " FROM photo WHERE id = ?");
    query_int(&q, id);
    rc = query_next(&q, err);
    if (rc > 0)
        sqlite_read_photo(q.statement, ret_photo);
    query_end(&q);
    if (rc <= 0)
        return rc < 0 ? rc : no_photo(s, id, err);
    rc = sqlite_get_damage(s, ret_photo, err);
    if (rc)
        store_photo_release(ret_photo);
    return rc;
}

static int refuse_vector(struct sqlite *s, int64_t id, struct error *err)
{
    struct store_photo photo;
    int rc = sqlite_get_photo(&s->store, id, &photo, NULL);
    AUTO_FREE char *path = rc ? xasprintf("photo %lld", (long long)id)
                              : text_printable(photo.path, strlen(photo.path));
    if (!rc)
        store_photo_release(&photo);
    return error_set(
        err, ERR_CORRUPT,
        "the vector of %s in the gallery %s is damaged: run `keepsake index` on its folder to "
        "repair it",
        path, s->store.name);
}

int sqlite_fetch_vector(struct sqlite *s, int64_t id, float *ret_vector, struct error *err)
{
    struct query q = query_start(s, "SELECT " SQLITE_VECTOR " FROM vector WHERE photo = ?");
    query_int(&q, id);
    int rc = query_next(&q, err);
    bool found = rc > 0, sound = found && sqlite_read_vector(s, q.statement, 0, ret_vector);
    query_end(&q);
    if (rc < 0)
        return rc;
    if (!found)
        return no_photo(s, id, err);
    return sound ? 0 : refuse_vector(s, id, err);
}

int sqlite_get_vector(struct store *store, int64_t id, float *ret_vector, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_follow(s, err);
    if (!rc)
        rc = sqlite_check_model(s, err);
    return rc ? rc : sqlite_fetch_vector(s, id, ret_vector, err);
}

static int64_t file_bytes(const char *path, const char *suffix)
{
    AUTO_FREE char *name = xasprintf("%s%s", path, suffix);
    struct stat info;
    return stat(name, &info) == 0 ? info.st_size : 0;
}

int sqlite_find_photo(struct store *store, const char *path, int64_t *ret_id, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int64_t id;
    int rc = sqlite_follow(s, err);
    if (rc)
        return rc;
    struct query q = query_start(s, "SELECT id FROM photo WHERE path = ?");
    query_text(&q, path);
    rc = query_get_int(&q, &id, err);
    if (rc)
        return rc;
    if (!id) {
        AUTO_FREE char *name = text_printable(path, strlen(path));
        return error_set(err, ERR_NOT_FOUND,
                         "the gallery %s has no photo %s: add it with `keepsake index`",
                         s->store.name, name);
    }
    *ret_id = id;
    return 0;
}

static int count_records(struct sqlite *s, struct store_status *status, struct error *err)
{
    bool has;
    int rc = sqlite_has_records(s, &has, err);
    if (rc || !has)
        return rc;
    struct query q = query_start(s, "SELECT count(*) FROM label");
    rc = query_get_int(&q, &status->labels, err);
    if (rc)
        return rc;
    q = query_start(s, "SELECT count(*) FROM rule");
    rc = query_get_int(&q, &status->rules, err);
    if (rc)
        return rc;
    q = query_start(s, "SELECT count(*) FROM ledger");
    rc = query_get_int(&q, &status->ledger_entries, err);
    if (!rc)
        rc = sqlite_has_format(s, 4, &has, err);
    if (rc || !has)
        return rc;
    q = query_start(s, "SELECT count(*) FROM album");
    return query_get_int(&q, &status->albums, err);
}

int sqlite_read_status(struct sqlite *s, struct store_status *status, struct error *err)
{
    struct query q = query_start(s, "SELECT count(*) FROM photo");
    int rc = query_get_int(&q, &status->photos, err);
    if (rc)
        return rc;
    q = query_start(s, "SELECT count(*) FROM failure");
    rc = query_get_int(&q, &status->failed, err);
    if (rc)
        return rc;
    q = query_start(s, "SELECT changed_at FROM gallery");
    rc = query_get_int(&q, &status->last_change, err);
    if (!rc)
        rc = sqlite_get_version(s, &status->schema_version, err);
    if (!rc)
        rc = count_records(s, status, err);
    if (!rc)
        rc = sqlite_count_damaged(s, &status->damaged, err);
    if (rc)
        return rc;
    int64_t bound;
    q = query_start(s, "SELECT EXISTS (SELECT 1 FROM model)");
    rc = query_get_int(&q, &bound, err);
    status->bound = !rc && bound;
    return rc || !bound ? rc : sqlite_get_model(&s->store, &status->model, err);
}

int sqlite_status(struct store *store, struct store_status *ret_status, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    struct store_status status = {.kind = "sqlite"};
    int rc = sqlite_begin_read(s, err);
    if (rc)
        return rc;
    rc = sqlite_finish(s, sqlite_read_status(s, &status, err), err);
    if (rc)
        return rc;
    status.bytes = file_bytes(s->path, "") + file_bytes(s->path, "-wal");
    *ret_status = status;
    return 0;
}
