/* SPDX-License-Identifier: MIT */
/* Applies a run of changes in one pipeline of statements. */
#include <string.h>

#include "base/text.h"
#include "store/path_range.h"
#include "store/postgres/postgres_internal.h"

/* Changes are sent as pipelined statements with binary parameters, in their given order, on which
 * copies and moves depend. Measurements with 512 floats on 2 busy cores: the pipeline stores 2,300
 * photos/s in transactions of 16 and 8,900 in transactions of 256; binary COPY into a temporary
 * table, followed by one statement, stores 1,400 and 6,700. */

/* Changes sent before their answers are read. */
#define CHANGES_IN_FLIGHT 256

#define ON_KNOWN_PATH                                                                    \
    " ON CONFLICT (path_key, position) DO UPDATE SET path = excluded.path,"              \
    " size = excluded.size, mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns," \
    " inode = excluded.inode, hash = excluded.hash, embedding = excluded.embedding,"     \
    " {# = excluded.#}"

/* Statements are templates of fact_sql.h. Their parameters $1 to $6 are path, path_key, size,
 * mtime_ns, ctime_ns, inode, as far as a statement has them. */
static const char add_sql[] =
    "WITH gone AS (DELETE FROM keepsake_failure WHERE path_key = $2), " POSTGRES_DROP_OUTDATED
    ", " POSTGRES_NOTE_DAMAGE " INSERT INTO image_gallery (path, path_key, position, size,"
    " mtime_ns, ctime_ns, inode, hash, embedding, {#}) VALUES ($1, $2, $10, $3, $4, $5, $6, $7,"
    " $8::vector, {$11+})" ON_KNOWN_PATH;

/* The id is $11 if that is larger than every earlier id and the sequence can continue from it. */
static const char add_with_id_sql[] =
    "WITH gone AS (DELETE FROM keepsake_failure WHERE path_key = $2), " POSTGRES_DROP_OUTDATED
    ", " POSTGRES_NOTE_DAMAGE
    ", counter AS (SELECT pg_get_serial_sequence('image_gallery', 'id')::regclass AS name)"
    " INSERT INTO image_gallery (id, path, path_key, position, size, mtime_ns, ctime_ns, inode,"
    " hash, embedding, {#}) OVERRIDING SYSTEM VALUE SELECT coalesce((SELECT id FROM image_gallery"
    " WHERE path_key = $2 AND position = $10::integer), CASE WHEN $11::bigint >"
    " greatest(pg_sequence_last_value(name), (SELECT max(id) FROM image_gallery), 0) AND"
    " $11::bigint <= (SELECT seqmax / 2 FROM pg_sequence WHERE seqrelid = name) THEN setval(name,"
    " $11::bigint) ELSE nextval(name) END), $1, $2, $10::integer, $3::bigint, $4::bigint,"
    " $5::bigint, $6::bigint, $7, $8::vector, {$12+::@} FROM counter" ON_KNOWN_PATH;

static const char copy_sql[] =
    "WITH copied AS (INSERT INTO image_gallery (path, path_key, position, size, mtime_ns, ctime_ns,"
    " inode, hash, embedding, {#}) SELECT $1, $2, position, $3, $4, $5, $6, hash, embedding, {#}"
    " FROM image_gallery WHERE id = $7 AND ($8::bytea IS NULL OR hash = $8)"
    " AND ($9::bytea IS NULL OR path_key NOT IN ($2, $9))" ON_KNOWN_PATH " RETURNING 1)"
    " DELETE FROM keepsake_failure WHERE path_key = $2 AND EXISTS (SELECT FROM copied)";

static const char move_sql[] =
    "WITH moved AS (UPDATE image_gallery SET path = $1, path_key = $2, size = $3, mtime_ns = $4,"
    " ctime_ns = $5, inode = $6 WHERE id = $7 AND ($8::bytea IS NULL OR hash = $8)"
    " AND ($9::bytea IS NULL OR path_key IN ($2, $9)) AND NOT EXISTS"
    " (SELECT FROM image_gallery AS other WHERE other.path_key = $2 AND other.position ="
    " image_gallery.position AND other.id <> $7) RETURNING 1)"
    " DELETE FROM keepsake_failure WHERE path_key = $2 AND EXISTS (SELECT FROM moved)";

static const char touch_sql[] =
    "WITH photo AS (UPDATE image_gallery SET size = $2, mtime_ns = $3, ctime_ns = $4, inode = $5"
    " WHERE path_key = $1) UPDATE keepsake_failure SET size = $2, mtime_ns = $3, ctime_ns = $4,"
    " inode = $5 WHERE path_key = $1";

const char postgres_fail_sql[] =
    "WITH gone AS (DELETE FROM image_gallery WHERE path_key = $2 AND embedding IS NOT NULL)"
    " INSERT INTO keepsake_failure (path, path_key, size, mtime_ns, ctime_ns, inode, hash, reason,"
    " version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (path_key) DO UPDATE SET"
    " size = excluded.size, mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns, inode ="
    " excluded.inode, hash = excluded.hash, reason = excluded.reason, version = excluded.version,"
    " dropped = false";

static const char remove_sql[] = "WITH photo AS (DELETE FROM image_gallery WHERE path_key = $1)"
                                 " DELETE FROM keepsake_failure WHERE path_key = $1";

/* One change being sent, with the memory that its parameters point to. */
struct sending {
    struct postgres *p;
    const struct store_change *change;
    struct postgres_args args;
    char *printable[POSTGRES_ARGS]; /* replacements of texts that are not UTF-8, which the server
                                       refuses */
    int printable_count;
    uint8_t *vector;
    bool may_choose; /* an id */
    bool has_id;     /* it has chosen one */
};

static void args_any_text(struct sending *s, const char *text)
{
    size_t length = strlen(text);
    if (text_is_utf8(text, length)) {
        args_text(&s->args, text);
        return;
    }
    char *printable = text_printable(text, length);
    s->printable[s->printable_count++] = printable;
    args_text(&s->args, printable);
}

/* Adds a fact as a parameter; an empty fact becomes NULL. */
static void args_fact(struct sending *s, const char *text)
{
    if (text[0])
        args_any_text(s, text);
    else
        args_text(&s->args, NULL);
}

static void args_path(struct sending *s)
{
    args_any_text(s, s->change->path);
    args_bytes(&s->args, s->change->path, strlen(s->change->path));
}

/* C's NULL becomes SQL's NULL. */
static void args_optional(struct sending *s, const void *data, size_t size)
{
    if (data)
        args_bytes(&s->args, data, size);
    else
        args_text(&s->args, NULL);
}

static void args_times(struct sending *s)
{
    args_int(&s->args, s->change->size);
    args_int(&s->args, s->change->mtime_ns);
    args_int(&s->args, s->change->ctime_ns);
    args_int(&s->args, s->change->inode);
}

static void args_facts(struct sending *s)
{
    const struct photo_facts *facts = s->change->facts;
    for (size_t i = 0; i < FACT_COUNT; i++) {
        const struct fact *fact = &fact_table[i];
        if (!fact->since)
            continue;
        if (!fact->not_null && !fact_is_known(fact, facts))
            args_text(&s->args, NULL);
        else if (fact_is_text(fact))
            args_any_text(s, fact_text(fact, facts));
        else if (fact->type == FACT_WHOLE)
            args_int(&s->args, (int64_t)fact_number(fact, facts));
        else
            args_double(&s->args, fact_number(fact, facts));
    }
}

static const char *fill_add(struct sending *s)
{
    args_path(s);
    args_times(s);
    args_bytes(&s->args, s->change->hash, HASH_BYTES);
    vector_write(s->change->vector, s->p->dim, s->vector);
    args_bytes(&s->args, s->vector, vector_bytes(s->p->dim));
    args_fact(s, s->change->facts->damage);
    args_int(&s->args, s->change->position);
    s->has_id = s->change->id && s->may_choose;
    if (s->has_id)
        args_int(&s->args, s->change->id);
    args_facts(s);
    return s->has_id ? add_with_id_sql : add_sql;
}

static const char *fill_from_photo(struct sending *s)
{
    args_path(s);
    args_times(s);
    args_int(&s->args, s->change->id);
    args_optional(s, s->change->hash, HASH_BYTES);
    const char *source = s->change->kind == STORE_MOVE ? s->change->source : NULL;
    args_optional(s, source, source ? strlen(source) : 0);
    return s->change->kind == STORE_COPY ? copy_sql : move_sql;
}

static const char *fill_path_only(struct sending *s)
{
    args_bytes(&s->args, s->change->path, strlen(s->change->path));
    if (s->change->kind == STORE_REMOVE)
        return remove_sql;
    args_times(s);
    return touch_sql;
}

static const char *fill_fail(struct sending *s)
{
    args_path(s);
    args_times(s);
    args_optional(s, s->change->hash, HASH_BYTES);
    args_any_text(s, s->change->reason);
    args_any_text(s, s->change->version ? s->change->version : "");
    return postgres_fail_sql;
}

typedef const char *fill_function(struct sending *s);

static fill_function *const fill_functions[] = {
    [STORE_ADD] = fill_add,         [STORE_COPY] = fill_from_photo, [STORE_MOVE] = fill_from_photo,
    [STORE_TOUCH] = fill_path_only, [STORE_FAIL] = fill_fail,       [STORE_REMOVE] = fill_path_only,
};

struct batch {
    const struct store_change *changes;
    size_t n;
    uint8_t *vector; /* buffer for one vector */
    bool may_choose; /* an id */
};

static int send_change(struct postgres *p, const struct batch *b, const struct store_change *change,
                       struct error *err)
{
    struct sending s = {.p = p, .change = change, .vector = b->vector, .may_choose = b->may_choose};
    if (change->kind == STORE_KEEP)
        return 0;
    const char *sql = fill_functions[change->kind](&s);
    if (p->settings.shards)
        sql = postgres_split_sql(change->kind, s.has_id);
    int rc = postgres_pipeline_send(p, postgres_facts_sql(p, sql), &s.args, err);
    /* Copy if another process moved the photo first. */
    if (!rc && change->kind == STORE_MOVE && change->source)
        rc = postgres_pipeline_send(
            p,
            postgres_facts_sql(p, p->settings.shards ? postgres_split_sql(STORE_COPY, false)
                                                     : copy_sql),
            &s.args, err);
    while (s.printable_count)
        free(s.printable[--s.printable_count]);
    return rc;
}

/* Allows choosing ids if the column has its own sequence, and locks it, so that one process at a
 * time does so. */
static int prepare_ids(struct postgres *p, struct batch *b, struct error *err)
{
    bool wanted = false;
    for (size_t i = 0; i < b->n && !wanted; i++)
        wanted = b->changes[i].kind == STORE_ADD && b->changes[i].id != 0;
    PGresult *owned;
    int rc = wanted ? postgres_lock_tables(p, err) : 0;
    if (rc || !wanted)
        return rc;
    rc = postgres_query(p, "SELECT pg_get_serial_sequence('image_gallery', 'id') IS NOT NULL", NULL,
                        &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    b->may_choose = value_int(row, 0, 0);
    return 0;
}

/* Checks that the vectors are of the model in use, and locks it until the end of the transaction.
 */
static int check_model(struct postgres *p, const struct batch *b, struct error *err)
{
    bool adds = false;
    for (size_t i = 0; i < b->n && !adds; i++)
        adds = b->changes[i].kind == STORE_ADD;
    if (!adds || !p->store.using.dim || p->settings.shards)
        return 0;
    int rc = postgres_script(p, "LOCK TABLE image_gallery IN ROW EXCLUSIVE MODE", err);
    return rc ? rc : postgres_check_model(p, err);
}

static int send_batch(struct postgres *p, void *context, struct error *err)
{
    struct batch *b = context;
    int rc = check_model(p, b, err);
    if (!rc)
        rc = prepare_ids(p, b, err);
    /* On a split gallery, postgres_split_changes.c has done this before. */
    if (!rc && !p->settings.shards)
        rc = postgres_labels_follow(p, b->changes, b->n, err);
    if (!rc)
        rc = postgres_signals_leave(p, b->changes, b->n, err);
    for (size_t i = 0; !rc && i < b->n;) {
        rc = postgres_pipeline_start(p, err);
        if (rc)
            return rc;
        if (p->settings.shards) /* so that the planner picks the one shard for the path */
            rc = postgres_pipeline_send(p, "SET LOCAL plan_cache_mode = force_custom_plan", NULL,
                                        err);
        for (size_t end = i + CHANGES_IN_FLIGHT; !rc && i < b->n && i < end; i++)
            rc = send_change(p, b, &b->changes[i], err);
        rc = postgres_pipeline_finish(p, rc, NULL, err);
    }
    return rc ? rc : postgres_release_claims(p, b->changes, b->n, err);
}

static int check_path_length(const struct postgres *p, const struct store_change *change,
                             struct error *err)
{
    size_t length = strlen(change->path);
    if (length <= POSTGRES_PATH_BYTES)
        return 0;
    AUTO_FREE char *name = text_printable(change->path, 200);
    return error_set(err, ERR_LIMIT,
                     "the path %s... has %zu bytes, and the gallery %s can keep %d: move it to a "
                     "folder with a shorter name",
                     name, length, p->store.name, POSTGRES_PATH_BYTES);
}

int postgres_apply_run(struct postgres *p, const struct store_change *changes, size_t n,
                       struct error *err)
{
    AUTO_FREE uint8_t *vector = xmalloc(vector_bytes(p->dim));
    struct batch batch = {changes, n, vector, false};
    return postgres_write(p, send_batch, &batch, err);
}

/* Returns whether another program split the gallery since its settings were read: then ON CONFLICT
 * finds no key (42P10). */
static bool was_split(struct postgres *p)
{
    struct error ignored;
    struct store_model model;
    return strcmp(p->sqlstate, "42P10") == 0 && !postgres_get_model(&p->store, &model, &ignored) &&
           p->settings.shards > 0;
}

int postgres_apply(struct store *store, const struct store_change *changes, size_t n,
                   struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct error why = ERROR_INIT;
    for (size_t i = 0; i < n; i++) {
        int rc = check_path_length(p, &changes[i], err);
        if (rc)
            return rc;
    }
    int rc = p->settings.shards ? postgres_split_apply(p, changes, n, &why)
                                : postgres_apply_run(p, changes, n, &why);
    if (rc && !p->settings.shards && was_split(p))
        rc = postgres_split_apply(p, changes, n, &why);
    return rc ? error_set(err, rc, "%s", why.message) : 0;
}

struct forgetting {
    struct path_range ranges[2];
    size_t count;
    int64_t dropped;
};

static int drop_range(struct postgres *p, const struct path_range *range, int64_t *dropped,
                      struct error *err)
{
    struct postgres_args args = {0};
    int64_t photos = 0, failures = 0;
    args_bytes(&args, range->from, strlen(range->from));
    args_bytes(&args, range->to, strlen(range->to));
    int rc = postgres_run(p,
                          "DELETE FROM keepsake_signal AS s WHERE s.hash IN (SELECT hash FROM"
                          " image_gallery WHERE path_key >= $1 AND path_key < $2) AND NOT EXISTS"
                          " (SELECT FROM image_gallery AS o WHERE o.hash = s.hash AND NOT"
                          " (o.path_key >= $1 AND o.path_key < $2))",
                          &args, NULL, err);
    if (!rc)
        rc = postgres_run(p, "DELETE FROM image_gallery WHERE path_key >= $1 AND path_key < $2",
                          &args, &photos, err);
    if (!rc)
        rc = postgres_run(p, "DELETE FROM keepsake_failure WHERE path_key >= $1 AND path_key < $2",
                          &args, &failures, err);
    if (!rc)
        rc = postgres_run(p, "DELETE FROM keepsake_folder WHERE path_key >= $1 AND path_key < $2",
                          &args, NULL, err);
    *dropped += photos + failures;
    return rc;
}

static int drop_ranges(struct postgres *p, void *context, struct error *err)
{
    struct forgetting *f = context;
    int rc = 0;
    f->dropped = 0;
    for (size_t i = 0; !rc && i < f->count; i++)
        rc = drop_range(p, &f->ranges[i], &f->dropped, err);
    if (!rc && p->settings.shards && f->dropped) /* only shards were written, but it is a change */
        rc = postgres_run(p, "SELECT pg_current_xact_id()", NULL, NULL, err);
    return rc;
}

int postgres_forget(struct store *store, const char *path, int64_t *ret_count, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct forgetting f = {.dropped = 0};
    f.count = path_ranges(path, f.ranges);
    int rc = postgres_write(p, drop_ranges, &f, err);
    for (size_t i = 0; i < f.count; i++)
        path_range_release(&f.ranges[i]);
    if (!rc)
        *ret_count = f.dropped;
    return rc;
}
