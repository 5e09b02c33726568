/* SPDX-License-Identifier: MIT */
/* Turns an existing table with vectors into a gallery.
 *
 * Two transactions and a rest, so that others wait as little as possible: adopt_prepare locks the
 * table for a moment; adopt_convert lets others read while it writes every row, and locks the table
 * when it gives it its new form; adopt_finish builds the indexes beside readers and writers. The
 * table ADOPTING exists throughout, so that an interrupted adoption is completed by the next. */
#include <stdlib.h>
#include <string.h>

#include "store/postgres/postgres_adopt_internal.h"

/* Returns the prefix for relative paths: "/folder/", or "/" without a folder. */
static char *prefix_of(const char *folder)
{
    size_t length = folder ? strlen(folder) : 0;
    while (length && folder[length - 1] == '/')
        length--;
    AUTO_FREE char *stem = xstrndup(folder ? folder : "", length);
    return xasprintf("%s/", stem);
}

/* ---- plan ---- */

static int plan_names(struct adopting *a, struct error *err)
{
    const struct adopt_table *t = &a->table;
    const struct adopt_names *names = &a->names;
    int rc = 0;
    if (adopt_is_renamed(names))
        rc =
            strbuf_addf(&a->plan, err,
                        "renames %s to image_gallery and its columns to keepsake's names; %s stays "
                        "as a view with the columns it has\n",
                        names->table, names->table);
    else if (strcmp(names->id, "id") != 0 || strcmp(names->path, "path") != 0 ||
             strcmp(names->embedding, "embedding") != 0)
        rc = strbuf_addf(&a->plan, err,
                         "renames the columns %s, %s and %s to id, path and embedding; other "
                         "programs must then use these names\n",
                         names->id, names->path, names->embedding);
    if (!rc && !adopt_keeps_id(t))
        rc = strbuf_addf(&a->plan, err,
                         "gives every photo a number as its id, beside its %s of type %s\n",
                         names->id, t->id_type);
    return rc;
}

static int plan_key(struct adopting *a, struct error *err)
{
    const struct adopt_table *t = &a->table;
    int rc = 0;
    if (!t->has_key)
        rc = strbuf_addf(&a->plan, err, "makes id the primary key\n");
    if (!rc && adopt_keeps_id(t) && !t->id_counts)
        rc = strbuf_addf(&a->plan, err, "lets new rows get an id by themselves\n");
    return rc;
}

static int plan_rows(struct adopting *a, struct error *err)
{
    const struct adopt_table *t = &a->table;
    int rc = 0;
    if (t->relative)
        rc = strbuf_addf(&a->plan, err, "puts %s before %lld relative paths\n", a->prefix,
                         (long long)t->relative);
    if (!rc && t->not_unit)
        rc = strbuf_addf(&a->plan, err, "scales %lld vectors to unit length\n",
                         (long long)t->not_unit);
    if (!rc && t->without_vector)
        rc =
            strbuf_addf(&a->plan, err, "leaves %lld rows without a vector until they are indexed\n",
                        (long long)t->without_vector);
    return rc;
}

static int plan_index(struct adopting *a, struct error *err)
{
    const struct adopt_table *t = &a->table;
    const struct store_index usual = {.options = ""};
    int rc = 0;
    if (strcmp(t->index, "none") != 0)
        rc = strbuf_addf(&a->plan, err, "keeps its vector index (%s), built again afterwards\n",
                         t->index);
    if (!rc && t->scanty[0])
        rc = strbuf_addf(
            &a->plan, err,
            "its index %s has %lld lists for %lld rows, about %lld in each: a query of "
            "your own, which looks into one list (ivfflat.probes), may give fewer rows "
            "than its LIMIT; DROP INDEX %s, or build it WITH (lists = %lld)\n",
            t->scanty, (long long)t->lists, (long long)t->rows, (long long)(t->rows / t->lists),
            t->scanty, (long long)postgres_ivfflat_lists(&usual, t->rows));
    return rc;
}

static int write_plan(struct adopting *a, struct error *err)
{
    AUTO_FREE char *added = adopt_expand(ADOPT_ADDED);
    int rc = 0;
    if (a->resumed)
        rc = strbuf_addf(&a->plan, err, "completes an adoption that was interrupted\n");
    if (!rc)
        rc = strbuf_addf(&a->plan, err, "keeps all %lld rows of %s\n", (long long)a->table.rows,
                         a->names.table);
    if (!rc)
        rc = plan_names(a, err);
    if (!rc)
        rc = strbuf_addf(&a->plan, err, "adds the columns %s\n", added);
    if (!rc)
        rc = plan_key(a, err);
    if (!rc)
        rc = plan_rows(a, err);
    if (!rc)
        rc = plan_index(a, err);
    if (!rc)
        rc = strbuf_addf(&a->plan, err,
                         "adds the tables keepsake_gallery, keepsake_failure, keepsake_folder, "
                         "keepsake_writer, keepsake_label, keepsake_rule and keepsake_ledger\n");
    if (!rc)
        rc = strbuf_addf(&a->plan, err, "records that its vectors are of the model %s\n",
                         a->how->model->id);
    return rc;
}

/* ---- steps ---- */

static int check_source(struct postgres *p, struct adopting *a, struct error *err)
{
    PGresult *owned;
    int rc = postgres_query(p, "SELECT source FROM " ADOPTING " LIMIT 1", NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    if (strcmp(value_bytes(row, 0, 0), a->names.table) == 0)
        return 0;
    return error_set(
        err, ERR_INVALID,
        "the adoption of the table %s in %s was interrupted: complete it first, by the "
        "same command",
        value_bytes(row, 0, 0), p->store.name);
}

/* Finds out how far an earlier adoption came. */
static int read_progress(struct postgres *p, struct adopting *a, struct error *err)
{
    bool is_gallery;
    a->resumed = a->finished = false;
    int rc = postgres_has_table(p, "keepsake_gallery", &is_gallery, err);
    if (!rc)
        rc = postgres_has_table(p, ADOPTING, &a->resumed, err);
    if (rc)
        return rc;
    if (is_gallery && !a->resumed)
        return error_set(err, ERR_INVALID,
                         "%s is already a gallery of keepsake: there is nothing to adopt",
                         p->store.name);
    a->finished = is_gallery;
    return a->resumed && !is_gallery ? check_source(p, a, err) : 0;
}

/* Begins a transaction without the notices of ALTER TABLE. */
static int start_step(struct postgres *p, struct error *err)
{
    int rc = postgres_script(p, "BEGIN; SET LOCAL client_min_messages = warning", err);
    return rc ? rc : postgres_lock_tables(p, err);
}

static int plan_and_prepare(struct postgres *p, void *context, struct error *err)
{
    struct adopting *a = context;
    strbuf_clear(&a->plan);
    int rc = postgres_refuse_pooler(p, "--adopt", err);
    if (!rc)
        rc = start_step(p, err);
    if (!rc)
        rc = read_progress(p, a, err);
    if (!rc && !a->finished)
        rc = adopt_survey(p, a, err);
    if (!rc)
        rc = a->finished
                 ? strbuf_addf(&a->plan, err, "builds the indexes that an adoption had left out\n")
                 : write_plan(a, err);
    if (!rc && !a->how->only_plan && !a->resumed)
        rc = adopt_prepare(p, a, err);
    return rc ? rc : postgres_script(p, a->how->only_plan ? "ROLLBACK" : "COMMIT", err);
}

static int convert_in_transaction(struct postgres *p, struct adopting *a, struct error *err)
{
    AUTO_FREE char *lock = adopt_sql(&a->names, "LOCK TABLE <t> IN SHARE ROW EXCLUSIVE MODE");
    int rc = postgres_script(p, lock, err);
    if (!rc)
        rc = adopt_survey_rows(p, a, err);
    return rc ? rc : adopt_convert(p, a, err);
}

static int convert_once(struct postgres *p, void *context, struct error *err)
{
    struct adopting *a = context;
    int rc = start_step(p, err);
    if (!rc)
        rc = read_progress(p, a, err);
    if (!rc && !a->finished)
        rc = convert_in_transaction(p, a, err);
    return rc ? rc : postgres_script(p, "COMMIT", err);
}

static int finish_once(struct postgres *p, void *context, struct error *err)
{
    (void)context;
    bool unfinished;
    int rc = postgres_has_table(p, ADOPTING, &unfinished, err);
    return rc || !unfinished ? rc : adopt_finish(p, err);
}

static int carry_out(struct postgres *p, struct adopting *a, struct error *err)
{
    struct error why = ERROR_INIT;
    int rc = postgres_attempt(p, convert_once, a, &why);
    if (!rc)
        rc = postgres_attempt(p, finish_once, NULL, &why);
    if (!rc)
        return 0;
    return error_set(
        err, rc,
        "%s (the adoption is not complete: run the same command again, which completes "
        "it and builds the vector indexes that the table had)",
        why.message);
}

static int adopt(struct postgres *p, struct adopting *a, struct error *err)
{
    int rc = adopt_names_parse(a->how->table, &a->names, err);
    if (!rc)
        rc = postgres_attempt(p, plan_and_prepare, a, err);
    return rc || a->how->only_plan ? rc : carry_out(p, a, err);
}

int postgres_adopt(const char *where, const struct store_adoption *how, char **ret_plan,
                   struct error *err)
{
    static const struct store_options defaults;
    struct postgres *opened;
    int rc =
        postgres_new(where, STORE_WRITE, how->options ? how->options : &defaults, &opened, err);
    if (rc)
        return rc;
    AUTO(postgres) *p = opened;
    struct adopting a = {.how = how,
                         .table = {.dim = -1},
                         .prefix = prefix_of(how->folder),
                         .plan = STRBUF_INIT(65536)};
    rc = adopt(p, &a, err);
    if (!rc)
        *ret_plan = strbuf_take(&a.plan);
    strbuf_release(&a.plan);
    adopt_table_release(&a.table);
    adopt_names_release(&a.names);
    free(a.prefix);
    return rc;
}
