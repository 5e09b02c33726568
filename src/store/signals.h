/* SPDX-License-Identifier: MIT */
/* What is computed from the pixels of photos, besides facts and the vectors that searches use:
 * perceptual hashes, vectors of further models, and what is to come.
 *
 * A signal belongs to a picture: the content of a file (its SHA-256) and the position in it. It is
 * found by its kind, the model that it was computed with, and the version of the kind. All copies
 * of a photo share it, it stays when the file is moved, and goes when no photo has the content. */
#pragma once

#include "store/store.h"

/* The kind whose payloads are vectors: dim float32 numbers, little-endian. `model` is a fingerprint
 * and `version` the preprocessing, of one of store_list_models. */
#define STORE_SIGNAL_VECTOR "vector"

enum {
    STORE_SIGNAL_NAME_MAX = 64,         /* bytes of a kind or model */
    STORE_SIGNAL_PAYLOAD_MAX = 1 << 19, /* bytes */
};

struct store_signal_kind {
    const char *kind;
    const char *model; /* "" for a kind that needs none */
    int version;       /* above 0 */
};

struct store_signal {
    uint8_t hash[HASH_BYTES];
    int position;
    struct store_signal_kind kind; /* borrowed, as the payload is */
    const void *payload;
    size_t size; /* bytes; above 0 */
};

/* Keeps all of them in one transaction, in place of what was there, other versions of the same kind
 * and model included (vectors excepted), and gives back this store's claims on them. Those of
 * pictures that no photo has are left out. ERR_INVALID for one that is malformed, and for a vector
 * of a model that the gallery does not have, or of another size. */
int store_put_signals(struct store *store, const struct store_signal *signals, size_t n,
                      struct error *err) MUST_CHECK;

/* kind: of that one only (NULL: all); hash: of pictures with that content only (NULL: all). In
 * order of kind, model, version, hash and position. A non-zero return of `each` stops and is
 * returned; `each` must not use this store. None in a gallery whose tables are older. */
int store_list_signals(struct store *store, const struct store_signal_kind *kind,
                       const uint8_t hash[HASH_BYTES],
                       int (*each)(void *context, const struct store_signal *signal), void *context,
                       struct error *err) MUST_CHECK;

/* A picture without a signal, and a photo of it. */
struct store_lacking {
    int64_t photo;
    const char *path; /* borrowed */
    uint8_t hash[HASH_BYTES];
    int position;
};
/* Pictures that have no signal of this kind, model and version, each once, in order of the id of
 * the first photo that shows it: at most `limit` of those with ids above `after`. Contents that are
 * not known yet do not count. A non-zero return of `each` stops and is returned; `each` must not
 * use this store. */
int store_list_lacking(struct store *store, const struct store_signal_kind *kind, int64_t after,
                       size_t limit,
                       int (*each)(void *context, const struct store_lacking *lacking),
                       void *context, struct error *err) MUST_CHECK;

/* Claims the signals of one kind of these pictures, as store_claim does files: of `pictures` only
 * hash and position are looked at. STORE_CLAIM_MINE or _BUSY to ret_claims[i]. They end with
 * store_put_signals, store_unclaim or the lease. */
int store_claim_signals(struct store *store, const struct store_signal_kind *kind,
                        const struct store_lacking *pictures, size_t n, double lease_s,
                        enum store_claim *ret_claims, struct error *err) MUST_CHECK;

/* ---- vectors of several models ----
 *
 * One model is in use: store_get_model. Its vectors are what searches compare. Those of the others
 * are kept as signals. */

/* The model in use first, then the others in order of id: with the number of pictures that have a
 * vector of it. None while nothing was ever bound. A non-zero return of `each` stops and is
 * returned; `each` must not use this store. */
int store_list_models(struct store *store,
                      int (*each)(void *context, const struct store_model *model, int64_t vectors),
                      void *context, struct error *err) MUST_CHECK;

/* Makes `model` the one in use, and its vectors, as far as there are any, those of searches; the
 * vectors of the former one are kept. In one transaction. Programs that have the gallery open with
 * the former model get ERR_MISMATCH from then on, so that vectors of two models never meet. Photos
 * without a vector of it are embedded by the next index run (store_list_unsound). Nothing when it
 * is in use already. ERR_NOT_FOUND while nothing is bound; ERR_INVALID while a photo with a vector
 * has a content that is not known; ERR_UNSUPPORTED on a gallery over several servers. */
int store_use_model(struct store *store, const struct store_model *model,
                    struct error *err) MUST_CHECK;

/* Makes a model known, so that signals may be vectors of it; nothing when it is known. */
int store_add_model(struct store *store, const struct store_model *model,
                    struct error *err) MUST_CHECK;
