/* SPDX-License-Identifier: MIT */
/* The gallery: photos, their vectors, and the files that failed. No other module contains SQL.
 *
 *     AUTO(store) *store = NULL;
 *     if (store_open("/home/ana/gallery.db", STORE_WRITE, &store, err)) ...
 *     if (store_bind_model(store, &model, err)) ...            once, before the first change
 *     if (store_apply(store, changes, n, err)) ...             one transaction
 *
 * Paths are absolute and are bytes (file names need not be UTF-8). Vectors are float32, unit
 * length, all of the model that the gallery is bound to. A struct store belongs to one thread;
 * several processes may have the same gallery open. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/photo.h"
#include "store/filter.h"

struct store;

enum store_mode {
    STORE_READ,  /* never changes the gallery; ERR_NOT_FOUND if there is none yet */
    STORE_WRITE, /* creates the gallery (and its folder) if there is none */
};

/* `where` is a file path (SQLite) or a connection string of libpq: postgresql://USER@HOST/DATABASE,
 * postgres://..., or "host=... dbname=..." (PostgreSQL with pgvector). The option
 * ?options=-csearch_path%3DNAME puts the gallery into its own schema. ERR_NOT_FOUND, ERR_CORRUPT
 * (not a gallery, or a gallery with tables, triggers, views or indexes that keepsake did not create
 * in this form), ERR_UNSUPPORTED (written by a newer program; a table that must be adopted first;
 * no pgvector), ERR_DENIED, ERR_NETWORK (no connection), ERR_IO. */
int store_open(const char *where, enum store_mode mode, struct store **ret_store,
               struct error *err) MUST_CHECK;
void store_close(struct store *store); /* NULL is fine */
DEFINE_AUTO(store, store_close)

/* Returns `where` in a form for messages, logs and process titles: printable and without a
 * password. The caller frees it. */
char *store_describe(const char *where);
/* Returns whether `where` is a file path, absolute or relative, and not an address. */
bool store_is_file(const char *where);

/* ---- the vector index (PostgreSQL only; SQLite searches are exact and need none) ---- */

enum store_index_kind {
    STORE_INDEX_KEEP, /* the gallery's current setting; AUTO in a new gallery */
    STORE_INDEX_AUTO, /* NONE while the gallery is small enough for fast exact search, then HNSW */
    STORE_INDEX_NONE, /* exact search */
    STORE_INDEX_HNSW,
    STORE_INDEX_IVFFLAT,  /* built from the existing photos, and rebuilt when their number has grown
                             tenfold */
    STORE_INDEX_DISKANN,  /* needs the extension vectorscale */
    STORE_INDEX_VCHORDRQ, /* needs the extension vchord */
};

/* What an HNSW index is built from. Candidates come from the index; their scores are always those
 * of the stored vectors. */
enum store_quantize {
    STORE_QUANTIZE_KEEP,    /* the gallery's current setting; NONE in a new gallery */
    STORE_QUANTIZE_NONE,    /* the vectors as they are stored */
    STORE_QUANTIZE_HALFVEC, /* float16: half the memory, nearly the same recall */
    STORE_QUANTIZE_BIT,     /* the sign of each number: a 32nd of the memory, much lower recall */
};

/* The distance that the index is built for. All three rank alike, because vectors have unit length.
 */
enum store_metric {
    STORE_METRIC_KEEP, /* the gallery's current setting; COSINE in a new gallery */
    STORE_METRIC_COSINE,
    STORE_METRIC_L2,
    STORE_METRIC_INNER_PRODUCT,
};

enum store_storage {
    STORE_STORAGE_KEEP,    /* the gallery's current setting; VECTOR in a new gallery */
    STORE_STORAGE_VECTOR,  /* float32: vectors are stored without loss */
    STORE_STORAGE_HALFVEC, /* float16: half the size, rounded to 11 bits */
};

/* The size of a list of index options with its final NUL. */
#define STORE_INDEX_OPTIONS_SIZE 256

struct store_options {
    enum store_index_kind index;  /* recorded in mode STORE_WRITE; store_tend_index builds it */
    enum store_metric metric;     /* the same */
    enum store_storage storage;   /* of a new gallery; ERR_MISMATCH if an existing one differs */
    enum store_quantize quantize; /* recorded like `index` */
    /* Numbers of the index that replace the computed ones, recorded like `index`: "m=32
     * ef_search=800"; "m=auto" removes one. NULL: no change. ERR_INVALID: an unknown name or a
     * number out of range. The names are in index_options.c. */
    const char *index_options;
    /* With STORE_READ, for store_check: also opens a gallery whose tables, indexes or triggers
     * another program has changed. Without it, that is ERR_CORRUPT. */
    bool examine;
    /* Receives one sentence: a notice or warning of the server, or a message that the store waits
     * for the server. May be NULL. */
    void (*notice)(void *context, const char *sentence);
    /* Polled while the store blocks: on a statement, on another program's lock, before a retry.
     * Returning true cancels the operation with ERR_CANCELLED. May be NULL. */
    bool (*cancelled)(void *context);
    void *context;
};

/* As store_open, with options, which are copied. */
int store_open_with(const char *where, enum store_mode mode, const struct store_options *options,
                    struct store **ret_store, struct error *err) MUST_CHECK;

/* Records the index setting and builds the index. On a large gallery that takes minutes, but blocks
 * neither readers nor writers. ERR_UNSUPPORTED if this store does not support the index. */
int store_set_index(struct store *store, enum store_index_kind kind, enum store_metric metric,
                    struct error *err) MUST_CHECK;
/* Brings the index in line with the recorded setting; a no-op if it already is. Index runs call it
 * at their end. */
int store_tend_index(struct store *store, struct error *err) MUST_CHECK;

struct store_index {
    enum store_index_kind wanted; /* never KEEP */
    enum store_index_kind built;  /* the kind of the existing index, or NONE */
    int64_t built_photos;         /* number of photos when it was built; 0: unknown */
    int64_t built_at;             /* unix seconds; 0: unknown */
    enum store_metric metric;
    enum store_storage storage;
    enum store_quantize quantize, built_quantize; /* never KEEP */
    char options[STORE_INDEX_OPTIONS_SIZE];       /* the chosen numbers, "" if there are none */
    char made[STORE_INDEX_OPTIONS_SIZE]; /* the numbers of the existing index; "": unknown */
};
int store_get_index(struct store *store, struct store_index *ret_index,
                    struct error *err) MUST_CHECK;

const char *store_index_name(enum store_index_kind kind); /* Returns "auto", "none", "hnsw" ... */
/* Gets the kind with that name; returns false if there is none. */
bool store_index_parse(const char *name, enum store_index_kind *ret_kind);
const char *store_quantize_name(enum store_quantize quantize); /* "none", "halfvec", "bit" */

/* ---- adopting a table that keepsake did not create ---- */

struct store_adoption {
    const struct store_model *model; /* the model of its vectors */
    const char *folder;              /* base of relative paths; NULL: all paths must be absolute */
    /* "TABLE(KEY, PATH, VECTOR)" for other names than image_gallery(id, path, embedding), which is
     * NULL. The key may be of any type. */
    const char *table;
    bool only_plan;                      /* report the plan and change nothing */
    const struct store_options *options; /* its callbacks; may be NULL */
};

/* Turns a table (id, path, embedding vector(N)) that keepsake did not create into a gallery: adds
 * columns and tables, and keeps every row. The size, times and hashes of the photos are unknown
 * afterwards, so the next index run reads each file once. A table with another name is renamed, and
 * a view takes its place. Others can read the table while its rows are converted; its vector
 * indexes are dropped at the beginning and built again at the end. After a failure or an
 * interruption, the same call completes the adoption. *ret_plan (the caller frees it) has one line
 * per step. ERR_NOT_FOUND if there is no such table; ERR_INVALID if it is a gallery already or
 * cannot become one, with the reason; ERR_MISMATCH for another vector size. */
int store_adopt(const char *where, const struct store_adoption *how, char **ret_plan,
                struct error *err) MUST_CHECK;

/* ---- a gallery on several servers: PostgreSQL only ---- */

struct store_split_report {
    int64_t moved;  /* photos */
    bool was_split; /* the gallery was already split over exactly these shards; only unfinished
                       steps were done */
};

/* Splits the gallery `where` (created if there is none) over the databases `shards` (addresses like
 * `where`). Each shard stores a share of the photos and searches it with its own index. Existing
 * photos are moved in one transaction. The server of `where` must reach the shards under the same
 * addresses. ERR_INVALID, with nothing changed, if the gallery is split differently or a shard is
 * in use. ERR_DENIED, ERR_UNSUPPORTED. See docs/scale.md. */
int store_split(const char *where, const char *const *shards, size_t n,
                const struct store_options *options, struct store_split_report *ret_report,
                struct error *err) MUST_CHECK;

/* ---- the model the vectors belong to ---- */

struct store_model {
    char id[256];
    char fingerprint[HASH_HEX_SIZE]; /* of the weights */
    int preprocessing;               /* version of the preprocessing */
    int dim;
    char arithmetic[32]; /* the arithmetic of its vectors: "f32", "bf16", or "bf16,f32" for a
                            mixture; "unknown" in galleries older than this record; "": not given.
                            Vectors of different arithmetic are comparable. */
};

/* ERR_NOT_FOUND if no model was ever bound. */
int store_get_model(struct store *store, struct store_model *ret_model,
                    struct error *err) MUST_CHECK;
/* Binds an unbound gallery, and compares the model with that of a bound one. The message of
 * ERR_MISMATCH names both models and the two remedies (--model with the gallery's model, or another
 * --gallery). */
int store_bind_model(struct store *store, const struct store_model *model,
                     struct error *err) MUST_CHECK;
/* Compares only; for searches. An unbound gallery is empty and matches every model. */
int store_check_model(struct store *store, const struct store_model *model,
                      struct error *err) MUST_CHECK;

/* Records that vectors with model->arithmetic (a list as above) are about to be stored for this
 * model, in use or not: adds it to the record, or replaces the record if the model has no vectors
 * yet. *ret_before is the previous record. A no-op if the gallery does not have the model. */
int store_add_arithmetic(struct store *store, const struct store_model *model, char ret_before[32],
                         struct error *err) MUST_CHECK;

/* ---- files: the record of each path ---- */

struct store_file {
    int64_t id;               /* of the photo; 0 for a failed file */
    const char *path;         /* borrowed for the duration of the call */
    int64_t size;             /* bytes */
    int64_t mtime_ns;         /* since 1970 */
    int64_t ctime_ns, inode;  /* from stat when the file was read; 0: unknown */
    uint8_t hash[HASH_BYTES]; /* SHA-256 of the content; zeros when never read */
    bool failed;
    bool dropped;        /* another program deleted its photo from the table; also `failed` */
    const char *version; /* of a failed file: as in struct store_change; borrowed, never NULL */
    const char *sidecars, *regions; /* of a photo: as in its facts; borrowed, never NULL */
};

/* Calls `each` for every file at or below `root` (NULL: all), in path order (memcmp), with the id
 * of its photo at position 0. A non-zero return value of `each` ends the iteration and is returned.
 * `each` may read the gallery, but must not change it. Concurrent changes may or may not be seen.
 */
int store_list_files(struct store *store, const char *root,
                     int (*each)(void *context, const struct store_file *file), void *context,
                     struct error *err) MUST_CHECK;

/* Calls `each` once for every folder at or below `root` (NULL: all) that contains photos, in path
 * order. The list is cached until the gallery changes; making it reads the paths of all photos.
 * `each` follows the same rules as above. */
int store_list_parents(struct store *store, const char *root,
                       int (*each)(void *context, const char *folder), void *context,
                       struct error *err) MUST_CHECK;

/* ---- changes ---- */

enum store_change_kind {
    STORE_CHANGE_NONE = 0,
    STORE_ADD, /* path, position, times, hash, facts, vector: a new photo, or new content at a known
                  path (the id is kept; photos at its other positions are deleted with the old
                  content). id: 0, or the id for a new photo; it is used if it is larger than every
                  id ever assigned (ids only grow), otherwise the photo gets the next id */
    STORE_COPY, /* path, times, id, hash: a new path with the content of photo `id`, whose position,
                   hash, facts and vector are copied */
    STORE_MOVE, /* path, times, id, hash, source: photo `id` is now at this path and keeps its id,
                   position and vector */
    STORE_TOUCH, /* path, times: the file's photos or failure get new times; the content is the same
                  */
    STORE_FAIL,  /* path, times, hash, reason, version: the file could not be read; the failure
                    replaces the photos at this path */
    STORE_REMOVE, /* path: deletes its photos or failure */
    STORE_KEEP,   /* path: changes nothing, but releases the claim */
};

struct store_change {
    enum store_change_kind kind;
    const char *path;
    int position; /* STORE_ADD: position of the photo in its file (struct store_photo) */
    int64_t size, mtime_ns, id;
    int64_t ctime_ns, inode; /* with size and mtime_ns, these are the "times"; 0: unknown */
    const uint8_t *hash;     /* [HASH_BYTES]; may be NULL for all but STORE_ADD */
    const char *source;      /* STORE_MOVE: current path of the photo; may be NULL */
    const struct photo_facts *facts;
    const float *vector; /* [dim] */
    const char *reason;  /* one sentence */
    const char *version; /* STORE_FAIL: version of the programs that failed; NULL: unknown */
};

/* Applies all changes in one transaction, or none. On a split gallery, a failure may leave the
 * first few stored; applying all of them again then gives the intended result. ERR_INVALID, with
 * nothing applied, for a change that lacks a required member, a relative path, a vector that is not
 * of unit length, or an ADD before a model was bound. A COPY onto a known path replaces its
 * content, as an ADD does. No-ops are: a COPY or MOVE whose photo `id` was deleted or no longer has
 * the content `hash`, a MOVE onto a path that another photo has, and a TOUCH or REMOVE of an
 * unknown path. A MOVE becomes a copy if another process has already moved the photo away from
 * `source`. Releases this store's claims on the paths. Waits for other writers. */
int store_apply(struct store *store, const struct store_change *changes, size_t n,
                struct error *err) MUST_CHECK;

/* Ends writing: the whole gallery is then in its one file, on disk, which can be renamed or copied
 * after it is closed. ERR_IO while another program has it open. A no-op on a server. */
int store_seal(struct store *store, struct error *err) MUST_CHECK;

/* Deletes all entries at or below `path`; *ret_count is the number of photos and failures. */
int store_forget(struct store *store, const char *path, int64_t *ret_count,
                 struct error *err) MUST_CHECK;

/* ---- claims: concurrent index runs share the work ----
 *
 * A process claims a file before it works on it. A claim ends when a change of its path is applied,
 * with store_unclaim, or when its owner has not renewed its lease with store_claim. The files of a
 * killed process are therefore claimed by others when its lease expires. Claims never block readers
 * or writers, and processes that claim do not wait for each other (PostgreSQL: FOR UPDATE SKIP
 * LOCKED). Claims are advisory: an owner whose lease has expired may still apply its changes, which
 * does no harm.
 *
 * The server's clock measures the lease, which starts again when the server restarts. For a gallery
 * in a file, the machine's clock measures it, and a process on the same machine loses its claims
 * immediately when it ends. */

struct store_wanted {
    const char *path;
    int64_t size, mtime_ns;  /* as the file is on disk */
    int64_t ctime_ns, inode; /* the same; 0: unknown, and not compared */
    bool again;              /* read the file even if the gallery has it: never STORE_CLAIM_DONE */
};

enum store_claim {
    STORE_CLAIM_MINE, /* this store holds the claim */
    STORE_CLAIM_BUSY, /* another process holds the claim */
    STORE_CLAIM_DONE, /* nothing to do: the gallery has the file with this size and these times, as
                         far as both sides know them */
};

#define STORE_LONGEST_LEASE_S 86400.0

/* Claims as many of the files as possible; ret_claims[i] is the answer for files[i]. A failure
 * whose content could not be read does not count as done. Also renews the lease on all claims of
 * this store, even with n = 0, so callers call it a few times per lease. ERR_INVALID for a relative
 * path, or for a lease that is not above 0 and at most STORE_LONGEST_LEASE_S. */
int store_claim(struct store *store, const struct store_wanted *files, size_t n, double lease_s,
                enum store_claim *ret_claims, struct error *err) MUST_CHECK;
/* Releases all claims of this store. */
int store_unclaim(struct store *store, struct error *err) MUST_CHECK;

/* ---- reading ---- */

/* Reads the whole gallery from a consistent snapshot, despite concurrent writers. Calls `each` with
 * a STORE_ADD, including the id, that recreates each photo, in order of id, then with the
 * STORE_FAIL of each failure, in order of path. ctime_ns and inode have a meaning on one machine
 * only and are left at 0 (unknown). The hash of an ADD is zeros when unknown. An ADD whose vector
 * is missing or does not have dim numbers has the vector NULL and a sentence in `reason`. The
 * pointers in the change are borrowed for the duration of the call. A non-zero return value of
 * `each` ends the iteration and is returned; `each` must not use this store. */
int store_dump(struct store *store, int (*each)(void *context, const struct store_change *change),
               void *context, struct error *err) MUST_CHECK;

/* Returns whether a vector may be stored: it is finite, and its length is 1 within rounding errors.
 */
bool store_is_unit(const float *vector, size_t dim);

struct store_photo {
    int64_t id;
    char *path;
    int position; /* in its file, from 0: the number of a video frame; 0 for a still picture */
    int64_t size, mtime_ns;
    uint8_t hash[HASH_BYTES]; /* SHA-256 of the file's content; zeros when never read */
    struct photo_facts facts;
};
void store_photo_release(struct store_photo *photo);

/* ERR_NOT_FOUND. Only this function sets position and facts.damage; in all lists they are 0 and "".
 */
int store_get_photo(struct store *store, int64_t id, struct store_photo *ret_photo,
                    struct error *err) MUST_CHECK;
/* ERR_CORRUPT if the vector is not sound. */
int store_get_vector(struct store *store, int64_t id, float *ret_vector,
                     struct error *err) MUST_CHECK;
/* Gets n photos by id into ret_photos [n], in the same order; an unknown id gets the path NULL.
 * ret_vectors [n][dim] may be NULL; the first number of a vector is NAN if the photo has no sound
 * vector. On a server this is one statement, so use it for more than one photo. */
int store_get_photos(struct store *store, const int64_t *ids, size_t n,
                     struct store_photo *ret_photos, float *ret_vectors,
                     struct error *err) MUST_CHECK;
/* Gets the vectors of n photos, whose ids are in ascending order, into ret_vectors [n][dim]; the
 * first number of a vector is NAN if there is no such photo, or its vector is not sound. */
int store_get_vectors(struct store *store, const int64_t *ids, size_t n, float *ret_vectors,
                      struct error *err) MUST_CHECK;
struct store_copy {      /* a photo with a given content */
    const uint8_t *hash; /* [HASH_BYTES]; borrowed, as is `path` */
    int64_t id;
    int position; /* in its file, as in struct store_photo */
    const char *path;
};
/* Lists all photos with one of these contents; those of one content come in path order. A non-zero
 * return value of `each` ends the iteration and is returned; `each` must not use this store. */
int store_list_copies(struct store *store, const uint8_t (*hashes)[HASH_BYTES], size_t n,
                      int (*each)(void *context, const struct store_copy *copy), void *context,
                      struct error *err) MUST_CHECK;

/* Lists the photos without a sound vector, in order of id, for an index run to embed again. A
 * vector is not sound if it has another number of elements than dim, is not finite, or does not
 * have length 1. Reads all vectors. A non-zero return value of `each` ends the iteration and is
 * returned; `each` may read the gallery, but must not change it. */
int store_list_unsound(struct store *store, int (*each)(void *context, int64_t id), void *context,
                       struct error *err) MUST_CHECK;
/* Returns the number of such photos that the last search left out. */
int64_t store_count_left_out(struct store *store);

struct store_hit {
    int64_t id;
    double score; /* cosine similarity */
};

/* Finds the k photos nearest to `query` [dim], best first, ties in path order (memcmp). The search
 * is exact unless the gallery has an approximate vector index. `filter` (NULL: every photo) is
 * always exact: all hits match it, and there are k of them if k photos match. ret_hits has room for
 * k. An empty gallery gives 0 hits. The search sees all changes that other processes have
 * committed. ERR_INVALID: an invalid filter. */
int store_search(struct store *store, const float *query, size_t k,
                 const struct store_filter *filter, struct store_hit *ret_hits, size_t *ret_count,
                 struct error *err) MUST_CHECK;
/* Gets a later page of the same list: as store_search, but gives only the hits number `skip` to
 * k - 1. ret_hits has room for k - skip (skip < k). *ret_count is the number of the k nearest that
 * exist, with those before the page. Reading a list page by page costs little more than reading it
 * whole. */
int store_search_page(struct store *store, const float *query, size_t skip, size_t k,
                      const struct store_filter *filter, struct store_hit *ret_hits,
                      size_t *ret_count, struct error *err) MUST_CHECK;
/* As store_search, but always exact. */
int store_search_exact(struct store *store, const float *query, size_t k,
                       const struct store_filter *filter, struct store_hit *ret_hits,
                       size_t *ret_count, struct error *err) MUST_CHECK;

/* Lists, for each i and in no particular order, the photos whose cosine similarity with vectors[i]
 * ([n][dim], of unit length) is at least `least`. The result is exact; a server answers for several
 * i with one statement. A gallery in a file gives at most the LIMIT_RESULTS nearest for each i. A
 * non-zero return value of `each` ends the iteration and is returned; `each` must not use this
 * store. */
int store_list_near(struct store *store, const float *vectors, size_t n, double least,
                    int (*each)(void *context, size_t vector, const struct store_hit *hit),
                    void *context, struct error *err) MUST_CHECK;

struct store_status {
    int64_t photos, failed;
    int64_t bytes;       /* of the gallery on disk */
    int64_t last_change; /* unix seconds of the last committed change; 0: no change yet */
    bool bound;          /* `model` is valid */
    struct store_model model;
    const char *kind; /* "sqlite", "postgres" */
    int schema_version;
    int64_t labels, rules, ledger_entries; /* labels.h, rules.h, ledger.h */
    int64_t albums;
    int64_t damaged; /* photos */
    int64_t waiting; /* photos without a vector, for example rows of other programs (missing.h) */
};
int store_status(struct store *store, struct store_status *ret_status,
                 struct error *err) MUST_CHECK;

struct store_failure {
    const char *path, *reason; /* borrowed */
    int64_t size, mtime_ns;
    int64_t ctime_ns, inode; /* 0: unknown */
    const char *version;     /* version of the programs that failed; borrowed; "": unknown */
};
int store_list_failures(struct store *store,
                        int (*each)(void *context, const struct store_failure *failure),
                        void *context, struct error *err) MUST_CHECK;

/* Lists the damaged photos with a description of the damage (facts.damage), in order of path; both
 * strings are borrowed. A non-zero return value of `each` ends the iteration and is returned. */
int store_list_damaged(struct store *store,
                       int (*each)(void *context, const char *path, const char *damage),
                       void *context, struct error *err) MUST_CHECK;

enum store_verdict { STORE_GOOD, STORE_WARNING, STORE_BAD };

struct store_finding {
    const char *check; /* one word: "integrity" */
    enum store_verdict verdict;
    const char *sentence; /* borrowed, as is `check` */
};

/* Checks the health of the store: the integrity of its tables, data derived from the vectors, and
 * free disk space. Reads everything and changes nothing; a check that could not run is also a
 * finding. */
void store_check(struct store *store,
                 void (*each)(void *context, const struct store_finding *finding), void *context);

/* Returns the version of the SQLite library in use, such as "3.40.1", for people and bug reports.
 */
const char *store_engine_version(void);
/* Gets the version of PostgreSQL's client library, such as "15.20". */
void store_client_version(char *ret_version, size_t size);
