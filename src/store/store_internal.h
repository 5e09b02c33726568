/* SPDX-License-Identifier: MIT */
/* What a kind of store is made of: private to store/.
 *
 * store.c checks arguments (check.h) and calls the functions of the gallery's kind. Each does what
 * store_NAME of store.h says (store_operations.h). A new kind is a struct that begins with a struct
 * store, one more table here and one more line in store.c's choice by the gallery's name. */
#pragma once

#include "store/backup.h"
#include "store/filter.h"
#include "store/folders.h"
#include "store/labels.h"
#include "store/ledger.h"
#include "store/listing.h"
#include "store/notes.h"
#include "store/records.h"
#include "store/rules.h"
#include "store/signals.h"
#include "store/store.h"

struct store_backend {
    const char *kind; /* "sqlite", "postgres" */
    /* Whether a gallery of this name is of this kind. The first table that says so has it. */
    bool (*is_mine)(const char *where);
    /* As store_describe. */
    char *(*describe)(const char *where);
    /* options are never NULL. Sets the store's name. */
    int (*open)(const char *where, enum store_mode mode, const struct store_options *options,
                struct store **ret_store, struct error *err);
    void (*close)(struct store *store); /* never NULL */
    /* As store_adopt; NULL where there is nothing to adopt. */
    int (*adopt)(const char *where, const struct store_adoption *how, char **ret_plan,
                 struct error *err);

    /* As store_split; NULL where there are no servers. */
    int (*split)(const char *where, const char *const *parts, size_t n,
                 const struct store_options *options, struct store_split_report *ret_report,
                 struct error *err);

    /* As store_backup and store_restore; NULL where there are no files. */
    int (*backup)(struct store *store, const char *file, const struct store_backup_options *options,
                  struct store_backup_report *ret_report, struct error *err);
    int (*restore)(const char *file, const char *where, const struct store_backup_options *options,
                   struct store_backup_report *ret_report, struct error *err);

/* What every kind can do. */
#define PLAIN(name, arguments, check, ...) int (*name)(struct store * store, __VA_ARGS__);
#define DERIVED(type, name, ...) type (*name)(struct store * store, ##__VA_ARGS__);
#include "store/store_operations.h"
};

/* The first member of every kind's own struct, for store.c and its neighbours store_*.c. */
struct store {
    const struct store_backend *backend;
    char *name;                  /* where, as described */
    struct store_months *months; /* that were counted; NULL until then */
    /* Whose vectors this store was told to expect (store_bind_model, store_check_model); dim 0:
     * any. Each kind refuses to add and to search others, in the same transaction. */
    struct store_model using;
};
/* ERR_MISMATCH: the gallery uses `bound` now, and this store expects another. */
int store_check_using(const struct store *store, const struct store_model *bound,
                      struct error *err) MUST_CHECK;
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
