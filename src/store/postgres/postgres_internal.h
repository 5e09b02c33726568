/* SPDX-License-Identifier: MIT */
/* The gallery in PostgreSQL with pgvector: private to store/.
 *
 * The functions postgres_NAME of store_operations.h do what store_NAME of store.h says; store.c has
 * checked their arguments. All objects of a gallery are in one schema, the first of the
 * search_path:
 *
 *     image_gallery      a row per photo: id, path, embedding, and keepsake's columns
 *     keepsake_failure   files that could not be read
 *     keepsake_gallery   one row: model, version of the tables, settings of the vector index
 *     keepsake_claimer   index runs that share the work, and the ends of their leases
 *     keepsake_claim     files that one of them has claimed
 *     keepsake_writer    a row per writing process: the number of its last transaction
 *     keepsake_label, keepsake_rule, keepsake_ledger    labels.h, rules.h, ledger.h
 *     keepsake_album, keepsake_album_photo              albums.h
 *     keepsake_change    a row per transaction of another program that was not counted yet
 *
 * In a split gallery (postgres_split.c), image_gallery is a partitioned table whose partitions
 * image_gallery_part_0 ... are foreign tables.
 *
 * `path` is text for people and other programs; `path_key` has the exact bytes and is the key.
 *
 * Failures. Every function is one transaction, or only reads. After a transient failure (server
 * restart, lost connection, deadlock, lock timeout), postgres_attempt repeats it for at most
 * POSTGRES_PATIENCE_S, and reconnects where needed. If the answer to a commit was lost,
 * keepsake_writer shows whether it was committed, so that nothing is done twice. (The server's own
 * transaction ids cannot serve for this, because an id that was not committed is reused after a
 * crash.) */
#pragma once

#include <libpq-fe.h>

#include "base/limits.h"
#include "base/strbuf.h"
#include "store/criteria_sql.h"
#include "store/fact_sql.h"
#include "store/filter.h"
#include "store/postgres/postgres_catalog.h"
#include "store/store_internal.h"

/* How long failed work is repeated; a server restart takes less. */
#define POSTGRES_PATIENCE_S 60.0
/* How long cached settings stay valid: another process may build an index. A gallery stays bound
 * once it has a model. */
#define POSTGRES_SETTINGS_S 10.0
/* The first version with pg_current_xact_id_if_assigned. */
#define POSTGRES_OLDEST_SERVER 130000
#define POSTGRES_OLDEST_PGVECTOR "0.8.0"
/* Earlier versions may write beyond their shared memory when they build an HNSW index in parallel.
 */
#define POSTGRES_PARALLEL_PGVECTOR "0.8.2"
/* The maximum length of a path; longer ones do not fit into a btree page (2704 bytes). */
#define POSTGRES_PATH_BYTES 2600
/* Above this many photos, `auto` builds an HNSW index. bench/store, on 2 cores that also had other
 * work: an exact search takes 50 ms among 31,783 photos and 200 ms among 200,000, thus about 100 ms
 * at this number, which people still perceive as immediate. HNSW takes a fifth of that or less, and
 * misses some of the nearest photos. */
#define POSTGRES_AUTO_PHOTOS 100000

enum postgres_failure {
    POSTGRES_FINAL, /* a repetition would fail again */
    POSTGRES_LOST,  /* the connection is lost; uncommitted work was rolled back */
    POSTGRES_AGAIN, /* rolled back; a repetition on this connection may succeed */
};

/* The row of table keepsake_gallery. */
struct postgres_settings {
    int format;
    bool bound;
    struct store_model model;
    struct store_index index;
    int shards; /* number of shards; 0: the gallery is not split */
};

struct postgres {
    struct store store; /* its name contains no password */
    PGconn *conn;       /* NULL: not connected */
    char *where;        /* as given; may contain a password, so never shown */
    enum store_mode mode;
    struct store_options options;

    char *schema;           /* schema of the gallery */
    char *extension_schema; /* schema of pgvector; NULL if it is not installed */
    char pgvector[16];      /* version of pgvector */
    bool is_gallery;        /* the table keepsake_gallery existed when p connected */
    char *address_path;     /* the search_path that the address asks for; NULL: none */
    bool pooled;            /* a connection pooler is between: see postgres_query.c */
    char *enter_sql;        /* the settings of each transaction through a pooler */
    bool listens;           /* the session listens to POSTGRES_CHANNEL */
    bool said_untold;       /* the user knows that a pooler passes no notifications on */
    bool must_enter;        /* they have to precede the next statement of the pipeline */
    size_t dim;             /* 0 until a bound model has been read */
    int64_t claimer;        /* this store in table keepsake_claimer; 0 until it claims */
    struct postgres_settings settings;
    double settings_read; /* clock_seconds */

    enum postgres_failure failure; /* kind of the last failure */
    char sqlstate[6];              /* of the last failure; "" if the server gave none */
    int64_t writer, written; /* id of this process in keepsake_writer (0: none yet), and the number
                                of transactions it began */
    const char *parsed;      /* SQL of the unnamed prepared statement */
    struct fact_sql facts;   /* statements expanded from templates */
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
/* Connects if there is no connection, and sets up the session. */
int postgres_connect(struct postgres *p, struct error *err) MUST_CHECK;
void postgres_disconnect(struct postgres *p);
/* Finds the schema and pgvector, and sets up the session. Called again after pgvector was installed
 * or the schema was created. */
int postgres_set_session(struct postgres *p, struct error *err) MUST_CHECK;
/* ERR_UNSUPPORTED if a connection pooler is between, which `what` does not work through. */
int postgres_refuse_pooler(const struct postgres *p, const char *what,
                           struct error *err) MUST_CHECK;

/* ---- postgres_error.c ---- */

/* Sets and returns the error for a failed result (NULL: of the connection); also sets p->failure.
 */
int postgres_error(struct postgres *p, const PGresult *result, struct error *err);
/* Passes a message to the `notice` callback of store_open_with. */
void postgres_notice(struct postgres *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* libpq's callback: `context` is the struct postgres. */
void postgres_receive_notice(void *context, const PGresult *result);

/* ---- postgres_wait.c: cancellable waiting ---- */

/* The first works like PQgetResult. The second reads all results of a script and returns the last,
 * whose error counts. store_options.cancelled ends both. */
PGresult *postgres_next_result(struct postgres *p);
PGresult *postgres_last_result(struct postgres *p);
/* Waits for this many seconds, or until the operation is cancelled. */
void postgres_pause(const struct postgres *p, double seconds);
bool postgres_is_cancelled(const struct postgres *p);
/* Returns ERR_CANCELLED, with a message. */
int postgres_cancelled(const struct postgres *p, struct error *err);

/* ---- postgres_attempt.c: retries and transactions ---- */

typedef int postgres_operation(struct postgres *p, void *context, struct error *err);

/* Runs `operation`, which must be a transaction or only read, until it succeeds, fails permanently,
 * or POSTGRES_PATIENCE_S is over. */
int postgres_attempt(struct postgres *p, postgres_operation *operation, void *context,
                     struct error *err) MUST_CHECK;
/* Deletes this process's row in keepsake_writer, before closing. */
void postgres_end_writer(struct postgres *p);
/* Rolls back an unfinished transaction. */
void postgres_leave_transaction(struct postgres *p);
/* Runs `body` in a writing transaction, committed exactly once. Every run of `body` must set all
 * its outputs again. It counts as a change if it wrote a row. */
int postgres_write(struct postgres *p, postgres_operation *body, void *context,
                   struct error *err) MUST_CHECK;

/* ---- postgres_query.c ---- */

/* Returns `before`, a table and `after`, for the table of photos or for each shard. The caller
 * frees it. */
char *postgres_each_shard_sql(const struct postgres *p, const char *before, const char *after);
/* Expands a constant template (store/fact_sql.h) for the gallery's format. */
const char *postgres_facts_sql(struct postgres *p, const char *template_sql);

/* The parameters of one statement, in order. Pointers are borrowed. */
/* Maximum number of parameters: those of the longest statement, and at most three for each value of
 * a tree of criteria. */
enum { POSTGRES_ARGS = 11 + FACT_COUNT + 3 * LIMIT_CRITERIA_VALUES };
struct postgres_args {
    int count;
    const char *values[POSTGRES_ARGS];
    int lengths[POSTGRES_ARGS], formats[POSTGRES_ARGS];
    char numbers[POSTGRES_ARGS][32];
};

void args_int(struct postgres_args *a, int64_t value);
void args_double(struct postgres_args *a, double value);
void args_text(struct postgres_args *a, const char *text); /* NULL becomes SQL NULL */
void args_bytes(struct postgres_args *a, const void *data, size_t size);

/* Frees a result at the end of the scope. */
static inline void postgres_clear(PGresult **result)
{
    PQclear(*result);
}
#define AUTO_RESULT __attribute__((cleanup(postgres_clear))) PGresult

/* Runs one statement with parameters (`args` may be NULL); rows come in binary. */
int postgres_query(struct postgres *p, const char *sql, const struct postgres_args *args,
                   PGresult **ret_result, struct error *err) MUST_CHECK;
/* The same for a statement without rows; *ret_changed (may be NULL) is the number of changed rows.
 */
int postgres_run(struct postgres *p, const char *sql, const struct postgres_args *args,
                 int64_t *ret_changed, struct error *err) MUST_CHECK;
/* Runs several statements without parameters. */
int postgres_script(struct postgres *p, const char *sql, struct error *err) MUST_CHECK;

/* Statements sent without waiting for each one's answer:
 *
 *     rc = postgres_pipeline_start(p, err);
 *     if (!rc) rc = postgres_pipeline_send(p, sql, &args, err);  ... and more
 *     rc = postgres_pipeline_finish(p, rc, &result, err);
 *
 * finish waits for all, returns rc or the first failure, and gets the last result that has rows
 * (ret_result may be NULL). `sql` must outlive the pipeline: statements are parsed once per run of
 * equal addresses. */
int postgres_pipeline_start(struct postgres *p, struct error *err) MUST_CHECK;
int postgres_pipeline_send(struct postgres *p, const char *sql, const struct postgres_args *args,
                           struct error *err) MUST_CHECK;
int postgres_pipeline_finish(struct postgres *p, int rc, PGresult **ret_result,
                             struct error *err) MUST_CHECK;

/* ---- postgres_value.c: binary values ---- */

/* Returns PQgetlength bytes and a NUL; "" for NULL, and if the server sent fewer rows or columns
 * than requested. */
const char *value_bytes(const PGresult *result, int row, int column);
int64_t value_int(const PGresult *result, int row,
                  int column); /* int2, int4, int8, bool; NULL: 0 */
double value_double(const PGresult *result, int row, int column); /* float8; NULL: 0 */
/* Copies text; NULL becomes "". */
void value_text(const PGresult *result, int row, int column, char *ret_text, size_t size);
/* Returns a copy of a text or bytea; the caller frees it. */
char *value_copy(const PGresult *result, int row, int column);
/* Return parameters of the types bigint[] and bytea[] as text. The caller frees them. */
char *array_of_ids(const int64_t *ids, size_t n);
char *array_of_hashes(const uint8_t (*hashes)[HASH_BYTES], size_t n);
/* Gets a hash; zeros if the value does not have the size of a hash. */
void value_hash(const PGresult *result, int row, int column, uint8_t ret_hash[HASH_BYTES]);

/* pgvector's binary format: number of dimensions and zero (16 bits each), then floats, all
 * big-endian. */
size_t vector_bytes(size_t dim);
void vector_write(const float *vector, size_t dim, void *ret_bytes);
/* ERR_CORRUPT unless it has `dim` dimensions. */
int value_vector(struct postgres *p, const PGresult *result, int row, int column, float *ret_vector,
                 struct error *err) MUST_CHECK;

/* ---- postgres_schema.c ---- */

/* Creates missing tables (STORE_WRITE), or returns an error about what is missing. */
int postgres_prepare(struct postgres *p, struct error *err) MUST_CHECK;
int postgres_require_pgvector(struct postgres *p, struct error *err) MUST_CHECK;
bool postgres_is_older(const char *version, const char *than); /* "0.8.0" */
/* Inside a transaction: creates missing tables. */
int postgres_make_tables(struct postgres *p, struct error *err) MUST_CHECK;
/* Takes a lock until the transaction ends, so that only one process creates or changes tables. */
int postgres_lock_tables(struct postgres *p, struct error *err) MUST_CHECK;
int postgres_has_table(struct postgres *p, const char *table, bool *ret_has,
                       struct error *err) MUST_CHECK;
int postgres_schema_version(void);
/* Gets whether the gallery has labels, rules and the ledger. A gallery of format 1 that is opened
 * for reading lacks them until another program writes to it. */
int postgres_has_records(struct postgres *p, bool *ret_has, struct error *err) MUST_CHECK;
/* Within an operation of postgres_attempt: gets whether the gallery has this format or a newer one.
 */
int postgres_has_format(struct postgres *p, int format, bool *ret_has,
                        struct error *err) MUST_CHECK;
/* The checksum of a row with explicit types: the first 16 bytes of the SHA-256 of PostgreSQL's
 * binary form of the row, which has the type and length of each field. The id is left out, because
 * it is not part of the meaning of a row. */
#define POSTGRES_SUM(fields) "substring(sha256(record_send(ROW(" fields "))) FOR 16)"
#define POSTGRES_LABEL_SUM_OF(hash, name, folded) \
    POSTGRES_SUM("'label'::text, " hash ", " name ", " folded ", x, y, width, height")
#define POSTGRES_LABEL_SUM POSTGRES_LABEL_SUM_OF("hash", "name", "folded")
#define POSTGRES_RULE_SUM POSTGRES_SUM("'rule'::text, kind, key, value")
#define POSTGRES_ENTRY_SUM                                                                     \
    POSTGRES_SUM("'ledger'::text, at, request, event, purpose, provider, host, model, photos," \
                 " bytes, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens," \
                 " cost_usd, detail, facts")
/* Adds the columns of facts introduced after format 2 to a table made by postgres_photos_sql. */
int postgres_add_facts(struct postgres *p, const char *table, struct error *err) MUST_CHECK;
/* Completes a shard's new table of photos, which postgres_photos_sql has made. */
int postgres_shard_finish(struct postgres *shard, struct error *err) MUST_CHECK;
/* Creates the schema if it is missing. */
int postgres_make_schema(struct postgres *p, struct error *err) MUST_CHECK;
/* Returns the statement that creates a table of photos. `id` is the type and constraints of that
 * column, `embedding` a type, `key` the constraints of the column path_key, and `tail` the end of
 * the statement. The caller frees it. */
char *postgres_photos_sql(const char *table, const char *id, const char *embedding, const char *key,
                          const char *tail);

/* ---- postgres_triggers.c ----
 *
 * Triggers on image_gallery for the writes of other programs: keepsake_complete fills path_key,
 * refuses invalid paths and brings vectors to unit length; keepsake_record records deleted photos
 * in keepsake_failure (dropped) and deletes their signals; keepsake_count counts the change. A
 * split gallery has none of them, because its rows are on other servers. */

/* Begins a transaction for which the triggers do nothing. */
#define POSTGRES_BEGIN_WRITING "BEGIN; SET LOCAL keepsake.writing = 'on'"
/* The channel of notifications about rows without a vector; the payload is the schema. */
#define POSTGRES_CHANNEL "keepsake_missing"
/* Inside a transaction: creates or replaces the functions and triggers. */
int postgres_make_triggers(struct postgres *p, struct error *err) MUST_CHECK;
/* The names of the functions of its triggers, and their bodies in this order, from 0. The caller
 * frees the body. */
#define POSTGRES_COMPLETE "keepsake_complete_photo"
#define POSTGRES_RECORD "keepsake_record_photo"
#define POSTGRES_COUNT "keepsake_count_others"
char *postgres_trigger_body(int i);

/* ---- postgres_mend.c ---- */

/* Gets the names of keepsake's triggers, functions and view that are gone or changed; NULL if there
 * are none. The caller frees it. */
int postgres_find_lost(struct postgres *p, char **ret_lost, struct error *err) MUST_CHECK;
/* Makes them again if the user owns the gallery, and says so. */
int postgres_mend_lost(struct postgres *p, struct error *err) MUST_CHECK;
/* The condition for a record of keepsake_failure that the trigger made. */
#define POSTGRES_DROPPED "(to_jsonb(keepsake_failure) -> 'dropped') IS NOT DISTINCT FROM 'true'"

/* ---- postgres_model.c ---- */

int postgres_read_settings(struct postgres *p, struct error *err) MUST_CHECK;
/* Inside a transaction: writes the model to the settings. */
int postgres_put_model(struct postgres *p, const struct store_model *model,
                       struct error *err) MUST_CHECK;
/* Returns where PostgreSQL shall keep a vector: "PLAIN" (inside its row) or "EXTERNAL". */
const char *postgres_placement(enum store_storage storage, int dim);
/* Returns the statement that sets the dimension of the column embedding. The caller frees it. */
char *postgres_dim_sql(enum store_storage storage, int dim);

/* ---- postgres_open.c ---- */

/* Connects, but creates and checks nothing. */
int postgres_new(const char *where, enum store_mode mode, const struct store_options *options,
                 struct postgres **ret_postgres, struct error *err) MUST_CHECK;
int postgres_open(const char *where, enum store_mode mode, const struct store_options *options,
                  struct postgres **ret_postgres, struct error *err) MUST_CHECK;
void postgres_close(struct postgres *p);
DEFINE_AUTO(postgres, postgres_close)

/* ---- postgres_adopt.c, and postgres_adopt_internal.h ---- */

int postgres_adopt(const char *where, const struct store_adoption *how, char **ret_plan,
                   struct error *err) MUST_CHECK;

/* ---- postgres_door.c ---- */

/* Inside a transaction: creates the function keepsake_search and the view keepsake_photos of
 * docs/postgres.md. The view must be dropped before image_gallery is dropped. */
int postgres_make_door(struct postgres *p, struct error *err) MUST_CHECK;
int postgres_mend_door(struct postgres *p, struct error *err) MUST_CHECK; /* it was made before */
/* Returns the body of keepsake_condition (0) or keepsake_search (1). The caller frees it. */
char *postgres_door_body(int i);
int postgres_drop_door(struct postgres *p, struct error *err) MUST_CHECK;

/* ---- postgres_changes.c ---- */

/* The statement for STORE_FAIL, for split and other galleries. */
extern const char postgres_fail_sql[];
/* As store_apply, but always in one transaction, even on a split gallery. */
int postgres_apply_run(struct postgres *p, const struct store_change *changes, size_t n,
                       struct error *err) MUST_CHECK;

/* ---- postgres_claims.c ---- */

/* Inside a transaction: releases the claims on the paths of the changes. */
int postgres_release_claims(struct postgres *p, const struct store_change *changes, size_t n,
                            struct error *err) MUST_CHECK;

/* ---- postgres_list.c, postgres_read.c ---- */

/* The damage of a photo's content; '' if it is sound. */
#define POSTGRES_DAMAGE \
    "coalesce((SELECT damage FROM keepsake_damage AS d WHERE d.hash = image_gallery.hash), '')"
/* Precedes a statement that adds the content $7: records its damage $9, or deletes the record. */
#define POSTGRES_NOTE_DAMAGE                                                              \
    "sound AS (DELETE FROM keepsake_damage WHERE hash = $7::bytea AND $9::text IS NULL)," \
    " hurt AS (INSERT INTO keepsake_damage (hash, damage) SELECT $7::bytea, $9::text"     \
    " WHERE $9::text IS NOT NULL ON CONFLICT (hash) DO UPDATE SET damage ="               \
    " excluded.damage)"
/* The same: deletes the photos of the file $2 whose content is not $7, except the one at position
 * $10, which gets that content. */
#define POSTGRES_DROP_OUTDATED                                                       \
    "outdated AS (DELETE FROM image_gallery WHERE path_key = $2 AND position <> $10" \
    " AND hash <> $7::bytea)"
/* The columns of a photo; postgres_read_photo reads a row that begins with them. */
#define POSTGRES_PHOTO "id::bigint, path_key, size, mtime_ns, hash, {#}"
/* The first column after them. */
#define POSTGRES_AFTER_PHOTO (5 + (int)fact_columns())
void postgres_read_photo(const PGresult *rows, int row, struct store_photo *ret_photo);

/* Reads facts from the columns "{#}" of a row, which begin with column `first`. */
void postgres_read_facts(const PGresult *rows, int row, int first, struct photo_facts *facts);

/* ---- postgres_labels.c ---- */

/* Inside a transaction and a pipeline: adds the label unless it exists. */
int postgres_send_label(struct postgres *p, const struct store_label *label, const char *folded,
                        struct error *err) MUST_CHECK;

/* ---- postgres_labels_follow.c ---- */

/* Inside a transaction, before the changes: moves the labels of photos that get new content as
 * labels.h says. */
int postgres_labels_follow(struct postgres *p, const struct store_change *changes, size_t n,
                           struct error *err) MUST_CHECK;

/* ---- postgres_objects.c: objects that other programs attached to keepsake's tables ---- */

/* ERR_CORRUPT when keepsake_rule, keepsake_label, keepsake_ledger or another of keepsake's own
 * tables is no longer a plain table with its original columns and guards, or has a foreign trigger,
 * rule or policy. image_gallery may have any such objects. */
int postgres_check_objects(struct postgres *p, struct error *err) MUST_CHECK;
/* Within an operation of postgres_attempt: gets a sentence about the first such object, or NULL if
 * there is none. The caller frees it. */
int postgres_find_odd(struct postgres *p, char **ret_sentence, struct error *err) MUST_CHECK;

/* ---- postgres_check_records.c ---- */

/* Reports the findings of store_check about labels, rules and the ledger. */
void postgres_check_all_records(struct postgres *p,
                                void (*each)(void *context, const struct store_finding *finding),
                                void *context);

/* ---- postgres_records.c ---- */

/* A statement that fails, and aborts its transaction, unless such a row exists: a trigger may
 * silently prevent a row from being stored. postgres_explain_lost_row turns the failure into a
 * message. */
#define POSTGRES_LOST_ROW "keepsake: lost row"
/* Not a constant expression, because the planner would evaluate it early, and fail. */
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

/* Inside a writing transaction, before the changes: deletes the signals of contents that no photo
 * will have after them. */
int postgres_signals_leave(struct postgres *p, const struct store_change *changes, size_t n,
                           struct error *err) MUST_CHECK;

/* ---- postgres_filter.c ---- */

/* Returns the conditions of a tree (NULL: every photo), in parentheses where necessary, and appends
 * their parameters to `args`. The result borrows from `where`, and must be kept as long as `args`
 * is used; release it with criteria_sql_release. */
struct criteria_sql postgres_filter_sql(const struct postgres *p, const struct criteria *where,
                                        struct postgres_args *args);
#define AUTO_CRITERIA_SQL __attribute__((cleanup(criteria_sql_release))) struct criteria_sql

/* ---- postgres_effort.c, and postgres_effort.h ---- */

/* Gets whether `where` leaves fewer photos than an index is worth using for, judged by a sample of
 * the table. */
int postgres_leaves_few(struct postgres *p, const struct criteria *where, bool *ret_few,
                        struct error *err) MUST_CHECK;

/* ---- postgres_index.c ---- */

/* Returns the kind of the adopted index in use (POSTGRES_ADOPTED_INDEX), "none" or "". */
const char *postgres_adopted_kind(const struct postgres *p);
/* Gets the operator class of an index that searches use. */
enum { POSTGRES_CLASS = 32 };
void postgres_index_class(const struct postgres *p, enum store_index_kind kind,
                          char ret_class[POSTGRES_CLASS]);
/* Writes the wanted index to the settings; KEEP leaves a setting unchanged. */
int postgres_wish_index(struct postgres *p, const struct store_options *options,
                        struct error *err) MUST_CHECK;
/* Sets up the session for building an index of that many photos, and resets it. */
int postgres_start_build(struct postgres *p, int64_t photos, struct error *err) MUST_CHECK;
int postgres_reset_build(struct postgres *p, struct error *err) MUST_CHECK;
/* Returns "<=>", "<->" or "<#>". */
const char *postgres_operator(enum store_metric metric);
/* Returns "vector" or "halfvec". */
const char *postgres_type(enum store_storage storage);
/* ---- postgres_index_options.c ---- */

/* Returns the number of that name in a list "NAME=NUMBER NAME=NUMBER", or `otherwise`. */
int64_t postgres_option(const char *list, const char *name, int64_t otherwise);
/* Applies store_options.index_options to the recorded options; ERR_INVALID if they are wrong. */
int postgres_merge_options(const char *has, const char *wanted,
                           char ret_options[STORE_INDEX_OPTIONS_SIZE],
                           struct error *err) MUST_CHECK;
/* Returns whether an index with the numbers `made` has those of `wanted` that concern its build. */
bool postgres_options_agree(const char *wanted, const char *made);
/* The numbers of an ivfflat index over that many photos: the lists, as pgvector's documentation
 * recommends, and how many of them a search reads. */
int64_t postgres_ivfflat_lists(const struct store_index *index, int64_t photos);
int64_t postgres_ivfflat_probes(const struct store_index *index, int64_t photos);
/* Returns the statement that builds POSTGRES_NEW_INDEX as the settings say; the caller frees it.
 * ret_made gets its numbers. */
char *postgres_index_sql(const struct postgres *p, enum store_index_kind kind, int64_t photos,
                         bool concurrently, char ret_made[STORE_INDEX_OPTIONS_SIZE]);
/* Returns the SQL expression of a quantized vector, in parentheses. The caller frees it. */
char *postgres_quantized(const struct postgres *p, enum store_quantize quantize,
                         const char *vector);

/* ---- postgres_index_advice.c ---- */

/* Below this number of photos an exact search is as fast as one by hnsw: on two cores with
 * other work, 25 and 32 ms among 31,783 photos, 18 and 34 ms among 10,000. */
#define POSTGRES_SMALL_PHOTOS 50000
/* Returns a sentence about a fault of this version of pgvector that can damage such an index; NULL
 * if none is known. The caller frees it. */
char *postgres_version_fault(const char *version, enum store_index_kind kind);
/* Tells the owner, before the index is built, of such a fault, and if the index gains nothing. */
void postgres_advise_build(struct postgres *p, enum store_index_kind kind, int64_t photos);

/* ---- postgres_analyze.c ---- */

/* Updates the planner's statistics if the table of photos has grown much since the last time. */
int postgres_analyze_grown(struct postgres *p, struct error *err) MUST_CHECK;

/* ---- postgres_foreign.c ---- */

/* Calls `each` for every vector index of image_gallery that keepsake neither made nor adopted. */
int postgres_tell_foreign(struct postgres *p,
                          void (*each)(void *context, const struct store_finding *finding),
                          void *context, struct error *err) MUST_CHECK;

/* ---- split galleries ----
 *
 * Transactions over several servers are not atomic in PostgreSQL: postgres_fdw commits on one shard
 * after the other, and then here, so after a crash only some shards may have committed. Therefore
 * every transaction on a split gallery is idempotent: repeating it from any such state gives the
 * same result. See postgres_split_changes.c. */

/* ---- postgres_split.c, postgres_split_shard.c ---- */

enum { POSTGRES_SHARDS = 64 };
/* The first server version with asynchronous foreign scans of partitions. */
#define POSTGRES_OLDEST_SPLIT 140000

int postgres_split(const char *where, const char *const *shards, size_t n,
                   const struct store_options *options, struct store_split_report *ret_report,
                   struct error *err) MUST_CHECK;

/* ERR_INVALID, with their names, if objects of other programs hang on the table of photos. */
int postgres_refuse_hanging(struct postgres *p, struct error *err) MUST_CHECK;
/* Gets a string that identifies the server, database and schema of a gallery. The caller frees it.
 */
int postgres_identity(struct postgres *p, char **ret_identity, struct error *err) MUST_CHECK;
/* Creates the tables of shard `number` of the gallery `identity` in the database that `shard` is
 * connected to. Tables left by an attempt that was interrupted before it moved a photo are
 * recreated. */
int postgres_shard_make(struct postgres *shard, const char *identity, int number, int dim,
                        enum store_storage storage, struct error *err) MUST_CHECK;
/* The same as postgres_dim_sql, for a shard. The caller frees it. */
char *postgres_shard_dim_sql(enum store_storage storage, int dim);
/* The statement that makes or replaces the view of a shard. */
extern const char postgres_shard_view_sql[];
/* Makes the view keepsake_parts, or brings that of an older format up to date. */
int postgres_make_parts(struct postgres *p, size_t shards, struct error *err) MUST_CHECK;
/* ERR_INVALID unless that shard exists already. */
int postgres_shard_check(struct postgres *shard, const char *identity, int number,
                         struct error *err) MUST_CHECK;

/* ---- postgres_shards.c ---- */

/* Runs statements without rows on all shards in parallel, each statement in its own transaction.
 * Must not be called within a transaction. */
int postgres_shards_run(struct postgres *p, const char *const *statements, size_t n,
                        struct error *err) MUST_CHECK;
/* Replaces keepsake's vector index of every shard with the one that `create` makes under the name
 * POSTGRES_NEW_INDEX (NULL: none). */
int postgres_shards_index(struct postgres *p, const char *create, int64_t kilobytes, bool parallel,
                          struct error *err) MUST_CHECK;
/* Returns the options of the sessions on the shards, which match the settings that
 * postgres_search.c makes in its own session. The caller frees them. */
char *postgres_shards_options(const struct store_index *index, int64_t photos);
int postgres_shards_set_options(struct postgres *p, int64_t photos, struct error *err) MUST_CHECK;
/* Returns the statement for the `limit` nearest rows of each shard that fulfil `where`. Its columns
 * are those of postgres_search.c, then the sort key, then the number of the shard. The caller frees
 * it. */
char *postgres_shards_search_sql(int shards, const char *type, const char *order, const char *where,
                                 size_t limit);

/* ---- postgres_split_changes.c ---- */

int postgres_split_apply(struct postgres *p, const struct store_change *changes, size_t n,
                         struct error *err) MUST_CHECK;
/* Returns the statement for a change on a split gallery, with the same parameters as the ordinary
 * statement. */
const char *postgres_split_sql(enum store_change_kind kind, bool with_id);
