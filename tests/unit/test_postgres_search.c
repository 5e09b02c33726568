/* SPDX-License-Identifier: MIT */
/* Real CLIP vectors on PostgreSQL: the same answers as SQLite, and the recall of each index. */
#include "base/file.h"
#include "doctor/doctor.h"
#include "postgres_fixture.h"
#include "real_vectors.h"
#include "store/postgres/postgres_effort.h"
#include "store/postgres/postgres_internal.h"
#include "wait.h"

enum { DIM = REAL_DIM, K = 10 };

static struct error err;

/* Only keepsake analyzes the table then, and nothing else changes its pages. */
static void stop_autovacuum(const char *gallery)
{
    const char *schema = store_is_file(gallery) ? NULL : postgres_schema(gallery);
    if (schema)
        postgres_sql(NULL, 0, "ALTER TABLE %s.image_gallery SET (autovacuum_enabled = off)",
                     schema);
}

/* Ids are 1, 2, 3 ... in the order of the rows. Every seventh photo is there twice, so that there
 * are ties; the copies' paths come first. */
static struct store *make_gallery(const char *gallery, const struct store_options *options)
{
    struct store *store;
    struct store_model model = {.id = "clip-vit-b-32", .preprocessing = 1, .dim = DIM};
    memset(model.fingerprint, 'c', HASH_HEX_SIZE - 1);
    if (store_open_with(gallery, STORE_WRITE, options, &store, &err) ||
        store_bind_model(store, &model, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    stop_autovacuum(gallery);
    size_t n = image_count + image_count / 7;
    AUTO_FREE struct store_change *changes = xcalloc(n, sizeof *changes);
    AUTO_FREE char *paths = xmalloc(n * 32);
    struct photo_facts facts = {.format = "jpeg", .width = 640, .height = 480};
    uint8_t hash[HASH_BYTES] = {7};
    for (size_t i = 0; i < n; i++) {
        size_t source = i < image_count ? i : (i - image_count) * 7;
        char *path = paths + i * 32;
        snprintf(path, 32, "/%c/%06zu.jpg", i < image_count ? 'p' : 'c', source);
        changes[i] = (struct store_change){.kind = STORE_ADD,
                                           .path = path,
                                           .size = 5,
                                           .mtime_ns = 6,
                                           .hash = hash,
                                           .facts = &facts,
                                           .vector = image(source)};
    }
    for (size_t i = 0; i < n; i += 500)
        if (store_apply(store, changes + i, n - i < 500 ? n - i : 500, &err))
            ok(false, "fill: %s", err.message);
    return store;
}

/* The answers to every step-th text: [text_count * K] ids and scores, zeros between them. */
static struct store_hit *ask(struct store *store, size_t step)
{
    struct store_hit *hits = xcalloc(text_count * K, sizeof *hits);
    for (size_t q = 0; q < text_count; q += step) {
        size_t count = 0;
        if (store_search(store, text(q), K, NULL, hits + q * K, &count, &err) || count != K) {
            ok(false, "search %zu: %zu hits, %s", q, count, err.message);
            break;
        }
    }
    return hits;
}

static double recall(const struct store_hit *got, const struct store_hit *want, size_t step)
{
    size_t found = 0, asked = 0;
    for (size_t q = 0; q < text_count; q += step, asked++)
        for (size_t i = 0; i < K; i++)
            for (size_t j = 0; j < K; j++)
                found += got[q * K + i].id == want[q * K + j].id;
    return (double)found / (double)(asked * K);
}

static void test_same_as_sqlite(struct store *store, const struct store_hit *want)
{
    AUTO_FREE struct store_hit *got = ask(store, 1);
    size_t other = 0;
    for (size_t i = 0; i < text_count * K; i++)
        other += got[i].id != want[i].id || got[i].score != want[i].score;
    ok(other == 0, "%zu photos: the top %d of %zu texts are those of SQLite, scores to the bit",
       image_count + image_count / 7, K, text_count);
}

/* How often the gallery's vector index was used. A server process reports when a statement ends
 * a second or more after its last report. */
static long long index_scans(const char *gallery, struct store *store)
{
    struct store_index index;
    if (store_get_index(store, &index, &err))
        diag("%s", err.message);
    char line[32] = "";
    postgres_sql(line, sizeof line,
                 "SELECT coalesce(sum(idx_scan), 0) FROM pg_stat_all_indexes WHERE schemaname ="
                 " '%s' AND indexrelname LIKE '%%keepsake'",
                 postgres_schema(gallery));
    return strtoll(line, NULL, 10);
}

struct scans {
    const char *gallery;
    struct store *store;
    long long wanted;
};

static bool has_scans(void *context)
{
    const struct scans *s = context;
    return index_scans(s->gallery, s->store) >= s->wanted;
}

static void test_index(const char *gallery, struct store *store, const struct store_hit *want,
                       enum store_index_kind kind, enum store_metric metric, double least)
{
    size_t step = 3;
    is_int(store_set_index(store, kind, metric, &err), 0, "makes an index");
    struct store_index index;
    ok(store_get_index(store, &index, &err) == 0 && index.wanted == kind && index.built == kind &&
           (kind == STORE_INDEX_NONE) == (index.built_photos == 0) &&
           (kind == STORE_INDEX_NONE) == (index.built_at == 0),
       "... and remembers it");
    AUTO_FREE struct store_hit *got = ask(store, step);
    double found = recall(got, want, step);
    ok(found >= least, "%s, metric %d: recall@%d %.4f", store_index_name(kind), metric, K, found);
    size_t count;
    struct store_hit hits[K], exact[K];
    ok(store_search_exact(store, text(1), K, NULL, hits, &count, &err) == 0 && count == K &&
           memcpy(exact, want + K, sizeof exact) && hits[0].id == exact[0].id &&
           hits[K - 1].id == exact[K - 1].id,
       "... an exact search beside it");
    struct scans scans = {gallery, store, (long long)(text_count / step)};
    if (kind != STORE_INDEX_NONE)
        ok(wait_until(has_scans, &scans, "the report of the index"), "... searches used it");
}

/* More rows than the index gives at once. */
static void test_k_rows(struct store *store)
{
    struct store_hit *hits = xcalloc(image_count, sizeof *hits);
    size_t count = 0;
    is_int(store_search(store, text(0), image_count, NULL, hits, &count, &err), 0,
           "as many as there are");
    ok(count >= image_count * 98 / 100, "... come, nearly: %zu of %zu", count, image_count);
    free(hits);
}

static void test_halfvec(const struct store_hit *want)
{
    AUTO_FREE char *gallery = fixture_gallery();
    struct store_options options = {.storage = STORE_STORAGE_HALFVEC};
    AUTO(store) *store = make_gallery(gallery, &options);
    AUTO_FREE struct store_hit *got = ask(store, 1);
    double found = recall(got, want, 1);
    ok(found > 0.99, "halfvec, exact: recall@%d %.4f of the float32 vectors", K, found);
    test_index(gallery, store, want, STORE_INDEX_HNSW, STORE_METRIC_COSINE, 0.98);
    struct store *other;
    options.storage = STORE_STORAGE_VECTOR;
    is_int(store_open_with(gallery, STORE_WRITE, &options, &other, &err), ERR_MISMATCH,
           "the storage of a gallery stays");
}

/* ---- quantized indexes, and the numbers of an index ---- */

static void reopen(const char *gallery, struct store **store, const struct store_options *options)
{
    store_close(*store);
    *store = NULL;
    if (store_open_with(gallery, STORE_WRITE, options, store, &err) ||
        store_tend_index(*store, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
}

/* Scores are those of the stored vectors, whatever the index is built from. */
static void test_quantized(const char *gallery, struct store **store, const struct store_hit *want,
                           enum store_quantize quantize, const char *definition, double least)
{
    struct store_options options = {.index = STORE_INDEX_HNSW, .quantize = quantize};
    char line[64];
    reopen(gallery, store, &options);
    struct store_index index;
    ok(store_get_index(*store, &index, &err) == 0 && index.quantize == quantize &&
           index.built_quantize == quantize && strcmp(index.made, "m=24 ef_construction=128") == 0,
       "an hnsw index of %s is built and recorded", store_quantize_name(quantize));
    postgres_sql(line, sizeof line,
                 "SELECT count(*) FROM pg_indexes WHERE schemaname = '%s' AND indexname LIKE"
                 " '%%keepsake' AND position('%s' IN indexdef) > 0",
                 postgres_schema(gallery), definition);
    is_str(line, "1", "... over the right expression");
    long long before = index_scans(gallery, *store);
    AUTO_FREE struct store_hit *got = ask(*store, 5);
    double found = recall(got, want, 5);
    ok(found >= least, "... recall@%d %.4f", K, found);
    size_t other = 0;
    for (size_t q = 0; q < text_count; q += 5)
        for (size_t i = 0; i < K; i++)
            for (size_t j = 0; j < K; j++)
                other += got[q * K + i].id == want[q * K + j].id &&
                         got[q * K + i].score != want[q * K + j].score;
    ok(other == 0, "... scores to the bit");
    struct scans scans = {gallery, *store, before + (long long)(text_count / 5)};
    ok(wait_until(has_scans, &scans, "the report of the index"), "... searches used it");
}

/* What the effort statement sets for the index that the gallery records. */
static void shows(const char *gallery, const char *record, const char *setting, const char *value,
                  long long rows, const char *filtered)
{
    static char sql[8192], line[64];
    AUTO_FREE char *effort = xasprintf(POSTGRES_EFFORT_SQL("%lld", "%s"), rows, filtered);
    snprintf(sql, sizeof sql,
             "BEGIN; SET LOCAL search_path = %s, public; UPDATE keepsake_gallery SET %s; DO"
             " \\$do\\$ BEGIN PERFORM FROM (%s) AS e; END \\$do\\$; SELECT"
             " current_setting('%s'); ROLLBACK",
             postgres_schema(gallery), record, effort, setting);
    AUTO_FREE char *command = xasprintf("%s \"%s\"", getenv("KEEPSAKE_TEST_PSQL"), sql);
    fflush(stdout);
    FILE *pipe = popen(command, "r");
    if (!pipe || !fgets(line, sizeof line, pipe))
        line[0] = '\0';
    if (pipe)
        pclose(pipe);
    line[strcspn(line, "\n")] = '\0';
    ok(strcmp(line, value) == 0, "%s, %lld rows: %s is %s (%s)", record, rows, setting, value,
       line);
}

static void test_effort(const char *gallery)
{
#define HNSW "index_built = 'hnsw', index_built_photos = "
    shows(gallery, HNSW "31783", "hnsw.ef_search", "401", 26, "false");
    shows(gallery, HNSW "200000", "hnsw.ef_search", "1000", 26, "false");
    shows(gallery, HNSW "31783", "hnsw.iterative_scan", "off", 26, "false");
    shows(gallery, HNSW "31783", "hnsw.iterative_scan", "relaxed_order", 26, "true");
    shows(gallery, HNSW "31783", "hnsw.iterative_scan", "relaxed_order", 1001, "false");
    shows(gallery, HNSW "9, index_options = 'ef_search=77'", "hnsw.ef_search", "77", 26, "false");
#define LISTS(kind) \
    "index_built = '" kind "', index_made = 'lists=200', index_built_photos = 200000"
    shows(gallery, LISTS("ivfflat"), "ivfflat.probes", "124", 26, "false");
    shows(gallery, LISTS("vchordrq"), "vchordrq.probes", "124", 26, "false");
    shows(gallery, LISTS("vchordrq") ", index_options = 'probes=12'", "vchordrq.probes", "12", 26,
          "false");
    shows(gallery, "index_built = 'vchordrq', index_made = 'lists=0'", "vchordrq.probes", "", 26,
          "false");
    shows(gallery, "index_built = 'diskann'", "diskann.query_rescore", "400", 26, "false");
    shows(gallery, "index_built = 'diskann', index_options = 'query_search_list_size=77'",
          "diskann.query_search_list_size", "77", 26, "false");
}

/* The statements for extensions that no test server has, as their documentation writes them. */
static void test_statements(void)
{
    struct postgres p = {.dim = 512,
                         .settings.index = {.metric = STORE_METRIC_COSINE,
                                            .storage = STORE_STORAGE_VECTOR,
                                            .quantize = STORE_QUANTIZE_NONE}};
    char made[STORE_INDEX_OPTIONS_SIZE];
    AUTO_FREE char *vchordrq = postgres_index_sql(&p, STORE_INDEX_VCHORDRQ, 1000000, true, made);
    is_str(vchordrq,
           "CREATE INDEX CONCURRENTLY keepsake_embedding_new ON image_gallery USING vchordrq"
           " (embedding vector_cosine_ops) WITH (options = $options$residual_quantization = false\n"
           "[build.internal]\nlists = [4000]\nspherical_centroids = true\n$options$)",
           "the statement for vchordrq");
    is_str(made, "lists=4000", "... and its numbers");
    AUTO_FREE char *small = postgres_index_sql(&p, STORE_INDEX_VCHORDRQ, 5000, true, made);
    ok(strstr(small, "lists = []") && strcmp(made, "lists=0") == 0, "... without lists");
    AUTO_FREE char *diskann = postgres_index_sql(&p, STORE_INDEX_DISKANN, 1000000, true, made);
    is_str(diskann,
           "CREATE INDEX  keepsake_embedding_new ON image_gallery USING diskann (embedding"
           " vector_cosine_ops) WITH (num_neighbors = 50, search_list_size = 100)",
           "the statement for diskann");
    struct store_options ivfflat = {.index = STORE_INDEX_IVFFLAT,
                                    .quantize = STORE_QUANTIZE_HALFVEC};
    is_int(postgres_wish_index(&p, &ivfflat, &err), ERR_INVALID, "only hnsw is quantized");
}

static void test_options(const char *gallery, struct store **store)
{
    static const char *const wrong[] = {"m",
                                        "m=",
                                        "m=-1",
                                        "m=1",
                                        "ef=3",
                                        "=4",
                                        "m=x",
                                        "ef_search=1001",
                                        "m=99999999999999999999",
                                        "m=40 ef_construction=60"};
    char line[128];
    struct store *none = NULL;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct store_options options = {.index_options = wrong[i]};
        ok(store_open_with(gallery, STORE_WRITE, &options, &none, &err) == ERR_INVALID,
           "the option %s is refused: %s", wrong[i], err.message);
    }
    struct store_options options = {.index = STORE_INDEX_HNSW,
                                    .quantize = STORE_QUANTIZE_NONE,
                                    .index_options = "m=8 ef_search=300 ef_construction=40"};
    reopen(gallery, store, &options);
    postgres_sql(line, sizeof line,
                 "SELECT array_to_string(reloptions, ' ') FROM pg_class WHERE relnamespace ="
                 " '%s'::regnamespace AND relname LIKE '%%keepsake' AND reloptions IS NOT NULL",
                 postgres_schema(gallery));
    is_str(line, "m=8 ef_construction=40", "an index with the chosen numbers");
    struct store_index index;
    ok(store_get_index(*store, &index, &err) == 0 &&
           strcmp(index.options, "m=8 ef_construction=40 ef_search=300") == 0,
       "... which are recorded: %s", index.options);
    int64_t built = index.built_at;
    options.index_options = "ef_search=auto m=auto ef_construction=auto";
    reopen(gallery, store, &options);
    ok(store_get_index(*store, &index, &err) == 0 && !index.options[0] && index.built_at == built,
       "numbers taken back leave the index");
}

/* Another program is told at the build what the server's version may do to the index. */
static void test_advice(const char *gallery, struct store **store)
{
    struct postgres_notices notices = {.count = 0};
    struct store_options options = {
        .index = STORE_INDEX_IVFFLAT, .notice = postgres_keep_notice, .context = &notices};
    reopen(gallery, store, &options);
    ok(strstr(notices.all, "gains nothing"), "a small gallery gains nothing by an index");
    AUTO_FREE char *damaged = postgres_version_fault("0.8.3", STORE_INDEX_HNSW);
    ok(damaged && strstr(damaged, "fixed in 0.8.4") && strstr(damaged, "REINDEX"),
       "pgvector 0.8.3 may damage an hnsw index");
    ok(!postgres_version_fault("0.8.4", STORE_INDEX_HNSW) &&
           !postgres_version_fault("0.10.0", STORE_INDEX_HNSW),
       "... 0.8.4 and 0.10.0 do not");
    AUTO_FREE char *overflow = postgres_version_fault("0.8.6", STORE_INDEX_IVFFLAT);
    ok(overflow && !postgres_version_fault("0.8.7", STORE_INDEX_IVFFLAT),
       "building ivfflat is safe from 0.8.7 on");
}

/* A filter that leaves few photos is searched exactly, unless the owner says otherwise. */
static void test_few(const char *gallery, struct store **store)
{
    struct store_options options = {.index = STORE_INDEX_HNSW, .index_options = "exact_below=0"};
    const char *value = "*.jpg"; /* a condition that no ordinary index helps with */
    struct criteria *where = NULL;
    if (criteria_leaf("name", CRITERIA_IS, &value, 1, &where, &err))
        diag("%s", err.message);
    struct store_filter filter = {.where = where};
    struct store_hit hits[K];
    size_t count = 0;
    reopen(gallery, store, &options);
    long long before = index_scans(gallery, *store);
    ok(store_search(*store, text(3), K, &filter, hits, &count, &err) == 0 && count == K,
       "a filtered search by index finds %zu", count);
    struct scans scans = {gallery, *store, before + 1};
    ok(wait_until(has_scans, &scans, "the report of the index"), "... which was used");
    options.index_options = "exact_below=auto";
    reopen(gallery, store, &options);
    struct store_hit exact[K];
    size_t same = 0;
    for (size_t q = 0; q < 50; q++) {
        if (store_search(*store, text(q), K, &filter, hits, &count, &err) ||
            store_search_exact(*store, text(q), K, &filter, exact, &count, &err))
            break;
        same += memcmp(hits, exact, sizeof hits) == 0;
    }
    is_int((long long)same, 50, "few photos are searched exactly");
    criteria_free(where);
}

/* The planner's statistics exist when an index run that added photos ends. */
static void test_analyzed(const char *gallery)
{
    char line[32];
    postgres_sql(line, sizeof line,
                 "SELECT count(*) > 0 FROM pg_stats WHERE schemaname = '%s' AND tablename ="
                 " 'image_gallery'",
                 postgres_schema(gallery));
    is_str(line, "t", "the new photos are analyzed");
}

/* Rows that were deleted, but not yet vacuumed, show whether an index run counts them. */
static void test_estimate(const char *gallery)
{
    char line[32] = "";
    const char *schema = postgres_schema(gallery);
    bool grown = postgres_sql(
        NULL, 0,
        "SET search_path = %s, public; INSERT INTO image_gallery (path, embedding) SELECT '/grown/'"
        " || id || '.' || i, embedding FROM image_gallery, generate_series(1, 2) AS i",
        schema);
    ok(grown && postgres_sql(NULL, 0,
                             "SET search_path = %s, public; ANALYZE image_gallery; DELETE FROM"
                             " image_gallery WHERE path LIKE '/grown/%%'; DELETE FROM"
                             " keepsake_failure",
                             schema),
       "a larger table");
    postgres_sql(line, sizeof line,
                 "SET search_path = %s, public; SELECT " POSTGRES_VECTOR_ESTIMATE, schema);
    is_int(strtoll(line, NULL, 10), 3 * (long long)(image_count + image_count / 7),
           "the vectors of a table that is not small are estimated, not counted");
}

struct told {
    int warnings;
    char text[1024];
};

static void keep_recall(void *context, const struct store_finding *finding)
{
    struct told *told = context;
    if (strcmp(finding->check, "recall") != 0 || finding->verdict != STORE_WARNING)
        return;
    told->warnings++;
    snprintf(told->text, sizeof told->text, "%s", finding->sentence);
}

/* One list of thirty has few of the photos that are nearest to a text. */
static void test_low_recall(const char *gallery, struct store **store)
{
    struct store_options options = {.index = STORE_INDEX_IVFFLAT,
                                    .index_options = "lists=30 probes=1"};
    reopen(gallery, store, &options);
    struct told told = {.warnings = 0};
    struct store_model model;
    if (store_get_model(*store, &model, &err))
        diag("%s", err.message);
    struct doctor_options examined = {.model = &model,
                                      .each = keep_recall,
                                      .context = &told,
                                      .texts = text(0),
                                      .text_count = DOCTOR_TEXTS};
    doctor_run(*store, &examined);
    ok(told.warnings > 0 && strstr(told.text, "texts: searches miss photos;") &&
           strstr(told.text, "--vector-option probes=N"),
       "doctor warns of an index that finds few: %s", told.text);
    options.index_options = "probes=30";
    reopen(gallery, store, &options);
    told = (struct told){.warnings = 0};
    doctor_run(*store, &examined);
    is_int(told.warnings, 0, "... but not if all lists are read");
    options.index_options = "lists=auto probes=auto";
    reopen(gallery, store, &options);
}

int main(void)
{
    if (!postgres_is_here())
        return done_testing();
    if (!read_vectors()) {
        skip("no real vectors here");
        return done_testing();
    }
    fixture_start();
    AUTO_FREE char *file = xasprintf("%s/real.db", fixture_folder);
    AUTO_FREE char *gallery = fixture_gallery();
    struct store *sqlite = make_gallery(file, NULL);
    AUTO_FREE struct store_hit *want = ask(sqlite, 1);
    store_close(sqlite);
    AUTO(store) *store = make_gallery(gallery, NULL);
    test_same_as_sqlite(store, want);
    test_index(gallery, store, want, STORE_INDEX_HNSW, STORE_METRIC_COSINE, 0.98);
    test_k_rows(store);
    test_index(gallery, store, want, STORE_INDEX_HNSW, STORE_METRIC_L2, 0.98);
    test_index(gallery, store, want, STORE_INDEX_HNSW, STORE_METRIC_INNER_PRODUCT, 0.98);
    test_index(gallery, store, want, STORE_INDEX_IVFFLAT, STORE_METRIC_COSINE, 0.98);
    test_index(gallery, store, want, STORE_INDEX_NONE, STORE_METRIC_COSINE, 1);
    test_analyzed(gallery);
    test_quantized(gallery, &store, want, STORE_QUANTIZE_HALFVEC,
                   "((embedding)::halfvec(512)) halfvec_cosine_ops", 0.98);
    test_quantized(gallery, &store, want, STORE_QUANTIZE_BIT, "bit_hamming_ops", 0.98);
    test_options(gallery, &store);
    test_few(gallery, &store);
    test_advice(gallery, &store);
    test_low_recall(gallery, &store);
    test_estimate(gallery);
    test_effort(gallery);
    test_statements();
    test_halfvec(want);
    file_release(&real_images);
    file_release(&real_texts);
    fixture_cleanup();
    return done_testing();
}
