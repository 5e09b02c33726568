/* SPDX-License-Identifier: MIT */
/* The gallery in one SQLite file: private to store/.
 *
 * The functions sqlite_NAME of store_operations.h do what store_NAME of store.h says; store.c has
 * checked their arguments. docs/gallery.md describes the tables. */
#pragma once

#include <sqlite3.h>

#include "store/fact_sql.h"
#include "store/filter.h"
#include "store/path_range.h"
#include "store/store_internal.h"
#include "vectors/vectors.h"

/* "KEEP": distinguishes a gallery from databases of other programs. */
#define SQLITE_APPLICATION_ID 0x4b454550
/* The limit on the size of a value. A hostile file may contain megabytes of text in each row;
 * keepsake writes far less. */
#define SQLITE_LONGEST_BYTES 1000000
/* Maximum time that a process waits for another writer. */
#define SQLITE_PATIENCE_MS 30000

/* The oldest format that can be read without an upgrade; opening for writing upgrades. */
#define SQLITE_OLDEST_READ 1

struct sqlite_cached;
struct sqlite_index;
struct index_state;

struct sqlite {
    struct store store; /* its name: the path in printable form, for messages */
    sqlite3 *db;
    char *path; /* never ":memory:" or "file:": starts with '/' or "./" */
    enum store_mode mode;
    bool is_gallery; /* false: a database of another program */
    int patience_ms;
    double waits_since; /* clock_seconds at which waiting for another connection's lock began */
    struct store_options options;
    size_t dim;      /* 0 until a bound model has been read */
    int64_t claimer; /* this connection in table claimer; 0 until it claims */

    struct sqlite_cached *cached; /* prepared statements */
    size_t cached_count, cached_cap;

    struct sqlite_index *index;   /* see sqlite_index.h; NULL until the first search */
    struct sqlite_filter *filter; /* NULL until the first filtered search */
    struct id_set *unsound; /* photos without a sound vector, once a search has met one; or NULL */
    int64_t unsound_change;
    int64_t sound_schema; /* PRAGMA schema_version when the objects were last found correct */
    int64_t sound_labels; /* version mark of the gallery when all labels were last found sound; 0:
                             never */
    int64_t immutable_mtime; /* -1: an ordinary connection */
    int64_t immutable_size;
};

static inline struct sqlite *sqlite_of(struct store *store)
{
    return (struct sqlite *)store;
}

#define PLAIN(name, arguments, check, ...) \
    int sqlite_##name(struct store *store, __VA_ARGS__) MUST_CHECK;
#define DERIVED(type, name, ...) type sqlite_##name(struct store *store, ##__VA_ARGS__);
#include "store/store_operations.h"

/* ---- sqlite_open.c ---- */

int sqlite_open(const char *where, enum store_mode mode, struct sqlite **ret_sqlite,
                struct error *err) MUST_CHECK;
int sqlite_open_with(const char *where, enum store_mode mode, const struct store_options *options,
                     struct sqlite **ret_sqlite, struct error *err) MUST_CHECK;
void sqlite_close(struct sqlite *s);
DEFINE_AUTO(sqlite, sqlite_close)

/* ---- sqlite_connect.c: chooses the way of opening that fits the file and its folder ---- */

/* Sets s->db; ERR_DENIED, ERR_CORRUPT, ERR_IO ... leave it NULL. */
int sqlite_connect(struct sqlite *s, struct error *err) MUST_CHECK;
/* Closes the connection. The last one to close the file, reader or writer, leaves it complete and
 * without a write-ahead log beside it. A log is checkpointed into the file only if the file with
 * its log is a gallery. */
void sqlite_disconnect(struct sqlite *s);
/* Returns whether the file itself is a gallery, but becomes another database with the log beside
 * it. */
bool sqlite_has_foreign_log(sqlite3 *db);
/* Selects WAL mode if the file system supports it. */
int sqlite_choose_journal(struct sqlite *s, struct error *err) MUST_CHECK;
/* Reconnects if the size or time of an immutable gallery has changed. A gallery in a folder that is
 * not writable is read without locks, so SQLite does not detect its changes. */
int sqlite_follow(struct sqlite *s, struct error *err) MUST_CHECK;

/* ---- sqlite_query.c: statements, transactions, errors ---- */

/* One use of a prepared statement. Parameters are bound in order; a failure to bind is remembered
 * and reported when the statement runs.
 *
 *     struct query q = query_start(s, "SELECT size FROM photo WHERE path = ?");
 *     query_text(&q, path);
 *     if ((rc = query_next(&q, err)) > 0)
 *         size = sqlite3_column_int64(q.statement, 0);
 *     query_end(&q);
 *
 * Texts and blobs are borrowed until query_end. `sql` must be a string literal, because statements
 * are cached by its address. */
struct query {
    struct sqlite *s;
    sqlite3_stmt *statement;
    int bound, failure;
    bool temporary;
};

struct query query_start(struct sqlite *s, const char *sql);
/* The same for SQL that is generated for one use: it is not cached. */
struct query query_start_once(struct sqlite *s, const char *sql);
void query_int(struct query *q, int64_t value);
void query_double(struct query *q, double value);
void query_null(struct query *q);
void query_text(struct query *q, const char *text); /* NULL becomes SQL NULL */
void query_blob(struct query *q, const void *data, size_t size);
/* Returns 1 for a row, 0 at the end, < 0 on failure. */
int query_next(struct query *q, struct error *err) MUST_CHECK;
void query_end(struct query *q);
/* Runs the statement to its end and ends the query. *ret_changed (may be NULL) is the number of
 * changed rows. */
int query_run(struct query *q, int64_t *ret_changed, struct error *err) MUST_CHECK;
/* Gets the first column of the only row, or 0 if there is no row. Ends the query. */
int query_get_int(struct query *q, int64_t *ret_value, struct error *err) MUST_CHECK;
void sqlite_drop_statements(struct sqlite *s);

int sqlite_begin_read(struct sqlite *s, struct error *err) MUST_CHECK;
/* Begins a writing transaction; waits for other writers. ERR_UNSUPPORTED if a newer keepsake has
 * upgraded the tables, ERR_IO if the file was deleted or replaced since it was opened. */
int sqlite_begin_write(struct sqlite *s, struct error *err) MUST_CHECK;
/* The same, and from now on commits of this connection survive a power cut. For data that an index
 * run cannot restore. */
int sqlite_begin_lasting(struct sqlite *s, struct error *err) MUST_CHECK;
/* Commits if rc is 0, otherwise rolls back; returns rc, or the error of the commit. */
int sqlite_finish(struct sqlite *s, int rc, struct error *err) MUST_CHECK;

/* Sets and returns the error for the connection's last failure; `result` is SQLite's result code.
 */
int sqlite_error(const struct sqlite *s, int result, struct error *err);

/* ---- sqlite_schema.c ---- */

struct sqlite_step {
    int version; /* format of the tables after this step: 1, 2, 3 ... */
    const char *sql;
};

/* Returns sqlite_schema_version() steps; the first creates format 1. */
const struct sqlite_step *sqlite_steps(void);
int sqlite_get_version(struct sqlite *s, int *ret_version, struct error *err) MUST_CHECK;
int sqlite_schema_version(void); /* the format that this program writes */
/* Connects `s` to an empty in-memory gallery of that format, including the tables of claims, to
 * read the text of its tables from sqlite_schema. The caller closes s->db, even on failure. */
int sqlite_make_in_memory(struct sqlite *s, int version, struct error *err) MUST_CHECK;
/* Gets whether the gallery has this format or a newer one. Opening an older gallery for reading
 * does not upgrade it; another program that writes to it does. */
int sqlite_has_format(struct sqlite *s, int format, bool *ret_has, struct error *err) MUST_CHECK;
/* Gets whether the gallery has labels, rules and the ledger. A gallery of format 1 that is opened
 * for reading lacks them until another program writes to it. */
int sqlite_has_records(struct sqlite *s, bool *ret_has, struct error *err) MUST_CHECK;
/* Call sqlite_follow, then the above. Every function that reads tables added by a format begins
 * with one of them. */
int sqlite_follow_format(struct sqlite *s, int format, bool *ret_has, struct error *err) MUST_CHECK;
int sqlite_follow_records(struct sqlite *s, bool *ret_has, struct error *err) MUST_CHECK;

/* ---- sqlite_upgrade.c ---- */

/* Upgrades the tables from PRAGMA user_version to the last step's version in one transaction. Until
 * the commit, a copy of the older gallery exists beside it as FILE.before-format-N. ERR_UNSUPPORTED
 * if the gallery is newer than the last step; ERR_IO if there is no space for the copy. */
int sqlite_migrate(struct sqlite *s, const struct sqlite_step *steps, size_t n,
                   struct error *err) MUST_CHECK;
/* sqlite_migrate with the steps of this program. */
int sqlite_upgrade(struct sqlite *s, struct error *err) MUST_CHECK;
/* Removes the copy of the older gallery that lies beside a gallery of the current format. */
void sqlite_remove_older(const struct sqlite *s);

/* ---- sqlite_checksum.c ---- */

/* The SQL function row_checksum(table, value ...): the first 16 bytes of the SHA-256 of its
 * arguments, each preceded by its type and length. */
enum { SQLITE_CHECKSUM_BYTES = 16 };
int sqlite_checksum_install(struct sqlite *s);
/* SQL expressions for the column `checksum` of a row. The id is left out, because it is not part of
 * the meaning of a row. */
#define SQLITE_LABEL_SUM "row_checksum('label', hash, name, folded, x, y, width, height)"
#define SQLITE_RULE_SUM "row_checksum('rule', kind, key, value)"
#define SQLITE_ALBUM_SUM "row_checksum('album', name, folded, query)"
#define SQLITE_MEMBER_SUM "row_checksum('album_photo', album, hash, inside)"
#define SQLITE_ENTRY_SUM                                                                   \
    "row_checksum('ledger', at, request, event, purpose, provider, host, model, photos, "  \
    "bytes, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd," \
    " detail, facts)"

/* ---- sqlite_known_schema.c ---- */

/* The digest of a schema as this program judges it; false if there is none. */
bool sqlite_schema_digest(int version, const char *schema, size_t length, uint8_t ret_digest[32]);
/* Whether such a schema was found sound before; remembers that. */
bool sqlite_schema_is_known(const uint8_t digest[32]);
void sqlite_schema_remember(const uint8_t digest[32]);

/* ---- sqlite_objects.c ---- */

/* ERR_CORRUPT unless the tables, indexes, triggers and views are exactly those of the gallery's
 * format, each with the same SQL. Repeats the check only after a schema change. */
int sqlite_check_objects(struct sqlite *s, struct error *err) MUST_CHECK;
/* Reports a sentence for each of the first ten differing objects; *ret_count is the number of all.
 */
int sqlite_list_odd_objects(struct sqlite *s, void (*each)(void *context, const char *sentence),
                            void *context, size_t *ret_count, struct error *err) MUST_CHECK;

/* Within a transaction: reads the model and sets s->dim. ERR_MISMATCH unless it is the expected
 * model (struct store.using); ERR_NOT_FOUND while unbound. */
int sqlite_check_model(struct sqlite *s, struct error *err) MUST_CHECK;
/* As store_get_vector, in a transaction in which sqlite_check_model succeeded. */
int sqlite_fetch_vector(struct sqlite *s, int64_t id, float *ret_vector,
                        struct error *err) MUST_CHECK;

/* ---- sqlite_changes.c ---- */

/* Inside a writing transaction: counts a change that concerns no photo. */
int sqlite_count_change(struct sqlite *s, struct error *err) MUST_CHECK;

/* ---- sqlite_labels.c ---- */

/* Inside a writing transaction: adds the label unless it exists; *ret_id (may be NULL) is its id.
 */
int sqlite_put_label(struct sqlite *s, const struct store_label *label, const char *folded,
                     int64_t *ret_id, struct error *err) MUST_CHECK;
/* Inside a writing transaction, before the photo at `path` gets the content `hash`: moves its
 * labels as labels.h says, and its memberships in albums. */
int sqlite_labels_follow(struct sqlite *s, const char *path, const uint8_t hash[HASH_BYTES],
                         struct error *err) MUST_CHECK;

/* Inside a transaction: reads the content hash of a photo. ERR_NOT_FOUND; ERR_INVALID: unknown. */
int sqlite_read_hash(struct sqlite *s, int64_t photo, uint8_t ret_hash[HASH_BYTES],
                     struct error *err) MUST_CHECK;

/* ---- sqlite_albums.c ---- */

/* Inside a writing transaction: add a record unless the album or the membership exists. */
int sqlite_put_album(struct sqlite *s, const struct store_album *album, const char *folded,
                     struct error *err) MUST_CHECK;
int sqlite_put_member(struct sqlite *s, const struct store_member *member, const char *folded,
                      struct error *err) MUST_CHECK;
/* As sqlite_labels_follow: moves what was done by hand to the new content. */
int sqlite_members_follow(struct sqlite *s, const char *path, const uint8_t hash[HASH_BYTES],
                          struct error *err) MUST_CHECK;

/* ---- sqlite_records.c ---- */

/* Verifies that a row was stored: ERR_CORRUPT unless the query counts one row. Ends the query. */
int sqlite_expect_row(struct query *q, struct error *err) MUST_CHECK;

/* ---- sqlite_claims.c ---- */

extern const char sqlite_claim_tables[];

/* Inside a writing transaction: releases the claim on `path`. */
int sqlite_release_claim(struct sqlite *s, const char *path, struct error *err) MUST_CHECK;

/* ---- sqlite_read.c ---- */

/* The columns of a photo, and a function that reads a photo from a row that begins with them. */
#define SQLITE_PHOTO "id, path, size, mtime_ns, hash, {#}"
void sqlite_read_photo(sqlite3_stmt *row, struct store_photo *ret_photo);
/* Reads facts from the columns "{#}" of a row, which begin with column `first`. */
void sqlite_read_facts(sqlite3_stmt *row, int first, struct photo_facts *ret_facts);
/* Within a transaction: reads the counts of rows and the model, but not `bytes`. */
int sqlite_read_status(struct sqlite *s, struct store_status *status, struct error *err) MUST_CHECK;

/* ---- sqlite_list.c ---- */

/* Records the damage of a content by its hash; "": the content is sound. */
int sqlite_put_damage(struct sqlite *s, const uint8_t hash[HASH_BYTES], const char *damage,
                      struct error *err) MUST_CHECK;
/* Reads the damage into photo->facts; the rest of the photo is read already. */
int sqlite_get_damage(struct sqlite *s, struct store_photo *photo, struct error *err) MUST_CHECK;
int sqlite_count_damaged(struct sqlite *s, int64_t *ret_count, struct error *err) MUST_CHECK;

/* ---- sqlite_codes.c: int8 codes, which are derived from the vectors ---- */

int sqlite_codes_put(struct sqlite *s, int64_t id, const float *vector,
                     struct error *err) MUST_CHECK;
int sqlite_codes_copy(struct sqlite *s, int64_t from, int64_t to, struct error *err) MUST_CHECK;
/* Inside a writing transaction: rebuilds all codes if they are missing or of another format. */
int sqlite_codes_ensure(struct sqlite *s, struct error *err) MUST_CHECK;
/* Adds the photos with ids above `after_id` to `index`, using their codes or, if a code is
 * unusable, their vectors; it skips photos without either. *ret_last_id is the largest id, or
 * after_id. */
int sqlite_codes_load(struct sqlite *s, struct vectors *index, int64_t after_id,
                      int64_t *ret_last_id, struct error *err) MUST_CHECK;
/* The same for one photo; a no-op if it is not in the gallery. */
int sqlite_codes_load_one(struct sqlite *s, struct vectors *index, int64_t id,
                          struct error *err) MUST_CHECK;

/* ---- sqlite_rewritten.c: records photos whose vectors changed or were deleted, for in-memory
 * indexes ---- */

extern const char sqlite_rewritten_table[];

/* Inside a writing transaction: must precede the functions below. */
int sqlite_rewritten_begin(struct sqlite *s, struct error *err) MUST_CHECK;
/* Record photos before their vectors change or before they are deleted: the photo with an id, the
 * photos at a path, the photos in a range of paths. */
int sqlite_rewritten_id(struct sqlite *s, int64_t id, struct error *err) MUST_CHECK;
int sqlite_rewritten_path(struct sqlite *s, const char *path, struct error *err) MUST_CHECK;
int sqlite_rewritten_range(struct sqlite *s, const struct path_range *range,
                           struct error *err) MUST_CHECK;
/* Deletes old records. */
int sqlite_rewritten_trim(struct sqlite *s, struct error *err) MUST_CHECK;
/* Gets the photos recorded after this value of gallery.change, each once, in order of id; the
 * caller frees *ret_ids. *ret_complete is false if there may be further changes without a record.
 */
int sqlite_rewritten_list(struct sqlite *s, int64_t change, int64_t **ret_ids, size_t *ret_count,
                          bool *ret_complete, struct error *err) MUST_CHECK;

/* ---- sqlite_vectors.c: a damaged vector affects only its photo ---- */

/* The column `vector`, or NULL instead of an oversized vector, which a hostile file may contain. */
#define SQLITE_VECTOR "CASE WHEN length(vector) <= 262144 THEN vector END"
/* Copies the vector in that column into ret_vector [s->dim]; returns false if it is not sound:
 * another size, not finite, or not of unit length. */
bool sqlite_read_vector(const struct sqlite *s, sqlite3_stmt *row, int column, float *ret_vector);
/* Within a transaction: checks all vectors. Searches leave out the unsound ones while the gallery
 * is at this change. */
int sqlite_find_unsound(struct sqlite *s, int64_t change, struct error *err) MUST_CHECK;
/* Discards this result unless the gallery is still at the change for which it was computed. */
void sqlite_forget_unsound(struct sqlite *s, int64_t change);

/* ---- sqlite_state.c: keeps the in-memory index up to date ---- */

/* Within a transaction: gets the value of gallery.change. */
int sqlite_read_change(struct sqlite *s, int64_t *ret_change, struct error *err) MUST_CHECK;
/* Returned by sqlite_state_of_now if another thread, in a transaction begun later, has advanced the
 * index; the caller restarts its transaction. */
#define INDEX_IS_NEWER 1
/* Gets the state of s->index for the snapshot that this transaction sees, and prepares it if
 * necessary; release it with sqlite_index_put. `known` is the index's change before the transaction
 * began; a gallery with an even older change was restored from a copy. */
int sqlite_state_of_now(struct sqlite *s, size_t dim, int64_t known, struct index_state **ret_state,
                        struct error *err) MUST_CHECK;
/* Releases the in-memory index. */
void sqlite_forget_index(struct sqlite *s);

/* ---- sqlite_filter.c ---- */

/* Inside a reading transaction: chooses the photos that sqlite_keep accepts until the next call;
 * NULL: all photos. */
int sqlite_filter_prepare(struct sqlite *s, const struct criteria *where,
                          struct error *err) MUST_CHECK;
bool sqlite_keep(void *context, int64_t id); /* context: the struct sqlite */
/* Calls `each` for the chosen ids, some of which may not be photos. Returns false, without a call,
 * if only the complement of the choice is known. */
bool sqlite_filter_walk(struct sqlite *s, void (*each)(void *context, int64_t id), void *context);
/* Installs the SQL function kept(id), which calls sqlite_keep. */
int sqlite_filter_install(struct sqlite *s);
/* Frees the cached sets. */
void sqlite_filter_free(struct sqlite *s);
