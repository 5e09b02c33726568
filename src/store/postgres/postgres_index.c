/* SPDX-License-Identifier: MIT */
/* Builds, replaces and drops the vector index of pgvector. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/postgres/postgres_internal.h"

/* pgvector's limits on the dimensions of an index. */
#define INDEX_DIM_VECTOR 2000
#define INDEX_DIM_HALFVEC 4000
#define INDEX_DIM_BIT 64000
/* ivfflat's centres come from the photos that existed at its build; it is rebuilt when their number
 * has grown by this factor. */
#define IVFFLAT_GROWTH 10

static const char *const operators[] = {
    [STORE_METRIC_KEEP] = "<=>",
    [STORE_METRIC_COSINE] = "<=>",
    [STORE_METRIC_L2] = "<->",
    [STORE_METRIC_INNER_PRODUCT] = "<#>",
};

const char *postgres_operator(enum store_metric metric)
{
    return operators[metric];
}

const char *postgres_type(enum store_storage storage)
{
    return storage == STORE_STORAGE_HALFVEC ? "halfvec" : "vector";
}

static const char *metric_name(enum store_metric metric)
{
    return metric == STORE_METRIC_L2              ? "l2"
           : metric == STORE_METRIC_INNER_PRODUCT ? "inner_product"
                                                  : "cosine";
}

/* Returns whether pgvector can build an index of the gallery's vectors, quantized as wanted. */
static bool fits_index(const struct postgres *p, enum store_quantize quantize)
{
    bool half = p->settings.index.storage == STORE_STORAGE_HALFVEC;
    return p->dim <= (quantize == STORE_QUANTIZE_BIT               ? INDEX_DIM_BIT
                      : half || quantize == STORE_QUANTIZE_HALFVEC ? INDEX_DIM_HALFVEC
                                                                   : INDEX_DIM_VECTOR);
}

/* ---- the wanted index ---- */

/* The extension of a kind that pgvector does not have; NULL for pgvector's own. */
static const char *extension_of(enum store_index_kind kind)
{
    return kind == STORE_INDEX_DISKANN    ? "vectorscale"
           : kind == STORE_INDEX_VCHORDRQ ? "vchord"
                                          : NULL;
}

static int check_extension(struct postgres *p, enum store_index_kind kind, struct error *err)
{
    struct postgres_args args = {0};
    PGresult *owned;
    if (!extension_of(kind))
        return 0;
    args_text(&args, extension_of(kind));
    int rc =
        postgres_query(p, "SELECT EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = $1)",
                       &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *result = owned;
    if (value_int(result, 0, 0))
        return 0;
    return error_set(err, ERR_UNSUPPORTED,
                     "the server of the gallery %s has no %s, which a %s index needs: install it "
                     "there, or give --vector-index hnsw",
                     p->store.name, kind == STORE_INDEX_DISKANN ? "pgvectorscale" : "VectorChord",
                     store_index_name(kind));
}

struct wish {
    enum store_index_kind kind;
    enum store_metric metric;
    enum store_quantize quantize;
    char options[STORE_INDEX_OPTIONS_SIZE];
};

static int write_wish(struct postgres *p, void *context, struct error *err)
{
    const struct wish *wish = context;
    struct postgres_args args = {0};
    int rc = check_extension(p, wish->kind, err);
    if (rc)
        return rc;
    args_text(&args, store_index_name(wish->kind));
    args_text(&args, metric_name(wish->metric));
    args_text(&args, store_quantize_name(wish->quantize));
    args_text(&args, wish->options);
    rc = postgres_run(p,
                      "UPDATE keepsake_gallery SET index_wanted = $1, index_metric = $2,"
                      " index_quantize = $3, index_options = $4",
                      &args, NULL, err);
    return rc ? rc : postgres_read_settings(p, err);
}

static int check_wish(const struct postgres *p, const struct wish *wish, struct error *err)
{
    bool hnsw = wish->kind == STORE_INDEX_HNSW || wish->kind == STORE_INDEX_AUTO;
    if (wish->quantize != STORE_QUANTIZE_NONE && !hnsw)
        return error_set(err, ERR_INVALID,
                         "only an hnsw index can be quantized: give --vector-index hnsw, or "
                         "--vector-quantize none");
    if (wish->quantize == STORE_QUANTIZE_HALFVEC &&
        p->settings.index.storage == STORE_STORAGE_HALFVEC)
        return error_set(err, ERR_INVALID,
                         "the gallery %s keeps its vectors as halfvec already: leave "
                         "--vector-quantize halfvec out",
                         p->store.name);
    if (p->dim && !fits_index(p, wish->quantize) && wish->kind >= STORE_INDEX_HNSW)
        return error_set(err, ERR_UNSUPPORTED,
                         "vectors of %zu numbers are too long for pgvector's indexes: leave "
                         "--vector-index out (search stays exact), give --vector-quantize halfvec, "
                         "or make another gallery with --vector-storage halfvec",
                         p->dim);
    return 0;
}

int postgres_wish_index(struct postgres *p, const struct store_options *options, struct error *err)
{
    const struct store_index *has = &p->settings.index;
    struct wish wish = {
        .kind = options->index == STORE_INDEX_KEEP ? has->wanted : options->index,
        .metric = options->metric == STORE_METRIC_KEEP ? has->metric : options->metric,
        .quantize = options->quantize == STORE_QUANTIZE_KEEP ? has->quantize : options->quantize};
    const char *wanted = options->index_options ? options->index_options : "";
    int rc = postgres_merge_options(has->options, wanted, wish.options, err);
    if (rc || (wish.kind == has->wanted && wish.metric == has->metric &&
               wish.quantize == has->quantize && strcmp(wish.options, has->options) == 0))
        return rc;
    rc = check_wish(p, &wish, err);
    return rc ? rc : postgres_attempt(p, write_wish, &wish, err);
}

static enum store_index_kind choose_kind(const struct postgres *p, int64_t photos)
{
    const struct store_index *index = &p->settings.index;
    if (!p->dim || !fits_index(p, index->quantize) ||
        (photos == 0 && index->wanted == STORE_INDEX_IVFFLAT))
        return STORE_INDEX_NONE;
    if (index->wanted != STORE_INDEX_AUTO)
        return index->wanted;
    if (index->built != STORE_INDEX_NONE && photos > POSTGRES_AUTO_PHOTOS / 2)
        return index->built; /* a small drop below the threshold keeps the index */
    return photos > POSTGRES_AUTO_PHOTOS ? STORE_INDEX_HNSW : STORE_INDEX_NONE;
}

/* ---- the existing index ---- */

struct plan {
    enum store_index_kind kind; /* the kind to exist afterwards */
    bool there;                 /* it exists, and the settings agree */
    int64_t photos;
    char made[STORE_INDEX_OPTIONS_SIZE]; /* the numbers of the built index */
};

static const char *class_ending(enum store_metric metric)
{
    return metric == STORE_METRIC_L2              ? "l2"
           : metric == STORE_METRIC_INNER_PRODUCT ? "ip"
                                                  : "cosine";
}

/* Returns the share of one server among `photos`. */
static int64_t share(const struct postgres *p, int64_t photos)
{
    int shards = p->settings.shards;
    return shards ? (photos + shards - 1) / shards : photos;
}

static enum store_quantize quantize_of(const struct postgres *p, enum store_index_kind kind)
{
    return kind == STORE_INDEX_HNSW ? p->settings.index.quantize : STORE_QUANTIZE_NONE;
}

void postgres_index_class(const struct postgres *p, enum store_index_kind kind,
                          char ret_class[POSTGRES_CLASS])
{
    const struct store_index *index = &p->settings.index;
    enum store_quantize quantize = quantize_of(p, kind);
    if (quantize == STORE_QUANTIZE_BIT)
        snprintf(ret_class, POSTGRES_CLASS, "bit_hamming_ops");
    else
        snprintf(ret_class, POSTGRES_CLASS, "%s_%s_ops",
                 quantize == STORE_QUANTIZE_HALFVEC ? "halfvec" : postgres_type(index->storage),
                 class_ending(index->metric));
}

const char *postgres_adopted_kind(const struct postgres *p)
{
    const struct store_index *index = &p->settings.index;
    return index->built_at ? "" : store_index_name(index->built);
}

/* Selects the numbers of vectors, of indexes in use, and of valid ones of the class $1, and the
 * kind; $2: the kind of an adopted index. For a split gallery: all vectors, and the indexes that
 * every shard has. */
static const char state_sql[] =
    "SELECT " POSTGRES_VECTOR_ESTIMATE ", count(*),"
    " count(*) FILTER (WHERE i.indisvalid AND o.opcname = $1),"
    " coalesce(min(a.amname::text), 'none')" POSTGRES_VECTOR_INDEXES
    " AND (c.relname = '" POSTGRES_INDEX "' OR " POSTGRES_ADOPTED_INDEX("$2", "$1") ")";
static const char split_state_sql[] =
    "SELECT sum(vectors)::bigint, max(indexes), bool_and(indexes = 1 AND valid_class = "
    "$1)::integer,"
    " CASE WHEN min(index_kind) = max(index_kind) THEN min(index_kind) ELSE 'several' END"
    " FROM keepsake_parts";

static int make_plan(struct postgres *p, struct plan *plan, struct error *err)
{
    PGresult *owned;
    int rc = postgres_read_settings(p, err);
    if (rc)
        return rc;
    const struct store_index *index = &p->settings.index;
    char class[POSTGRES_CLASS];
    postgres_index_class(p, index->built == STORE_INDEX_NONE ? STORE_INDEX_HNSW : index->built,
                         class);
    struct postgres_args args = {0};
    args_text(&args, class);
    if (!p->settings.shards)
        args_text(&args, postgres_adopted_kind(p));
    rc = postgres_query(p, p->settings.shards ? split_state_sql : state_sql, &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    plan->photos = value_int(row, 0, 0);
    plan->kind = choose_kind(p, share(p, plan->photos));
    int64_t there = value_int(row, 0, 1), good = value_int(row, 0, 2);
    if (plan->kind == STORE_INDEX_NONE)
        plan->there = there == 0 && index->built == STORE_INDEX_NONE;
    else
        plan->there = there > 0 && good == there && index->built == plan->kind &&
                      index->built_quantize == quantize_of(p, plan->kind) &&
                      postgres_options_agree(index->options, index->made) &&
                      strcmp(value_bytes(row, 0, 3), store_index_name(plan->kind)) == 0;
    if (plan->kind == STORE_INDEX_IVFFLAT && plan->photos >= IVFFLAT_GROWTH * index->built_photos)
        plan->there = false;
    return 0;
}

/* ---- building ---- */

/* Drops the vector index of that name, but no other one: those belong to other programs. */
static int drop_index(struct postgres *p, const char *name, struct error *err)
{
    struct postgres_args args = {0};
    PGresult *owned;
    args_text(&args, name);
    int rc = postgres_query(p, "SELECT count(*)" POSTGRES_VECTOR_INDEXES " AND c.relname = $1",
                            &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    AUTO_FREE char *sql = xasprintf("DROP INDEX %s", name);
    return value_int(row, 0, 0) ? postgres_script(p, sql, err) : 0;
}

/* Returns the memory for a build. A graph is built in memory, many times as fast as on disk; it
 * takes a vector and about 1 KB of neighbours per photo, at most 2 GB. Never below the server's own
 * setting. */
static int64_t build_kilobytes(const struct postgres *p, int64_t photos)
{
    int64_t kilobytes = photos * (int64_t)(4 * p->dim + 1024) / 1024 + 65536;
    return kilobytes < 2 << 20 ? kilobytes : 2 << 20;
}

#define BUILD_MEMORY(is_local)                                                 \
    "SELECT set_config('maintenance_work_mem', $1 || 'kB', " is_local ") FROM" \
    " pg_settings WHERE name = 'maintenance_work_mem' AND setting::bigint < $1::bigint"
static int set_build_memory(struct postgres *p, int64_t photos, struct error *err)
{
    struct postgres_args args = {0};
    args_int(&args, build_kilobytes(p, photos));
    return postgres_run(p, p->pooled ? BUILD_MEMORY("true") : BUILD_MEMORY("false"), &args, NULL,
                        err);
}

int postgres_start_build(struct postgres *p, int64_t photos, struct error *err)
{
    int rc = postgres_script(p, "SET statement_timeout = 0", err);
    if (!rc && postgres_is_older(p->pgvector, POSTGRES_PARALLEL_PGVECTOR))
        rc = postgres_script(p, "SET max_parallel_maintenance_workers = 0", err);
    return rc ? rc : set_build_memory(p, photos, err);
}

int postgres_reset_build(struct postgres *p, struct error *err)
{
    return postgres_script(p,
                           "RESET statement_timeout; RESET maintenance_work_mem;"
                           " RESET max_parallel_maintenance_workers",
                           err);
}

static int create_index(struct postgres *p, struct plan *plan, struct error *err)
{
    AUTO_FREE char *sql = postgres_index_sql(p, plan->kind, plan->photos, !p->pooled, plan->made);
    return postgres_script(p, sql, err);
}

/* Returns whether the last failure was a lack of disk space or memory. */
static bool had_no_room(const struct postgres *p)
{
    return strcmp(p->sqlstate, "53100") == 0 || strcmp(p->sqlstate, "53200") == 0;
}

/* Retries without parallel workers, because a container may lack the shared memory that they need.
 */
static int create_index_somehow(struct postgres *p, struct plan *plan, struct error *err)
{
    struct error why = ERROR_INIT;
    int rc = create_index(p, plan, &why);
    if (!rc || !had_no_room(p))
        return rc ? error_set(err, rc, "%s", why.message) : 0;
    rc = drop_index(p, POSTGRES_NEW_INDEX, err);
    if (!rc)
        rc = postgres_script(p, "SET max_parallel_maintenance_workers = 0", err);
    return rc ? rc : create_index(p, plan, err);
}

/* Within a transaction. */
static int put_in_place(struct postgres *p, const struct plan *plan, struct error *err)
{
    struct postgres_args args = {0};
    bool some = plan->kind != STORE_INDEX_NONE;
    args_text(&args, store_index_name(plan->kind));
    args_int(&args, some ? plan->photos : 0);
    args_int(&args, some ? clock_unix() : 0);
    args_text(&args, some ? plan->made : "");
    args_text(&args, store_quantize_name(quantize_of(p, plan->kind)));
    bool here = p->settings.shards == 0;
    int rc = here ? drop_index(p, POSTGRES_INDEX, err) : 0;
    if (!rc && here && some)
        rc =
            postgres_script(p, "ALTER INDEX " POSTGRES_NEW_INDEX " RENAME TO " POSTGRES_INDEX, err);
    if (!rc)
        rc = postgres_run(p,
                          "UPDATE keepsake_gallery SET index_built = $1,"
                          " index_built_photos = $2, index_built_at = $3, index_made = $4,"
                          " index_built_quantize = $5",
                          &args, NULL, err);
    return rc;
}

static int exchange(struct postgres *p, const struct plan *plan, struct error *err)
{
    int rc = postgres_script(p, "BEGIN", err);
    if (!rc)
        rc = put_in_place(p, plan, err);
    return rc ? rc : postgres_script(p, "COMMIT", err);
}

static int build_on_shards(struct postgres *p, struct plan *plan, struct error *err)
{
    struct error why = ERROR_INIT;
    int64_t each = share(p, plan->photos);
    AUTO_FREE char *create = plan->kind == STORE_INDEX_NONE
                                 ? NULL
                                 : postgres_index_sql(p, plan->kind, each, true, plan->made);
    int64_t kilobytes = build_kilobytes(p, each);
    bool parallel = !postgres_is_older(p->pgvector, POSTGRES_PARALLEL_PGVECTOR);
    int rc = postgres_shards_index(p, create, kilobytes, parallel, &why);
    if (rc && had_no_room(p))
        rc = postgres_shards_index(p, create, kilobytes, false, &why);
    if (rc)
        return error_set(err, rc, "%s", why.message);
    if (plan->kind != STORE_INDEX_NONE)
        rc = postgres_shards_set_options(p, each, err);
    return rc ? rc : exchange(p, plan, err);
}

static int create_extension(struct postgres *p, enum store_index_kind kind, struct error *err)
{
    AUTO_FREE char *sql = xasprintf("CREATE EXTENSION IF NOT EXISTS %s", extension_of(kind));
    return postgres_script(p, sql, err);
}

static int build(struct postgres *p, struct plan *plan, struct error *err)
{
    if (p->settings.shards)
        return build_on_shards(p, plan, err);
    int rc = postgres_start_build(p, plan->photos, err);
    if (!rc && extension_of(plan->kind))
        rc = create_extension(p, plan->kind, err);
    if (!rc)
        rc = drop_index(p, POSTGRES_NEW_INDEX, err);
    if (!rc && plan->kind != STORE_INDEX_NONE)
        rc = create_index_somehow(p, plan, err);
    return rc ? rc : exchange(p, plan, err);
}

#define TRY_LOCK(kind) "SELECT pg_try_advisory_" kind "(1801807217, hashtext($1))"

static int try_lock(struct postgres *p, bool *ret_locked, struct error *err)
{
    struct postgres_args args = {0};
    PGresult *owned;
    args_text(&args, p->schema);
    int rc =
        postgres_query(p, p->pooled ? TRY_LOCK("xact_lock") : TRY_LOCK("lock"), &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    *ret_locked = value_int(row, 0, 0);
    return 0;
}

/* Restores the session's settings, after a successful or a failed build. */
static void end_build(struct postgres *p)
{
    struct postgres_args args = {0};
    struct error ignored;
    enum postgres_failure failure = p->failure;
    postgres_leave_transaction(p);
    args_text(&args, p->schema);
    if (postgres_reset_build(p, &ignored) ||
        postgres_run(p, "SELECT pg_advisory_unlock(1801807217, hashtext($1))", &args, NULL,
                     &ignored))
        failure = POSTGRES_LOST;
    p->failure = failure;
}

/* Replaces the estimate by the true number, which is recorded, and tells of known problems. */
static int count_vectors(struct postgres *p, struct plan *plan, struct error *err)
{
    PGresult *owned;
    int rc = p->settings.shards ? 0
                                : postgres_query(p, "SELECT count(embedding) FROM image_gallery",
                                                 NULL, &owned, err);
    if (rc)
        return rc;
    if (!p->settings.shards) {
        AUTO_RESULT *row = owned;
        plan->photos = value_int(row, 0, 0);
    }
    postgres_advise_build(p, plan->kind, share(p, plan->photos));
    return 0;
}

/* Makes the plan again under the lock, with the true number if an index is to be built. */
static int make_final_plan(struct postgres *p, struct plan *plan, struct error *err)
{
    int rc = make_plan(p, plan, err);
    if (!rc && !plan->there && plan->kind != STORE_INDEX_NONE)
        rc = count_vectors(p, plan, err);
    return rc;
}

static int build_in_transaction(struct postgres *p, struct plan *plan, bool *ret_locked,
                                struct error *err)
{
    int rc = postgres_script(p, "BEGIN; SET LOCAL statement_timeout = 0", err);
    if (!rc)
        rc = try_lock(p, ret_locked, err);
    if (rc || !*ret_locked)
        return rc;
    rc = make_final_plan(p, plan, err);
    if (rc || plan->there)
        return rc;
    if (postgres_is_older(p->pgvector, POSTGRES_PARALLEL_PGVECTOR))
        rc = postgres_script(p, "SET LOCAL max_parallel_maintenance_workers = 0", err);
    if (!rc)
        rc = set_build_memory(p, plan->photos, err);
    if (!rc && extension_of(plan->kind))
        rc = create_extension(p, plan->kind, err);
    if (!rc)
        rc = drop_index(p, POSTGRES_NEW_INDEX, err);
    if (!rc && plan->kind != STORE_INDEX_NONE)
        rc = create_index(p, plan, err);
    return rc ? rc : put_in_place(p, plan, err);
}

static int build_through_pooler(struct postgres *p, struct plan *plan, bool *ret_locked,
                                struct error *err)
{
    int rc =
        p->settings.shards ? postgres_refuse_pooler(p, "changing the index of shards", err) : 0;
    if (rc)
        return rc;
    if (plan->kind != STORE_INDEX_NONE)
        postgres_notice(p,
                        "through the connection pooler, the vector index of %s is made in one "
                        "transaction, during which other programs cannot write photos; with the "
                        "address of the server itself, they can",
                        p->store.name);
    rc = build_in_transaction(p, plan, ret_locked, err);
    return rc ? rc : postgres_script(p, "COMMIT", err);
}

static int build_in_session(struct postgres *p, struct plan *plan, bool *ret_locked,
                            struct error *err)
{
    int rc = try_lock(p, ret_locked, err);
    if (rc || !*ret_locked)
        return rc;
    rc = make_final_plan(p, plan, err);
    if (!rc && !plan->there)
        rc = build(p, plan, err);
    end_build(p);
    return rc;
}

/* One process builds; the others do not wait for it. The lock's key is "keeq" and a number for the
 * schema. */
static int tend(struct postgres *p, void *context, struct error *err)
{
    (void)context;
    struct plan plan = {.kind = STORE_INDEX_NONE};
    bool locked;
    int rc = postgres_mend_lost(p, err);
    if (!rc)
        rc = postgres_analyze_grown(p, err);
    if (!rc)
        rc = make_plan(p, &plan, err);
    if (rc || plan.there)
        return rc;
    rc = p->pooled ? build_through_pooler(p, &plan, &locked, err)
                   : build_in_session(p, &plan, &locked, err);
    if (rc)
        return rc;
    if (!locked)
        postgres_notice(p, "another process is making the vector index of %s", p->store.name);
    return postgres_read_settings(p, err);
}

static void notice_foreign(void *context, const struct store_finding *finding)
{
    postgres_notice(context, "%s", finding->sentence);
}

int postgres_tend_index(struct store *store, struct error *err)
{
    struct postgres *p = postgres_of(store);
    int rc = postgres_attempt(p, tend, NULL, err);
    if (!rc)
        rc = postgres_tell_foreign(p, notice_foreign, p, err);
    if (rc != ERR_CANCELLED)
        return rc;
    return error_set(err, rc,
                     "interrupted before the vector index of %s was made; the next index run "
                     "makes it, and searches are exact until then",
                     p->store.name);
}

int postgres_set_index(struct store *store, enum store_index_kind kind, enum store_metric metric,
                       struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct store_index has;
    struct store_options options = {.index = kind, .metric = metric};
    int rc = postgres_get_index(&p->store, &has, err);
    if (!rc)
        rc = postgres_wish_index(p, &options, err);
    return rc ? rc : postgres_tend_index(&p->store, err);
}

static int read_index(struct postgres *p, void *context, struct error *err)
{
    struct store_index *index = context;
    int rc = postgres_read_settings(p, err);
    if (!rc)
        *index = p->settings.index;
    return rc;
}

int postgres_get_index(struct store *store, struct store_index *ret_index, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct store_index index;
    int rc = postgres_attempt(p, read_index, &index, err);
    if (!rc)
        *ret_index = index;
    return rc;
}
