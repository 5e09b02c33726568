/* SPDX-License-Identifier: MIT */
/* What a kind of store is made of: private to store/.
 *
 * store.c checks arguments (check.h) and calls the functions of the gallery's kind. Each does what
 * store_NAME of store.h says; `state` is what open gave. A new kind is one more table here and one
 * more line in store.c's choice by the gallery's name. */
#pragma once

#include "store/backup.h"
#include "store/bounds.h"
#include "store/folders.h"
#include "store/labels.h"
#include "store/ledger.h"
#include "store/listing.h"
#include "store/records.h"
#include "store/rules.h"
#include "store/store.h"

struct store_backend {
    const char *kind; /* "sqlite", "postgres" */
    /* Whether a gallery of this name is of this kind. The first table that says so has it. */
    bool (*is_mine)(const char *where);
    /* As store_describe. */
    char *(*describe)(const char *where);
    /* options are never NULL. */
    int (*open)(const char *where, enum store_mode mode, const struct store_options *options,
                void **ret_state, struct error *err);
    void (*close)(void *state); /* never NULL */
    /* As store_adopt; NULL where there is nothing to adopt. */
    int (*adopt)(const char *where, const struct store_adoption *how, char **ret_plan,
                 struct error *err);

    /* As store_split; NULL where there are no servers. */
    int (*split)(const char *where, const char *const *parts, size_t n,
                 const struct store_options *options, struct store_split_report *ret_report,
                 struct error *err);

    /* As store_backup and store_restore; NULL where there are no files. */
    int (*backup)(void *state, const char *file, const struct store_backup_options *options,
                  struct store_backup_report *ret_report, struct error *err);
    int (*restore)(const char *file, const char *where, const struct store_backup_options *options,
                   struct store_backup_report *ret_report, struct error *err);

    int (*get_model)(void *state, struct store_model *ret_model, struct error *err);
    /* Binds an unbound gallery; *ret_model is what it is bound to then, which is `model` or not. */
    int (*bind_model)(void *state, const struct store_model *model, struct store_model *ret_model,
                      struct error *err);
    /* Of the bound model; ERR_NOT_FOUND while unbound. Called for every store_apply: cheap. */
    int (*get_dim)(void *state, size_t *ret_dim, struct error *err);

    int (*apply)(void *state, const struct store_change *changes, size_t n, struct error *err);
    int (*claim)(void *state, const struct store_wanted *files, size_t n, double lease_s,
                 enum store_claim *ret_claims, struct error *err);
    int (*unclaim)(void *state, struct error *err);
    int (*forget)(void *state, const char *path, int64_t *ret_count, struct error *err);
    int (*list_files)(void *state, const char *root,
                      int (*each)(void *context, const struct store_file *file), void *context,
                      struct error *err);
    int (*list_failures)(void *state,
                         int (*each)(void *context, const struct store_failure *failure),
                         void *context, struct error *err);
    int (*list_damaged)(void *state,
                        int (*each)(void *context, const char *path, const char *damage),
                        void *context, struct error *err);
    int (*get_photo)(void *state, int64_t id, struct store_photo *ret_photo, struct error *err);
    int (*get_vector)(void *state, int64_t id, float *ret_vector, struct error *err);
    int (*list_unsound)(void *state, int (*each)(void *context, int64_t id), void *context,
                        struct error *err);
    /* How many photos the last search left out for that. */
    int64_t (*count_left_out)(void *state);
    /* exact: never by an approximate index. */
    int (*search)(void *state, const float *query, size_t k, bool exact,
                  const struct bounds *bounds, struct store_hit *ret_hits, size_t *ret_count,
                  struct error *err);
    int (*status)(void *state, struct store_status *ret_status, struct error *err);

    int (*seal)(void *state, struct error *err);
    int (*dump)(void *state, int (*each)(void *context, const struct store_change *change),
                void *context, struct error *err);
    void (*check)(void *state, void (*each)(void *context, const struct store_finding *finding),
                  void *context);

    int (*set_index)(void *state, enum store_index_kind kind, enum store_metric metric,
                     struct error *err);
    int (*tend_index)(void *state, struct error *err);
    int (*get_index)(void *state, struct store_index *ret_index, struct error *err);

    /* Names come with what they are compared by (store_fold_name, store_rule_key). */
    int (*add_label)(void *state, int64_t photo, const char *name, const char *folded,
                     const struct store_box *box, int64_t *ret_id, struct error *err);
    int (*rename_label)(void *state, int64_t id, const char *name, const char *folded,
                        struct error *err);
    int (*remove_label)(void *state, int64_t id, struct error *err);
    int (*list_labels)(void *state, int64_t photo, const char *folded,
                       int (*each)(void *context, const struct store_label *label), void *context,
                       struct error *err);
    int (*list_names)(void *state, int (*each)(void *context, const struct store_name *name),
                      void *context, struct error *err);
    int (*find_photo)(void *state, const char *path, int64_t *ret_id, struct error *err);
    /* The paths of all photos with this content, in their order. */
    int (*list_copies)(void *state, const uint8_t hash[HASH_BYTES],
                       int (*each)(void *context, const char *path), void *context,
                       struct error *err);
    int (*list_folders)(void *state, int (*each)(void *context, const struct store_folder *folder),
                        void *context, struct error *err);
    int (*set_folders)(void *state, const struct store_folder *folders, size_t n,
                       struct error *err);
    /* *ret_text: NULL when there is none; the caller frees. */
    int (*get_note)(void *state, const char *name, char **ret_text, struct error *err);
    /* NULL drops it. */
    int (*set_note)(void *state, const char *name, const char *text, struct error *err);
    int (*remove_rule)(void *state, enum store_rule_kind kind, const char *key, struct error *err);
    int (*list_rules)(void *state, int (*each)(void *context, const struct store_rule *rule),
                      void *context, struct error *err);
    /* ERR_CORRUPT when a rule, or with_labels a label, is not as it was written: then nobody can
     * tell what rules cover. */
    int (*check_records)(void *state, bool with_labels, struct error *err);
    int (*list_entries)(void *state, int64_t since, bool newest_first,
                        int (*each)(void *context, const struct ledger_entry *entry), void *context,
                        struct error *err);
    /* Entries with at = 0 happen now, and are added even when an equal one is there. Strings are
     * checked and none is NULL. keys[i]: as above, NULL for an entry. */
    int (*put_records)(void *state, const struct store_record *records, char *const *keys, size_t n,
                       struct error *err);
    /* Another number after every change of the gallery. */
    int (*get_change)(void *state, int64_t *ret_change, struct error *err);
    int (*list_months)(void *state, const struct bounds *bounds,
                       int (*each)(void *context, const struct store_month *month), void *context,
                       struct error *err);
    int (*list_photos)(void *state, const struct bounds *bounds, const struct store_place *after,
                       size_t skip, size_t limit,
                       int (*each)(void *context, const struct store_photo *photo), void *context,
                       struct error *err);
};

/* What every kind of store is opened as: for store.c and its neighbours store_*.c. */
struct store {
    const struct store_backend *backend;
    void *state;
    char *name;                  /* where, as described */
    struct store_months *months; /* that were counted; NULL until then */
};
void store_months_free(struct store_months *months); /* NULL is fine */

/* Findings of store_check. */
#define STORE_NO_RECORDS                                                                       \
    "the gallery was made by an older keepsake and has no labels, rules and ledger: the next " \
    "`keepsake index` brings it up to date"
#define STORE_DAMAGED_RULE_ADVICE                                                              \
    "take it away (`keepsake never-send remove`) and add the rule that it was, or put back a " \
    "backup; until then nothing is sent"
#define STORE_DAMAGED_LABEL_ADVICE                                                         \
    "take it away (`keepsake labels remove ID`) and label the photo again, or put back a " \
    "backup; until then nothing is sent when never-send has rules for names"
/* %s: the gallery */
#define STORE_NOT_KEPT                                                                       \
    "the gallery %s did not keep what was written to it, so that nothing was done: another " \
    "program has changed its tables; `keepsake doctor` examines it"
#define STORE_UNGUARDED                                                                         \
    "the guards that keep the ledger from being changed are gone, so that it may not tell the " \
    "truth: `keepsake export` and `import` into a new gallery put them back"

/* "sent", "answered", "failed". */
const char *ledger_event_name(enum ledger_event event);
/* False when there is none of that name. */
bool ledger_event_parse(const char *name, enum ledger_event *ret_event);
/* "folder", "label". */
const char *store_rule_name(enum store_rule_kind kind);

extern const struct store_backend sqlite_backend, postgres_backend;
