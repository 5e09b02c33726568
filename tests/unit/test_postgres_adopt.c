/* SPDX-License-Identifier: MIT */
/* Tables that others made, SQL that others run, and servers that lack something. */
#include "postgres_fixture.h"

static struct error err = ERROR_INIT;

static bool says(const char *part)
{
    bool found = strstr(err.message, part) != NULL;
    if (!found)
        diag("message: %s", err.message);
    return found;
}

/* "[0.25,-0.5,...]": a fixture vector as pgvector reads it. */
static void vector_text(uint64_t seed, double scale, char *ret_text, size_t size)
{
    float vector[FIXTURE_DIM];
    size_t used = 0;
    fixture_vector(seed, FIXTURE_DIM, vector);
    for (size_t i = 0; i < FIXTURE_DIM; i++)
        used += (size_t)snprintf(ret_text + used, size - used, "%c%.9g", i ? ',' : '[',
                                 scale * (double)vector[i]);
    snprintf(ret_text + used, size - used, "]");
}

/* The table of the article, with `n` rows: relative paths from the third on, and vectors that are
 * not of unit length. */
static void make_table(const char *schema, int n)
{
    ok(postgres_sql(NULL, 0,
                    "SET client_min_messages = error; CREATE EXTENSION IF NOT EXISTS vector; "
                    "CREATE SCHEMA %s; CREATE TABLE"
                    " %s.image_gallery (id serial PRIMARY KEY, path text, embedding"
                    " vector(%d))",
                    schema, schema, FIXTURE_DIM),
       "a table as in the article");
    for (int i = 0; i < n; i++) {
        char vector[1024];
        vector_text((uint64_t)i, 3, vector, sizeof vector);
        if (!postgres_sql(NULL, 0,
                          "INSERT INTO %s.image_gallery (path, embedding) VALUES"
                          " ('%s%d.jpg', '%s')",
                          schema, i < 2 ? "/old/" : "images/", i, vector))
            ok(false, "row %d", i);
    }
}

static void test_article_sql(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    const char *schema = postgres_schema(gallery);
    char vector[1024], line[256];
    for (uint64_t i = 0; i < 9; i++) {
        char path[32];
        snprintf(path, sizeof path, "/p/%d.jpg", (int)i);
        fixture_put(store, path, i);
    }
    fixture_put(store, "/caf\xc3\xa9\n.jpg", 20);
    fixture_put(store, "/latin\xe9.jpg", 21);
    vector_text(4, 1, vector, sizeof vector);
    ok(postgres_sql(line, sizeof line,
                    "SET search_path = %s, public; PREPARE nearest AS SELECT path"
                    " FROM image_gallery ORDER BY embedding <=> \\$1::vector"
                    " LIMIT 5; EXECUTE nearest('%s')",
                    schema, vector),
       "the article's query runs");
    is_str(line, "/p/4.jpg", "... and finds the photo");
    postgres_sql(line, sizeof line,
                 "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
                 " WHERE attrelid = '%s.image_gallery'::regclass AND attname ="
                 " 'embedding'",
                 schema);
    is_str(line, "vector(32)", "the column is the article's");
    postgres_sql(line, sizeof line,
                 "SELECT count(*) FROM %s.image_gallery WHERE path ="
                 " E'/caf\\u00e9\\n.jpg'",
                 schema);
    is_str(line, "1", "a path in UTF-8 is in the column path as it is");
    postgres_sql(line, sizeof line, "SELECT path FROM %s.image_gallery WHERE path LIKE '/latin%%'",
                 schema);
    is_str(line, "/latin\xef\xbf\xbd.jpg", "one that is not, in printable form");
    struct fixture_photo photo;
    struct store_change *change = fixture_add(&photo, "/camera.jpg", 30);
    snprintf(photo.facts.make, sizeof photo.facts.make, "Caf\xe9");
    is_int(store_apply(store, change, 1, &err), 0, "a maker's name that is not UTF-8");
    postgres_sql(line, sizeof line, "SELECT make FROM %s.image_gallery WHERE path = '/camera.jpg'",
                 schema);
    is_str(line, "Caf\xef\xbf\xbd", "... in printable form");
}

static void test_adopt(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    const char *schema = postgres_schema(gallery);
    struct store *store;
    char *plan = NULL;
    make_table(schema, 6);
    postgres_sql(NULL, 0,
                 "SET client_min_messages = error; CREATE INDEX ON %s.image_gallery USING"
                 " ivfflat (embedding vector_cosine_ops) WITH (lists = 1)",
                 schema);
    is_int(store_open(gallery, STORE_WRITE, &store, &err), ERR_UNSUPPORTED, "a foreign table");
    ok(says("not made by keepsake") && says("--adopt"), "... can be adopted, says the error");
    is_int(store_open(gallery, STORE_READ, &store, &err), ERR_UNSUPPORTED, "... for reading, too");

    struct store_model model = fixture_model();
    struct store_adoption how = {.model = &model, .only_plan = true};
    is_int(store_adopt(gallery, &how, &plan, &err), ERR_INVALID, "relative paths need a folder");
    ok(says("4 paths are relative"), "... which is said");
    how.folder = "/home/ana";
    model.dim = 512;
    is_int(store_adopt(gallery, &how, &plan, &err), ERR_MISMATCH, "another model's vector size");
    model.dim = FIXTURE_DIM;
    is_int(store_adopt(gallery, &how, &plan, &err), 0, "the plan alone");
    ok(strstr(plan, "keeps all 6 rows") && strstr(plan, "adds the columns path_key, size") &&
           strstr(plan, "puts /home/ana/ before 4 relative paths") &&
           strstr(plan, "scales 6 vectors to unit length") &&
           strstr(plan, "keeps its vector index (ivfflat)") &&
           strstr(plan, "adds the tables keepsake_gallery"),
       "... says what it would do");
    AUTO_FREE char *first = plan;
    is_int(store_open(gallery, STORE_WRITE, &store, &err), ERR_UNSUPPORTED, "... and did nothing");
    how.only_plan = false;
    if (!ok(store_adopt(gallery, &how, &plan, &err) == 0, "the table is adopted")) {
        diag("%s", err.message);
        return;
    }
    is_str(plan, first, "... as planned");
    free(plan);
    is_int(store_adopt(gallery, &how, &plan, &err), ERR_INVALID, "... once");

    is_int(store_open(gallery, STORE_WRITE, &store, &err), 0, "it is a gallery");
    is_int(store_bind_model(store, &model, &err), 0, "... of that model");
    struct fixture_found found = fixture_find(store, "/home/ana/images/4.jpg");
    uint8_t zeros[HASH_BYTES] = {0};
    ok(found.found && found.file.id == 5 && found.file.size == 0 &&
           memcmp(found.file.hash, zeros, HASH_BYTES) == 0,
       "... whose rows are there, with their ids, content unknown");
    float query[FIXTURE_DIM];
    struct store_hit hits[9];
    size_t count;
    fixture_vector(1, FIXTURE_DIM, query);
    ok(store_search(store, query, 9, NULL, hits, &count, &err) == 0 && count == 6 &&
           hits[0].id == 2 && fabs(hits[0].score - 1) < 1e-6,
       "... which are found");
    struct store_index index;
    ok(store_get_index(store, &index, &err) == 0 && index.built == STORE_INDEX_IVFFLAT &&
           index.metric == STORE_METRIC_COSINE,
       "... by the index it had");
    is_int(fixture_put(store, "/old/1.jpg", 77), 0, "new content");
    is_int(fixture_id(store, "/old/1.jpg"), 2, "... keeps the row");
    is_int(fixture_put(store, "/new", 78), 0, "a new photo");
    ok(fixture_id(store, "/new") > 6, "... gets an id of its own");
    store_close(store);
}

static void is_sql(const char *schema, const char *sql, const char *want, const char *name)
{
    char line[512] = "";
    postgres_sql(line, sizeof line, "SET search_path = %s, public; %s", schema, sql);
    is_str(line, want, name);
}

/* Other names, a key of another type, columns with names that keepsake needs, and what hangs on the
 * table. */
static void test_other_names(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    const char *schema = postgres_schema(gallery);
    struct store_model model = fixture_model();
    struct store_adoption how = {
        .model = &model, .folder = "/f", .table = "Photos( id , \"image_path\",vec)"};
    char *plan;
    make_table(schema, 4);
    ok(postgres_sql(
           NULL, 0,
           "SET client_min_messages = error; SET search_path = %s, public; ALTER TABLE"
           " image_gallery RENAME TO photos; ALTER TABLE photos RENAME path TO image_path;"
           " ALTER TABLE photos RENAME embedding TO vec; ALTER TABLE photos RENAME id TO old; ALTER"
           " TABLE photos DROP CONSTRAINT image_gallery_pkey, ADD id uuid DEFAULT"
           " gen_random_uuid() PRIMARY KEY, ADD model text DEFAULT 'mine';"
           " CREATE TABLE album (photo uuid REFERENCES photos);"
           " INSERT INTO album SELECT id FROM photos;"
           " CREATE VIEW whole AS SELECT id, model FROM photos;"
           " CREATE INDEX near ON photos USING hnsw (vec vector_l2_ops);"
           " CREATE INDEX bits ON photos USING hnsw ((binary_quantize(vec)::bit(32))"
           " bit_hamming_ops) WHERE model IS NOT NULL",
           schema),
       "a table of another form");
    ok(postgres_sql(NULL, 0,
                    "SET search_path = %s, public; CREATE FUNCTION look() RETURNS trigger LANGUAGE"
                    " plpgsql AS \\$\\$ BEGIN IF EXISTS (SELECT FROM pg_locks WHERE pid ="
                    " pg_backend_pid() AND relation = TG_RELID AND mode = 'AccessExclusiveLock')"
                    " THEN RAISE 'readers wait'; END IF; RETURN NULL; END \\$\\$; CREATE TRIGGER"
                    " look AFTER UPDATE ON photos EXECUTE FUNCTION look()",
                    schema),
       "... that sees to it that others can read while the rows are written");
    if (!ok(store_adopt(gallery, &how, &plan, &err) == 0, "is adopted")) {
        diag("%s", err.message);
        return;
    }
    ok(strstr(plan, "photos stays as a view") && strstr(plan, "beside its id of type uuid"),
       "... with these steps");
    free(plan);
    is_sql(schema, "SELECT count(*), min(image_path), min(model) FROM photos",
           "4|/f/images/2.jpg|mine", "the old name has the old columns");
    is_sql(schema, "SELECT count(*) FROM album AS a JOIN photos AS p ON p.id = a.photo", "4",
           "... with their keys");
    is_sql(schema, "SELECT count(*), min(model) FROM whole", "4|mine", "a view is as before");
    is_sql(schema, "SELECT count(DISTINCT id), pg_typeof(min(id)) FROM image_gallery", "4|bigint",
           "every photo has a number");
    is_sql(
        schema,
        "SELECT string_agg(indexname || ' ' || substring(indexdef FROM 'USING.*'), ';' ORDER BY"
        " indexname) FROM pg_indexes WHERE schemaname = current_schema() AND indexdef ~ 'hnsw'",
        "bits USING hnsw (((binary_quantize(embedding))::bit(32)) bit_hamming_ops) WHERE (own_model"
        " IS NOT NULL);near USING hnsw (embedding vector_l2_ops)",
        "the indexes are there");
    is_sql(schema, "SELECT to_regclass('keepsake_adopting') IS NULL", "t", "nothing is left over");
    AUTO(store) *store = fixture_open(gallery);
    struct store_index index;
    ok(store_get_index(store, &index, &err) == 0 && index.built == STORE_INDEX_HNSW &&
           index.metric == STORE_METRIC_L2 && index.built_photos == 4,
       "... and in use");
    is_int(store_tend_index(store, &err), 0, "an index run");
    is_sql(
        schema,
        "SELECT count(*) FROM pg_indexes WHERE schemaname = current_schema() AND indexdef ~ 'hnsw'",
        "2", "... makes none of its own");
}

/* Fails when the rows are written, and is completed by the next call. */
static void test_interrupted(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    const char *schema = postgres_schema(gallery);
    struct store_model model = fixture_model();
    struct store_adoption how = {.model = &model, .folder = "/f"};
    char *plan;
    make_table(schema, 4);
    ok(postgres_sql(NULL, 0,
                    "SET search_path = %s, public; ALTER TABLE image_gallery DROP CONSTRAINT"
                    " image_gallery_pkey; CREATE INDEX near ON image_gallery USING hnsw (embedding"
                    " vector_cosine_ops); CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql"
                    " AS \\$\\$ BEGIN RAISE EXCEPTION 'not now'; END \\$\\$; CREATE TRIGGER stop"
                    " BEFORE UPDATE ON image_gallery EXECUTE FUNCTION stop()",
                    schema),
       "a table without a primary key that cannot be changed");
    ok(store_adopt(gallery, &how, &plan, &err) != 0 && says("not now") &&
           says("run the same command again"),
       "the adoption stops");
    is_sql(schema, "SELECT count(*), min(path) FROM image_gallery", "4|/old/0.jpg",
           "... and every row is as it was");
    how.table = "photos(id, path, embedding)";
    ok(store_adopt(gallery, &how, &plan, &err) == ERR_INVALID && says("of the table image_gallery"),
       "another one must wait");
    how.table = NULL;
    ok(postgres_sql(NULL, 0, "DROP TRIGGER stop ON %s.image_gallery", schema), "the obstacle goes");
    is_int(store_adopt(gallery, &how, &plan, &err), 0, "the same call again");
    ok(strstr(plan, "completes an adoption"), "... completes it");
    free(plan);
    is_sql(schema,
           "SELECT count(*) FROM pg_indexes WHERE indexname = 'near' AND schemaname = "
           "current_schema()",
           "1", "the index is back");
    is_sql(schema,
           "SELECT contype, conkey = ARRAY[1::smallint] FROM pg_constraint WHERE conrelid ="
           " 'image_gallery'::regclass AND contype = 'p'",
           "p|t", "the id is the primary key");
    is_sql(schema,
           "SELECT attstorage FROM pg_attribute WHERE attrelid = 'image_gallery'::regclass AND"
           " attname = 'embedding'",
           "p", "vectors are in the rows");
    is_int(store_adopt(gallery, &how, &plan, &err), ERR_INVALID, "nothing is left to complete");
}

static void test_refusals(void)
{
    static const struct {
        const char *change, *message;
    } cases[] = {
        {"UPDATE image_gallery SET path = '/old/1.jpg'", "3 rows have the path /old/1.jpg"},
        {"UPDATE image_gallery SET path = NULL WHERE id = 1", "1 rows have no path"},
        {"ALTER TABLE image_gallery ADD size text", "has a column size of its own"},
        {"ALTER TABLE image_gallery DROP embedding", "a column embedding of pgvector"},
        {"ALTER TABLE image_gallery DROP path", "a column path of type text"},
        {"ALTER TABLE image_gallery ALTER id TYPE text",
         "ALTER TABLE image_gallery RENAME TO photos"},
        {"ALTER TABLE image_gallery DROP id", "a column id of whole numbers"},
        {"ALTER TABLE image_gallery DROP CONSTRAINT image_gallery_pkey; UPDATE image_gallery SET id"
         " = 1",
         "3 rows have the id 1"},
        {"CREATE TABLE child () INHERITS (image_gallery)", "other tables inherit from it"},
        {"ALTER TABLE image_gallery RENAME TO t; CREATE VIEW image_gallery AS SELECT * FROM t",
         "it is not a plain table"},
        {"DROP TABLE image_gallery; CREATE TABLE image_gallery (id int, path text, embedding"
         " vector(32), year int) PARTITION BY LIST (year)",
         "it is partitioned (LIST (year))"},
        {"ALTER TABLE image_gallery ALTER path TYPE varchar(40); CREATE VIEW v AS SELECT path FROM"
         " image_gallery",
         "a view (v) uses its column path"},
    };
    struct store_model model = fixture_model();
    struct store_adoption how = {.model = &model, .folder = "/f"};
    char *plan;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_FREE char *gallery = fixture_gallery();
        make_table(postgres_schema(gallery), 3);
        postgres_sql(NULL, 0, "SET search_path = %s, public; %s", postgres_schema(gallery),
                     cases[i].change);
        ok(store_adopt(gallery, &how, &plan, &err) == ERR_INVALID && says(cases[i].message),
           "refused: %s", err.message);
    }
    static const char *const mappings[] = {
        "photos",    "photos(id, path)",        "photos(id, path, vec",   "photos(id, pa'th, vec)",
        "(a, b, c)", "photos(id, path, vec) x", "photos(id, \"path, vec)"};
    AUTO_FREE char *gallery = fixture_gallery();
    is_int(store_adopt(gallery, &how, &plan, &err), ERR_NOT_FOUND, "no table");
    for (size_t i = 0; i < sizeof mappings / sizeof *mappings; i++) {
        how.table = mappings[i];
        ok(store_adopt(gallery, &how, &plan, &err) == ERR_INVALID &&
               says("write the key, the path and the vector"),
           "not a mapping: %s", mappings[i]);
    }
    is_int(store_adopt("/tmp/file.db", &how, &plan, &err), ERR_UNSUPPORTED, "a file");
}

/* The address with another user and database. */
static char *as_user(const char *gallery, const char *user, const char *database)
{
    const char *rest = strchr(strstr(gallery, "//") + 2, '?');
    return xasprintf("postgresql://%s@/%s%s", user, database, rest);
}

static void test_rights(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO_FREE char *guest = as_user(gallery, "guest", "bare");
    struct store *store = NULL;
    postgres_sql(NULL, 0, "CREATE ROLE guest LOGIN");
    ok(postgres_sql(NULL, 0, "CREATE DATABASE bare"), "a database without pgvector");
    is_int(store_open(guest, STORE_WRITE, &store, &err), ERR_DENIED, "no right to add it");
    ok(says("the user guest may not add pgvector to the database bare") &&
           says("CREATE EXTENSION vector;"),
       "... says what an administrator must run");
    is_int(store_open(guest, STORE_READ, &store, &err), ERR_NOT_FOUND, "for reading: no gallery");

    AUTO_FREE char *owner = as_user(gallery, "keepsake", "bare");
    is_int(store_open(owner, STORE_WRITE, &store, &err), 0, "the administrator makes it");
    store_close(store);
    is_int(store_open(guest, STORE_WRITE, &store, &err), ERR_DENIED, "no right to the tables");
    ok(says("permission denied") && says("GRANT"), "... says so");
}

/* The other ways to write an address. */
static void test_addresses(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    const char *schema = postgres_schema(gallery);
    AUTO_FREE char *words = xasprintf("host = %s user=keepsake dbname=gallery options='-c "
                                      "search_path=%s'",
                                      getenv("PGHOST"), schema);
    AUTO_FREE char *shorter = xasprintf("postgres:///gallery?user=keepsake&host=%s&options="
                                        "-csearch_path%%3D%s,public",
                                        getenv("PGHOST"), schema);
    struct store *store;
    store_close(fixture_open(gallery));
    for (int i = 0; i < 2; i++) {
        int rc = store_open(i ? shorter : words, STORE_READ, &store, &err);
        if (!ok(rc == 0, "opened as %s", i ? shorter : words)) {
            diag("%s", err.message);
            continue;
        }
        struct store_status status;
        ok(store_status(store, &status, &err) == 0 && status.bound &&
               strcmp(status.kind, "postgres") == 0,
           "... the same gallery");
        store_close(store);
    }
    char line[16];
    postgres_sql(line, sizeof line, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'");
    is_str(line, "0", "nothing was put into another schema");
}

static void test_old_pgvector(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    struct store *store = fixture_open(gallery);
    char version[16];
    store_close(store);
    postgres_sql(version, sizeof version,
                 "SELECT extversion FROM pg_extension WHERE extname ="
                 " 'vector'");
    ok(postgres_sql(NULL, 0,
                    "UPDATE pg_extension SET extversion = '0.7.4' WHERE extname ="
                    " 'vector'"),
       "an old pgvector");
    is_int(store_open(gallery, STORE_WRITE, &store, &err), ERR_UNSUPPORTED, "is refused");
    ok(says("has pgvector 0.7.4") && says("0.8.0") && says("ALTER EXTENSION vector UPDATE;"),
       "... with the fix");
    postgres_sql(NULL, 0, "UPDATE pg_extension SET extversion = '%s' WHERE extname = 'vector'",
                 version);
}

static void test_notices(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    struct postgres_notices notices = {.count = 0};
    struct store_options options = {
        .index = STORE_INDEX_IVFFLAT, .notice = postgres_keep_notice, .context = &notices};
    struct store_model model = fixture_model();
    struct store *store;
    is_int(store_open_with(gallery, STORE_WRITE, &options, &store, &err), 0, "ivfflat wanted");
    is_int(store_bind_model(store, &model, &err), 0, "... bound");
    is_int(store_tend_index(store, &err), 0, "... not built while empty");
    is_int(notices.count, 0, "... no notices so far");
    for (uint64_t i = 0; i < 4; i++) {
        char path[32];
        snprintf(path, sizeof path, "/%d", (int)i);
        fixture_put(store, path, i);
    }
    is_int(store_tend_index(store, &err), 0, "... built");
    struct store_index index;
    ok(store_get_index(store, &index, &err) == 0 && index.built == STORE_INDEX_IVFFLAT &&
           index.built_photos == 4,
       "... from 4 photos");
    /* 4 photos are too few for pgvector's taste only when there are more lists than photos. */
    postgres_sql(NULL, 0,
                 "CREATE FUNCTION %s.speak() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN"
                 " RAISE WARNING ''low on space'' USING HINT = ''buy a disk''; RETURN NEW;"
                 " END'; CREATE TRIGGER speak BEFORE INSERT ON %s.image_gallery"
                 " EXECUTE FUNCTION %s.speak()",
                 postgres_schema(gallery), postgres_schema(gallery), postgres_schema(gallery));
    fixture_put(store, "/5", 5);
    is_str(notices.last, "PostgreSQL: low on space; buy a disk",
           "the server's notices come through");
    for (uint64_t i = 6; i < 41; i++) {
        char path[32];
        snprintf(path, sizeof path, "/%d", (int)i);
        fixture_put(store, path, i);
    }
    is_int(store_tend_index(store, &err), 0, "ten times as many photos");
    ok(store_get_index(store, &index, &err) == 0 && index.built_photos == 40,
       "... a new index from them");
    is_int(store_tend_index(store, &err), 0, "once more");
    ok(store_get_index(store, &index, &err) == 0 && index.built_photos == 40, "... nothing to do");
    is_int(store_set_index(store, STORE_INDEX_DISKANN, STORE_METRIC_KEEP, &err), ERR_UNSUPPORTED,
           "diskann without pgvectorscale");
    ok(says("pgvectorscale") && says("--vector-index hnsw"), "... with a way out");
    is_int(store_set_index(store, STORE_INDEX_NONE, STORE_METRIC_KEEP, &err), 0,
           "no table is left");
    char line[32];
    postgres_sql(line, sizeof line,
                 "SELECT count(*) FROM pg_indexes WHERE schemaname = '%s' AND"
                 " indexdef LIKE '%%ivfflat%%'",
                 postgres_schema(gallery));
    is_str(line, "0", "... drops it");
    store_close(store);
}

int main(void)
{
    if (!postgres_is_here())
        return done_testing();
    fixture_start();
    test_article_sql();
    test_adopt();
    test_other_names();
    test_interrupted();
    test_refusals();
    test_rights();
    test_addresses();
    test_old_pgvector();
    test_notices();
    fixture_cleanup();
    return done_testing();
}
