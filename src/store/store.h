/* SPDX-License-Identifier: MIT */
/* The gallery: photos, their vectors, and the files that failed. The only place that knows SQL.
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
    STORE_READ,  /* ERR_NOT_FOUND when there is no gallery yet; changes nothing in it */
    STORE_WRITE, /* makes the gallery (and its folder) when there is none */
};

/* `where`: a file path (SQLite), or what libpq understands: postgresql://USER@HOST/DATABASE,
 * postgres://..., or "host=... dbname=..." (PostgreSQL with pgvector). A schema of its own for the
 * gallery: ?options=-csearch_path%3DNAME. ERR_NOT_FOUND, ERR_CORRUPT (not a gallery, or one that
 * has tables, triggers, views or indexes that keepsake did not make like this),
 * ERR_UNSUPPORTED (written by a newer program; a table that must be adopted first; no pgvector),
 * ERR_DENIED, ERR_NETWORK (no connection), ERR_IO. */
int store_open(const char *where, enum store_mode mode, struct store **ret_store,
               struct error *err) MUST_CHECK;
void store_close(struct store *store); /* NULL is fine */
DEFINE_AUTO(store, store_close)

/* `where` for sentences, logs and process titles: printable, and without a password. The caller
 * frees. */
char *store_describe(const char *where);
/* Whether `where` is a file path, which may be relative to somewhere, and not an address. */
bool store_is_file(const char *where);

/* ---- the vector index: PostgreSQL only; a SQLite gallery is searched exactly, and needs none ----
 */

enum store_index_kind {
    STORE_INDEX_KEEP, /* as the gallery has it; in a new one: AUTO */
    STORE_INDEX_AUTO, /* NONE while exact search is fast, then HNSW */
    STORE_INDEX_NONE, /* exact search */
    STORE_INDEX_HNSW,
    STORE_INDEX_IVFFLAT, /* built from the photos there are, and again when they grew tenfold */
    STORE_INDEX_DISKANN, /* where the extension vectorscale is installed */
};

/* The distance the index is made for. Vectors are of unit length, so all rank alike. */
enum store_metric {
    STORE_METRIC_KEEP, /* as the gallery has it; in a new one: COSINE */
    STORE_METRIC_COSINE,
    STORE_METRIC_L2,
    STORE_METRIC_INNER_PRODUCT,
};

enum store_storage {
    STORE_STORAGE_KEEP,    /* as the gallery has it; in a new one: VECTOR */
    STORE_STORAGE_VECTOR,  /* float32: the vector that comes back is the one that was given */
    STORE_STORAGE_HALFVEC, /* float16: half the size, rounded to 11 bits */
};

struct store_options {
    enum store_index_kind index; /* recorded when writing; store_tend_index makes it true */
    enum store_metric metric;    /* the same */
    enum store_storage storage;  /* of a new gallery; ERR_MISMATCH on one that has the other */
    /* With STORE_READ, for store_check: also opens a gallery whose tables, indexes or triggers
     * another program changed, which is otherwise ERR_CORRUPT. */
    bool examine;
    /* One sentence from the server (a notice or warning), or about waiting for it. May be NULL. */
    void (*notice)(void *context, const char *sentence);
    /* Polled while the store blocks: on a statement, on another program's lock, before a retry.
     * Returning true cancels the operation with ERR_CANCELLED. May be NULL. */
    bool (*cancelled)(void *context);
    void *context;
};

/* store_open with other than default options; they are copied. */
int store_open_with(const char *where, enum store_mode mode, const struct store_options *options,
                    struct store **ret_store, struct error *err) MUST_CHECK;

/* Records the index setting and builds the index: minutes on a large gallery, without blocking
 * readers or writers. ERR_UNSUPPORTED for an index that this store cannot have. */
int store_set_index(struct store *store, enum store_index_kind kind, enum store_metric metric,
                    struct error *err) MUST_CHECK;
/* Brings the index in line with the recorded setting; a no-op if it already is. For the end of an
 * index run. */
int store_tend_index(struct store *store, struct error *err) MUST_CHECK;

struct store_index {
    enum store_index_kind wanted; /* never KEEP */
    enum store_index_kind built;  /* NONE, or the kind of the index there is */
    int64_t built_photos;         /* photos there were when it was built; 0: not known */
    int64_t built_at;             /* unix seconds; 0: not known */
    enum store_metric metric;
    enum store_storage storage;
};
int store_get_index(struct store *store, struct store_index *ret_index,
                    struct error *err) MUST_CHECK;

const char *store_index_name(enum store_index_kind kind); /* "auto", "none", "hnsw" ... */
/* The kind of that name; false when there is none. */
bool store_index_parse(const char *name, enum store_index_kind *ret_kind);

/* ---- a table that was made by hand ---- */

struct store_adoption {
    const struct store_model *model; /* that its vectors are of */
    const char *folder; /* what relative paths are relative to; NULL: all must be absolute */
    bool only_plan;     /* say what would be done, and do nothing */
};

/* Makes a gallery of a table image_gallery (id, path, embedding vector(N)) that keepsake did not
 * make: adds columns and tables, and keeps every row. Size, time and hash of the photos are unknown
 * afterwards, so that the next index run reads them once. *ret_plan (the caller frees): a line for
 * each thing that is done. ERR_NOT_FOUND without such a table; ERR_INVALID for one that is a
 * gallery already or that cannot become one, which says why; ERR_MISMATCH for another vector size.
 */
int store_adopt(const char *where, const struct store_adoption *how, char **ret_plan,
                struct error *err) MUST_CHECK;

/* ---- a gallery on several servers: PostgreSQL only ---- */

struct store_split_report {
    int64_t moved;  /* photos */
    bool was_split; /* over just these parts, and nothing was done but what was left to do */
};

/* Divides the gallery `where` (made when there is none) over the databases `parts` (addresses as
 * `where`): each keeps a share of the photos and searches it with an index of its own. Photos that
 * the gallery has are moved, in one transaction. The server of `where` must reach the parts under
 * the same addresses. ERR_INVALID: the gallery is split otherwise, or a part is in use; then
 * nothing changed. ERR_DENIED, ERR_UNSUPPORTED. See docs/scale.md. */
int store_split(const char *where, const char *const *parts, size_t n,
                const struct store_options *options, struct store_split_report *ret_report,
                struct error *err) MUST_CHECK;

/* ---- the model the vectors belong to ---- */

struct store_model {
    char id[256];
    char fingerprint[HASH_HEX_SIZE]; /* of the weights */
    int preprocessing;               /* version of the preprocessing */
    int dim;
    char arithmetic[32]; /* in which its vectors were computed: "f32", "bf16", "bf16,f32" for some
                            in each; "unknown" in galleries that were made before it was recorded;
                            "": it is not said. Vectors may be compared whatever it is. */
};

/* ERR_NOT_FOUND while nothing was ever bound. */
int store_get_model(struct store *store, struct store_model *ret_model,
                    struct error *err) MUST_CHECK;
/* Binds an unbound gallery; on a bound one, compares. ERR_MISMATCH says which model the gallery
 * has, which was given, and the two ways out (--model of the gallery's own, or another --gallery).
 */
int store_bind_model(struct store *store, const struct store_model *model,
                     struct error *err) MUST_CHECK;
/* The comparison alone: for searching. An unbound gallery, which is empty, suits every model. */
int store_check_model(struct store *store, const struct store_model *model,
                      struct error *err) MUST_CHECK;

/* ---- files: what the gallery knows of each path ---- */

struct store_file {
    int64_t id;               /* of the photo; 0 for a failed file */
    const char *path;         /* borrowed for the duration of the call */
    int64_t size;             /* bytes */
    int64_t mtime_ns;         /* since 1970 */
    int64_t ctime_ns, inode;  /* as stat gave them when the file was read; 0: not known */
    uint8_t hash[HASH_BYTES]; /* SHA-256 of the content; zeros when never read */
    bool failed;
    const char *version; /* of a failed file: as store_change has it; borrowed, never NULL */
};

/* Calls `each` for every file at or below `root` (NULL: all), in path order (memcmp), with the id
 * of its photo at position 0. A non-zero return of `each` stops and is returned. `each` may read
 * the gallery, but not change it. Concurrent changes may or may not be seen. */
int store_list_files(struct store *store, const char *root,
                     int (*each)(void *context, const struct store_file *file), void *context,
                     struct error *err) MUST_CHECK;

/* Calls `each` for every folder at or below `root` (NULL: all) that photos lie in, some folders
 * more than once, in any order. Reads nothing of a photo but its path. `each` as above. */
int store_list_parents(struct store *store, const char *root,
                       int (*each)(void *context, const char *folder), void *context,
                       struct error *err) MUST_CHECK;

/* ---- changes ---- */

enum store_change_kind {
    STORE_CHANGE_NONE = 0,
    STORE_ADD,   /* path, position, times, hash, facts, vector: a new photo, or new content at a
                     known path (id kept; photos at its other positions go with the old content).
                     id: 0, or what a new photo gets if that is larger than every id the gallery
                     ever gave (ids only grow); else it gets the next one */
    STORE_COPY,  /* path, times, id, hash: new path, same content as photo `id`: its position, hash,
                    facts and vector are copied */
    STORE_MOVE,  /* path, times, id, hash, source: photo `id` is at this path now; its id, position
                    and vector are kept */
    STORE_TOUCH, /* path, times: same content, new times (of the file's photos, or the failure) */
    STORE_FAIL,  /* path, times, hash, reason, version: cannot be read; replaces the photos at this
                    path */
    STORE_REMOVE, /* path: forget its photos or failure */
    STORE_KEEP,   /* path: nothing changes; for a claim that is given back */
};

struct store_change {
    enum store_change_kind kind;
    const char *path;
    int position; /* STORE_ADD: of the photo in its file (struct store_photo) */
    int64_t size, mtime_ns, id;
    int64_t ctime_ns, inode; /* with size and mtime_ns the "times"; 0: not known */
    const uint8_t *hash;     /* [HASH_BYTES]; may be NULL for all but STORE_ADD */
    const char *source;      /* STORE_MOVE: where the photo is so far; may be NULL */
    const struct photo_facts *facts;
    const float *vector; /* [dim] */
    const char *reason;  /* one sentence */
    const char *version; /* STORE_FAIL: of the programs that failed; may be NULL: not known */
};

/* All of them in one transaction, or none; on a gallery over several servers the first so many may
 * be stored, which does no harm: doing all of them again gives what was wanted. ERR_INVALID, with
 * nothing applied, for a change that lacks something, a relative path, a vector that is not of unit
 * length, or an ADD before a model was bound. A COPY onto a known path replaces its content, as an
 * ADD does. A COPY or MOVE whose photo `id` has gone meanwhile or has no longer the content `hash`,
 * a MOVE onto a path that another photo has, and a TOUCH or REMOVE of an unknown path do nothing. A
 * MOVE of a photo that is no longer at `source`, because another process moved it first, copies.
 * Gives back this store's claims on the paths. Waits for another writer. */
int store_apply(struct store *store, const struct store_change *changes, size_t n,
                struct error *err) MUST_CHECK;

/* Writing ends: all of a gallery in a file is in that one file, on disk, so that it can be renamed
 * or copied once it is closed. ERR_IO while another program has it open. Nothing on a server. */
int store_seal(struct store *store, struct error *err) MUST_CHECK;

/* Deletes all entries at or below `path`; *ret_count is the number of photos and failures. */
int store_forget(struct store *store, const char *path, int64_t *ret_count,
                 struct error *err) MUST_CHECK;

/* ---- claims: concurrent index runs share the work ----
 *
 * A process claims a file before it works on it. A claim ends when a change of its path is applied,
 * with store_unclaim, or when its owner has not renewed its lease by store_claim: a killed process
 * costs nothing but time. Claims never block readers or writers, and processes that claim do not
 * wait for each other (PostgreSQL: FOR UPDATE SKIP LOCKED). Claims are advisory: an owner whose
 * lease has expired may still apply its changes, which does no harm.
 *
 * The lease is measured by the server's clock, and starts again when the server restarts. For a
 * gallery in a file it is measured by the machine's clock, and a process of the same machine that
 * has ended loses its claims immediately. */

struct store_wanted {
    const char *path;
    int64_t size, mtime_ns;  /* as the file is on disk */
    int64_t ctime_ns, inode; /* the same; 0: not known, then not compared */
    bool again;              /* to be read, whatever the gallery has: never STORE_CLAIM_DONE */
};

enum store_claim {
    STORE_CLAIM_MINE, /* this store's from now on, or already */
    STORE_CLAIM_BUSY, /* another's */
    STORE_CLAIM_DONE, /* the gallery has the file with this size and these times, as far as both
                         sides know them: nothing to do */
};

#define STORE_LONGEST_LEASE_S 86400.0

/* Claims what can be claimed; the answer for files[i] goes to ret_claims[i]. A failure whose
 * content could not be read does not count as done. Renews the lease of all that this store has
 * claimed, also with n = 0: to be called a few times per lease. ERR_INVALID for a relative path, or
 * a lease that is not above 0 and at most STORE_LONGEST_LEASE_S. */
int store_claim(struct store *store, const struct store_wanted *files, size_t n, double lease_s,
                enum store_claim *ret_claims, struct error *err) MUST_CHECK;
/* Gives back all claims of this store. */
int store_unclaim(struct store *store, struct error *err) MUST_CHECK;

/* ---- reading ---- */

/* Reads the whole gallery from a consistent snapshot, despite concurrent writers: calls `each` with
 * the STORE_ADD, id included, that makes each photo again, in order of id, then with the STORE_FAIL
 * of each failure, in order of path. ctime_ns and inode, which mean something on one machine, are
 * left at "not known". The hash of an ADD is zeros when unknown. An ADD whose vector
 * is missing, or has not dim numbers, has NULL for it and a sentence in `reason`. What the change
 * points to is borrowed for the duration of the call. A non-zero return of `each` stops and is
 * returned; `each` must not use this store. */
int store_dump(struct store *store, int (*each)(void *context, const struct store_change *change),
               void *context, struct error *err) MUST_CHECK;

/* Whether a vector may be stored: finite, and of length 1 within what rounding explains. */
bool store_is_unit(const float *vector, size_t dim);

struct store_photo {
    int64_t id;
    char *path;
    int position; /* in its file, from 0: of frames of a video; 0 for a still picture */
    int64_t size, mtime_ns;
    uint8_t hash[HASH_BYTES]; /* SHA-256 of the file's content; zeros when never read */
    struct photo_facts facts;
};
void store_photo_release(struct store_photo *photo);

/* ERR_NOT_FOUND. Only here position and facts.damage are filled; in all lists they
 * are 0 and "". */
int store_get_photo(struct store *store, int64_t id, struct store_photo *ret_photo,
                    struct error *err) MUST_CHECK;
/* ERR_CORRUPT: it is not sound. */
int store_get_vector(struct store *store, int64_t id, float *ret_vector,
                     struct error *err) MUST_CHECK;
/* n photos by their ids into ret_photos [n], in this order; one that is not there has no path
 * (NULL). ret_vectors, which may be NULL: [n][dim], the first number NAN where there is no sound
 * vector. On a server this is one statement, so that whoever needs more than one photo asks here.
 */
int store_get_photos(struct store *store, const int64_t *ids, size_t n,
                     struct store_photo *ret_photos, float *ret_vectors,
                     struct error *err) MUST_CHECK;
/* The paths of all photos with one of these contents, those of a content in their order, borrowed
 * for the call. A non-zero return of `each` stops and is returned; `each` must not use this store.
 */
int store_list_copies(struct store *store, const uint8_t (*hashes)[HASH_BYTES], size_t n,
                      int (*each)(void *context, const uint8_t hash[HASH_BYTES], const char *path),
                      void *context, struct error *err) MUST_CHECK;

/* The photos that have no vector, or one that is not sound (a wrong number of numbers, not finite,
 * not of length 1), in order of id: what an index run is to embed again. Reads all vectors. A
 * non-zero return of `each` stops and is returned; `each` may read the gallery, but not change it.
 */
int store_list_unsound(struct store *store, int (*each)(void *context, int64_t id), void *context,
                       struct error *err) MUST_CHECK;
/* How many of them the last search met, and left out. */
int64_t store_count_left_out(struct store *store);

struct store_hit {
    int64_t id;
    double score; /* cosine similarity */
};

/* The k photos nearest to `query` [dim], best first, ties by path (memcmp order): exact, unless the
 * gallery has an approximate vector index. `filter` (NULL: every photo) is exact always: only
 * photos that it lets through, and k of them when it lets through so many. ret_hits has room for k.
 * An empty gallery gives 0 hits. Sees what other processes have committed. ERR_INVALID: a filter
 * that is none. */
int store_search(struct store *store, const float *query, size_t k,
                 const struct store_filter *filter, struct store_hit *ret_hits, size_t *ret_count,
                 struct error *err) MUST_CHECK;
/* The same, always exact. */
int store_search_exact(struct store *store, const float *query, size_t k,
                       const struct store_filter *filter, struct store_hit *ret_hits,
                       size_t *ret_count, struct error *err) MUST_CHECK;

/* Every photo whose cosine with vectors[i] ([n][dim], of unit length) is at least `least`, for each
 * i, in no order: exact, and the same statement on a server for several i. In a file, of each i the
 * LIMIT_RESULTS nearest at most. A non-zero return of `each` stops and is returned; `each` must not
 * use this store. */
int store_list_near(struct store *store, const float *vectors, size_t n, double least,
                    int (*each)(void *context, size_t vector, const struct store_hit *hit),
                    void *context, struct error *err) MUST_CHECK;

struct store_status {
    int64_t photos, failed;
    int64_t bytes;       /* of the gallery on disk */
    int64_t last_change; /* unix seconds of the last committed change; 0: never */
    bool bound;          /* model means something */
    struct store_model model;
    const char *kind; /* "sqlite", "postgres" */
    int schema_version;
    int64_t labels, rules, ledger_entries; /* labels.h, rules.h, ledger.h */
    int64_t damaged;                       /* photos */
};
int store_status(struct store *store, struct store_status *ret_status,
                 struct error *err) MUST_CHECK;

struct store_failure {
    const char *path, *reason; /* borrowed */
    int64_t size, mtime_ns;
    int64_t ctime_ns, inode; /* 0: not known */
    const char *version;     /* of the programs that failed; borrowed; "": not known */
};
int store_list_failures(struct store *store,
                        int (*each)(void *context, const struct store_failure *failure),
                        void *context, struct error *err) MUST_CHECK;

/* The photos that are damaged, with what is wrong (facts.damage; both borrowed), in order of path.
 * A non-zero return of `each` stops and is returned. */
int store_list_damaged(struct store *store,
                       int (*each)(void *context, const char *path, const char *damage),
                       void *context, struct error *err) MUST_CHECK;

enum store_verdict { STORE_GOOD, STORE_WARNING, STORE_BAD };

struct store_finding {
    const char *check; /* one word: "integrity" */
    enum store_verdict verdict;
    const char *sentence; /* borrowed, as all of it */
};

/* Checks the health of the store: the integrity of its tables, data derived from the vectors, free
 * disk space. Reads everything and changes nothing; a check that cannot be made is also a finding.
 */
void store_check(struct store *store,
                 void (*each)(void *context, const struct store_finding *finding), void *context);

/* The version of the SQLite library in use, such as "3.40.1": for people and bug reports. */
const char *store_engine_version(void);
/* The version of PostgreSQL's client library, such as "15.20". */
void store_client_version(char *ret_version, size_t size);
