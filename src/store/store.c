/* SPDX-License-Identifier: MIT */
/* Opens galleries and forwards operations to their backend. */
#include "store/store.h"

#include <string.h>

#include "base/text.h"
#include "store/check.h"
#include "store/store_internal.h"

static const struct store_backend *const backends[] = {&postgres_backend, &sqlite_backend};

enum { BACKEND_COUNT = sizeof backends / sizeof *backends };

/* Returns NULL if no backend handles such names. */
static const struct store_backend *choose_backend(const char *where)
{
    for (size_t i = 0; i < BACKEND_COUNT; i++)
        if (backends[i]->is_mine(where))
            return backends[i];
    return NULL;
}

char *store_describe(const char *where)
{
    const struct store_backend *backend = choose_backend(where);
    return backend ? backend->describe(where) : text_printable(where, strcspn(where, ":"));
}

bool store_is_file(const char *where)
{
    return choose_backend(where) == &sqlite_backend;
}

static int find_backend(const char *where, const struct store_backend **ret_backend,
                        struct error *err)
{
    if (!where || !where[0])
        return error_set(err, ERR_INVALID, "the gallery's name is empty: give --gallery FILE");
    *ret_backend = choose_backend(where);
    if (*ret_backend)
        return 0;
    AUTO_FREE char *name = store_describe(where);
    return error_set(err, ERR_UNSUPPORTED,
                     "unknown kind of gallery %s: give a file or "
                     "postgresql://USER@HOST/DATABASE with --gallery",
                     name);
}

int store_open(const char *where, enum store_mode mode, struct store **ret_store, struct error *err)
{
    return store_open_with(where, mode, NULL, ret_store, err);
}

int store_open_with(const char *where, enum store_mode mode, const struct store_options *options,
                    struct store **ret_store, struct error *err)
{
    static const struct store_options defaults;
    const struct store_backend *backend;
    struct store *store;
    int rc = find_backend(where, &backend, err);
    if (!rc)
        rc = backend->open(where, mode, options ? options : &defaults, &store, err);
    if (rc)
        return rc;
    store->backend = backend;
    *ret_store = store;
    return 0;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    store_months_free(store->months);
    store_parents_free(store->parents);
    store_values_free(store->values);
    store->backend->close(store);
}

int store_adopt(const char *where, const struct store_adoption *how, char **ret_plan,
                struct error *err)
{
    const struct store_backend *backend;
    int rc = find_backend(where, &backend, err);
    if (!rc && how->folder)
        rc = store_check_path(how->folder, err);
    if (rc)
        return rc;
    if (!backend->adopt)
        return error_set(err, ERR_UNSUPPORTED,
                         "only a PostgreSQL table can be adopted: give "
                         "postgresql://USER@HOST/DATABASE with --gallery");
    return backend->adopt(where, how, ret_plan, err);
}

int store_split(const char *where, const char *const *shards, size_t n,
                const struct store_options *options, struct store_split_report *ret_report,
                struct error *err)
{
    static const struct store_options defaults;
    const struct store_backend *backend;
    int rc = find_backend(where, &backend, err);
    if (rc)
        return rc;
    if (!backend->split)
        return error_set(err, ERR_UNSUPPORTED,
                         "only a gallery in PostgreSQL can be on several servers: give "
                         "postgresql://USER@HOST/DATABASE with --gallery");
    return backend->split(where, shards, n, options ? options : &defaults, ret_report, err);
}

#define PLAIN(name, arguments, check, ...)                    \
    int store_##name(struct store *store, __VA_ARGS__)        \
    {                                                         \
        int rc = check;                                       \
        return rc ? rc : store->backend->name CALL arguments; \
    }
#define DERIVED(type, name, ...)
#define CALL(...) (store, __VA_ARGS__)
#include "store/store_operations.h"
#undef CALL

int store_bind_model(struct store *store, const struct store_model *model, struct error *err)
{
    struct store_model bound;
    int rc = store->backend->bind_model(store, model, &bound, err);
    if (!rc)
        rc = store_compare_models(store->name, &bound, model, err);
    if (!rc)
        store->using = bound;
    return rc;
}

int store_check_using(const struct store *store, const struct store_model *bound, struct error *err)
{
    const struct store_model *using = &store->using;
    if (!using->dim || (strcmp(using->fingerprint, bound->fingerprint) == 0 &&
                        using->preprocessing == bound->preprocessing))
        return 0;
    return error_set(err, ERR_MISMATCH,
                     "the gallery %s was switched from the model %s to %s by another program: run "
                     "the command again, or restart `keepsake serve`",
                     store->name, using->id, bound->id);
}

int store_check_model(struct store *store, const struct store_model *model, struct error *err)
{
    struct store_model bound;
    struct error why;
    int rc = store->backend->get_model(store, &bound, &why);
    if (rc)
        return rc == ERR_NOT_FOUND ? 0 : error_set(err, rc, "%s", why.message);
    rc = store_compare_models(store->name, &bound, model, err);
    if (!rc)
        store->using = bound;
    return rc;
}

/* A vector of the caller is as long as those of the model that it uses. */
static int get_dim_or_0(struct store *store, size_t *ret_dim, struct error *err)
{
    struct error why;
    struct store_model bound;
    int rc = store->backend->get_dim(store, ret_dim, &why);
    if (rc == ERR_NOT_FOUND)
        *ret_dim = 0;
    if (rc)
        return rc == ERR_NOT_FOUND ? 0 : error_set(err, rc, "%s", why.message);
    if (!store->using.dim || *ret_dim == (size_t)store->using.dim)
        return 0;
    rc = store->backend->get_model(store, &bound, err);
    return rc ? rc : store_check_using(store, &bound, err);
}

/* Applies the changes with the names of places in their facts. */
static int apply_named(struct store *store, const struct store_change *changes, size_t n,
                       struct error *err)
{
    AUTO_FREE struct store_change *named = xmalloc(n * sizeof *named);
    AUTO_FREE struct photo_facts *facts = xmalloc(n * sizeof *facts);
    for (size_t i = 0; i < n; i++) {
        named[i] = changes[i];
        if (!changes[i].facts)
            continue;
        facts[i] = *changes[i].facts;
        store_name_place(&facts[i]);
        named[i].facts = &facts[i];
    }
    return store->backend->apply(store, named, n, err);
}

int store_apply(struct store *store, const struct store_change *changes, size_t n,
                struct error *err)
{
    size_t dim;
    int rc = get_dim_or_0(store, &dim, err);
    if (!rc)
        rc = store_check_changes(changes, n, dim, err);
    return rc || !n ? rc : apply_named(store, changes, n, err);
}

int store_claim(struct store *store, const struct store_wanted *files, size_t n, double lease_s,
                enum store_claim *ret_claims, struct error *err)
{
    int rc = store_check_lease(lease_s, err);
    for (size_t i = 0; !rc && i < n; i++)
        rc = store_check_path(files[i].path, err);
    return rc ? rc : store->backend->claim(store, files, n, lease_s, ret_claims, err);
}

void store_photo_release(struct store_photo *photo)
{
    free(photo->path);
    photo->path = NULL;
}

int64_t store_count_left_out(struct store *store)
{
    return store->backend->count_left_out(store);
}

static int search_list(struct store *store, const float *query, size_t skip, size_t k,
                       const struct store_filter *filter, bool exact, struct store_hit *ret_hits,
                       size_t *ret_count, struct error *err)
{
    AUTO(criteria) *where = NULL;
    int rc = store_filter_tree(filter, &where, err);
    if (rc)
        return rc;
    return store->backend->search(store, query, skip, k, exact, where, ret_hits, ret_count, err);
}

int store_search(struct store *store, const float *query, size_t k,
                 const struct store_filter *filter, struct store_hit *ret_hits, size_t *ret_count,
                 struct error *err)
{
    return search_list(store, query, 0, k, filter, false, ret_hits, ret_count, err);
}

int store_search_exact(struct store *store, const float *query, size_t k,
                       const struct store_filter *filter, struct store_hit *ret_hits,
                       size_t *ret_count, struct error *err)
{
    return search_list(store, query, 0, k, filter, true, ret_hits, ret_count, err);
}

int store_search_page(struct store *store, const float *query, size_t skip, size_t k,
                      const struct store_filter *filter, struct store_hit *ret_hits,
                      size_t *ret_count, struct error *err)
{
    return search_list(store, query, skip, k, filter, false, ret_hits, ret_count, err);
}

static const char *const index_names[] = {
    [STORE_INDEX_KEEP] = "keep",         [STORE_INDEX_AUTO] = "auto",
    [STORE_INDEX_NONE] = "none",         [STORE_INDEX_HNSW] = "hnsw",
    [STORE_INDEX_IVFFLAT] = "ivfflat",   [STORE_INDEX_DISKANN] = "diskann",
    [STORE_INDEX_VCHORDRQ] = "vchordrq",
};

const char *store_quantize_name(enum store_quantize quantize)
{
    static const char *const names[] = {"keep", "none", "halfvec", "bit"};
    return names[quantize];
}

const char *store_index_name(enum store_index_kind kind)
{
    return index_names[kind];
}

bool store_index_parse(const char *name, enum store_index_kind *ret_kind)
{
    for (int kind = STORE_INDEX_AUTO; kind <= STORE_INDEX_VCHORDRQ; kind++)
        if (strcmp(name, index_names[kind]) == 0) {
            *ret_kind = (enum store_index_kind)kind;
            return true;
        }
    return false;
}

void store_check(struct store *store,
                 void (*each)(void *context, const struct store_finding *finding), void *context)
{
    store->backend->check(store, each, context);
}
