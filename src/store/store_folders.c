/* Checks what folders.h is given, and hands it to the gallery's kind of store. */
#include "store/check.h"
#include "store/store_backend.h"

int store_list_folders(struct store *store,
                       int (*each)(void *context, const struct store_folder *folder), void *context,
                       struct error *err)
{
    return store->backend->list_folders(store->state, each, context, err);
}

int store_set_folders(struct store *store, const struct store_folder *folders, size_t n,
                      struct error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++)
        rc = store_check_path(folders[i].path, err);
    return rc || !n ? rc : store->backend->set_folders(store->state, folders, n, err);
}
