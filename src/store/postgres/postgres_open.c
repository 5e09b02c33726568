/* SPDX-License-Identifier: MIT */
/* Opens and closes a PostgreSQL gallery. */
#include "store/postgres/postgres_internal.h"

static int connected(struct postgres *p, void *context, struct error *err)
{
    (void)p, (void)context, (void)err;
    return 0;
}

/* Connects for the first time: fails immediately if nothing answers at the address, but waits for a
 * server that is starting. */
static int connect_first(struct postgres *p, struct error *err)
{
    int rc = postgres_connect(p, err);
    if (rc && p->failure == POSTGRES_LOST && PQping(p->where) == PQPING_REJECT)
        rc = postgres_attempt(p, connected, NULL, err);
    return rc;
}

int postgres_new(const char *where, enum store_mode mode, const struct store_options *options,
                 struct postgres **ret_postgres, struct error *err)
{
    AUTO(postgres) *p = xcalloc(1, sizeof *p);
    p->where = xstrdup(where);
    p->store.name = postgres_describe(where);
    p->mode = mode;
    p->options = *options;
    p->facts.dialect = FACT_POSTGRES;
    int rc = connect_first(p, err);
    if (rc)
        return rc;
    *ret_postgres = p;
    p = NULL;
    return 0;
}

static int prepare(struct postgres *p, void *context, struct error *err)
{
    (void)context;
    return postgres_prepare(p, err);
}

static int check_storage(const struct postgres *p, struct error *err)
{
    enum store_storage wanted = p->options.storage, has = p->settings.index.storage;
    if (wanted == STORE_STORAGE_KEEP || wanted == has)
        return 0;
    return error_set(err, ERR_MISMATCH,
                     "the gallery %s keeps its vectors as %s, not %s: leave --vector-storage out, "
                     "or index into another gallery with --gallery",
                     p->store.name, postgres_type(has), postgres_type(wanted));
}

int postgres_open(const char *where, enum store_mode mode, const struct store_options *options,
                  struct postgres **ret_postgres, struct error *err)
{
    struct postgres *opened;
    int rc = postgres_new(where, mode, options, &opened, err);
    if (rc)
        return rc;
    AUTO(postgres) *p = opened;
    rc = postgres_attempt(p, prepare, NULL, err);
    if (!rc)
        rc = check_storage(p, err);
    if (!rc && mode == STORE_WRITE)
        rc = postgres_wish_index(p, options, err);
    if (rc)
        return rc;
    *ret_postgres = p;
    p = NULL;
    return 0;
}

void postgres_close(struct postgres *p)
{
    if (!p)
        return;
    postgres_end_writer(p);
    postgres_disconnect(p);
    free(p->where);
    free(p->store.name);
    free(p->schema);
    free(p->address_path);
    free(p->enter_sql);
    free(p->extension_schema);
    fact_sql_release(&p->facts);
    free(p);
}
