/* SPDX-License-Identifier: MIT */
/* Applies changes to photos, failures and vectors in one transaction. */
#include <string.h>

#include "base/clock.h"
#include "store/sqlite/sqlite_internal.h"

/* The effects of a transaction, for the counters in table gallery. */
struct tally {
    bool changed;
    bool rewrote; /* the vector of a known photo was changed or deleted (sqlite_rewritten.c) */
};

/* Records that the vector of a known photo changes. */
static int note_rewrite(struct sqlite *s, int64_t id, struct tally *tally, struct error *err)
{
    tally->rewrote = true;
    return sqlite_rewritten_id(s, id, err);
}

static int find_photo(struct sqlite *s, const char *path, int position, int64_t *ret_id,
                      struct error *err)
{
    struct query q = query_start(s, "SELECT id FROM photo WHERE path = ? AND position = ?");
    query_text(&q, path);
    query_int(&q, position);
    return query_get_int(&q, ret_id, err);
}

/* Deletes the photos of a file whose content has changed, except the one that the change replaces.
 */
static int drop_outdated(struct sqlite *s, const struct store_change *c, struct error *err)
{
    int rc = sqlite_rewritten_path(s, c->path, err);
    if (rc)
        return rc;
    struct query q =
        query_start(s, "DELETE FROM photo WHERE path = ? AND position <> ? AND hash <> ?");
    query_text(&q, c->path);
    query_int(&q, c->position);
    query_blob(&q, c->hash, HASH_BYTES);
    return query_run(&q, NULL, err);
}

static int delete_failure(struct sqlite *s, const char *path, struct tally *tally,
                          struct error *err)
{
    int64_t deleted = 0;
    struct query q = query_start(s, "DELETE FROM failure WHERE path = ?");
    query_text(&q, path);
    int rc = query_run(&q, &deleted, err);
    tally->changed |= deleted > 0;
    return rc;
}

static int delete_photo(struct sqlite *s, const char *path, struct tally *tally, struct error *err)
{
    int64_t deleted = 0;
    int rc = sqlite_rewritten_path(s, path, err);
    if (rc)
        return rc;
    struct query q = query_start(s, "DELETE FROM photo WHERE path = ?");
    query_text(&q, path);
    rc = query_run(&q, &deleted, err);
    tally->changed |= deleted > 0;
    tally->rewrote |= deleted > 0;
    return rc;
}

/* Binds facts; an unknown fact is NULL if its column allows that. */
static void bind_facts(struct query *q, const struct photo_facts *facts)
{
    for (size_t i = 0; i < FACT_COUNT; i++) {
        const struct fact *fact = &fact_table[i];
        if (!fact->since)
            continue;
        if (!fact->not_null && !fact_is_known(fact, facts))
            query_null(q);
        else if (fact_is_text(fact))
            query_text(q, fact_text(fact, facts));
        else if (fact->type == FACT_WHOLE)
            query_int(q, (int64_t)fact_number(fact, facts));
        else
            query_double(q, fact_number(fact, facts));
    }
}

/* The largest id that a change may choose; after 2^63 - 1 there would be no next id. */
#define LAST_CHOSEN_ID ((int64_t)1 << 53)

#define ON_KNOWN_PATH                                                                \
    " ON CONFLICT DO UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns," \
    " hash = excluded.hash, ctime_ns = excluded.ctime_ns, inode = excluded.inode,"   \
    " {# = excluded.#}"

static void bind_times(struct query *q, const struct store_change *c)
{
    query_int(q, c->size);
    query_int(q, c->mtime_ns);
    query_int(q, c->ctime_ns);
    query_int(q, c->inode);
}

static void bind_hash(struct query *q, const uint8_t *hash)
{
    if (hash)
        query_blob(q, hash, HASH_BYTES);
    else
        query_null(q);
}

/* `id` is 0 for the next id. */
static int put_photo(struct sqlite *s, const struct store_change *c, int64_t id, struct error *err)
{
    struct query q = query_start(
        s, "INSERT INTO photo (id, path, position, size, mtime_ns, ctime_ns, inode, hash, {#})"
           " VALUES (nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, {?})" ON_KNOWN_PATH);
    query_int(&q, id);
    query_text(&q, c->path);
    query_int(&q, c->position);
    bind_times(&q, c);
    query_blob(&q, c->hash, HASH_BYTES);
    bind_facts(&q, c->facts);
    return query_run(&q, NULL, err);
}

static int put_vector(struct sqlite *s, int64_t id, const float *vector, struct error *err)
{
    struct query q = query_start(s, "INSERT INTO vector VALUES (?, ?)"
                                    " ON CONFLICT (photo) DO UPDATE SET vector = excluded.vector");
    query_int(&q, id);
    query_blob(&q, vector, s->dim * sizeof *vector);
    int rc = query_run(&q, NULL, err);
    return rc ? rc : sqlite_codes_put(s, id, vector, err);
}

/* Chooses the id of a new photo; *ret_id is 0 for the next id. */
static int choose_id(struct sqlite *s, int64_t wish, int64_t *ret_id, struct error *err)
{
    int64_t last = 0;
    int rc = 0;
    if (wish > 0 && wish <= LAST_CHOSEN_ID) {
        struct query q = query_start(s, "SELECT seq FROM sqlite_sequence WHERE name = 'photo'");
        rc = query_get_int(&q, &last, err);
    }
    if (!rc)
        *ret_id = wish > last && wish <= LAST_CHOSEN_ID ? wish : 0;
    return rc;
}

static int apply_add(struct sqlite *s, const struct store_change *c, struct tally *tally,
                     struct error *err)
{
    int64_t known, id;
    int rc = find_photo(s, c->path, c->position, &known, err);
    if (!rc)
        rc = choose_id(s, c->id, &id, err);
    if (rc)
        return rc;
    tally->changed = true;
    if (known)
        rc = note_rewrite(s, known, tally, err);
    if (!rc && known)
        rc = sqlite_labels_follow(s, c->path, c->hash, err);
    if (!rc && known)
        rc = drop_outdated(s, c, err);
    if (!rc)
        rc = put_photo(s, c, known ? known : id, err);
    if (!rc)
        rc = put_vector(s, known ? known : sqlite3_last_insert_rowid(s->db), c->vector, err);
    if (!rc)
        rc = sqlite_put_damage(s, c->hash, c->facts->damage, err);
    return rc ? rc : delete_failure(s, c->path, tally, err);
}

static int copy_vector(struct sqlite *s, int64_t from, int64_t to, struct error *err)
{
    struct query q = query_start(s, "INSERT INTO vector SELECT ?, vector FROM vector"
                                    " WHERE photo = ?"
                                    " ON CONFLICT (photo) DO UPDATE SET vector = excluded.vector");
    query_int(&q, to);
    query_int(&q, from);
    int rc = query_run(&q, NULL, err);
    return rc ? rc : sqlite_codes_copy(s, from, to, err);
}

/* Gets the photo at the path and position of the copy; *ret_id is 0 if there is none. */
static int find_place(struct sqlite *s, const struct store_change *c, int64_t *ret_id,
                      struct error *err)
{
    struct query q = query_start(s, "SELECT id FROM photo WHERE path = ? AND position ="
                                    " (SELECT position FROM photo WHERE id = ?)");
    query_text(&q, c->path);
    query_int(&q, c->id);
    return query_get_int(&q, ret_id, err);
}

static int apply_copy(struct sqlite *s, const struct store_change *c, struct tally *tally,
                      struct error *err)
{
    int64_t known, copied = 0;
    int rc = find_place(s, c, &known, err);
    if (rc)
        return rc;
    struct query q = query_start(
        s, "INSERT INTO photo (path, position, size, mtime_ns, ctime_ns, inode, hash, {#}) SELECT"
           " ?, position, ?, ?, ?, ?, hash, {#} FROM photo WHERE id = ?"
           " AND hash = ifnull(?, hash)" ON_KNOWN_PATH);
    query_text(&q, c->path);
    bind_times(&q, c);
    query_int(&q, c->id);
    bind_hash(&q, c->hash);
    rc = query_run(&q, &copied, err);
    if (rc || !copied)
        return rc;
    tally->changed = true;
    if (known && known != c->id)
        rc = note_rewrite(s, known, tally, err);
    if (!rc && known != c->id)
        rc = copy_vector(s, c->id, known ? known : sqlite3_last_insert_rowid(s->db), err);
    return rc ? rc : delete_failure(s, c->path, tally, err);
}

/* *ret_elsewhere is true if another process moved the photo first. */
static int find_mover(struct sqlite *s, const struct store_change *c, bool *ret_elsewhere,
                      struct error *err)
{
    int64_t elsewhere = 0;
    struct query q = query_start(s, "SELECT path NOT IN (?, ?) FROM photo WHERE id = ?");
    query_text(&q, c->path);
    query_text(&q, c->source);
    query_int(&q, c->id);
    int rc = query_get_int(&q, &elsewhere, err);
    *ret_elsewhere = elsewhere; /* NULL without a source, and so 0 */
    return rc;
}

static int apply_move(struct sqlite *s, const struct store_change *c, struct tally *tally,
                      struct error *err)
{
    bool elsewhere;
    int rc = find_mover(s, c, &elsewhere, err);
    if (rc || elsewhere)
        return rc ? rc : apply_copy(s, c, tally, err);
    int64_t moved = 0;
    struct query q = query_start(
        s, "UPDATE photo SET path = ?1, size = ?2, mtime_ns = ?3, ctime_ns = ?4, inode = ?5"
           " WHERE id = ?6 AND hash = ifnull(?7, hash) AND NOT EXISTS"
           " (SELECT 1 FROM photo AS other WHERE other.path = ?1"
           " AND other.position = photo.position AND other.id <> ?6)");
    query_text(&q, c->path);
    bind_times(&q, c);
    query_int(&q, c->id);
    bind_hash(&q, c->hash);
    rc = query_run(&q, &moved, err);
    if (rc || !moved)
        return rc;
    tally->changed = true;
    return delete_failure(s, c->path, tally, err);
}

static int touch(struct query q, const struct store_change *c, struct tally *tally,
                 struct error *err)
{
    int64_t touched = 0;
    bind_times(&q, c);
    query_text(&q, c->path);
    int rc = query_run(&q, &touched, err);
    tally->changed |= touched > 0;
    return rc;
}

static int apply_touch(struct sqlite *s, const struct store_change *c, struct tally *tally,
                       struct error *err)
{
    int rc = touch(query_start(s, "UPDATE photo SET size = ?, mtime_ns = ?, ctime_ns = ?,"
                                  " inode = ? WHERE path = ?"),
                   c, tally, err);
    if (rc)
        return rc;
    return touch(query_start(s, "UPDATE failure SET size = ?, mtime_ns = ?, ctime_ns = ?,"
                                " inode = ? WHERE path = ?"),
                 c, tally, err);
}

static int apply_fail(struct sqlite *s, const struct store_change *c, struct tally *tally,
                      struct error *err)
{
    int rc = delete_photo(s, c->path, tally, err);
    if (rc)
        return rc;
    struct query q =
        query_start(s, "INSERT OR REPLACE INTO failure (path, size, mtime_ns, ctime_ns, inode,"
                       " hash, reason, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    query_text(&q, c->path);
    bind_times(&q, c);
    bind_hash(&q, c->hash);
    query_text(&q, c->reason);
    query_text(&q, c->version ? c->version : "");
    tally->changed = true;
    return query_run(&q, NULL, err);
}

static int apply_remove(struct sqlite *s, const struct store_change *c, struct tally *tally,
                        struct error *err)
{
    int rc = delete_photo(s, c->path, tally, err);
    return rc ? rc : delete_failure(s, c->path, tally, err);
}

static int apply_nothing(struct sqlite *s, const struct store_change *c, struct tally *tally,
                         struct error *err)
{
    (void)s, (void)c, (void)tally, (void)err;
    return 0;
}

static int count_change(struct sqlite *s, const struct tally *tally, struct error *err)
{
    if (!tally->changed)
        return 0;
    struct query q = query_start(s, "UPDATE gallery SET change = change + 1, changed_at = ?,"
                                    " rewrite = CASE WHEN ? THEN change + 1 ELSE rewrite END");
    query_int(&q, clock_unix());
    query_int(&q, tally->rewrote);
    int rc = query_run(&q, NULL, err);
    return rc || !tally->rewrote ? rc : sqlite_rewritten_trim(s, err);
}

typedef int apply_function(struct sqlite *s, const struct store_change *change, struct tally *tally,
                           struct error *err);

static apply_function *const apply_functions[] = {
    [STORE_ADD] = apply_add,      [STORE_COPY] = apply_copy, [STORE_MOVE] = apply_move,
    [STORE_TOUCH] = apply_touch,  [STORE_FAIL] = apply_fail, [STORE_REMOVE] = apply_remove,
    [STORE_KEEP] = apply_nothing,
};

static int apply(struct sqlite *s, const struct store_change *change, struct tally *tally,
                 struct error *err)
{
    int rc = apply_functions[change->kind](s, change, tally, err);
    return rc ? rc : sqlite_release_claim(s, change->path, err);
}

int sqlite_count_change(struct sqlite *s, struct error *err)
{
    return count_change(s, &(struct tally){.changed = true}, err);
}

int sqlite_apply(struct store *store, const struct store_change *changes, size_t n,
                 struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    struct tally tally = {false, false};
    int rc = sqlite_begin_write(s, err);
    if (rc)
        return rc;
    struct error unbound;
    rc = sqlite_check_model(s, &unbound);
    rc = rc && rc != ERR_NOT_FOUND ? error_set(err, rc, "%s", unbound.message) : 0;
    if (!rc)
        rc = sqlite_codes_ensure(s, err);
    if (!rc)
        rc = sqlite_rewritten_begin(s, err);
    for (size_t i = 0; !rc && i < n; i++)
        rc = apply(s, &changes[i], &tally, err);
    if (!rc)
        rc = count_change(s, &tally, err);
    return sqlite_finish(s, rc, err);
}

static int delete_range(struct query q, const struct path_range *range, int64_t *count,
                        struct error *err)
{
    int64_t deleted = 0;
    query_text(&q, range->from);
    query_text(&q, range->to);
    int rc = query_run(&q, &deleted, err);
    *count += deleted;
    return rc;
}

static int forget_ranges(struct sqlite *s, const char *path, int64_t *ret_count, struct error *err)
{
    struct path_range ranges[2];
    size_t n = path_ranges(path, ranges);
    int64_t photos = 0, failures = 0, folders = 0;
    int rc = sqlite_rewritten_begin(s, err);
    for (size_t i = 0; i < n; i++) {
        if (!rc)
            rc = sqlite_rewritten_range(s, &ranges[i], err);
        if (!rc)
            rc = delete_range(query_start(s, "DELETE FROM photo WHERE path >= ? AND path < ?"),
                              &ranges[i], &photos, err);
        if (!rc)
            rc = delete_range(query_start(s, "DELETE FROM failure WHERE path >= ? AND path < ?"),
                              &ranges[i], &failures, err);
        if (!rc)
            rc = delete_range(query_start(s, "DELETE FROM folder WHERE path >= ? AND path < ?"),
                              &ranges[i], &folders, err);
        path_range_release(&ranges[i]);
    }
    struct tally tally = {photos + failures > 0, photos > 0};
    if (!rc)
        rc = count_change(s, &tally, err);
    if (!rc)
        *ret_count = photos + failures;
    return rc;
}

int sqlite_forget(struct store *store, const char *path, int64_t *ret_count, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int64_t count = 0;
    int rc = sqlite_begin_lasting(s, err);
    if (rc)
        return rc;
    rc = sqlite_finish(s, forget_ranges(s, path, &count, err), err);
    if (!rc)
        *ret_count = count;
    return rc;
}
