/* What a kind of store is made of: private to store/.
 *
 * store.c checks arguments (check.h) and calls the functions of the gallery's kind. Each does what
 * store_NAME of store.h says; `state` is what open gave. A new kind is one more table here and one
 * more line in store.c's choice by the gallery's name. */
#pragma once

#include "store/bounds.h"
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
    int (*get_photo)(void *state, int64_t id, struct store_photo *ret_photo, struct error *err);
    int (*get_vector)(void *state, int64_t id, float *ret_vector, struct error *err);
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
};

extern const struct store_backend sqlite_backend, postgres_backend;
