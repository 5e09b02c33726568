/* SPDX-License-Identifier: MIT */
/* Signals are data computed from the pixels of photos, besides facts and the vectors that searches
 * use: perceptual hashes, vectors of further models, and possibly others later.
 *
 * A signal belongs to a picture, which is the content of a file (its SHA-256) and a position in it.
 * Its key also has the kind, the model it was computed with, and the version of the kind. All
 * copies of a photo share it; it is kept when the file is moved, and deleted when no photo has the
 * content any more. */
#pragma once

#include "store/store.h"

/* The kind whose payloads are vectors: dim float32 numbers, little-endian. `model` is a fingerprint
 * and `version` the preprocessing, of one of store_list_models. */
#define STORE_SIGNAL_VECTOR "vector"

enum {
    STORE_SIGNAL_NAME_MAX = 64,         /* bytes of a kind or model name */
    STORE_SIGNAL_PAYLOAD_MAX = 1 << 19, /* bytes */
};

struct store_signal_kind {
    const char *kind;
    const char *model; /* "" for a kind without a model */
    int version;       /* above 0 */
};

struct store_signal {
    uint8_t hash[HASH_BYTES];
    int position;
    struct store_signal_kind kind; /* its strings and the payload are borrowed */
    const void *payload;
    size_t size; /* bytes; above 0, unless `reason` is given */
    /* NULL or "": the signal was computed. Otherwise it could not be computed, for this reason, and
     * there is no payload. */
    const char *reason;
};

/* Returns whether the signal is the record of a failure. */
bool store_signal_failed(const struct store_signal *signal);

/* Stores all signals in one transaction and releases this store's claims on them. Each replaces the
 * previous one, including other versions of the same kind and model (except for vectors). Signals
 * of pictures that no photo shows are skipped. ERR_INVALID for a malformed signal, and for a vector
 * of a model that the gallery does not have, or of another size. */
int store_put_signals(struct store *store, const struct store_signal *signals, size_t n,
                      struct error *err) MUST_CHECK;

/* Lists the signals of kind `kind` (NULL: all) of pictures with the content `hash` (NULL: all), in
 * order of kind, model, version, hash and position. A non-zero return value of `each` ends the
 * iteration and is returned; `each` must not use this store. Lists none if the gallery's format is
 * older than signals. */
int store_list_signals(struct store *store, const struct store_signal_kind *kind,
                       const uint8_t hash[HASH_BYTES],
                       int (*each)(void *context, const struct store_signal *signal), void *context,
                       struct error *err) MUST_CHECK;

/* A picture that lacks a signal, and a photo that shows it. */
struct store_lacking {
    int64_t photo;
    const char *path; /* borrowed */
    uint8_t hash[HASH_BYTES];
    int position;
};
/* Lists each picture that has no signal of this kind, model and version, and no record of a failure
 * to compute it, once, in order of the id of
 * the first photo that shows it: at most `limit` pictures with ids above `after`. Photos with
 * unknown content are skipped. A non-zero return value of `each` ends the iteration and is
 * returned; `each` must not use this store. */
int store_list_lacking(struct store *store, const struct store_signal_kind *kind, int64_t after,
                       size_t limit,
                       int (*each)(void *context, const struct store_lacking *lacking),
                       void *context, struct error *err) MUST_CHECK;

/* Claims the signals of one kind for these pictures, as store_claim does for files. Only hash and
 * position of `pictures` are read. ret_claims[i] becomes STORE_CLAIM_MINE or STORE_CLAIM_BUSY. A
 * claim ends with store_put_signals, store_unclaim or its lease. */
int store_claim_signals(struct store *store, const struct store_signal_kind *kind,
                        const struct store_lacking *pictures, size_t n, double lease_s,
                        enum store_claim *ret_claims, struct error *err) MUST_CHECK;

/* Deletes the records of failures to compute a signal, so that those pictures lack it again. */
int store_retry_signals(struct store *store, struct error *err) MUST_CHECK;

struct store_signal_count {
    struct store_signal_kind kind; /* its strings are borrowed */
    int64_t pictures;              /* that have the signal */
    int64_t failed;                /* pictures for which it could not be computed */
};
/* Calls `each` for every kind, model and version of which there are signals, in that order, except
 * for vectors (store_list_models counts those). *ret_pictures is the number of different pictures
 * with known content. A non-zero return value of `each` ends the iteration and is returned; `each`
 * must not use this store. */
int store_count_signals(struct store *store,
                        int (*each)(void *context, const struct store_signal_count *count),
                        void *context, int64_t *ret_pictures, struct error *err) MUST_CHECK;

/* ---- vectors of several models ----
 *
 * One model is in use (store_get_model), and searches compare its vectors. The vectors of other
 * models are stored as signals. */

/* Lists the model in use, then the others in order of id, each with the number of pictures that
 * have a vector of it. Lists none if no model was ever bound. A non-zero return value of `each`
 * ends the iteration and is returned; `each` must not use this store. */
int store_list_models(struct store *store,
                      int (*each)(void *context, const struct store_model *model, int64_t vectors),
                      void *context, struct error *err) MUST_CHECK;

/* Makes `model` the model in use, in one transaction. Searches then compare its vectors, and the
 * vectors of the previous model are kept as signals. Programs that have the gallery open with the
 * previous model get ERR_MISMATCH from then on, so that vectors of two models are never compared.
 * The next index run embeds photos without a vector of the new model (store_list_unsound). A no-op
 * if the model is in use already. ERR_NOT_FOUND while no model is bound; ERR_INVALID while the
 * content of a photo with a vector is unknown; ERR_UNSUPPORTED on a split gallery. */
int store_use_model(struct store *store, const struct store_model *model,
                    struct error *err) MUST_CHECK;

/* Registers a model, so that signals may be vectors of it; a no-op if it is registered already. */
int store_add_model(struct store *store, const struct store_model *model,
                    struct error *err) MUST_CHECK;
