/* SPDX-License-Identifier: MIT */
/* The interface of a store backend, private to store/.
 *
 * store.c checks arguments (check.h) and calls the functions of the gallery's backend. Each
 * function does what store_NAME of store.h says (store_operations.h). A new backend needs a struct
 * that begins with a struct store, one more table here, and one more line in store.c, which chooses
 * the backend by the gallery's name. */
#pragma once

#include "store/albums.h"
#include "store/backup.h"
#include "store/candidates.h"
#include "store/fact_values.h"
#include "store/filter.h"
#include "store/folders.h"
#include "store/labels.h"
#include "store/ledger.h"
#include "store/listing.h"
#include "store/missing.h"
#include "store/notes.h"
#include "store/records.h"
#include "store/rules.h"
#include "store/signals.h"
#include "store/store.h"
#include "store/towns.h"

/* A photo with coordinates, and the names of its place. */
struct store_located {
    int64_t id;
    double latitude, longitude;
    const char *town, *region, *country, *country_code; /* "": unknown; borrowed */
};
/* New names of a photo's place. */
struct store_place_names {
    int64_t id;
    const char *town, *region, *country, *country_code; /* "": unknown */
};

struct store_backend {
    const char *kind; /* "sqlite", "postgres" */
    /* Returns whether this backend handles galleries with such a name. The first backend that
     * returns true is used. */
    bool (*is_mine)(const char *where);
    /* The same as store_describe. */
    char *(*describe)(const char *where);
    /* `options` is never NULL. Sets the store's name. */
    int (*open)(const char *where, enum store_mode mode, const struct store_options *options,
                struct store **ret_store, struct error *err);
    void (*close)(struct store *store); /* never NULL */
    /* The same as store_adopt; NULL if the backend does not support it. */
    int (*adopt)(const char *where, const struct store_adoption *how, char **ret_plan,
                 struct error *err);

    /* The same as store_split; NULL if the backend has no servers. */
    int (*split)(const char *where, const char *const *shards, size_t n,
                 const struct store_options *options, struct store_split_report *ret_report,
                 struct error *err);

    /* The same as store_backup and store_restore; NULL if the backend has no files. */
    int (*backup)(struct store *store, const char *file, const struct store_backup_options *options,
                  struct store_backup_report *ret_report, struct error *err);
    int (*restore)(const char *file, const char *where, const struct store_backup_options *options,
                   struct store_backup_report *ret_report, struct error *err);

/* The operations that every backend implements. */
#define PLAIN(name, arguments, check, ...) int (*name)(struct store * store, __VA_ARGS__);
#define DERIVED(type, name, ...) type (*name)(struct store * store, ##__VA_ARGS__);
#include "store/store_operations.h"
};

/* The first member of every backend's struct, used by store.c and the files store_*.c beside it. */
struct store {
    const struct store_backend *backend;
    char *name;                    /* `where` as returned by `describe` */
    struct store_months *months;   /* cached counts; NULL before the first */
    struct store_parents *parents; /* cached folders; NULL before the first */
    struct store_values *values;   /* of fact_values.h, cached */
    /* The model whose vectors this store expects (store_bind_model, store_check_model); dim 0: any.
     * Each backend compares it in the same transaction, and refuses to add or search vectors of
     * another model. */
    struct store_model using;
    bool claims_signals; /* store_claim_signals was called, so that there are claims to release */
};
/* ERR_MISMATCH if `bound`, the gallery's current model, is not the one that this store expects. */
int store_check_using(const struct store *store, const struct store_model *bound,
                      struct error *err) MUST_CHECK;
void store_months_free(struct store_months *months);    /* NULL is fine */
void store_parents_free(struct store_parents *parents); /* NULL is fine */
void store_values_free(struct store_values *values);    /* NULL is fine */

/* Sentences for findings of store_check, and for errors. */
#define STORE_NO_RECORDS                                                                       \
    "the gallery was made by an older keepsake and has no labels, rules and ledger: the next " \
    "`keepsake index` brings it up to date"
#define STORE_DAMAGED_RULE_ADVICE                                                             \
    "remove it (`keepsake never-send remove`) and add the original rule again, or restore a " \
    "backup; until then nothing is sent"
#define STORE_DAMAGED_LABEL_ADVICE                                                     \
    "remove it (`keepsake labels remove ID`) and label the photo again, or restore a " \
    "backup; until then nothing is sent when never-send has rules for names"
#define STORE_DAMAGED_ALBUM_ADVICE \
    "change it again with `keepsake album`, remove it, or restore a backup"
/* %s: the gallery */
#define STORE_NOT_KEPT                                                     \
    "the gallery %s did not store a change, so nothing was done: another " \
    "program has changed its tables; `keepsake doctor` examines it"
#define STORE_UNGUARDED                                                                   \
    "the triggers that protect the ledger from changes are missing, so it may be wrong: " \
    "restore them with `keepsake export` and `import` into a new gallery"

/* Sums over the photos of one place; their mean is NAN without coordinates. */
struct store_sums {
    int64_t located; /* photos with coordinates */
    double latitude, longitude;
    double shifted;    /* of longitudes from 0 to 360 */
    double west, east; /* the least and greatest longitude */
};
void store_mean_place(const struct store_sums *sums, double *ret_latitude, double *ret_longitude);
/* Sets the names of the place of facts that have coordinates. */
void store_name_place(struct photo_facts *facts);

/* Returns "sent", "answered" or "failed". */
const char *ledger_event_name(enum ledger_event event);
/* Returns false if no event has that name. */
bool ledger_event_parse(const char *name, enum ledger_event *ret_event);
/* Returns "folder" or "label". */
const char *store_rule_name(enum store_rule_kind kind);

extern const struct store_backend sqlite_backend, postgres_backend;
