/* SPDX-License-Identifier: MIT */
/* The gallery in PostgreSQL with pgvector: private to store/.
 *
 * The functions postgres_NAME of store_operations.h do what store_NAME of store.h says; their
 * arguments were checked by store.c. Everything of a gallery is inside one schema, the first of the
 * search_path:
 *
 *     image_gallery      a row per photo: id, path, embedding, and what keepsake adds
 *     keepsake_failure   files that could not be read
 *     keepsake_gallery   one row: model, version of the tables, settings of the vector index
 *     keepsake_claimer   index runs that share the work, and until when their claims hold
 *     keepsake_claim     files that one of them has in hand
 *     keepsake_writer    a row per writing process: the number of its last transaction
 *     keepsake_label, keepsake_rule, keepsake_ledger    labels.h, rules.h, ledger.h
 *
 * A gallery that outgrew its server (postgres_split.c) has image_gallery as a partitioned table,
 * whose partitions image_gallery_part_0 ... are foreign tables.
 *
 * `path` is text for people and other programs; `path_key` has the exact bytes and is the key.
 *
 * Faults. Every function is a transaction, or reads only. What failed in a way that passes (server
 * restart, connection cut, deadlock, lock timeout) is done again by postgres_attempt, which
 * connects anew where needed, for POSTGRES_PATIENCE_S at most. A commit whose answer was lost is
 * looked up in keepsake_writer, so that nothing is done twice. (The server's own transaction
 * numbers would not do: one that was not committed is given out again after a crash.) */
#pragma once

#include <libpq-fe.h>

#include "base/limits.h"
#include "base/strbuf.h"
#include "store/criteria_sql.h"
#include "store/fact_sql.h"
#include "store/filter.h"
#include "store/store_internal.h"

/* A server restart takes less. */
#define POSTGRES_PATIENCE_S 60.0
/* How long the settings are believed: another process may build an index. A model that is bound
 * stays so. */
#define POSTGRES_SETTINGS_S 10.0
/* pg_current_xact_id_if_assigned came with it. */
#define POSTGRES_OLDEST_SERVER 130000
#define POSTGRES_OLDEST_PGVECTOR "0.8.0"
/* Before it, building an HNSW index by several processes could write past their shared memory. */
#define POSTGRES_PARALLEL_PGVECTOR "0.8.2"
/* Longer ones do not fit a btree page (2704 bytes). */
#define POSTGRES_PATH_BYTES 2600
/* Above this many photos `auto` makes an HNSW index. bench/store, 2 processors busy with other work
 * too: an exact search takes 50 ms among 31,783 photos and 200 ms among 200,000, so about 100 ms
 * here, which people still take for at once; by HNSW it is a fifth of that or less, and some of the
 * nearest are missed. */
#define POSTGRES_AUTO_PHOTOS 100000

enum postgres_failure {
    POSTGRES_FINAL, /* doing it again would fail again */
    POSTGRES_LOST,  /* the connection is gone; what was not committed never happened */
    POSTGRES_AGAIN, /* taken back, and worth another try on this connection */
};

/* What table keepsake_gallery says. */
struct postgres_settings {
    int format;
    bool bound;
    struct store_model model;
    struct store_index index;
    int parts; /* servers that the photos are on; 0: this one */
};

struct postgres {
    struct store store; /* its name is without a password */
    PGconn *conn;       /* NULL: to be connected */
    char *where;        /* as given: may hold a password, never shown */
    enum store_mode mode;
    struct store_options options;

    char *schema;           /* the gallery's */
    char *extension_schema; /* pgvector's; NULL when it is not in the database */
    char pgvector[16];      /* its version */
    bool is_gallery;        /* whether the table keepsake_gallery was there when p connected */
    size_t dim;             /* 0 until a bound model was seen */
    int64_t claimer;        /* this store in table keepsake_claimer; 0 until it claims */
    struct postgres_settings settings;
    double settings_read; /* clock_seconds */

    enum postgres_failure failure; /* kind of the last one */
    char sqlstate[6];              /* of the last one; "" when the server did not say */
    int64_t writer, written; /* name of this process in keepsake_writer (0: none yet), and how many
                                transactions it began */
    const char *parsed;      /* the statement that the unnamed one holds */
    struct fact_sql facts;   /* statements made of templates */
};

static inline struct postgres *postgres_of(struct store *store)
{
    return (struct postgres *)store;
}

#define PLAIN(name, arguments, check, ...) \
    int postgres_##name(struct store *store, __VA_ARGS__) MUST_CHECK;
#define DERIVED(type, name, ...) type postgres_##name(struct store *store, ##__VA_ARGS__);
#include "store/store_operations.h"

/* ---- postgres_connect.c ---- */

bool postgres_is_mine(const char *where);
char *postgres_describe(const char *where);
/* Connects where there is no connection, and sets the session up. */
int postgres_connect(struct postgres *p, struct error *err) MUST_CHECK;
void postgres_disconnect(struct postgres *p);
/* Finds the schema and pgvector, and sets the session up: again after pgvector was added, or the
 * schema was made. */
int postgres_set_session(struct postgres *p, struct error *err) MUST_CHECK;

/* ---- postgres_error.c ---- */

/* The sentence and code for a failed result (NULL: of the connection); sets p->failure. */
int postgres_error(struct postgres *p, const PGresult *result, struct error *err);
/* Passes a sentence on to the caller of store_open_with. */
void postgres_notice(struct postgres *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* libpq's callback: `context` is the struct postgres. */
void postgres_receive_notice(void *context, const PGresult *result);

/* ---- postgres_wait.c: waiting that the owner can end ---- */

/* As PQgetResult, and as all results of a script up to the last, whose error counts; store_options
 * tells how they are ended. */
PGresult *postgres_next_result(struct postgres *p);
PGresult *postgres_last_result(struct postgres *p);
/* So many seconds, or until the owner wants no more. */
void postgres_pause(const struct postgres *p, double seconds);
bool postgres_is_cancelled(const struct postgres *p);
/* Returns ERR_CANCELLED, with a sentence. */
int postgres_cancelled(const struct postgres *p, struct error *err);

/* ---- postgres_attempt.c: again where safe, and transactions ---- */

typedef int postgres_operation(struct postgres *p, void *context, struct error *err);

/* Runs `operation`, which must be a transaction or only read, until it works, fails for good, or
 * patience ends. */
int postgres_attempt(struct postgres *p, postgres_operation *operation, void *context,
                     struct error *err) MUST_CHECK;
/* Forgets that this process wrote; at the end. */
void postgres_end_writer(struct postgres *p);
/* Takes back what an unfinished transaction did. */
void postgres_leave_transaction(struct postgres *p);
/* Runs `body` in a writing transaction, committed exactly once. Outputs of `body` must be set anew
 * by every run of it. Counts as a change when a row was written. */
int postgres_write(struct postgres *p, postgres_operation *body, void *context,
                   struct error *err) MUST_CHECK;

/* ---- postgres_query.c ---- */

/* The statement of a template that is a constant (store/fact_sql.h), in the gallery's format. */
const char *postgres_facts_sql(struct postgres *p, const char *template_sql);

/* Parameters of one statement, in order. What is pointed to is borrowed. */
/* Those of the longest statement, and at most three for each value of a tree of criteria. */
enum { POSTGRES_ARGS = 11 + FACT_COUNT + 3 * LIMIT_CRITERIA_VALUES };
struct postgres_args {
    int count;
    const char *values[POSTGRES_ARGS];
    int lengths[POSTGRES_ARGS], formats[POSTGRES_ARGS];
    char numbers[POSTGRES_ARGS][32];
};

void args_int(struct postgres_args *a, int64_t value);
void args_double(struct postgres_args *a, double value);
void args_text(struct postgres_args *a, const char *text); /* NULL becomes SQL's */
void args_bytes(struct postgres_args *a, const void *data, size_t size);

/* Frees a result at the end of the scope. */
static inline void postgres_clear(PGresult **result)
{
    PQclear(*result);
}
#define AUTO_RESULT __attribute__((cleanup(postgres_clear))) PGresult

/* One statement with parameters (may be NULL); rows come in binary. */
int postgres_query(struct postgres *p, const char *sql, const struct postgres_args *args,
                   PGresult **ret_result, struct error *err) MUST_CHECK;
/* The same for what gives no rows; rows changed go to *ret_changed (may be NULL). */
int postgres_run(struct postgres *p, const char *sql, const struct postgres_args *args,
                 int64_t *ret_changed, struct error *err) MUST_CHECK;
/* Several statements without parameters. */
int postgres_script(struct postgres *p, const char *sql, struct error *err) MUST_CHECK;

/* Statements sent without waiting for each one's answer:
 *
 *     rc = postgres_pipeline_start(p, err);
 *     if (!rc) rc = postgres_pipeline_send(p, sql, &args, err);  ... and more
 *     rc = postgres_pipeline_finish(p, rc, &result, err);
 *
 * finish waits for all, returns rc or the first failure, and gives the last result that has rows
 * (ret_result may be NULL). `sql` must outlive the pipeline: statements are parsed once per run of
 * equal addresses. */
int postgres_pipeline_start(struct postgres *p, struct error *err) MUST_CHECK;
int postgres_pipeline_send(struct postgres *p, const char *sql, const struct postgres_args *args,
                           struct error *err) MUST_CHECK;
int postgres_pipeline_finish(struct postgres *p, int rc, PGresult **ret_result,
                             struct error *err) MUST_CHECK;

/* ---- postgres_value.c: binary values ---- */

/* PQgetlength bytes and a NUL; "" for NULL, and where the server sent fewer rows or columns than it
 * was asked for. */
const char *value_bytes(const PGresult *result, int row, int column);
int64_t value_int(const PGresult *result, int row,
                  int column); /* int2, int4, int8, bool; NULL: 0 */
double value_double(const PGresult *result, int row, int column); /* float8; NULL: 0 */
/* Copies text; NULL becomes "". */
void value_text(const PGresult *result, int row, int column, char *ret_text, size_t size);
/* A new string of a text or bytea; the caller frees. */
char *value_copy(const PGresult *result, int row, int column);
/* Parameters of the types bigint[] and bytea[], as text. The caller frees. */
char *array_of_ids(const int64_t *ids, size_t n);
char *array_of_hashes(const uint8_t (*hashes)[HASH_BYTES], size_t n);
/* Zeros unless it has the bytes of a hash. */
void value_hash(const PGresult *result, int row, int column, uint8_t ret_hash[HASH_BYTES]);

/* pgvector's form: number of dimensions and zero (16 bits each), then floats, all big-endian. */
size_t vector_bytes(size_t dim);
void vector_write(const float *vector, size_t dim, void *ret_bytes);
/* ERR_CORRUPT unless it has `dim` dimensions. */
int value_vector(struct postgres *p, const PGresult *result, int row, int column, float *ret_vector,
                 struct error *err) MUST_CHECK;

/* ---- postgres_schema.c ---- */

/* Makes what is missing (STORE_WRITE) or says what is. */
int postgres_prepare(struct postgres *p, struct error *err) MUST_CHECK;
int postgres_require_pgvector(struct postgres *p, struct error *err) MUST_CHECK;
bool postgres_is_older(const char *version, const char *than); /* "0.8.0" */
/* Makes the tables that are missing; inside a transaction. */
int postgres_make_tables(struct postgres *p, struct error *err) MUST_CHECK;
/* Held until the transaction ends: only one process makes or changes tables. */
int postgres_lock_tables(struct postgres *p, struct error *err) MUST_CHECK;
int postgres_has_table(struct postgres *p, const char *table, bool *ret_has,
                       struct error *err) MUST_CHECK;
int postgres_schema_version(void);
/* Whether there are labels, rules and the ledger: not in a gallery of format 1 that is only read,
 * until another program writes to it. */
int postgres_has_records(struct postgres *p, bool *ret_has, struct error *err) MUST_CHECK;
/* Whether the gallery is of this format or a newer one, in an operation of postgres_attempt. */
int postgres_has_format(struct postgres *p, int format, bool *ret_has,
                        struct error *err) MUST_CHECK;
/* The checksum of a row of types that are named: the first 16 bytes of SHA-256 over what
 * PostgreSQL sends for it, which has the type and length of each field. An id says nothing of what
 * a row means and is left out. */
#define POSTGRES_SUM(fields) "substring(sha256(record_send(ROW(" fields "))) FOR 16)"
#define POSTGRES_LABEL_SUM_OF(hash, name, folded) \
    POSTGRES_SUM("'label'::text, " hash ", " name ", " folded ", x, y, width, height")
#define POSTGRES_LABEL_SUM POSTGRES_LABEL_SUM_OF("hash", "name", "folded")
#define POSTGRES_RULE_SUM POSTGRES_SUM("'rule'::text, kind, key, value")
#define POSTGRES_ENTRY_SUM                                                                     \
    POSTGRES_SUM("'ledger'::text, at, request, event, purpose, provider, host, model, photos," \
                 " bytes, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens," \
                 " cost_usd, detail, facts")
/* What a part's new table of photos has besides what postgres_photos_sql makes. */
/* The columns of facts that came after format 2, to a table of photos as postgres_photos_sql makes
 * it. */
int postgres_add_facts(struct postgres *p, const char *table, struct error *err) MUST_CHECK;
int postgres_part_finish(struct postgres *part, struct error *err) MUST_CHECK;
/* Makes the schema where it is missing. */
int postgres_make_schema(struct postgres *p, struct error *err) MUST_CHECK;
/* The statement that makes a table of photos: `id` is the type of that column and what follows it,
 * `embedding` a type, `key` and `tail` what follows the column path_key and all. The caller frees.
 */
char *postgres_photos_sql(const char *table, const char *id, const char *embedding, const char *key,
                          const char *tail);

/* ---- postgres_model.c ---- */

int postgres_read_settings(struct postgres *p, struct error *err) MUST_CHECK;
/* Inside a transaction: writes the model into the settings. */
int postgres_put_model(struct postgres *p, const struct store_model *model,
                       struct error *err) MUST_CHECK;
/* The statement that gives the column embedding its length. The caller frees. */
char *postgres_dim_sql(enum store_storage storage, int dim);

/* ---- postgres_open.c ---- */

/* Connected, and nothing made or checked yet. */
int postgres_new(const char *where, enum store_mode mode, const struct store_options *options,
                 struct postgres **ret_postgres, struct error *err) MUST_CHECK;
int postgres_open(const char *where, enum store_mode mode, const struct store_options *options,
                  struct postgres **ret_postgres, struct error *err) MUST_CHECK;
void postgres_close(struct postgres *p);
DEFINE_AUTO(postgres, postgres_close)

/* ---- postgres_adopt.c ---- */

int postgres_adopt(const char *where, const struct store_adoption *how, char **ret_plan,
                   struct error *err) MUST_CHECK;

/* ---- postgres_changes.c ---- */

/* Split or not. */
extern const char postgres_fail_sql[];
/* The same in one transaction, whatever the number of servers. */
int postgres_apply_run(struct postgres *p, const struct store_change *changes, size_t n,
                       struct error *err) MUST_CHECK;

/* ---- postgres_claims.c ---- */

/* Inside a transaction: gives back the claims on the paths of the changes. */
int postgres_release_claims(struct postgres *p, const struct store_change *changes, size_t n,
                            struct error *err) MUST_CHECK;

/* ---- postgres_list.c, postgres_read.c ---- */

/* What is wrong with the content of a photo, where it is damaged. */
#define POSTGRES_DAMAGE \
    "coalesce((SELECT damage FROM keepsake_damage AS d WHERE d.hash = image_gallery.hash), '')"
/* In front of a statement that adds the content $7: notes or drops what is wrong with it, $9. */
#define POSTGRES_NOTE_DAMAGE                                                              \
    "sound AS (DELETE FROM keepsake_damage WHERE hash = $7::bytea AND $9::text IS NULL)," \
    " hurt AS (INSERT INTO keepsake_damage (hash, damage) SELECT $7::bytea, $9::text"     \
    " WHERE $9::text IS NOT NULL ON CONFLICT (hash) DO UPDATE SET damage ="               \
    " excluded.damage)"
/* The same: drops the photos of the file $2 whose content is not $7, but the one at position $10,
 * which gets it. */
#define POSTGRES_DROP_OUTDATED                                                       \
    "outdated AS (DELETE FROM image_gallery WHERE path_key = $2 AND position <> $10" \
    " AND hash <> $7::bytea)"
/* Columns of a photo, and the photo of a row that begins with them. */
#define POSTGRES_PHOTO "id::bigint, path_key, size, mtime_ns, hash, {#}"
/* The first column after it. */
#define POSTGRES_AFTER_PHOTO (5 + (int)fact_columns())
void postgres_read_photo(const PGresult *rows, int row, struct store_photo *ret_photo);

/* From the columns "{#}" of a row, which begin with `first`. */
void postgres_read_facts(const PGresult *rows, int row, int first, struct photo_facts *facts);

/* ---- postgres_labels.c ---- */

/* Inside a transaction and a pipeline: puts one that is not there. */
int postgres_send_label(struct postgres *p, const struct store_label *label, const char *folded,
                        struct error *err) MUST_CHECK;

/* ---- postgres_labels_follow.c ---- */

/* Inside a transaction, before the changes: labels of photos that get new content go over to it as
 * labels.h says. */
int postgres_labels_follow(struct postgres *p, const struct store_change *changes, size_t n,
                           struct error *err) MUST_CHECK;

/* ---- postgres_objects.c: what other programs hung on keepsake's tables ---- */

/* ERR_CORRUPT when keepsake_rule, keepsake_label, keepsake_ledger or another of keepsake's own
 * tables is no longer a plain table with the columns and guards it was made with, or has a trigger,
 * rule or policy of somebody else's. image_gallery may have what its owner likes. */
int postgres_check_objects(struct postgres *p, struct error *err) MUST_CHECK;
/* In an operation of postgres_attempt: a sentence about the first; NULL: all is as it should be.
 * The caller frees. */
int postgres_find_odd(struct postgres *p, char **ret_sentence, struct error *err) MUST_CHECK;

/* ---- postgres_check_records.c ---- */

/* The findings. */
void postgres_check_all_records(struct postgres *p,
                                void (*each)(void *context, const struct store_finding *finding),
                                void *context);

/* ---- postgres_records.c ---- */

/* A statement that fails, and its transaction with it, unless there is such a row: a trigger may
 * keep one from being stored without a word. postgres_explain_lost_row makes a sentence of it. */
#define POSTGRES_LOST_ROW "keepsake: lost row"
/* Not a constant, which would be computed, and fail, before anything else. */
#define POSTGRES_EXPECT_ROW(rows)                                                     \
    "SELECT CASE WHEN EXISTS (SELECT FROM " rows ") THEN 1 ELSE ('" POSTGRES_LOST_ROW \
    "' || left(clock_timestamp()::text, 0))::integer END"
int postgres_explain_lost_row(const struct postgres *p, int rc, const struct error *why,
                              struct error *err);

/* ---- postgres_model.c ---- */

/* Reads the settings; ERR_MISMATCH unless the model in use is the expected one (struct
 * store.using). */
int postgres_check_model(struct postgres *p, struct error *err) MUST_CHECK;

/* ---- postgres_signals.c ---- */

/* Inside a writing transaction, before the changes: drops the signals of contents that no photo has
 * after them. */
int postgres_signals_leave(struct postgres *p, const struct store_change *changes, size_t n,
                           struct error *err) MUST_CHECK;

/* ---- postgres_filter.c ---- */

/* The conditions of a tree (NULL: every photo), in parentheses where they need them, with their
 * parameters after those that `args` has. What is returned, for criteria_sql_release, must outlive
 * the use of `args`; it borrows from `where`. */
struct criteria_sql postgres_filter_sql(const struct postgres *p, const struct criteria *where,
                                        struct postgres_args *args);
#define AUTO_CRITERIA_SQL __attribute__((cleanup(criteria_sql_release))) struct criteria_sql

/* ---- postgres_index.c ---- */

/* The indexes of image_gallery that are for vectors: catalog rows i, c, a and o (class of
 * operators). */
#define POSTGRES_VECTOR_INDEXES                                                         \
    " FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid"                    \
    " JOIN pg_am AS a ON a.oid = c.relam JOIN pg_opclass AS o ON o.oid = i.indclass[0]" \
    " WHERE i.indrelid = 'image_gallery'::regclass AND a.amname IN ('hnsw', 'ivfflat', 'diskann')"
/* Names of one being built, and of the one that is used. */
#define POSTGRES_NEW_INDEX "keepsake_embedding_new"
#define POSTGRES_INDEX "image_gallery_embedding_keepsake"
/* Writes the wish into the settings; KEEP leaves what is there. */
int postgres_wish_index(struct postgres *p, enum store_index_kind kind, enum store_metric metric,
                        struct error *err) MUST_CHECK;
/* "<=>", "<->" or "<#>". */
const char *postgres_operator(enum store_metric metric);
/* "vector" or "halfvec". */
const char *postgres_type(enum store_storage storage);
/* ivfflat as pgvector's documentation advises. */
int64_t postgres_ivfflat_lists(int64_t photos);
int64_t postgres_ivfflat_probes(int64_t photos);

/* ---- a gallery on several servers ----
 *
 * Transactions over several servers are not atomic in PostgreSQL: at the end of one, postgres_fdw
 * commits on one part after the other, and then here; a crash between them keeps some. So every
 * transaction on a split gallery is one that can be done again from any such state with the same
 * outcome: see postgres_split_changes.c. */

/* ---- postgres_split.c, postgres_split_part.c ---- */

enum { POSTGRES_PARTS = 64 };
/* Partitions and foreign scans that work at the same time. */
#define POSTGRES_OLDEST_SPLIT 140000

int postgres_split(const char *where, const char *const *parts, size_t n,
                   const struct store_options *options, struct store_split_report *ret_report,
                   struct error *err) MUST_CHECK;

/* The server, database and schema of a gallery. The caller frees. */
int postgres_identity(struct postgres *p, char **ret_identity, struct error *err) MUST_CHECK;
/* Makes the tables of part `number` of the gallery `identity` in the database that `part` is
 * connected to; those of an attempt that was cut off before it moved a photo are made anew. */
int postgres_part_make(struct postgres *part, const char *identity, int number, int dim,
                       enum store_storage storage, struct error *err) MUST_CHECK;
/* postgres_dim_sql for a part. The caller frees. */
char *postgres_part_dim_sql(enum store_storage storage, int dim);
/* ERR_INVALID unless that part is there already. */
int postgres_part_check(struct postgres *part, const char *identity, int number,
                        struct error *err) MUST_CHECK;

/* ---- postgres_parts.c ---- */

/* Runs statements that give no rows on every part, all parts at once, each statement in a
 * transaction of its own. Not within a transaction. */
int postgres_parts_run(struct postgres *p, const char *const *statements, size_t n,
                       struct error *err) MUST_CHECK;
/* Gives every part the index that `create` makes under the name POSTGRES_NEW_INDEX (NULL: none),
 * in place of all vector indexes it has. */
int postgres_parts_index(struct postgres *p, const char *create, int64_t kilobytes, bool parallel,
                         struct error *err) MUST_CHECK;
/* The options of the sessions on the parts: what postgres_search.c sets in its own. The caller
 * frees. */
char *postgres_parts_options(int64_t ivfflat_probes);
int postgres_parts_set_options(struct postgres *p, int64_t ivfflat_probes,
                               struct error *err) MUST_CHECK;
/* The `limit` nearest of each part among rows that are `where`: columns as postgres_search.c's,
 * then the order, then the number of the part. The caller frees. */
char *postgres_parts_search_sql(int parts, const char *type, const char *operator, bool exact,
                                const char *where, size_t limit);

/* ---- postgres_split_changes.c ---- */

int postgres_split_apply(struct postgres *p, const struct store_change *changes, size_t n,
                         struct error *err) MUST_CHECK;
/* The statement for a change on a split gallery, with the parameters of the ordinary one. */
const char *postgres_split_sql(enum store_change_kind kind, bool with_id);
