/* SPDX-License-Identifier: MIT */
/* Adds, renames, removes and lists labels. */
#include <string.h>

#include "store/check.h"
#include "store/postgres/postgres_internal.h"

/* $1 hash, $2 folded, $3 to $6 the box, $7 name */
static const char put_sql[] =
    "INSERT INTO keepsake_label (hash, folded, x, y, width, height, name, checksum) SELECT *,"
    " " POSTGRES_LABEL_SUM " FROM (SELECT $1::bytea AS hash, $2::text AS folded, $3::float8 AS x,"
    " $4::float8 AS y, $5::float8 AS width, $6::float8 AS height, $7::text AS name) AS new"
    " ON CONFLICT DO NOTHING";
static const char find_sql[] =
    "SELECT id FROM keepsake_label WHERE hash = $1 AND folded = $2"
    " AND x IS NOT DISTINCT FROM $3::float8 AND y IS NOT DISTINCT FROM $4::float8"
    " AND width IS NOT DISTINCT FROM $5::float8 AND height IS NOT DISTINCT FROM $6::float8";

static void args_label(struct postgres_args *args, const struct store_label *label,
                       const char *folded)
{
    const double box[] = {label->box.x, label->box.y, label->box.width, label->box.height};
    args_bytes(args, label->hash, HASH_BYTES);
    args_text(args, folded);
    for (size_t i = 0; i < 4; i++)
        if (label->has_box)
            args_double(args, box[i]);
        else
            args_text(args, NULL);
}

int postgres_send_label(struct postgres *p, const struct store_label *label, const char *folded,
                        struct error *err)
{
    struct postgres_args args = {0};
    args_label(&args, label, folded);
    args_text(&args, label->name);
    return postgres_pipeline_send(p, put_sql, &args, err);
}

/* ---- adding ---- */

struct adding {
    int64_t photo, id;
    const char *folded;
    struct store_label label;
};

static int read_hash(struct postgres *p, struct adding *a, struct error *err)
{
    struct postgres_args args = {0};
    static const uint8_t unknown[HASH_BYTES];
    PGresult *owned;
    args_int(&args, a->photo);
    int rc =
        postgres_query(p, "SELECT hash, path_key FROM image_gallery WHERE id = $1::bigint LIMIT 1",
                       &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    if (!PQntuples(row))
        return error_set(err, ERR_NOT_FOUND, "the gallery %s has no photo %lld", p->store.name,
                         (long long)a->photo);
    value_hash(row, 0, 0, a->label.hash);
    AUTO_FREE char *path = value_copy(row, 0, 1);
    return memcmp(a->label.hash, unknown, HASH_BYTES) ? 0 : store_refuse_unread(path, err);
}

/* The second statement sees a label that another process added while the first waited for it. */
static int add(struct postgres *p, void *context, struct error *err)
{
    struct adding *a = context;
    struct postgres_args put = {0}, find = {0};
    PGresult *owned;
    int rc = read_hash(p, a, err);
    args_label(&put, &a->label, a->folded);
    args_label(&find, &a->label, a->folded);
    args_text(&put, a->label.name);
    if (!rc)
        rc = postgres_run(p, put_sql, &put, NULL, err);
    if (!rc)
        rc = postgres_query(p, find_sql, &find, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    if (!PQntuples(row)) /* and removed it immediately */
        return error_set(err, ERR_IO, "another program has just removed the label: try again");
    a->id = value_int(row, 0, 0);
    return 0;
}

int postgres_add_label(struct store *store, int64_t photo, const char *name, const char *folded,
                       const struct store_box *box, int64_t *ret_id, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct adding a = {
        .photo = photo, .folded = folded, .label = {.name = name, .has_box = box != NULL}};
    if (box)
        a.label.box = *box;
    int rc = postgres_write(p, add, &a, err);
    if (!rc)
        *ret_id = a.id;
    return rc;
}

/* ---- changing ---- */

struct changing {
    int64_t id;
    const char *name, *folded; /* NULL: remove it */
};

static const char merge_sql[] =
    "DELETE FROM keepsake_label AS other USING keepsake_label AS this WHERE this.id = $1::bigint"
    " AND other.hash = this.hash AND other.id <> this.id AND other.folded = $2"
    " AND (other.x, other.y, other.width, other.height)"
    " IS NOT DISTINCT FROM (this.x, this.y, this.width, this.height)";

static int change(struct postgres *p, void *context, struct error *err)
{
    const struct changing *c = context;
    struct postgres_args one = {0}, two = {0};
    int64_t changed = 0;
    int rc = 0;
    args_int(&one, c->id);
    args_int(&two, c->id);
    args_text(&two, c->folded);
    if (c->name)
        rc = postgres_run(p, merge_sql, &two, NULL, err);
    args_text(&two, c->name);
    if (!rc && c->name)
        rc = postgres_run(
            p,
            "UPDATE keepsake_label SET folded = $2, name = $3, checksum ="
            " " POSTGRES_LABEL_SUM_OF("hash", "$3::text", "$2::text") " WHERE id = $1::bigint",
            &two, &changed, err);
    else if (!rc)
        rc = postgres_run(p, "DELETE FROM keepsake_label WHERE id = $1::bigint", &one, &changed,
                          err);
    if (rc || changed)
        return rc;
    return error_set(err, ERR_NOT_FOUND, "the gallery %s has no label %lld", p->store.name,
                     (long long)c->id);
}

int postgres_rename_label(struct store *store, int64_t id, const char *name, const char *folded,
                          struct error *err)
{
    struct postgres *p = postgres_of(store);
    return postgres_write(p, change, &(struct changing){id, name, folded}, err);
}

int postgres_remove_label(struct store *store, int64_t id, struct error *err)
{
    struct postgres *p = postgres_of(store);
    return postgres_write(p, change, &(struct changing){.id = id}, err);
}

/* ---- listing ---- */

#define COLUMNS \
    "SELECT l.id, f.id, f.path_key, l.name, l.hash, l.x, l.y, l.width, l.height, l.folded FROM "

/* MATERIALIZED, so that the shards of a split gallery are queried once, not for each label. */
static const char of_photos_sql[] =
    "WITH f AS MATERIALIZED (SELECT id::bigint AS id, path_key, hash FROM image_gallery WHERE id ="
    " ANY ($1::bigint[])) " COLUMNS "f JOIN keepsake_label AS l ON l.hash = f.hash"
    " WHERE $2::text IS NULL OR l.folded = $2 ORDER BY f.id, l.folded COLLATE \"C\", l.id";
/* Reads all photos first, so that the shards of a split gallery are queried once. */
static const char all_sql[] =
    "WITH f AS MATERIALIZED (SELECT DISTINCT ON (hash) hash, id::bigint AS id, path_key FROM"
    " image_gallery WHERE hash = ANY (ARRAY(SELECT hash FROM keepsake_label WHERE $2::text IS NULL"
    " OR folded = $2)) ORDER BY hash, path_key) " COLUMNS "keepsake_label AS l LEFT JOIN f ON"
    " f.hash = l.hash WHERE $1::bigint[] = '{}' AND ($2::text IS NULL OR l.folded = $2)"
    " ORDER BY l.folded COLLATE \"C\", f.path_key NULLS LAST, l.id";

struct listing {
    const char *sql;
    const struct postgres_args *args;
    PGresult *rows;
};

static int fetch(struct postgres *p, void *context, struct error *err)
{
    struct listing *l = context;
    bool has = false;
    int rc = postgres_has_records(p, &has, err);
    l->rows = NULL;
    return rc || !has ? rc : postgres_query(p, l->sql, l->args, &l->rows, err);
}

static int give(const PGresult *rows, int row,
                int (*each)(void *context, const struct store_label *label), void *context)
{
    AUTO_FREE char *path = PQgetisnull(rows, row, 2) ? NULL : value_copy(rows, row, 2);
    AUTO_FREE char *name = value_copy(rows, row, 3);
    AUTO_FREE char *folded = value_copy(rows, row, 9);
    struct store_label label = {
        .id = value_int(rows, row, 0),
        .photo = value_int(rows, row, 1),
        .path = path,
        .name = name,
        .folded = folded,
        .has_box = !PQgetisnull(rows, row, 5),
        .box = {value_double(rows, row, 5), value_double(rows, row, 6), value_double(rows, row, 7),
                value_double(rows, row, 8)},
    };
    value_hash(rows, row, 4, label.hash);
    return each(context, &label);
}

int postgres_list_labels(struct store *store, const int64_t *photos, size_t n, const char *folded,
                         int (*each)(void *context, const struct store_label *label), void *context,
                         struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct postgres_args args = {0};
    struct listing l = {.sql = n ? of_photos_sql : all_sql, .args = &args};
    AUTO_FREE char *array = array_of_ids(photos, n);
    args_text(&args, array);
    args_text(&args, folded);
    int rc = postgres_attempt(p, fetch, &l, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = l.rows;
    for (int i = 0; !rc && i < PQntuples(rows); i++)
        rc = give(rows, i, each, context);
    return rc;
}

int postgres_list_names(struct store *store,
                        int (*each)(void *context, const struct store_name *name), void *context,
                        struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct listing l = {.sql = "SELECT min(name), folded, count(*) FROM keepsake_label GROUP BY"
                               " folded ORDER BY folded COLLATE \"C\""};
    int rc = postgres_attempt(p, fetch, &l, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = l.rows;
    for (int i = 0; !rc && i < PQntuples(rows); i++) {
        AUTO_FREE char *name = value_copy(rows, i, 0);
        AUTO_FREE char *folded = value_copy(rows, i, 1);
        rc = each(context, &(struct store_name){name, folded, value_int(rows, i, 2)});
    }
    return rc;
}
