/* SPDX-License-Identifier: MIT */
/* The table of all store operations (an X-macro list), private to store/. It is included several
 * times, each time with other definitions of PLAIN and DERIVED, which it undefines at its end.
 *
 * It generates the members of struct store_backend, the prototypes of sqlite_NAME and
 * postgres_NAME, and the entries of both backend tables. Every operation takes the struct store as
 * its first parameter, which is not written here. To add an operation, declare its public function
 * in store.h or a header beside it, add an entry here, and write the function of each backend.
 *
 *     PLAIN(NAME, (arguments), check, parameters)
 *
 * This operation returns int, does what its public function store_NAME says, and gets the same
 * arguments. store.c generates the public function from the entry: if the expression `check` is not
 * 0 it returns that, otherwise it calls the backend's function.
 *
 *     DERIVED(type, NAME, parameters)
 *
 * The public function of this operation, in store.c or a store_*.c beside it, prepares the
 * arguments. */
#ifndef PLAIN
#define PLAIN(name, arguments, check, ...)
#define DERIVED(type, name, ...)
#endif

/* ---- store.h ---- */

PLAIN(get_model, (ret_model, err), 0, struct store_model *ret_model, struct error *err)
/* Binds an unbound gallery. *ret_model is the model that it is bound to afterwards, which may
 * differ from `model`. */
DERIVED(int, bind_model, const struct store_model *model, struct store_model *ret_model,
        struct error *err)
/* Gets the dimension of the bound model; ERR_NOT_FOUND while unbound. It must be cheap, because
 * every store_apply calls it. */
DERIVED(int, get_dim, size_t *ret_dim, struct error *err)

PLAIN(add_arithmetic, (model, ret_before, err), 0, const struct store_model *model,
      char ret_before[32], struct error *err)

DERIVED(int, apply, const struct store_change *changes, size_t n, struct error *err)
DERIVED(int, claim, const struct store_wanted *files, size_t n, double lease_s,
        enum store_claim *ret_claims, struct error *err)
PLAIN(unclaim, (err), 0, struct error *err)
PLAIN(forget, (path, ret_count, err), store_check_path(path, err), const char *path,
      int64_t *ret_count, struct error *err)
PLAIN(seal, (err), 0, struct error *err)

PLAIN(list_files, (root, each, context, err), root ? store_check_path(root, err) : 0,
      const char *root, int (*each)(void *context, const struct store_file *file), void *context,
      struct error *err)
DERIVED(int, list_parents, int (*each)(void *context, const char *folder), void *context,
        struct error *err)
PLAIN(list_failures, (each, context, err), 0,
      int (*each)(void *context, const struct store_failure *failure), void *context,
      struct error *err)
PLAIN(list_damaged, (each, context, err), 0,
      int (*each)(void *context, const char *path, const char *damage), void *context,
      struct error *err)
PLAIN(list_missing, (each, context, err), 0,
      int (*each)(void *context, const char *path, const char *reason), void *context,
      struct error *err)
PLAIN(wait_missing, (seconds, ret_told, err), 0, double seconds, bool *ret_told, struct error *err)
PLAIN(list_copies, (hashes, n, each, context, err), 0, const uint8_t (*hashes)[HASH_BYTES],
      size_t n, int (*each)(void *context, const struct store_copy *copy), void *context,
      struct error *err)
PLAIN(find_photo, (path, ret_id, err), store_check_path(path, err), const char *path,
      int64_t *ret_id, struct error *err)
PLAIN(get_photo, (id, ret_photo, err), 0, int64_t id, struct store_photo *ret_photo,
      struct error *err)
PLAIN(get_photos, (ids, n, ret_photos, ret_vectors, err), 0, const int64_t *ids, size_t n,
      struct store_photo *ret_photos, float *ret_vectors, struct error *err)
PLAIN(get_vector, (id, ret_vector, err), 0, int64_t id, float *ret_vector, struct error *err)
PLAIN(get_vectors, (ids, n, ret_vectors, err), 0, const int64_t *ids, size_t n, float *ret_vectors,
      struct error *err)

/* Gives the hits number `skip` to k - 1, skip < k; *ret_count also counts those before. With
 * `exact`, no approximate index is used. */
DERIVED(int, search, const float *query, size_t skip, size_t k, bool exact,
        const struct criteria *where, struct store_hit *ret_hits, size_t *ret_count,
        struct error *err)
DERIVED(int, list_candidates, const struct vectors_grading *grading, size_t k,
        const struct criteria *where, int64_t **ret_ids, size_t *ret_count, size_t *ret_total,
        struct error *err)
PLAIN(list_near, (vectors, n, least, each, context, err), 0, const float *vectors, size_t n,
      double least, int (*each)(void *context, size_t vector, const struct store_hit *hit),
      void *context, struct error *err)
PLAIN(list_unsound, (each, context, err), 0, int (*each)(void *context, int64_t id), void *context,
      struct error *err)
DERIVED(int64_t, count_left_out)

PLAIN(status, (ret_status, err), 0, struct store_status *ret_status, struct error *err)
PLAIN(dump, (each, context, err), 0, int (*each)(void *context, const struct store_change *change),
      void *context, struct error *err)
DERIVED(void, check, void (*each)(void *context, const struct store_finding *finding),
        void *context)

PLAIN(set_index, (kind, metric, err), 0, enum store_index_kind kind, enum store_metric metric,
      struct error *err)
PLAIN(tend_index, (err), 0, struct error *err)
PLAIN(get_index, (ret_index, err), 0, struct store_index *ret_index, struct error *err)

/* ---- labels.h, rules.h, ledger.h, records.h: each name comes with its comparison key
 * (store_fold_name, store_rule_key) ---- */

DERIVED(int, add_label, int64_t photo, const char *name, const char *folded,
        const struct store_box *box, int64_t *ret_id, struct error *err)
DERIVED(int, rename_label, int64_t id, const char *name, const char *folded, struct error *err)
PLAIN(remove_label, (id, err), 0, int64_t id, struct error *err)
/* Lists the labels of n photos, sorted by photo; with n = 0, those of all contents. */
DERIVED(int, list_labels, const int64_t *photos, size_t n, const char *folded,
        int (*each)(void *context, const struct store_label *label), void *context,
        struct error *err)
PLAIN(list_names, (each, context, err), 0,
      int (*each)(void *context, const struct store_name *name), void *context, struct error *err)

DERIVED(int, remove_rule, enum store_rule_kind kind, const char *key, struct error *err)
PLAIN(list_rules, (each, context, err), 0,
      int (*each)(void *context, const struct store_rule *rule), void *context, struct error *err)
/* ERR_CORRUPT if the checksum of a rule, or with `with_labels` of a label, is wrong, so that the
 * set of photos covered by the rules is unknown. */
DERIVED(int, check_records, bool with_labels, struct error *err)

DERIVED(int, list_entries, int64_t since, bool newest_first,
        int (*each)(void *context, const struct ledger_entry *entry), void *context,
        struct error *err)
/* An entry with at = 0 gets the current time, and is added even if an equal one exists. Strings are
 * checked, and none is NULL. keys[i] is the comparison key as above, NULL for an entry. */
DERIVED(int, put_records, const struct store_record *records, char *const *keys, size_t n,
        struct error *err)

/* ---- albums.h: each name comes with its comparison key ---- */

DERIVED(int, add_album, const char *name, const char *folded, const char *query, int64_t *ret_id,
        struct error *err)
/* `name` and `folded` may be NULL, and so may `query`. */
DERIVED(int, change_album, int64_t id, const char *name, const char *folded, const char *query,
        struct error *err)
PLAIN(remove_album, (id, err), 0, int64_t id, struct error *err)
PLAIN(list_albums, (each, context, err), 0,
      int (*each)(void *context, const struct store_album *album), void *context, struct error *err)
PLAIN(set_members, (album, photos, n, membership, err), 0, int64_t album, const int64_t *photos,
      size_t n, enum store_membership membership, struct error *err)
PLAIN(list_members, (each, context, err), 0,
      int (*each)(void *context, const struct store_member *member), void *context,
      struct error *err)

/* ---- signals.h ---- */

DERIVED(int, put_signals, const struct store_signal *signals, size_t n, struct error *err)
PLAIN(list_signals, (kind, hash, each, context, err), kind ? store_check_signal_kind(kind, err) : 0,
      const struct store_signal_kind *kind, const uint8_t hash[HASH_BYTES],
      int (*each)(void *context, const struct store_signal *signal), void *context,
      struct error *err)
PLAIN(list_lacking, (kind, after, limit, each, context, err), store_check_signal_kind(kind, err),
      const struct store_signal_kind *kind, int64_t after, size_t limit,
      int (*each)(void *context, const struct store_lacking *lacking), void *context,
      struct error *err)
PLAIN(retry_signals, (err), 0, struct error *err)
PLAIN(count_signals, (each, context, ret_pictures, err), 0,
      int (*each)(void *context, const struct store_signal_count *count), void *context,
      int64_t *ret_pictures, struct error *err)
PLAIN(list_models, (each, context, err), 0,
      int (*each)(void *context, const struct store_model *model, int64_t vectors), void *context,
      struct error *err)
PLAIN(add_model, (model, err), 0, const struct store_model *model, struct error *err)
DERIVED(int, use_model, const struct store_model *model, struct error *err)

/* ---- folders.h, notes.h, listing.h, fact_values.h ---- */

PLAIN(list_folders, (each, context, err), 0,
      int (*each)(void *context, const struct store_folder *folder), void *context,
      struct error *err)
DERIVED(int, set_folders, const struct store_folder *folders, size_t n, struct error *err)
/* *ret_text is NULL if there is no such note; the caller frees it. */
PLAIN(get_note, (name, ret_text, err), 0, const char *name, char **ret_text, struct error *err)
/* With the text NULL, deletes the note. */
DERIVED(int, set_note, const char *name, const char *text, struct error *err)

/* Gets a number that differs after every change of the gallery. */
DERIVED(int, get_change, int64_t *ret_change, struct error *err)
DERIVED(int, list_months, const struct criteria *where,
        int (*each)(void *context, const struct store_month *month), void *context,
        struct error *err)
/* Each value may come several times. Without a fact (NULL) the values are folders. */
DERIVED(int, count_values, const struct fact *fact,
        int (*each)(void *context, const struct store_value *value), void *context,
        struct error *err)
/* ---- towns.h: in any order; `each` must not use the store ---- */
DERIVED(int, read_towns, int (*each)(void *context, const struct store_town *town), void *context,
        struct error *err)
DERIVED(int, read_clusters, const struct store_area *area, double cell,
        int (*each)(void *context, const struct store_cluster *cluster), void *context,
        struct error *err)
DERIVED(int, read_located, bool all,
        int (*each)(void *context, const struct store_located *located), void *context,
        struct error *err)
DERIVED(int, set_places, const struct store_place_names *places, size_t n, struct error *err)

DERIVED(int, list_ids, const struct criteria *where, int (*each)(void *context, int64_t id),
        void *context, struct error *err)
DERIVED(int, list_photos, const struct criteria *where, const struct store_place *after,
        size_t skip, size_t limit, int (*each)(void *context, const struct store_photo *photo),
        void *context, struct error *err)

#undef PLAIN
#undef DERIVED
