/* SPDX-License-Identifier: MIT */
/* The gallery in one SQLite file: private to store/.
 *
 * The functions sqlite_NAME of store_operations.h do what store_NAME of store.h says; their
 * arguments were checked by store.c. The tables are described in docs/gallery.md. */
#pragma once

#include <sqlite3.h>

#include "store/fact_sql.h"
#include "store/filter.h"
#include "store/path_range.h"
#include "store/store_internal.h"
#include "vectors/vectors.h"

/* "KEEP": tells a gallery from other programs' databases. */
#define SQLITE_APPLICATION_ID 0x4b454550
/* A hostile file may have texts of megabytes in each row; what keepsake writes is far shorter. */
#define SQLITE_LONGEST_BYTES 1000000
/* How long one process waits for another that writes. */
#define SQLITE_PATIENCE_MS 30000

/* Galleries of this format and newer ones are read as they are; writing brings them up to date. */
#define SQLITE_OLDEST_READ 1

struct sqlite_cached;
struct sqlite_index;
struct index_state;

struct sqlite {
    struct store store; /* its name: the path, printable, for sentences */
    sqlite3 *db;
    char *path; /* never ":memory:" or "file:": starts with '/' or "./" */
    enum store_mode mode;
    bool is_gallery; /* and no other program's database */
    int patience_ms;
    double waits_since; /* clock_seconds: for another connection's lock */
    struct store_options options;
    size_t dim;      /* 0 until a bound model was seen */
    int64_t claimer; /* this connection in table claimer; 0 until it claims */

    struct sqlite_cached *cached; /* prepared statements */
    size_t cached_count, cached_cap;

    struct sqlite_index *index;   /* of sqlite_index.h; NULL until the first search */
    struct sqlite_filter *filter; /* NULL until the first filtered search */
    struct id_set *unsound; /* photos without a sound vector, where a search met one; or NULL */
    int64_t unsound_change;
    int64_t sound_schema; /* PRAGMA schema_version when the objects were as they should be */
    int64_t sound_labels; /* what the gallery was like when all labels were found sound; 0: never */
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

/* ---- sqlite_connect.c: which of SQLite's ways of opening fits the file and its folder ---- */

/* Sets s->db; ERR_DENIED, ERR_CORRUPT, ERR_IO ... leave it NULL. */
int sqlite_connect(struct sqlite *s, struct error *err) MUST_CHECK;
/* Closes the connection. Whoever is the last to have the file open, reader or writer, leaves it
 * whole, with no log beside it. */
/* A log is folded into the file only where it made a gallery of it. */
void sqlite_disconnect(struct sqlite *s);
/* Whether the file is a gallery, and the log beside it makes another database of it. */
bool sqlite_has_foreign_log(sqlite3 *db);
/* WAL, where the file system can. */
int sqlite_choose_journal(struct sqlite *s, struct error *err) MUST_CHECK;
/* A gallery in a folder that cannot be written is read without locks, so that nothing tells when
 * it changes: connects anew when the file looks different. */
int sqlite_follow(struct sqlite *s, struct error *err) MUST_CHECK;

/* ---- sqlite_query.c: statements, transactions, errors ---- */

/* One use of a prepared statement. Binds in order; a failure is kept and reported by the run.
 *
 *     struct query q = query_start(s, "SELECT size FROM photo WHERE path = ?");
 *     query_text(&q, path);
 *     if ((rc = query_next(&q, err)) > 0)
 *         size = sqlite3_column_int64(q.statement, 0);
 *     query_end(&q);
 *
 * Texts and blobs are borrowed until query_end. `sql` is a literal: statements are cached by its
 * address. */
struct query {
    struct sqlite *s;
    sqlite3_stmt *statement;
    int bound, failure;
    bool temporary;
};

struct query query_start(struct sqlite *s, const char *sql);
/* The same for SQL that was made for this use alone: it is not cached. */
struct query query_start_once(struct sqlite *s, const char *sql);
void query_int(struct query *q, int64_t value);
void query_double(struct query *q, double value);
void query_null(struct query *q);
void query_text(struct query *q, const char *text); /* NULL becomes SQL's */
void query_blob(struct query *q, const void *data, size_t size);
/* 1: a row is there; 0: no more; < 0: failed. */
int query_next(struct query *q, struct error *err) MUST_CHECK;
void query_end(struct query *q);
/* Runs to the end, ends; rows changed go to *ret_changed (may be NULL). */
int query_run(struct query *q, int64_t *ret_changed, struct error *err) MUST_CHECK;
/* The first column of the only row; 0 when there is none. Ends. */
int query_get_int(struct query *q, int64_t *ret_value, struct error *err) MUST_CHECK;
void sqlite_drop_statements(struct sqlite *s);

int sqlite_begin_read(struct sqlite *s, struct error *err) MUST_CHECK;
/* Waits for another writer; ERR_UNSUPPORTED when a newer keepsake has changed the tables, ERR_IO
 * when the file was deleted or replaced since it was opened. */
int sqlite_begin_write(struct sqlite *s, struct error *err) MUST_CHECK;
/* The same, and from here on commits of this connection outlive a power cut: for what no index run
 * brings back. */
int sqlite_begin_lasting(struct sqlite *s, struct error *err) MUST_CHECK;
/* Commits when rc is 0, else takes everything back; returns rc, or what the commit failed with. */
int sqlite_finish(struct sqlite *s, int rc, struct error *err) MUST_CHECK;

/* The sentence and code for the connection's last failure; `result` is what SQLite returned. */
int sqlite_error(const struct sqlite *s, int result, struct error *err);

/* ---- sqlite_schema.c ---- */

struct sqlite_step {
    int version; /* of the tables after this step: 1, 2, 3 ... */
    const char *sql;
};

/* As many as sqlite_schema_version says; the first makes format 1. */
const struct sqlite_step *sqlite_steps(void);
int sqlite_get_version(struct sqlite *s, int *ret_version, struct error *err) MUST_CHECK;
int sqlite_schema_version(void); /* that this program writes */
/* Connects `s` to an empty gallery of that format in memory, with the tables of claims. On failure,
 * too, s->db is to be closed. */
int sqlite_make_in_memory(struct sqlite *s, int version, struct error *err) MUST_CHECK;
/* Whether the gallery is of this format or a newer one: an older one that is only read stays as it
 * is, until another program writes to it. */
int sqlite_has_format(struct sqlite *s, int format, bool *ret_has, struct error *err) MUST_CHECK;
/* Whether there are labels, rules and the ledger: not in a gallery of format 1 that is only read,
 * until another program writes to it. */
int sqlite_has_records(struct sqlite *s, bool *ret_has, struct error *err) MUST_CHECK;
/* sqlite_follow, then the same: how each reading of what came with a format begins. */
int sqlite_follow_format(struct sqlite *s, int format, bool *ret_has, struct error *err) MUST_CHECK;
int sqlite_follow_records(struct sqlite *s, bool *ret_has, struct error *err) MUST_CHECK;

/* ---- sqlite_upgrade.c ---- */

/* Brings the tables from PRAGMA user_version to the last step's version in one transaction. Until
 * it is committed, a copy of an older gallery lies beside it as FILE.before-format-N.
 * ERR_UNSUPPORTED when the gallery is newer than the last step; ERR_IO where the copy has no room.
 */
int sqlite_migrate(struct sqlite *s, const struct sqlite_step *steps, size_t n,
                   struct error *err) MUST_CHECK;
/* With the steps of this program. */
int sqlite_upgrade(struct sqlite *s, struct error *err) MUST_CHECK;
/* Removes the copy beside a gallery of this program's format. */
void sqlite_remove_older(const struct sqlite *s);

/* ---- sqlite_checksum.c ---- */

/* The SQL function row_checksum(table, value ...): the first 16 bytes of SHA-256 over its
 * arguments, each with its type and length before it. */
enum { SQLITE_CHECKSUM_BYTES = 16 };
int sqlite_checksum_install(struct sqlite *s);
/* What the column checksum of a row is, and what says whether a row has it: false (0) also where
 * there is none. An id says nothing of what a row means and is left out. */
#define SQLITE_LABEL_SUM "row_checksum('label', hash, name, folded, x, y, width, height)"
#define SQLITE_RULE_SUM "row_checksum('rule', kind, key, value)"
#define SQLITE_ENTRY_SUM                                                                   \
    "row_checksum('ledger', at, request, event, purpose, provider, host, model, photos, "  \
    "bytes, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd," \
    " detail, facts)"

/* ---- sqlite_objects.c ---- */

/* ERR_CORRUPT unless the tables, indexes, triggers and views are those of the gallery's format,
 * each by the same SQL, and nothing else. Looks again only when they changed. */
int sqlite_check_objects(struct sqlite *s, struct error *err) MUST_CHECK;
/* A sentence for each of the first ten that are not; *ret_count: how many there are. */
int sqlite_list_odd_objects(struct sqlite *s, void (*each)(void *context, const char *sentence),
                            void *context, size_t *ret_count, struct error *err) MUST_CHECK;

/* Within a transaction: the model as it is now, and ERR_MISMATCH unless it is the expected one
 * (struct store.using); ERR_NOT_FOUND while unbound. Sets s->dim. */
int sqlite_check_model(struct sqlite *s, struct error *err) MUST_CHECK;

/* ---- sqlite_changes.c ---- */

/* Inside a writing transaction: something changed, but no photo. */
int sqlite_count_change(struct sqlite *s, struct error *err) MUST_CHECK;

/* ---- sqlite_labels.c ---- */

/* Inside a writing transaction: puts one that is not there; *ret_id (may be NULL) is its id. */
int sqlite_put_label(struct sqlite *s, const struct store_label *label, const char *folded,
                     int64_t *ret_id, struct error *err) MUST_CHECK;
/* Inside a writing transaction, before the photo at `path` gets the content `hash`: labels go over
 * as labels.h says. */
int sqlite_labels_follow(struct sqlite *s, const char *path, const uint8_t hash[HASH_BYTES],
                         struct error *err) MUST_CHECK;

/* ---- sqlite_records.c ---- */

/* After a row was put that must be there: ERR_CORRUPT unless the query counts one. Ends it. */
int sqlite_expect_row(struct query *q, struct error *err) MUST_CHECK;

/* ---- sqlite_claims.c ---- */

extern const char sqlite_claim_tables[];

/* Inside a writing transaction: gives back the claim on `path`. */
int sqlite_release_claim(struct sqlite *s, const char *path, struct error *err) MUST_CHECK;

/* ---- sqlite_read.c ---- */

/* Columns of a photo, and the photo of a row that begins with them. */
#define SQLITE_PHOTO "id, path, size, mtime_ns, hash, {#}"
void sqlite_read_photo(sqlite3_stmt *row, struct store_photo *ret_photo);
/* From the columns "{#}" of a row, which begin with `first`. */
void sqlite_read_facts(sqlite3_stmt *row, int first, struct photo_facts *ret_facts);
/* Rows and model, within a transaction; not the bytes. */
int sqlite_read_status(struct sqlite *s, struct store_status *status, struct error *err) MUST_CHECK;

/* ---- sqlite_list.c ---- */

/* What is known of damaged contents, by hash. "": the content is sound. */
int sqlite_put_damage(struct sqlite *s, const uint8_t hash[HASH_BYTES], const char *damage,
                      struct error *err) MUST_CHECK;
/* Into photo->facts, of a photo that was read before. */
int sqlite_get_damage(struct sqlite *s, struct store_photo *photo, struct error *err) MUST_CHECK;
int sqlite_count_damaged(struct sqlite *s, int64_t *ret_count, struct error *err) MUST_CHECK;

/* ---- sqlite_codes.c: int8 codes beside the vectors, derived from them ---- */

int sqlite_codes_put(struct sqlite *s, int64_t id, const float *vector,
                     struct error *err) MUST_CHECK;
int sqlite_codes_copy(struct sqlite *s, int64_t from, int64_t to, struct error *err) MUST_CHECK;
/* Inside a writing transaction: makes all codes anew when they are lost or of another format. */
int sqlite_codes_ensure(struct sqlite *s, struct error *err) MUST_CHECK;
/* Adds the photos above `after_id` to `index` by their codes or, where a code cannot be used, by
 * their vectors; a photo without either is left out. *ret_last_id: the largest id, or after_id. */
int sqlite_codes_load(struct sqlite *s, struct vectors *index, int64_t after_id,
                      int64_t *ret_last_id, struct error *err) MUST_CHECK;
/* The same for one photo; nothing when it is not in the gallery. */
int sqlite_codes_load_one(struct sqlite *s, struct vectors *index, int64_t id,
                          struct error *err) MUST_CHECK;

/* ---- sqlite_rewritten.c: which photos' vectors changed or went, for indexes in memory ---- */

extern const char sqlite_rewritten_table[];

/* Inside a writing transaction, before any of the others. */
int sqlite_rewritten_begin(struct sqlite *s, struct error *err) MUST_CHECK;
/* Before a photo's vector changes, and before photos are deleted: that of an id, those of a path,
 * those from one path to before another. */
int sqlite_rewritten_id(struct sqlite *s, int64_t id, struct error *err) MUST_CHECK;
int sqlite_rewritten_path(struct sqlite *s, const char *path, struct error *err) MUST_CHECK;
int sqlite_rewritten_range(struct sqlite *s, const struct path_range *range,
                           struct error *err) MUST_CHECK;
/* Forgets what is long ago. */
int sqlite_rewritten_trim(struct sqlite *s, struct error *err) MUST_CHECK;
/* The photos that were noted after this value of gallery.change, each once, in the order of their
 * ids; *ret_ids is the caller's to free. *ret_complete: false when more may have happened since
 * than was noted. */
int sqlite_rewritten_list(struct sqlite *s, int64_t change, int64_t **ret_ids, size_t *ret_count,
                          bool *ret_complete, struct error *err) MUST_CHECK;

/* ---- sqlite_vectors.c: what is wrong with a vector costs that photo only ---- */

/* A column vector; one of a hundred megabytes is not looked at, and NULL. */
#define SQLITE_VECTOR "CASE WHEN length(vector) <= 262144 THEN vector END"
/* Copies the vector in that column into ret_vector [s->dim]; false when it is not sound: another
 * size, not finite, not of unit length. */
bool sqlite_read_vector(const struct sqlite *s, sqlite3_stmt *row, int column, float *ret_vector);
/* Looks through all vectors, within a transaction: searches leave those out that are not sound, as
 * long as the gallery is at this change. */
int sqlite_find_unsound(struct sqlite *s, int64_t change, struct error *err) MUST_CHECK;
/* Forgets them, unless the gallery is at the change that they were found at. */
void sqlite_forget_unsound(struct sqlite *s, int64_t change);

/* ---- sqlite_state.c: the index in memory follows the gallery ---- */

/* Value of gallery.change; within a transaction. */
int sqlite_read_change(struct sqlite *s, int64_t *ret_change, struct error *err) MUST_CHECK;
/* What sqlite_state_of_now returns when another thread's transaction, begun later, brought the
 * index further: begin anew. */
#define INDEX_IS_NEWER 1
/* The state of s->index that is of the moment which this transaction sees, to be given back
 * (sqlite_index_put); prepares it when there is none. `known` is the index's change before the
 * transaction began: a gallery that is older still was put back from a copy. */
int sqlite_state_of_now(struct sqlite *s, size_t dim, int64_t known, struct index_state **ret_state,
                        struct error *err) MUST_CHECK;
/* Lets go of the index in memory. */
void sqlite_forget_index(struct sqlite *s);

/* ---- sqlite_filter.c ---- */

/* Inside a reading transaction: chooses the photos that sqlite_keep lets through, until the next
 * call; NULL: all. */
int sqlite_filter_prepare(struct sqlite *s, const struct criteria *where,
                          struct error *err) MUST_CHECK;
bool sqlite_keep(void *context, int64_t id); /* context: the struct sqlite */
/* Calls `each` for the ids that were chosen, which need not all be photos; false, and no call,
 * where only those that were not chosen are known. */
bool sqlite_filter_walk(struct sqlite *s, void (*each)(void *context, int64_t id), void *context);
/* The SQL function kept(id) is sqlite_keep. */
int sqlite_filter_install(struct sqlite *s);
/* Forgets the sets that were found. */
void sqlite_filter_free(struct sqlite *s);
