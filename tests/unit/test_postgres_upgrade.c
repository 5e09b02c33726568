/* Galleries of format 1 in PostgreSQL, and the ledger's refusal to change. tests/store/postgres.t
 * and scale.t (with KEEPSAKE_TEST_PARTS: on several servers) start the servers. */
#include "postgres_fixture.h"
#include "store/labels.h"
#include "store/listing.h"
#include "store/records.h"

static struct error err = ERROR_INIT;

enum { PHOTOS = 12 };

/* The tables as the first released program made them, in the schema that is current. */
static const char format_1[] =
    "CREATE TABLE keepsake_gallery (one smallint PRIMARY KEY CHECK (one = 1),"
    " format integer NOT NULL, change bigint NOT NULL, changed_at bigint NOT NULL, model_id text,"
    " model_fingerprint text, model_preprocessing integer, model_dim integer CHECK (model_dim > 0),"
    " index_wanted text NOT NULL, index_metric text NOT NULL, index_built text NOT NULL,"
    " index_built_photos bigint NOT NULL, index_built_at bigint NOT NULL);"
    "INSERT INTO keepsake_gallery VALUES (1, 1, 3, 1700000000, 'test', repeat('a', 64), 1, 32,"
    " 'auto', 'cosine', 'none', 0, 0);"
    "CREATE TABLE keepsake_writer (writer bigint PRIMARY KEY, number bigint NOT NULL,"
    " at timestamptz NOT NULL);"
    "CREATE TABLE keepsake_failure (path_key bytea PRIMARY KEY, path text NOT NULL,"
    " size bigint NOT NULL, mtime_ns bigint NOT NULL, hash bytea CHECK (octet_length(hash) = 32),"
    " reason text NOT NULL);"
    "CREATE TABLE keepsake_claimer (id bigint PRIMARY KEY, expires timestamptz NOT NULL);"
    "CREATE TABLE keepsake_claim (path_key bytea PRIMARY KEY, claimer bigint NOT NULL);"
    "CREATE TABLE image_gallery (id bigserial PRIMARY KEY, path text NOT NULL,"
    " embedding vector(32), path_key bytea NOT NULL UNIQUE, size bigint NOT NULL,"
    " mtime_ns bigint NOT NULL, hash bytea CHECK (octet_length(hash) = 32), format text,"
    " width integer, height integer, taken text, latitude double precision,"
    " longitude double precision, make text, model text, lens text);";

/* Photos /photos/1.jpg ... of the months of 2019, whose vectors say nothing. */
static const char photos[] =
    "INSERT INTO image_gallery (path, path_key, embedding, size, mtime_ns, hash, format, width,"
    " height, taken) SELECT '/photos/' || i || '.jpg', convert_to('/photos/' || i || '.jpg',"
    " 'UTF8'), l2_normalize(('[' || repeat('1,', 31) || i || ']')::vector), 7, 8,"
    " decode(lpad(to_hex(i), 64, '0'), 'hex'), 'jpeg', 640, 480,"
    " '2019-' || lpad(i::text, 2, '0') || '-05T10:00:00' FROM generate_series(1, 12) AS i;";

static char *old_gallery(void)
{
    char *gallery = fixture_gallery();
    const char *schema = postgres_schema(gallery);
    ok(postgres_sql(NULL, 0,
                    "SET client_min_messages = error; CREATE EXTENSION IF NOT EXISTS vector;"
                    "CREATE SCHEMA %s; SET search_path = %s, public; %s",
                    schema, schema, format_1) &&
           postgres_sql(NULL, 0, "SET search_path = %s, public; %s", schema, photos),
       "a gallery of format 1");
    return gallery;
}

/* What a gallery of format 2 has and one of format 1 had not. */
static bool downgrade(const char *gallery)
{
    const char *schema = postgres_schema(gallery);
    return postgres_sql(NULL, 0,
                        "SET search_path = %s, public; DROP TABLE keepsake_label, keepsake_rule,"
                        " keepsake_ledger; DROP FUNCTION keepsake_ledger_refuse;"
                        " SET client_min_messages = error;"
                        " DROP INDEX IF EXISTS image_gallery_hash_keepsake,"
                        " image_gallery_date_keepsake; UPDATE keepsake_gallery SET format = 1",
                        schema);
}

static int count_photo(void *context, const struct store_photo *photo)
{
    (void)photo;
    ++*(int64_t *)context;
    return 0;
}

static int count_month(void *context, const struct store_month *month)
{
    *(int64_t *)context += month->photos;
    return 0;
}

static int count_record(void *context, const struct store_record *record)
{
    (void)record;
    ++*(int64_t *)context;
    return 0;
}

static size_t found(struct store *store, const struct store_filter *filter)
{
    float query[FIXTURE_DIM];
    struct store_hit hits[2 * PHOTOS];
    size_t count = 0;
    fixture_vector(3, FIXTURE_DIM, query);
    if (store_search(store, query, 2 * PHOTOS, filter, hits, &count, &err))
        diag("%s", err.message);
    return count;
}

static void can_be_read(const char *gallery, int format, const char *how)
{
    AUTO(store) *store = NULL;
    struct store_status status;
    if (store_open(gallery, STORE_READ, &store, &err)) {
        ok(false, "%s: %s", how, err.message);
        return;
    }
    ok(store_status(store, &status, &err) == 0 && status.photos == PHOTOS &&
           status.schema_version == format && status.labels == 0,
       "%s: status", how);
    struct store_filter summer = {.from = "2019-07", .until = "2019-08"};
    struct store_filter below = {.folder = "/photos"}, mia = {.label = "Mia"};
    ok(found(store, NULL) == PHOTOS && found(store, &summer) == 2 &&
           found(store, &below) == PHOTOS && found(store, &mia) == 0,
       "... searches, by date, folder and name");
    int64_t page = 0, months = 0, records = 0;
    char *phrase = NULL;
    ok(!store_list_photos(store, &below, NULL, 0, 5, count_photo, &page, &err) && page == 5 &&
           !store_list_months(store, NULL, count_month, &months, &err) && months == PHOTOS,
       "... lists photos and months");
    ok(!store_dump_records(store, count_record, &records, &err) && records == 0 &&
           !store_rule_covering(store, 1, &phrase, &err) && !phrase,
       "... has no labels, rules and entries");
}

static void test_upgrade(void)
{
    AUTO_FREE char *gallery = old_gallery();
    const char *schema = postgres_schema(gallery);
    char line[128] = "";
    can_be_read(gallery, 1, "format 1, read");
    ok(postgres_sql(NULL, 0, "CREATE ROLE reader_%s; GRANT SELECT ON %s.image_gallery TO reader_%s",
                    schema, schema, schema),
       "somebody else may read it");
    AUTO(store) *reader = NULL;
    if (store_open(gallery, STORE_READ, &reader, &err))
        ok(false, "%s", err.message);
    struct store *store = fixture_open(gallery);
    int64_t id, records = 0;
    is_int(store_add_label(store, 5, "Mia", NULL, &id, &err), 0, "written, it has labels");
    ok(!store_dump_records(reader, count_record, &records, &err) && records == 1,
       "... which a reader sees that had it open");
    struct store_filter mia = {.label = "mia"};
    is_int((long long)found(reader, &mia), 1, "... and finds");
    is_int(store_remove_label(store, id, &err), 0, "... and can lose them");
    store_close(store);
    can_be_read(gallery, 2, "the same, of format 2");
    postgres_sql(line, sizeof line,
                 "SELECT has_table_privilege('reader_%s', '%s.keepsake_label', 'SELECT')::text ||"
                 " has_table_privilege('reader_%s', '%s.keepsake_ledger', 'INSERT')::text",
                 schema, schema, schema, schema);
    is_str(line, "truefalse", "... and who could read could go on to");
    postgres_sql(NULL, 0, "DROP OWNED BY reader_%s; DROP ROLE reader_%s", schema, schema);
    postgres_sql(line, sizeof line,
                 "SELECT count(*) FROM pg_indexes WHERE schemaname = '%s' AND indexname LIKE"
                 " 'image_gallery_%%_keepsake'",
                 schema);
    is_str(line, "2", "... with the indexes by content and by date");
}

static int open_and_label(void *context)
{
    AUTO(store) *store = fixture_open(context);
    int64_t id;
    return store_add_label(store, 1, "Mia", NULL, &id, &err) != 0;
}

static void test_at_once(void)
{
    AUTO_FREE char *gallery = old_gallery();
    pid_t children[4];
    int failed = 0, status;
    fflush(stdout);
    for (int i = 0; i < 4; i++)
        if ((children[i] = fork()) == 0)
            _exit(open_and_label(gallery));
    for (int i = 0; i < 4; i++)
        failed += waitpid(children[i], &status, 0) < 0 || status != 0;
    is_int(failed, 0, "four programs bring one gallery up to date at once");
    AUTO(store) *store = NULL;
    struct store_status now;
    ok(!store_open(gallery, STORE_READ, &store, &err) && !store_status(store, &now, &err) &&
           now.labels == 1 && now.schema_version == 2,
       "... and work with it");
}

/* A table made by hand, adopted by an older program. */
static void test_adopted(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    const char *schema = postgres_schema(gallery);
    char *plan = NULL;
    struct store_model model = fixture_model();
    struct store_adoption how = {.model = &model};
    ok(postgres_sql(NULL, 0,
                    "SET client_min_messages = error; CREATE EXTENSION IF NOT EXISTS vector;"
                    "CREATE SCHEMA %s; SET search_path = %s, public; CREATE TABLE image_gallery"
                    " (id serial PRIMARY KEY, path text, embedding vector(32)); INSERT INTO"
                    " image_gallery (path, embedding) SELECT '/photos/' || i || '.jpg', ('[' ||"
                    " repeat('1,', 31) || i || ']')::vector FROM generate_series(1, 12) AS i",
                    schema, schema),
       "a table made by hand");
    is_int(store_adopt(gallery, &how, &plan, &err), 0, "... adopted");
    free(plan);
    ok(downgrade(gallery), "... by an older program");
    AUTO(store) *store = fixture_open(gallery);
    int64_t id;
    is_int(store_add_label(store, 3, "Mia", NULL, &id, &err), ERR_INVALID,
           "brought up to date: a photo that was not read yet has no labels");
    ok(strstr(err.message, "/photos/3.jpg is not known yet") != NULL, "... %s", err.message);
    struct fixture_photo photo;
    is_int(store_apply(store, fixture_add(&photo, "/photos/3.jpg", 9), 1, &err), 0, "read");
    is_int(store_add_label(store, 3, "Mia", NULL, &id, &err), 0, "... it has");
    struct store_filter mia = {.label = "Mia"}, from = {.from = "2000"};
    ok(found(store, &mia) == 1 && found(store, &from) == 0 && found(store, NULL) == PHOTOS,
       "... and is found by it");
}

static void test_ledger(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    struct ledger_entry entry = {.request = "r", .cost_usd = 0.5, .purpose = "ask"};
    char line[64] = "";
    if (store_ledger_add(store, &entry, &err) || store_ledger_add(store, &entry, &err))
        ok(false, "%s", err.message);
    static const char *const attempts[] = {
        "UPDATE keepsake_ledger SET cost_usd = 0",
        "DELETE FROM keepsake_ledger",
        "DELETE FROM keepsake_ledger WHERE id = 2",
        "TRUNCATE keepsake_ledger",
        "INSERT INTO keepsake_ledger OVERRIDING SYSTEM VALUE SELECT * FROM keepsake_ledger"
        " ON CONFLICT (id) DO UPDATE SET request = 'x'",
    };
    diag("refusals follow, which the server tells on the standard error");
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
        ok(!postgres_sql(NULL, 0, "SET search_path = %s, public; %s", postgres_schema(gallery),
                         attempts[i]),
           "refused: %.40s", attempts[i]);
    ok(postgres_sql(line, sizeof line,
                    "SELECT string_agg(request || cost_usd, ',') FROM %s.keepsake_ledger",
                    postgres_schema(gallery)),
       "the ledger");
    is_str(line, "r0.5,r0.5", "... is as it was");
}

/* ---- on several servers ---- */

static long long part_indexes(const char *gallery, int part)
{
    char line[64] = "";
    const char *schema = postgres_schema(gallery);
    postgres_sql(line, sizeof line,
                 "SET search_path = %s, public; SELECT n FROM dblink('keepsake_%s_part_%d',"
                 " 'SELECT count(*) FROM pg_indexes WHERE indexname LIKE"
                 " ''image_gallery_%%_keepsake'' AND schemaname = ''%s''') AS r(n bigint)",
                 schema, schema, part, schema);
    return atoll(line);
}

static void test_split(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    const char *schema = postgres_schema(gallery);
    struct store *store = fixture_open(gallery);
    for (int i = 1; i <= PHOTOS; i++) {
        char path[32];
        struct fixture_photo photo;
        snprintf(path, sizeof path, "/photos/%d.jpg", i);
        struct store_change *change = fixture_add(&photo, path, (uint64_t)i);
        snprintf(photo.facts.taken, sizeof photo.facts.taken, "2019-%02d-05T10:00:00", i);
        if (store_apply(store, change, 1, &err))
            ok(false, "%s", err.message);
    }
    store_close(store);
    bool old = downgrade(gallery);
    for (int i = 0; i < 3; i++)
        old = old && postgres_sql(NULL, 0,
                                  "SET search_path = %s, public; SELECT"
                                  " dblink_exec('keepsake_%s_part_%d', 'DROP INDEX"
                                  " %s.image_gallery_hash_keepsake,"
                                  " %s.image_gallery_date_keepsake')",
                                  schema, schema, i, schema, schema);
    ok(old && part_indexes(gallery, 1) == 0, "a split gallery of format 1");
    can_be_read(gallery, 1, "read");
    store = fixture_open(gallery);
    int64_t id, records = 0;
    is_int(store_add_label(store, fixture_id(store, "/photos/5.jpg"), "Mia", NULL, &id, &err), 0,
           "written, it has labels");
    struct store_filter mia = {.label = "mia"};
    ok(found(store, &mia) == 1 && !store_dump_records(store, count_record, &records, &err) &&
           records == 1 && !store_remove_label(store, id, &err),
       "... by which photos are found");
    store_close(store);
    can_be_read(gallery, 2, "format 2");
    ok(part_indexes(gallery, 0) == 2 && part_indexes(gallery, 1) == 2 &&
           part_indexes(gallery, 2) == 2,
       "... with its indexes on every part");
}

int main(void)
{
    if (!postgres_is_here())
        return done_testing();
    fixture_start();
    if (getenv("KEEPSAKE_TEST_PARTS")) {
        test_split();
    } else {
        test_upgrade();
        test_at_once();
        test_adopted();
    }
    test_ledger();
    fixture_cleanup();
    return done_testing();
}
