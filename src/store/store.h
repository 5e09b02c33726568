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

struct store;

enum store_mode {
    STORE_READ,  /* ERR_NOT_FOUND when there is no gallery yet; never writes */
    STORE_WRITE, /* makes the gallery (and its folder) when there is none */
};

/* `where`: a file path (sqlite). ERR_NOT_FOUND, ERR_CORRUPT (not a gallery), ERR_UNSUPPORTED
 * (written by a newer program), ERR_DENIED, ERR_IO. */
int store_open(const char *where, enum store_mode mode, struct store **ret_store,
               struct error *err) MUST_CHECK;
void store_close(struct store *store); /* NULL is fine */
DEFINE_AUTO(store, store_close)

/* ---- the model the vectors belong to ---- */

struct store_model {
    char id[256];
    char fingerprint[HASH_HEX_SIZE]; /* of the weights */
    int preprocessing;               /* version of the preprocessing */
    int dim;
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
    uint8_t hash[HASH_BYTES]; /* SHA-256 of the content; zeros when never read */
    bool failed;
};

/* Calls `each` for every file at or below `root` (NULL: all), in path order (memcmp). A non-zero
 * return of `each` stops and is returned. `each` may read the gallery, but not change it. */
int store_list_files(struct store *store, const char *root,
                     int (*each)(void *context, const struct store_file *file), void *context,
                     struct error *err) MUST_CHECK;

/* ---- changes ---- */

enum store_change_kind {
    STORE_CHANGE_NONE = 0,
    STORE_ADD,  /* path, size, mtime_ns, hash, facts, vector: a new photo, or new content at a known
                   path (id kept) */
    STORE_COPY, /* path, size, mtime_ns, id: new path, same content as photo `id`: its hash, facts
                   and vector are copied */
    STORE_MOVE, /* path, size, mtime_ns, id: photo `id` is at this path now; its id and vector are
                   kept */
    STORE_TOUCH, /* path, size, mtime_ns: same content, new times (photo or failure) */
    STORE_FAIL, /* path, size, mtime_ns, hash, reason: cannot be read; replaces a photo at this path
                 */
    STORE_REMOVE, /* path: forget photo or failure */
};

struct store_change {
    enum store_change_kind kind;
    const char *path;
    int64_t size, mtime_ns, id;
    const uint8_t *hash; /* [HASH_BYTES]; may be NULL for STORE_FAIL */
    const struct photo_facts *facts;
    const float *vector; /* [dim] */
    const char *reason;  /* one sentence */
};

/* All of them in one transaction, or none. ERR_INVALID, with nothing applied, for a change that
 * lacks something, a relative path, a vector that is not of unit length, or an ADD before a model
 * was bound. A COPY onto a known path replaces its content, as an ADD does. A COPY or MOVE whose
 * photo `id` has gone meanwhile, a MOVE onto a path that another photo has, and a TOUCH or REMOVE
 * of an unknown path do nothing. Waits for another writer. */
int store_apply(struct store *store, const struct store_change *changes, size_t n,
                struct error *err) MUST_CHECK;

/* Drops what is at or below `path`; the number of photos and failures dropped into *ret_count. */
int store_forget(struct store *store, const char *path, int64_t *ret_count,
                 struct error *err) MUST_CHECK;

/* ---- reading ---- */

struct store_photo {
    int64_t id;
    char *path;
    int64_t size, mtime_ns;
    struct photo_facts facts;
};
void store_photo_release(struct store_photo *photo);

/* ERR_NOT_FOUND. */
int store_get_photo(struct store *store, int64_t id, struct store_photo *ret_photo,
                    struct error *err) MUST_CHECK;
int store_get_vector(struct store *store, int64_t id, float *ret_vector,
                     struct error *err) MUST_CHECK;

struct store_hit {
    int64_t id;
    double score; /* cosine similarity */
};

/* The k photos nearest to `query` [dim], best first, ties by path (memcmp order): exact. ret_hits
 * has room for k. An empty gallery gives 0 hits. Sees what other processes have committed. */
int store_search(struct store *store, const float *query, size_t k, struct store_hit *ret_hits,
                 size_t *ret_count, struct error *err) MUST_CHECK;

struct store_status {
    int64_t photos, failed;
    int64_t bytes;       /* of the gallery on disk */
    int64_t last_change; /* unix seconds of the last committed change; 0: never */
    bool bound;          /* model means something */
    struct store_model model;
    const char *kind; /* "sqlite" */
    int schema_version;
};
int store_status(struct store *store, struct store_status *ret_status,
                 struct error *err) MUST_CHECK;

struct store_failure {
    const char *path, *reason; /* borrowed */
    int64_t size, mtime_ns;
};
int store_list_failures(struct store *store,
                        int (*each)(void *context, const struct store_failure *failure),
                        void *context, struct error *err) MUST_CHECK;

/* The version of the SQLite library in use, such as "3.40.1": for people and bug reports. */
const char *store_engine_version(void);
