/* SPDX-License-Identifier: MIT */
/* The operations table of the SQLite backend, and the operations that it does not support. */
#include <string.h>

#include "base/text.h"
#include "store/sqlite/sqlite_backup.h"

static bool is_file_name(const char *where)
{
    return !strstr(where, "://");
}

static char *describe_file(const char *where)
{
    return text_printable(where, strlen(where));
}

static int refuse_index(enum store_index_kind kind, struct error *err)
{
    if (kind == STORE_INDEX_KEEP || kind == STORE_INDEX_AUTO || kind == STORE_INDEX_NONE)
        return 0;
    return error_set(err, ERR_UNSUPPORTED,
                     "a gallery in a file has no %s index, because its search is exact: remove "
                     "--vector-index, or give a PostgreSQL gallery with --gallery",
                     store_index_name(kind));
}

static int open_file(const char *where, enum store_mode mode, const struct store_options *options,
                     struct store **ret_store, struct error *err)
{
    int rc = refuse_index(options->index, err);
    if (rc)
        return rc;
    if (options->quantize > STORE_QUANTIZE_NONE || options->index_options)
        return error_set(
            err, ERR_UNSUPPORTED,
            "a gallery in a file has no vector index, because its search is exact: leave "
            "--vector-quantize and --vector-option out, or give a PostgreSQL gallery "
            "with --gallery");
    if (options->storage == STORE_STORAGE_HALFVEC)
        return error_set(err, ERR_UNSUPPORTED,
                         "a gallery in a file stores vectors as float32: remove "
                         "--vector-storage, or give a PostgreSQL gallery with --gallery");
    struct sqlite *s;
    rc = sqlite_open_with(where, mode, options, &s, err);
    if (!rc)
        *ret_store = &s->store;
    return rc;
}

static void close_file(struct store *store)
{
    sqlite_close(sqlite_of(store));
}

int sqlite_set_index(struct store *store, enum store_index_kind kind, enum store_metric metric,
                     struct error *err)
{
    (void)store, (void)metric;
    return refuse_index(kind, err);
}

int sqlite_tend_index(struct store *store, struct error *err)
{
    (void)store, (void)err;
    return 0;
}

static int refuse_missing(struct error *err)
{
    return error_set(err, ERR_UNSUPPORTED,
                     "only a gallery in PostgreSQL has rows that other programs insert: give its "
                     "address with --gallery, or a folder to index");
}

int sqlite_list_missing(struct store *store,
                        int (*each)(void *context, const char *path, const char *reason),
                        void *context, struct error *err)
{
    (void)store;
    (void)each;
    (void)context;
    return refuse_missing(err);
}

int sqlite_wait_missing(struct store *store, double seconds, bool *ret_told, struct error *err)
{
    (void)store;
    (void)seconds;
    (void)ret_told;
    return refuse_missing(err);
}

int sqlite_get_index(struct store *store, struct store_index *ret_index, struct error *err)
{
    (void)store, (void)err;
    *ret_index = (struct store_index){.wanted = STORE_INDEX_NONE,
                                      .built = STORE_INDEX_NONE,
                                      .metric = STORE_METRIC_INNER_PRODUCT,
                                      .storage = STORE_STORAGE_VECTOR,
                                      .quantize = STORE_QUANTIZE_NONE,
                                      .built_quantize = STORE_QUANTIZE_NONE};
    return 0;
}

const struct store_backend sqlite_backend = {
    .kind = "sqlite",
    .is_mine = is_file_name,
    .describe = describe_file,
    .open = open_file,
    .close = close_file,
    .backup = sqlite_backup,
    .restore = sqlite_restore,
#define PLAIN(name, arguments, check, ...) .name = sqlite_##name,
#define DERIVED(type, name, ...) .name = sqlite_##name,
#include "store/store_operations.h"
};
