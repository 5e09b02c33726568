/* SPDX-License-Identifier: MIT */
/* Every operation of a store, one entry each: private to store/, and included several times, each
 * time with other meanings of PLAIN and DERIVED, which it undefines at its end.
 *
 * From it come the members of struct store_backend, the prototypes of sqlite_NAME and
 * postgres_NAME, and the entries of both tables. The first parameter of all is the struct store,
 * which is not written here. To add an operation: its public function in store.h or a header
 * beside it, an entry here, and the function of each kind.
 *
 *     PLAIN(NAME, (arguments), check, parameters)
 *
 * An operation that returns int, does what its public function store_NAME says, and gets the same
 * arguments. store.c makes the public function of the entry: it returns `check`, an expression,
 * unless that is 0, and calls the kind's function then.
 *
 *     DERIVED(type, NAME, parameters)
 *
 * An operation whose public function, in store.c or a store_*.c beside it, prepares what it is
 * given. */
#ifndef PLAIN
#define PLAIN(name, arguments, check, ...)
#define DERIVED(type, name, ...)
#endif

/* ---- store.h ---- */

PLAIN(get_model, (ret_model, err), 0, struct store_model *ret_model, struct error *err)
/* Binds an unbound gallery; *ret_model is what it is bound to then, which is `model` or not. */
DERIVED(int, bind_model, const struct store_model *model, struct store_model *ret_model,
        struct error *err)
/* Of the bound model; ERR_NOT_FOUND while unbound. Called for every store_apply: cheap. */
DERIVED(int, get_dim, size_t *ret_dim, struct error *err)

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
PLAIN(list_parents, (root, each, context, err), root ? store_check_path(root, err) : 0,
      const char *root, int (*each)(void *context, const char *folder), void *context,
      struct error *err)
PLAIN(list_failures, (each, context, err), 0,
      int (*each)(void *context, const struct store_failure *failure), void *context,
      struct error *err)
PLAIN(list_damaged, (each, context, err), 0,
      int (*each)(void *context, const char *path, const char *damage), void *context,
      struct error *err)
PLAIN(list_copies, (hashes, n, each, context, err), 0, const uint8_t (*hashes)[HASH_BYTES],
      size_t n, int (*each)(void *context, const uint8_t hash[HASH_BYTES], const char *path),
      void *context, struct error *err)
PLAIN(find_photo, (path, ret_id, err), store_check_path(path, err), const char *path,
      int64_t *ret_id, struct error *err)
PLAIN(get_photo, (id, ret_photo, err), 0, int64_t id, struct store_photo *ret_photo,
      struct error *err)
PLAIN(get_photos, (ids, n, ret_photos, ret_vectors, err), 0, const int64_t *ids, size_t n,
      struct store_photo *ret_photos, float *ret_vectors, struct error *err)
PLAIN(get_vector, (id, ret_vector, err), 0, int64_t id, float *ret_vector, struct error *err)

/* exact: never by an approximate index. */
DERIVED(int, search, const float *query, size_t k, bool exact, const struct criteria *where,
        struct store_hit *ret_hits, size_t *ret_count, struct error *err)
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

/* ---- labels.h, rules.h, ledger.h, records.h: names come with what they are compared by
 * (store_fold_name, store_rule_key) ---- */

DERIVED(int, add_label, int64_t photo, const char *name, const char *folded,
        const struct store_box *box, int64_t *ret_id, struct error *err)
DERIVED(int, rename_label, int64_t id, const char *name, const char *folded, struct error *err)
PLAIN(remove_label, (id, err), 0, int64_t id, struct error *err)
/* Of n photos, sorted by photo; 0: of all contents. */
DERIVED(int, list_labels, const int64_t *photos, size_t n, const char *folded,
        int (*each)(void *context, const struct store_label *label), void *context,
        struct error *err)
PLAIN(list_names, (each, context, err), 0,
      int (*each)(void *context, const struct store_name *name), void *context, struct error *err)

DERIVED(int, remove_rule, enum store_rule_kind kind, const char *key, struct error *err)
PLAIN(list_rules, (each, context, err), 0,
      int (*each)(void *context, const struct store_rule *rule), void *context, struct error *err)
/* ERR_CORRUPT when a rule, or with_labels a label, is not as it was written: then nobody can tell
 * what rules cover. */
DERIVED(int, check_records, bool with_labels, struct error *err)

DERIVED(int, list_entries, int64_t since, bool newest_first,
        int (*each)(void *context, const struct ledger_entry *entry), void *context,
        struct error *err)
/* Entries with at = 0 happen now, and are added even when an equal one is there. Strings are
 * checked and none is NULL. keys[i]: as above, NULL for an entry. */
DERIVED(int, put_records, const struct store_record *records, char *const *keys, size_t n,
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
PLAIN(list_models, (each, context, err), 0,
      int (*each)(void *context, const struct store_model *model, int64_t vectors), void *context,
      struct error *err)
PLAIN(add_model, (model, err), 0, const struct store_model *model, struct error *err)
DERIVED(int, use_model, const struct store_model *model, struct error *err)

/* ---- folders.h, notes.h, listing.h ---- */

PLAIN(list_folders, (each, context, err), 0,
      int (*each)(void *context, const struct store_folder *folder), void *context,
      struct error *err)
DERIVED(int, set_folders, const struct store_folder *folders, size_t n, struct error *err)
/* *ret_text: NULL when there is none; the caller frees. */
PLAIN(get_note, (name, ret_text, err), 0, const char *name, char **ret_text, struct error *err)
/* A text of NULL drops the note. */
DERIVED(int, set_note, const char *name, const char *text, struct error *err)

/* Another number after every change of the gallery. */
DERIVED(int, get_change, int64_t *ret_change, struct error *err)
DERIVED(int, list_months, const struct criteria *where,
        int (*each)(void *context, const struct store_month *month), void *context,
        struct error *err)
DERIVED(int, list_ids, const struct criteria *where, int (*each)(void *context, int64_t id),
        void *context, struct error *err)
DERIVED(int, list_photos, const struct criteria *where, const struct store_place *after,
        size_t skip, size_t limit, int (*each)(void *context, const struct store_photo *photo),
        void *context, struct error *err)

#undef PLAIN
#undef DERIVED
