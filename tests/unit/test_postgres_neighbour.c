/* SPDX-License-Identifier: MIT */
/* Other programs beside keepsake on the table image_gallery: their indexes stay. */
#include "postgres_fixture.h"

enum { PHOTOS = 40 };

static struct error err = ERROR_INIT;

static struct store *open_told(const char *gallery, struct postgres_notices *notices)
{
    struct store_options options = {.notice = postgres_keep_notice, .context = notices};
    struct store *store = NULL;
    if (store_open_with(gallery, STORE_WRITE, &options, &store, &err))
        diag("%s", err.message);
    return store;
}

static long long count_indexes(const char *gallery, const char *like)
{
    char line[32] = "";
    postgres_sql(line, sizeof line,
                 "SELECT count(*) FROM pg_indexes WHERE schemaname = '%s' AND indexname LIKE '%s'",
                 postgres_schema(gallery), like);
    return strtoll(line, NULL, 10);
}

/* ---- indexes ---- */

struct told {
    char text[4096];
    int warnings;
};

static void keep_finding(void *context, const struct store_finding *finding)
{
    struct told *told = context;
    size_t used = strlen(told->text);
    if (strcmp(finding->check, "index") != 0)
        return;
    told->warnings += finding->verdict == STORE_WARNING;
    snprintf(told->text + used, sizeof told->text - used, "%s\n", finding->sentence);
}

static bool tells(const char *text, const char *part)
{
    bool found = strstr(text, part) != NULL;
    if (!found)
        diag("no \"%s\" in: %s", part, text);
    return found;
}

static void make_indexes(const char *gallery)
{
    static const char *const definitions[] = {
        "my_ivf ON image_gallery USING ivfflat (embedding vector_cosine_ops) WITH (lists = 1)",
        "my_l2 ON image_gallery USING hnsw (embedding vector_l2_ops)",
        "my_b ON image_gallery USING hnsw ((binary_quantize(embedding)::bit(32)) bit_hamming_ops)",
        "my_half ON image_gallery USING hnsw ((embedding::halfvec(32)) halfvec_cosine_ops)",
        "my_some ON image_gallery USING hnsw (embedding vector_cosine_ops) WHERE taken IS NOT NULL",
    };
    bool made = true;
    for (size_t i = 0; made && i < sizeof definitions / sizeof *definitions; i++)
        made = postgres_sql(NULL, 0,
                            "SET client_min_messages = error; SET search_path = %s, public;"
                            " CREATE INDEX %s",
                            postgres_schema(gallery), definitions[i]);
    ok(made, "another program makes five vector indexes");
}

static void test_foreign_indexes(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *first = fixture_open(gallery);
    char path[32];
    for (uint64_t i = 0; i < PHOTOS; i++) {
        snprintf(path, sizeof path, "/p/%d.jpg", (int)i);
        fixture_put(first, path, i);
    }
    make_indexes(gallery);
    struct postgres_notices notices = {0};
    AUTO(store) *store = open_told(gallery, &notices);
    is_int(store_set_index(store, STORE_INDEX_NONE, STORE_METRIC_KEEP, &err), 0,
           "no index of ours");
    is_int(count_indexes(gallery, "my_%"), 5, "... all five are there");
    ok(tells(notices.all,
             "the index my_ivf (ivfflat) was made by another program and is left as it "
             "is; searches are exact and do not use it (`keepsake index --vector-index "
             "ivfflat`") &&
           tells(notices.all,
                 "it is for vector_l2_ops, and searches compare by vector_cosine_ops") &&
           tells(notices.all, "my_b (hnsw) was made by another program and is left as it is; "
                              "searches cannot use it: it is built from an expression") &&
           tells(notices.all, "my_some (hnsw) was made by another program and is left as it is; "
                              "searches cannot use it: it has only some of the rows"),
       "... and named at the end, with what searches do with them");

    is_int(store_set_index(store, STORE_INDEX_HNSW, STORE_METRIC_L2, &err), 0, "an index of ours");
    is_int(store_set_index(store, STORE_INDEX_IVFFLAT, STORE_METRIC_COSINE, &err), 0,
           "another one");
    is_int(count_indexes(gallery, "my_%"), 5, "... all five are there");
    is_int(count_indexes(gallery, "%embedding_keepsake"), 1, "... and one of ours");
    struct told told = {.text = ""};
    store_check(store, keep_finding, &told);
    ok(told.warnings == 1 &&
           tells(told.text, "the server may use it for searches instead of the ivfflat index") &&
           tells(told.text, "the index my_half (hnsw)"),
       "the doctor names them, and warns of the one that searches may use");
    is_int(store_set_index(store, STORE_INDEX_NONE, STORE_METRIC_COSINE, &err), 0, "ours goes");
    is_int(count_indexes(gallery, "%embedding_keepsake"), 0, "... it alone");
    is_int(count_indexes(gallery, "my_%"), 5, "... all five are there");
}

/* The index of an adopted table is in use, and stays when keepsake makes another one. */
static void test_adopted_index(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    struct store_model model = fixture_model();
    struct store_adoption how = {.model = &model, .folder = "/old"};
    char *plan = NULL;
    ok(postgres_sql(NULL, 0,
                    "SET client_min_messages = error; CREATE EXTENSION IF NOT EXISTS vector;"
                    " CREATE SCHEMA %s; SET search_path = %s, public; CREATE TABLE image_gallery"
                    " (id serial PRIMARY KEY, path text, embedding vector(%d)); INSERT INTO"
                    " image_gallery (path, embedding) SELECT i || '.jpg', array_fill(i,"
                    " ARRAY[%d])::vector FROM generate_series(1, 9) AS i; CREATE INDEX article ON"
                    " image_gallery USING ivfflat (embedding vector_cosine_ops)"
                    " WITH (lists = 1)",
                    postgres_schema(gallery), postgres_schema(gallery), FIXTURE_DIM, FIXTURE_DIM),
       "a table with an index");
    if (store_adopt(gallery, &how, &plan, &err))
        diag("%s", err.message);
    free(plan);
    struct postgres_notices notices = {0};
    AUTO(store) *store = open_told(gallery, &notices);
    is_int(store_tend_index(store, &err), 0, "adopted: the index is tended");
    is_int(count_indexes(gallery, "%embedding_keepsake"), 0,
           "... and the one that was there is in use");
    is_str(notices.all, "", "... as keepsake's own");
    is_int(store_set_index(store, STORE_INDEX_HNSW, STORE_METRIC_KEEP, &err), 0, "another kind");
    is_int(count_indexes(gallery, "article"), 1, "... leaves it");
    ok(tells(notices.all, "the index article (ivfflat) was made by another program"),
       "... and names it");
}

/* ---- triggers and functions ---- */

static void keep_triggers(void *context, const struct store_finding *finding)
{
    struct told *told = context;
    if (strcmp(finding->check, "triggers") == 0)
        snprintf(told->text, sizeof told->text, "%s", finding->sentence);
}

static void test_lost_objects(void)
{
    static const char all[] = "the function keepsake_record_photo, the trigger keepsake_complete, "
                              "the trigger keepsake_count, the function keepsake_search, the view "
                              "keepsake_photos";
    AUTO_FREE char *gallery = fixture_gallery();
    const char *schema = postgres_schema(gallery);
    struct postgres_notices notices = {0};
    struct told told = {.text = ""};
    char line[64] = "";
    store_close(fixture_open(gallery));
    AUTO(store) *store = open_told(gallery, &notices);
    store_check(store, keep_triggers, &told);
    is_str(told.text, "", "a new gallery lacks no trigger and no function");
    ok(postgres_sql(NULL, 0,
                    "SET client_min_messages = error; SET search_path = %s, public; DROP TRIGGER"
                    " keepsake_complete ON image_gallery; ALTER TABLE image_gallery DISABLE TRIGGER"
                    " keepsake_count; DROP VIEW keepsake_photos; DROP FUNCTION keepsake_search;"
                    " CREATE OR REPLACE FUNCTION keepsake_record_photo() RETURNS trigger LANGUAGE"
                    " plpgsql AS 'BEGIN RETURN NULL; END'",
                    schema),
       "somebody drops and changes some");
    store_check(store, keep_triggers, &told);
    ok(tells(told.text, all) && tells(told.text, "the next `keepsake index`"),
       "the doctor names them");
    is_int(store_tend_index(store, &err), 0, "the end of an index run");
    ok(tells(notices.all, "made again what had been dropped or changed: ") &&
           tells(notices.all, all),
       "... makes them again, and says so");
    told.text[0] = '\0';
    store_check(store, keep_triggers, &told);
    is_str(told.text, "", "... so that nothing is missing");
    postgres_sql(line, sizeof line,
                 "SET search_path = %s, public; INSERT INTO image_gallery (path) VALUES ('/a/b');"
                 " SELECT string_agg(name, '') FROM keepsake_photos",
                 schema);
    is_str(line, "b", "... and other programs can write again");
    struct store_status status;
    ok(store_status(store, &status, &err) == 0 && status.photos == 1 && status.waiting == 1,
       "the status counts the row that waits for a vector");
}

int main(void)
{
    if (!postgres_is_here())
        return done_testing();
    fixture_start();
    test_foreign_indexes();
    test_adopted_index();
    test_lost_objects();
    fixture_cleanup();
    return done_testing();
}
