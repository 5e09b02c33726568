/* SPDX-License-Identifier: MIT */
/* The operations table of the PostgreSQL backend, and the operations that it does not need. */
#include "store/postgres/postgres_internal.h"

static int open_database(const char *where, enum store_mode mode,
                         const struct store_options *options, struct store **ret_store,
                         struct error *err)
{
    struct postgres *p;
    int rc = postgres_open(where, mode, options, &p, err);
    if (!rc)
        *ret_store = &p->store;
    return rc;
}

static void close_database(struct store *store)
{
    postgres_close(postgres_of(store));
}

int postgres_seal(struct store *store, struct error *err)
{
    (void)store, (void)err;
    return 0;
}

/* Always 0, because the server itself ensures that vectors are finite and of the right size. */
int64_t postgres_count_left_out(struct store *store)
{
    (void)store;
    return 0;
}

const struct store_backend postgres_backend = {
    .kind = "postgres",
    .is_mine = postgres_is_mine,
    .describe = postgres_describe,
    .open = open_database,
    .close = close_database,
    .adopt = postgres_adopt,
    .split = postgres_split,
#define PLAIN(name, arguments, check, ...) .name = postgres_##name,
#define DERIVED(type, name, ...) .name = postgres_##name,
#include "store/store_operations.h"
};
