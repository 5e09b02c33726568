/* SPDX-License-Identifier: MIT */
/* Reads photos, vectors and the status of a gallery. */
#include <string.h>

#include "base/text.h"
#include "store/postgres/postgres_internal.h"

struct reading {
    const char *sql;
    int64_t id;
    PGresult *rows;
};

static int read_by_id(struct postgres *p, void *context, struct error *err)
{
    struct reading *r = context;
    struct postgres_args args = {0};
    args_int(&args, r->id);
    return postgres_query(p, r->sql, &args, &r->rows, err);
}

/* Gets the row of photo `id`; ERR_NOT_FOUND. */
static int find_row(struct postgres *p, const char *sql, int64_t id, PGresult **ret_row,
                    struct error *err)
{
    struct reading r = {.sql = sql, .id = id};
    int rc = postgres_attempt(p, read_by_id, &r, err);
    if (rc)
        return rc;
    if (!PQntuples(r.rows)) {
        PQclear(r.rows);
        return error_set(err, ERR_NOT_FOUND, "the gallery %s has no photo %lld", p->store.name,
                         (long long)id);
    }
    *ret_row = r.rows;
    return 0;
}

/* Reads a fact; returns false if it is unknown. */
static bool read_fact(const PGresult *rows, int row, int column, const struct fact *fact,
                      struct photo_facts *facts)
{
    if (PQgetisnull(rows, row, column))
        return false;
    if (fact->type == FACT_WHOLE)
        return fact_set_number(fact, facts, (double)value_int(rows, row, column));
    if (fact->type == FACT_REAL)
        return fact_set_number(fact, facts, value_double(rows, row, column));
    AUTO_FREE char *text = value_copy(rows, row, column);
    fact_set_text(fact, facts, text);
    return true;
}

void postgres_read_facts(const PGresult *rows, int row, int first, struct photo_facts *facts)
{
    const struct fact *lacking[FACT_COUNT];
    size_t n = 0;
    *facts = (struct photo_facts){.width = 0};
    for (size_t i = 0; i < FACT_COUNT; i++)
        if (fact_table[i].since && !read_fact(rows, row, first++, &fact_table[i], facts))
            lacking[n++] = &fact_table[i];
    while (n > 0) /* a place needs all of its columns */
        fact_clear(lacking[--n], facts);
}

void postgres_read_photo(const PGresult *rows, int row, struct store_photo *ret_photo)
{
    *ret_photo = (struct store_photo){
        .id = value_int(rows, row, 0),
        .path = value_copy(rows, row, 1),
        .size = value_int(rows, row, 2),
        .mtime_ns = value_int(rows, row, 3),
    };
    value_hash(rows, row, 4, ret_photo->hash);
    postgres_read_facts(rows, row, 5, &ret_photo->facts);
}

int postgres_get_photo(struct store *store, int64_t id, struct store_photo *ret_photo,
                       struct error *err)
{
    struct postgres *p = postgres_of(store);
    PGresult *owned;
    const char *sql = p->settings.format < 3 ? "SELECT " POSTGRES_PHOTO
                                               ", '', 0 FROM image_gallery WHERE id = $1"
                                             : "SELECT " POSTGRES_PHOTO ", " POSTGRES_DAMAGE
                                               ", position FROM image_gallery WHERE id = $1";
    int rc = find_row(p, postgres_facts_sql(p, sql), id, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    postgres_read_photo(row, 0, ret_photo);
    value_text(row, 0, POSTGRES_AFTER_PHOTO, ret_photo->facts.damage,
               sizeof ret_photo->facts.damage);
    ret_photo->position = (int)value_int(row, 0, POSTGRES_AFTER_PHOTO + 1);
    return 0;
}

struct looking {
    const char *path;
    int64_t id; /* 0: not found */
};

static int look_for(struct postgres *p, void *context, struct error *err)
{
    struct looking *l = context;
    struct postgres_args args = {0};
    PGresult *owned;
    args_bytes(&args, l->path, strlen(l->path));
    int rc = postgres_query(p, "SELECT id::bigint FROM image_gallery WHERE path_key = $1", &args,
                            &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    l->id = PQntuples(row) ? value_int(row, 0, 0) : 0;
    return 0;
}

int postgres_find_photo(struct store *store, const char *path, int64_t *ret_id, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct looking l = {.path = path};
    int rc = postgres_attempt(p, look_for, &l, err);
    if (rc)
        return rc;
    if (!l.id) {
        AUTO_FREE char *name = text_printable(path, strlen(path));
        return error_set(err, ERR_NOT_FOUND,
                         "the gallery %s has no photo %s: add it with `keepsake index`",
                         p->store.name, name);
    }
    *ret_id = l.id;
    return 0;
}

static int check_model(struct postgres *p, void *context, struct error *err)
{
    (void)context;
    return postgres_check_model(p, err);
}

int postgres_get_vector(struct store *store, int64_t id, float *ret_vector, struct error *err)
{
    struct postgres *p = postgres_of(store);
    PGresult *owned;
    struct store_model model;
    int rc = postgres_attempt(p, check_model, NULL, err);
    if (!rc)
        rc = postgres_get_model(&p->store, &model, err);
    if (!rc)
        rc = find_row(p,
                      "SELECT embedding::vector FROM image_gallery WHERE id = $1"
                      " AND embedding IS NOT NULL",
                      id, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    return value_vector(p, row, 0, 0, ret_vector, err);
}

#define STATUS(photos, bytes)                                                                    \
    "SELECT " photos ", (SELECT count(*) FROM keepsake_failure WHERE NOT (" POSTGRES_DROPPED     \
    ")), changed_at, (SELECT count(*) FROM image_gallery WHERE embedding IS NULL), (" bytes " +" \
    " pg_total_relation_size('keepsake_failure'::regclass) +"                                    \
    " pg_total_relation_size('keepsake_gallery'::regclass))::bigint FROM keepsake_gallery"

static const char status_sql[] = STATUS("(SELECT count(*) FROM image_gallery)",
                                        "pg_total_relation_size('image_gallery'::regclass)");
static const char split_status_sql[] = STATUS("(SELECT sum(photos)::bigint FROM keepsake_parts)",
                                              "(SELECT sum(bytes) FROM keepsake_parts)");

static int count_albums(struct postgres *p, struct store_status *status, struct error *err)
{
    PGresult *owned;
    int rc = postgres_query(p, "SELECT count(*) FROM keepsake_album", NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    status->albums = value_int(row, 0, 0);
    return 0;
}

static int count_records(struct postgres *p, struct store_status *status, struct error *err)
{
    PGresult *owned;
    int rc = p->settings.format < 2
                 ? 0
                 : postgres_query(p,
                                  "SELECT (SELECT count(*) FROM keepsake_label), (SELECT count(*)"
                                  " FROM keepsake_rule), (SELECT count(*) FROM keepsake_ledger)",
                                  NULL, &owned, err);
    if (rc || p->settings.format < 2)
        return rc;
    AUTO_RESULT *row = owned;
    status->labels = value_int(row, 0, 0);
    status->rules = value_int(row, 0, 1);
    status->ledger_entries = value_int(row, 0, 2);
    return p->settings.format < 4 ? 0 : count_albums(p, status, err);
}

static int count_damaged(struct postgres *p, int64_t *ret_count, struct error *err)
{
    PGresult *owned;
    if (p->settings.format < 3)
        return 0;
    int rc = postgres_query(p,
                            "SELECT count(*) FROM image_gallery WHERE hash = ANY (ARRAY (SELECT"
                            " hash FROM keepsake_damage))",
                            NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    *ret_count = value_int(row, 0, 0);
    return 0;
}

static int read_status(struct postgres *p, void *context, struct error *err)
{
    struct store_status *status = context;
    PGresult *owned;
    int rc = postgres_read_settings(p, err);
    if (!rc)
        rc = postgres_query(p, p->settings.shards ? split_status_sql : status_sql, NULL, &owned,
                            err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    *status = (struct store_status){
        .photos = value_int(row, 0, 0),
        .failed = value_int(row, 0, 1),
        .last_change = value_int(row, 0, 2),
        .waiting = value_int(row, 0, 3),
        .bytes = value_int(row, 0, 4),
        .bound = p->settings.bound,
        .model = p->settings.model,
        .kind = "postgres",
        .schema_version = p->settings.format,
    };
    rc = count_records(p, status, err);
    return rc ? rc : count_damaged(p, &status->damaged, err);
}

int postgres_status(struct store *store, struct store_status *ret_status, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct store_status status;
    int rc = postgres_attempt(p, read_status, &status, err);
    if (!rc)
        *ret_status = status;
    return rc;
}

/* The server ensures that vectors are finite; a changed column may have other dimensions. */
static int find_unsound(struct postgres *p, void *context, struct error *err)
{
    PGresult **rows = context;
    struct postgres_args args = {0};
    args_int(&args, (int64_t)p->dim);
    return postgres_query(p,
                          "SELECT id::bigint FROM image_gallery WHERE embedding IS NULL OR"
                          " vector_dims(embedding) <> $1::integer OR"
                          " abs(vector_norm(embedding::vector) - 1) > 0.02 ORDER BY id",
                          &args, rows, err);
}

int postgres_list_unsound(struct store *store, int (*each)(void *context, int64_t id),
                          void *context, struct error *err)
{
    struct postgres *p = postgres_of(store);
    PGresult *owned = NULL;
    size_t dim;
    struct error unbound;
    int rc = postgres_get_dim(&p->store, &dim, &unbound);
    if (rc)
        return rc == ERR_NOT_FOUND ? 0 : error_set(err, rc, "%s", unbound.message);
    rc = postgres_attempt(p, find_unsound, &owned, err);
    AUTO_RESULT *rows = rc ? NULL : owned;
    for (int i = 0; !rc && i < PQntuples(rows); i++)
        rc = each(context, value_int(rows, i, 0));
    return rc;
}
