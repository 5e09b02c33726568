#include "store/store.h"

#include <string.h>

#include "base/text.h"
#include "store/check.h"
#include "store/sqlite.h"

struct store {
    struct sqlite *sqlite;
    char *name; /* where, printable */
};

int store_open(const char *where, enum store_mode mode, struct store **ret_store, struct error *err)
{
    if (!where || !where[0])
        return error_set(err, ERR_INVALID, "an empty name is no gallery: give --gallery FILE");
    AUTO_FREE char *name = text_printable(where, strlen(where));
    if (strstr(where, "://"))
        return error_set(err, ERR_UNSUPPORTED,
                         "this keepsake cannot open the gallery %s: give a file with --gallery",
                         name);
    struct sqlite *sqlite;
    int rc = sqlite_open(where, mode, &sqlite, err);
    if (rc)
        return rc;
    struct store *store = xmalloc(sizeof *store);
    *store = (struct store){sqlite, xstrdup(name)};
    *ret_store = store;
    return 0;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    sqlite_close(store->sqlite);
    free(store->name);
    free(store);
}

int store_get_model(struct store *store, struct store_model *ret_model, struct error *err)
{
    return sqlite_get_model(store->sqlite, ret_model, err);
}

int store_bind_model(struct store *store, const struct store_model *model, struct error *err)
{
    struct store_model bound;
    int rc = sqlite_bind_model(store->sqlite, model, &bound, err);
    return rc ? rc : store_compare_models(store->name, &bound, model, err);
}

int store_check_model(struct store *store, const struct store_model *model, struct error *err)
{
    struct store_model bound;
    struct error why;
    int rc = sqlite_get_model(store->sqlite, &bound, &why);
    if (rc)
        return rc == ERR_NOT_FOUND ? 0 : error_set(err, rc, "%s", why.message);
    return store_compare_models(store->name, &bound, model, err);
}

int store_list_files(struct store *store, const char *root,
                     int (*each)(void *context, const struct store_file *file), void *context,
                     struct error *err)
{
    int rc = root ? store_check_path(root, err) : 0;
    return rc ? rc : sqlite_list_files(store->sqlite, root, each, context, err);
}

static int get_dim_or_0(struct store *store, size_t *ret_dim, struct error *err)
{
    struct error why;
    int rc = sqlite_get_dim(store->sqlite, ret_dim, &why);
    if (rc == ERR_NOT_FOUND)
        *ret_dim = 0;
    return rc && rc != ERR_NOT_FOUND ? error_set(err, rc, "%s", why.message) : 0;
}

int store_apply(struct store *store, const struct store_change *changes, size_t n,
                struct error *err)
{
    size_t dim;
    int rc = get_dim_or_0(store, &dim, err);
    if (!rc)
        rc = store_check_changes(changes, n, dim, err);
    return rc || !n ? rc : sqlite_apply(store->sqlite, changes, n, err);
}

int store_forget(struct store *store, const char *path, int64_t *ret_count, struct error *err)
{
    int rc = store_check_path(path, err);
    return rc ? rc : sqlite_forget(store->sqlite, path, ret_count, err);
}

void store_photo_release(struct store_photo *photo)
{
    free(photo->path);
    photo->path = NULL;
}

int store_get_photo(struct store *store, int64_t id, struct store_photo *ret_photo,
                    struct error *err)
{
    return sqlite_get_photo(store->sqlite, id, ret_photo, err);
}

int store_get_vector(struct store *store, int64_t id, float *ret_vector, struct error *err)
{
    return sqlite_get_vector(store->sqlite, id, ret_vector, err);
}

int store_search(struct store *store, const float *query, size_t k, struct store_hit *ret_hits,
                 size_t *ret_count, struct error *err)
{
    return sqlite_search(store->sqlite, query, k, ret_hits, ret_count, err);
}

int store_status(struct store *store, struct store_status *ret_status, struct error *err)
{
    return sqlite_status(store->sqlite, ret_status, err);
}

int store_list_failures(struct store *store,
                        int (*each)(void *context, const struct store_failure *failure),
                        void *context, struct error *err)
{
    return sqlite_list_failures(store->sqlite, each, context, err);
}
