/* SPDX-License-Identifier: MIT */
/* A gallery on several servers, which tests/store/scale.t starts. Beside the variables of
 * postgres_fixture.h it sets KEEPSAKE_TEST_SHARDS (store_fixture.h); KEEPSAKE_TEST_PSQL runs as the
 * gallery's user, in its database. */
#include <math.h>

#include "base/file.h"
#include "postgres_fixture.h"
#include "real_vectors.h"
#include "wait.h"

enum { DIM = REAL_DIM, K = 10, MOVES = 30 };

static struct error err;

static bool works(int rc, const char *name)
{
    return ok(rc == 0, "%s%s%s", name, rc ? ": " : "", rc ? err.message : "");
}

/* Not split. */
static char *plain_gallery(void)
{
    AUTO_FREE char *shards = xstrdup(getenv("KEEPSAKE_TEST_SHARDS"));
    unsetenv("KEEPSAKE_TEST_SHARDS");
    char *gallery = fixture_gallery();
    setenv("KEEPSAKE_TEST_SHARDS", shards, 1);
    return gallery;
}

/* One number that SQL gives; -1 when it fails. A name PART_0 ... is that shard's server. */
static long long number(const char *gallery, const char *sql)
{
    char line[64] = "";
    AUTO_FREE char *schema = xstrdup(postgres_schema(gallery));
    bool good = postgres_sql(line, sizeof line, "SET search_path = %s, public; %s", schema, sql);
    return good && line[0] ? atoll(line) : -1;
}

static long long on_shard(const char *gallery, int shard, const char *sql)
{
    AUTO_FREE char *query =
        xasprintf("SELECT n FROM dblink('keepsake_%s_part_%d', \\$q\\$%s\\$q\\$) AS r(n bigint)",
                  postgres_schema(gallery), shard, sql);
    return number(gallery, query);
}

static bool shard_runs(const char *gallery, int shard, const char *sql)
{
    return postgres_sql(NULL, 0, "SELECT dblink_exec('keepsake_%s_part_%d', \\$q\\$%s\\$q\\$)",
                        postgres_schema(gallery), shard, sql);
}

/* ---- real vectors: the same before and after ---- */

static void fill(struct store *store)
{
    struct store_model model = {.id = "clip-vit-b-32", .preprocessing = 1, .dim = DIM};
    memset(model.fingerprint, 'c', HASH_HEX_SIZE - 1);
    AUTO_FREE struct store_change *changes = xcalloc(image_count, sizeof *changes);
    AUTO_FREE char *paths = xmalloc(image_count * 32);
    struct photo_facts facts = {.format = "jpeg", .width = 640, .height = 480};
    uint8_t hash[HASH_BYTES] = {7};
    for (size_t i = 0; i < image_count; i++) {
        snprintf(paths + i * 32, 32, "/p/%06zu.jpg", i);
        changes[i] = (struct store_change){.kind = STORE_ADD,
                                           .path = paths + i * 32,
                                           .size = 5,
                                           .mtime_ns = 6,
                                           .hash = hash,
                                           .facts = &facts,
                                           .vector = image(i % 7 ? i : 0)}; /* some ties */
    }
    is_int(store_bind_model(store, &model, &err), 0, "binds a model");
    works(store_apply(store, changes, image_count, &err), "stores the photos");
}

/* The answers to every step-th text: [text_count * K]; the caller frees. */
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

static size_t differences(const struct store_hit *a, const struct store_hit *b, size_t step)
{
    size_t other = 0;
    for (size_t q = 0; q < text_count; q += step)
        for (size_t i = q * K; i < (q + 1) * K; i++)
            other += a[i].id != b[i].id || a[i].score != b[i].score;
    return other;
}

static double recall(const struct store_hit *got, const struct store_hit *want, size_t step)
{
    size_t found = 0, asked = 0;
    for (size_t q = 0; q < text_count; q += step, asked += K)
        for (size_t i = q * K; i < (q + 1) * K; i++)
            for (size_t j = q * K; j < (q + 1) * K; j++)
                found += got[i].id == want[j].id;
    return (double)found / (double)asked;
}

/* The article's own query, and what becomes of it on each shard. */
static void test_plan(const char *gallery)
{
    char remote[1024] = "";
    postgres_sql(remote, sizeof remote,
                 "SET search_path = %s, public; DO \\$d\\$ DECLARE r text; n int = 0; BEGIN FOR r"
                 " IN EXECUTE 'EXPLAIN (verbose) SELECT path FROM image_gallery ORDER BY embedding"
                 " <=> (SELECT embedding FROM image_gallery LIMIT 1) LIMIT 5' LOOP n = n +"
                 " (r LIKE '%%Remote SQL%%ORDER BY (embedding OPERATOR(public.<=>)%%')::int; END"
                 " LOOP; PERFORM set_config('keepsake.n', n::text, false); END \\$d\\$;"
                 " SELECT current_setting('keepsake.n')",
                 postgres_schema(gallery));
    is_str(remote, "3", "the article's query is sorted by the three shards");
    for (int shard = 0; shard < 3; shard++) {
        long long scans =
            on_shard(gallery, shard,
                     "SELECT coalesce(sum(idx_scan), 0) FROM pg_stat_all_indexes WHERE"
                     " indexrelname LIKE '%keepsake'");
        ok(scans >= (long long)text_count / 3, "shard %d used its own index: %lld times", shard,
           scans);
    }
}

struct reports {
    const char *gallery;
    struct store *store;
};

/* A server process reports its scans when a statement ends a second or more after its last report.
 */
static bool have_reported(void *context)
{
    const struct reports *r = context;
    free(ask(r->store, text_count));
    for (int shard = 0; shard < 3; shard++)
        if (on_shard(r->gallery, shard,
                     "SELECT coalesce(sum(idx_scan), 0) FROM pg_stat_all_indexes WHERE"
                     " indexrelname LIKE '%keepsake'") < (long long)text_count / 3)
            return false;
    return true;
}

static void find_foreign(void *context, const struct store_finding *finding)
{
    bool *named = context;
    *named |= strcmp(finding->check, "index") == 0 &&
              strstr(finding->sentence, "the index my_half of part 0 (hnsw) was made by another "
                                        "program and is left as it is; searches cannot use it: it "
                                        "is built from an expression");
}

static void test_index(const char *gallery, const struct store_hit *want)
{
    AUTO(store) *store = NULL;
    struct store_index index;
    is_int(store_open(gallery, STORE_WRITE, &store, &err), 0, "opens it again");
    works(store_set_index(store, STORE_INDEX_HNSW, STORE_METRIC_KEEP, &err),
          "makes an index on each shard");
    ok(!store_get_index(store, &index, &err) && index.built == STORE_INDEX_HNSW,
       "... and remembers it");
    AUTO_FREE struct store_hit *got = ask(store, 3);
    double found = recall(got, want, 3);
    ok(found >= 0.98, "hnsw on three shards: recall@%d %.4f", K, found);
    struct reports reports = {gallery, store};
    wait_until(have_reported, &reports, "the shards' reports of their scans");
    test_plan(gallery);
    size_t count;
    struct store_hit hits[K];
    ok(!store_search_exact(store, text(0), K, NULL, hits, &count, &err) && count == K &&
           memcmp(&hits[K - 1].id, &want[K - 1].id, sizeof want->id) == 0,
       "an exact search beside it");
    AUTO_FREE char *foreign =
        xasprintf("CREATE INDEX my_half ON %s.image_gallery USING hnsw ((embedding::halfvec(%d))"
                  " halfvec_cosine_ops)",
                  postgres_schema(gallery), DIM);
    ok(shard_runs(gallery, 0, foreign), "another program makes an index on a shard");
    works(store_set_index(store, STORE_INDEX_IVFFLAT, STORE_METRIC_KEEP, &err), "ivfflat");
    bool named = false;
    store_check(store, find_foreign, &named);
    ok(named, "... which is named");
    AUTO_FREE struct store_hit *lists = ask(store, 10);
    found = recall(lists, want, 10);
    ok(found >= 0.98, "ivfflat on three shards: recall@%d %.4f", K, found);
    is_int(store_set_index(store, STORE_INDEX_NONE, STORE_METRIC_KEEP, &err), 0, "none again");
    is_int(number(gallery, "SELECT sum(indexes) FROM keepsake_parts"), 0, "... on any shard");
    is_int(on_shard(gallery, 0, "SELECT count(*) FROM pg_class WHERE relname = 'my_half'"), 1,
           "... but the other program's");
}

static void test_real_vectors(void)
{
    AUTO_FREE char *gallery = plain_gallery();
    AUTO(store) *store = NULL;
    if (store_open(gallery, STORE_WRITE, &store, &err)) {
        ok(false, "%s", err.message);
        return;
    }
    fill(store);
    AUTO_FREE struct store_hit *want = ask(store, 1);
    fixture_split(gallery, getenv("KEEPSAKE_TEST_SHARDS"));
    is_int(number(gallery, "SELECT count(*) FROM keepsake_parts WHERE photos > 300"), 3,
           "every shard has a share of the photos that were moved");
    is_int(number(gallery, "SELECT sum(photos) FROM keepsake_parts"), (long long)image_count,
           "... all of them together");
    AUTO_FREE struct store_hit *stale = ask(store, 400);
    is_int((long long)differences(stale, want, 400), 0,
           "a program that had it open meanwhile finds the same");
    AUTO(store) *split = NULL;
    is_int(store_open(gallery, STORE_READ, &split, &err), 0, "opens the split gallery");
    AUTO_FREE struct store_hit *got = ask(split, 1);
    ok(differences(got, want, 1) == 0,
       "%zu photos: the top %d of %zu texts are those of one server, scores to the bit",
       image_count, K, text_count);
    test_index(gallery, want);
}

/* ---- a program that had it open ---- */

static void test_writing_meanwhile(void)
{
    AUTO_FREE char *gallery = plain_gallery();
    AUTO(store) *store = fixture_open(gallery);
    is_int(fixture_put(store, "/before", 1), 0, "a photo");
    fixture_split(gallery, getenv("KEEPSAKE_TEST_SHARDS"));
    is_int(fixture_put(store, "/after", 2), 0, "writing goes on after another program split it");
    is_int(number(gallery, "SELECT sum(photos) FROM keepsake_parts"), 2, "... on the shards");
    ok(fixture_id(store, "/after") > fixture_id(store, "/before"), "... with a new id");
}

/* ---- a shard fails when the others have committed ---- */

static bool break_shard(const char *gallery, int shard, const char *when, const char *schema)
{
    AUTO_FREE char *sql = xasprintf("CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql"
                                    " AS 'BEGIN RAISE EXCEPTION ''the disk burns''; END'; CREATE"
                                    " CONSTRAINT TRIGGER fail AFTER %s ON %s.image_gallery"
                                    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION"
                                    " public.fail()",
                                    when, schema);
    return shard_runs(gallery, shard, sql);
}

static bool mend_shard(const char *gallery, int shard)
{
    return shard_runs(gallery, shard, "DROP FUNCTION public.fail() CASCADE");
}

/* Moves /m/0 ... to /n/0 ..., adds /a/0 ... */
static int apply_all(struct store *store, const int64_t *ids, struct fixture_photo *photos)
{
    struct store_change changes[2 * MOVES];
    char paths[2 * MOVES][32];
    for (size_t i = 0; i < MOVES; i++) {
        snprintf(paths[i], sizeof *paths, "/n/%zu", i);
        snprintf(paths[MOVES + i], sizeof *paths, "/a/%zu", i);
        changes[i] = (struct store_change){
            .kind = STORE_MOVE, .path = paths[i], .size = 9, .mtime_ns = 9, .id = ids[i]};
        changes[MOVES + i] = *fixture_add(&photos[i], paths[MOVES + i], 500 + i);
    }
    return store_apply(store, changes, sizeof changes / sizeof *changes, &err);
}

static bool all_are_moved(struct store *store, const int64_t *ids)
{
    bool good = true;
    for (size_t i = 0; i < MOVES; i++) {
        float vector[FIXTURE_DIM], want[FIXTURE_DIM];
        char path[32];
        struct store_photo photo;
        snprintf(path, sizeof path, "/n/%zu", i);
        fixture_vector(i, FIXTURE_DIM, want);
        if (store_get_photo(store, ids[i], &photo, &err) ||
            store_get_vector(store, ids[i], vector, &err))
            return false;
        good &= strcmp(photo.path, path) == 0 && memcmp(vector, want, sizeof want) == 0;
        store_photo_release(&photo);
    }
    return good;
}

static void test_half_committed(const char *when)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    AUTO_FREE struct fixture_photo *photos = xcalloc(MOVES, sizeof *photos);
    AUTO_FREE char *schema = xasprintf("%s", postgres_schema(gallery));
    int64_t ids[MOVES];
    for (size_t i = 0; i < MOVES; i++) {
        char path[32];
        snprintf(path, sizeof path, "/m/%zu", i);
        fixture_put(store, path, i);
        ids[i] = fixture_id(store, path);
    }
    ok(break_shard(gallery, 1, when, schema), "shard 1 will fail when it is to commit an %s", when);
    ok(apply_all(store, ids, photos) < 0 && strstr(err.message, "the disk burns"), "... and does");
    ok(number(gallery, "SELECT count(*) FROM image_gallery") >= MOVES, "no photo is lost");
    ok(mend_shard(gallery, 1), "it is mended");
    works(apply_all(store, ids, photos), "the changes once more");
    ok(all_are_moved(store, ids), "every photo is where it was to go, with id and vector");
    is_int(number(gallery, "SELECT count(*) FROM image_gallery"), 2 * MOVES, "... none is lost");
    is_int(number(gallery, "SELECT count(DISTINCT path_key) FROM image_gallery"), 2 * MOVES,
           "... no path is there twice");
    is_int(number(gallery, "SELECT count(DISTINCT id) FROM image_gallery"), 2 * MOVES,
           "... nor any id");
}

/* ---- several writers ---- */

static int add_hundred(void *context)
{
    AUTO(store) *store = fixture_open(context);
    for (size_t i = 0; i < 100; i += 10) {
        struct fixture_photo photos[10];
        struct store_change changes[10];
        for (size_t j = 0; j < 10; j++) {
            char path[32];
            snprintf(path, sizeof path, "/w/%zu", i + j);
            changes[j] = *fixture_add(&photos[j], path, i + j);
        }
        if (store_apply(store, changes, 10, &err)) {
            diag("%s", err.message);
            return 1;
        }
    }
    return 0;
}

static void test_writers(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    store_close(fixture_open(gallery));
    pid_t pids[3];
    int bad = 0;
    fflush(stdout);
    for (size_t i = 0; i < 3; i++)
        if ((pids[i] = fork()) == 0)
            _exit(add_hundred(gallery));
    for (size_t i = 0; i < 3; i++)
        bad += !postgres_wait(pids[i]);
    is_int(bad, 0, "three programs add the same photos at once");
    is_int(number(gallery, "SELECT count(*) FROM image_gallery"), 100, "... each is there once");
}

int main(void)
{
    if (!postgres_is_here())
        return done_testing();
    if (!getenv("KEEPSAKE_TEST_SHARDS")) {
        skip("needs several servers: tests/store/scale.t starts them");
        return done_testing();
    }
    fixture_start();
    test_writing_meanwhile();
    test_half_committed("INSERT");
    test_half_committed("DELETE");
    test_writers();
    if (read_vectors())
        test_real_vectors();
    else
        skip("no real vectors here");
    file_release(&real_images);
    file_release(&real_texts);
    fixture_cleanup();
    return done_testing();
}
