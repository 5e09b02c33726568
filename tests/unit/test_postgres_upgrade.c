/* SPDX-License-Identifier: MIT */
/* Galleries of formats 1, 2 and 3 in PostgreSQL, and the ledger's refusal to change.
 * tests/store/postgres.t and scale.t (with KEEPSAKE_TEST_SHARDS: on several servers) start the
 * servers. */
#include "base/facts.h"
#include "covering.h"
#include "places/places.h"
#include "postgres_fixture.h"
#include "postgres_upgraded.h"
#include "store/labels.h"
#include "store/listing.h"
#include "store/records.h"
#include "store/towns.h"

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

/* What the second released program added, with a label, two rules and two entries. */
static const char format_2[] =
    "CREATE TABLE keepsake_label (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " hash bytea NOT NULL CHECK (octet_length(hash) = 32), name text NOT NULL,"
    " folded text NOT NULL, x double precision, y double precision, width double precision,"
    " height double precision, CHECK (num_nulls(x, y, width, height) IN (0, 4)));"
    "CREATE UNIQUE INDEX keepsake_label_once ON keepsake_label (hash, folded, coalesce(x, -1),"
    " coalesce(y, -1), coalesce(width, -1), coalesce(height, -1));"
    "CREATE INDEX keepsake_label_by_name ON keepsake_label (folded, hash);"
    "CREATE TABLE keepsake_rule (kind text NOT NULL CHECK (kind IN ('folder', 'label')),"
    " key bytea NOT NULL, value text NOT NULL, PRIMARY KEY (kind, key));"
    "CREATE TABLE keepsake_ledger (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " at bigint NOT NULL, request text NOT NULL, event text NOT NULL CHECK (event IN ('sent',"
    " 'answered', 'failed')), purpose text NOT NULL, provider text NOT NULL, host text NOT NULL,"
    " model text NOT NULL, photos text NOT NULL, bytes bigint NOT NULL,"
    " input_tokens bigint NOT NULL, output_tokens bigint NOT NULL,"
    " cache_read_tokens bigint NOT NULL, cache_write_tokens bigint NOT NULL,"
    " cost_usd double precision, detail text NOT NULL);"
    "CREATE INDEX keepsake_ledger_by_time ON keepsake_ledger (at, id);"
    "CREATE FUNCTION keepsake_ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN"
    " RAISE EXCEPTION ''the ledger is append-only''; END';"
    "CREATE TRIGGER keepsake_ledger_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE"
    " ON keepsake_ledger FOR EACH STATEMENT EXECUTE FUNCTION keepsake_ledger_refuse();"
    "CREATE INDEX image_gallery_hash_keepsake ON image_gallery (hash);"
    "CREATE INDEX image_gallery_date_keepsake ON image_gallery (taken text_pattern_ops, id);"
    "INSERT INTO keepsake_label (hash, name, folded, x, y, width, height)"
    " VALUES (decode(lpad('2', 64, '0'), 'hex'), U&'Zo\\00EB', U&'zo\\00EB', 0, 0.25, 0.5, 1);"
    "INSERT INTO keepsake_rule VALUES ('folder', '/photos/private', '/photos/private'),"
    " ('label', 'mia', 'Mia');"
    "INSERT INTO keepsake_ledger (at, request, event, purpose, provider, host, model, photos, "
    "bytes,"
    " input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, detail) VALUES"
    " (1700000001, 'r', 'sent', 'ask', 'anthropic', 'host', 'm', '[]', 9, 0, 0, 0, 0, 0.5, ''),"
    " (1700000002, 'r', 'answered', 'ask', 'anthropic', 'host', 'm', '[]', 0, 7, 8, 0, 0, NULL, "
    "'');"
    "UPDATE keepsake_gallery SET format = 2;";

/* The same of the tables through which a split gallery reads the status of its shards. */
static bool downgrade_parts(const char *gallery)
{
    return postgres_sql(
        NULL, 0,
        "SET search_path = %s, public; DO \\$d\\$ DECLARE n int; BEGIN IF"
        " to_regclass('keepsake_parts') IS NULL THEN RETURN; END IF; SELECT count(*) INTO n FROM"
        " keepsake_parts; DROP VIEW keepsake_parts; FOR i IN 0..n-1 LOOP EXECUTE format('ALTER"
        " FOREIGN TABLE keepsake_part_%%s DROP others', i); END LOOP; EXECUTE 'CREATE VIEW"
        " keepsake_parts AS ' || (SELECT string_agg(format('SELECT %%s AS part, k.* FROM"
        " keepsake_part_%%s AS k', i, i), ' UNION ALL ' ORDER BY i) FROM generate_series(0, n-1) AS"
        " i); END \\$d\\$",
        postgres_schema(gallery));
}

/* The columns of facts that format 4 added. The caller frees the list. */
static char *drop_facts(void)
{
    char *list = xstrdup("");
    for (size_t i = 0; i < FACT_COUNT; i++) {
        if (fact_table[i].since != 4)
            continue;
        char *longer = xasprintf("%s%sDROP %s", list, list[0] ? ", " : "", fact_table[i].name);
        free(list);
        list = longer;
    }
    return list;
}

/* What a gallery of this program has and one of format 3 had not. */
static bool downgrade_to_3(const char *gallery)
{
    AUTO_FREE char *facts = drop_facts();
    return downgrade_parts(gallery) &&
           postgres_sql(NULL, 0,
                        "SET search_path = %s, public; SET client_min_messages = error;"
                        " DROP FUNCTION IF EXISTS keepsake_complete_photo, keepsake_record_photo,"
                        " keepsake_count_others CASCADE; DROP TABLE keepsake_change;"
                        " DROP TABLE keepsake_album, keepsake_album_photo;"
                        " ALTER TABLE keepsake_failure DROP dropped;"
                        " ALTER TABLE keepsake_gallery DROP base_folder;"
                        " DROP VIEW keepsake_photos;"
                        " DROP FUNCTION keepsake_search, keepsake_condition;"
                        " ALTER TABLE image_gallery %s;"
                        " ALTER TABLE keepsake_signal DROP reason;"
                        " ALTER TABLE keepsake_gallery DROP index_quantize, DROP"
                        " index_built_quantize, DROP index_options, DROP index_made;"
                        " UPDATE keepsake_gallery SET format = 3",
                        postgres_schema(gallery), facts);
}

/* What a gallery of format 3 has and one of format 2, or 1, had not. */
static bool downgrade(const char *gallery, int format)
{
    const char *schema = postgres_schema(gallery);
    if (!downgrade_to_3(gallery) ||
        !postgres_sql(NULL, 0,
                      "SET search_path = %s, public; ALTER TABLE image_gallery DROP ctime_ns,"
                      " DROP inode, DROP position CASCADE; ALTER TABLE keepsake_failure DROP"
                      " ctime_ns, DROP inode, DROP version; DROP TABLE keepsake_folder,"
                      " keepsake_note, keepsake_damage, keepsake_signal, keepsake_other_model;"
                      " ALTER TABLE keepsake_label DROP checksum; ALTER TABLE keepsake_rule DROP"
                      " checksum; ALTER TABLE keepsake_ledger DROP checksum, DROP facts; ALTER"
                      " TABLE keepsake_gallery DROP model_arithmetic; UPDATE keepsake_gallery SET"
                      " format = 2",
                      schema))
        return false;
    if (format == 2)
        return true;
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
           !find_covering(store, 1, &phrase, &err) && !phrase,
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
    can_be_read(gallery, 4, "the same, of format 4");
    postgres_sql(line, sizeof line,
                 "SELECT has_table_privilege('reader_%s', '%s.keepsake_label', 'SELECT')::text ||"
                 " has_table_privilege('reader_%s', '%s.keepsake_ledger', 'INSERT')::text",
                 schema, schema, schema, schema);
    is_str(line, "truefalse", "... and who could read could go on to");
    postgres_sql(NULL, 0, "DROP OWNED BY reader_%s; DROP ROLE reader_%s", schema, schema);
    postgres_sql(line, sizeof line,
                 "SELECT count(*) FROM pg_indexes WHERE schemaname = '%s' AND indexname IN"
                 " ('image_gallery_hash_keepsake', 'image_gallery_date_keepsake')",
                 schema);
    is_str(line, "2", "... with the indexes by content and by date");
    postgres_sql(line, sizeof line,
                 "SET search_path = %s, public; SELECT count(*) FROM keepsake_photos AS p JOIN"
                 " keepsake_search((SELECT embedding::vector FROM image_gallery LIMIT 1), 2) AS s"
                 " USING (id, path)",
                 schema);
    is_str(line, "2", "... and a door for SQL");
    is_like_new(gallery, "a gallery of format 1");
    takes_albums(gallery, "a gallery of format 1");
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
           now.labels == 1 && now.schema_version == 4,
       "... and work with it");
}

/* What the server itself says of the bytes: number of columns; type, length and bytes of each. */
static void test_checksums(const char *schema)
{
    char got[128] = "", want[128] = "";
    postgres_sql(got, sizeof got,
                 "SELECT encode(checksum, 'hex') FROM %s.keepsake_rule WHERE kind = 'label'",
                 schema);
    postgres_sql(want, sizeof want,
                 "SELECT substr(encode(sha256('\\x00000004' || '\\x0000001900000004'::bytea ||"
                 " 'rule' || '\\x0000001900000005'::bytea || 'label' ||"
                 " '\\x0000001100000003'::bytea || 'mia' || '\\x0000001900000003'::bytea ||"
                 " 'Mia'), 'hex'), 1, 32)");
    is_str(got, want, "... a rule's checksum");
}

static void test_from_format_2(void)
{
    AUTO_FREE char *gallery = old_gallery();
    const char *schema = postgres_schema(gallery);
    char line[128] = "";
    int64_t records = 0, id;
    ok(postgres_sql(NULL, 0, "SET search_path = %s, public; %s", schema, format_2) &&
           postgres_sql(NULL, 0,
                        "CREATE ROLE writer_%s; GRANT SELECT, INSERT ON %s.image_gallery TO"
                        " writer_%s",
                        schema, schema, schema),
       "a gallery of format 2, which somebody else may write to");
    AUTO(store) *reader = NULL;
    ok(!store_open(gallery, STORE_READ, &reader, &err) &&
           !store_dump_records(reader, count_record, &records, &err) && records == 5 &&
           fixture_find(reader, "/photos/2.jpg").found,
       "... read: its label, rules and entries");
    struct store *store = fixture_open(gallery);
    records = 0;
    ok(!store_dump_records(reader, count_record, &records, &err) && records == 5,
       "... after it was brought up to date by another program");
    struct ledger_entry entry = {.request = "s", .cost_usd = 0.25, .facts = "date,place"};
    ok(!store_add_label(store, 5, "Mia", NULL, &id, &err) &&
           !store_rename_label(store, id, "Leo", &err) && !store_ledger_add(store, &entry, &err),
       "... and it is written to");
    store_close(store);
    postgres_sql(
        line, sizeof line,
        "SET search_path = %s, public; SELECT (SELECT count(*) FROM image_gallery WHERE"
        " ctime_ns = 0 AND inode = 0) || ' ' || (SELECT count(*) FROM keepsake_ledger WHERE"
        " length(checksum) = 16) || (SELECT facts FROM keepsake_ledger WHERE request = 's')"
        " || has_table_privilege('writer_%s', 'keepsake_folder', 'INSERT')::text"
        " || has_table_privilege('writer_%s', 'keepsake_note', 'INSERT')::text",
        schema, schema, schema);
    is_str(line, "12 3date,placetruetrue",
           "... what was not known is not known, rights are as before");
    test_checksums(schema);
    postgres_sql(NULL, 0, "DROP OWNED BY writer_%s; DROP ROLE writer_%s", schema, schema);
    is_like_new(gallery, "a gallery of format 2");
}

/* ---- format 3 ---- */

static char *gallery_of_3(void)
{
    char *gallery = fixture_gallery();
    AUTO_FREE char *command =
        xasprintf("sed s/THE_GALLERY/%s/g tests/golden/gallery-format-3-server.sql | %s 'SET "
                  "client_min_messages ="
                  " error; CREATE EXTENSION IF NOT EXISTS vector' -f - >'%s/log'",
                  postgres_schema(gallery), getenv("KEEPSAKE_TEST_PSQL"), fixture_folder);
    fflush(stdout);
    if (system(command))
        ok(false, "%s", command);
    return gallery;
}

static void test_from_format_3(void)
{
    AUTO_FREE char *gallery = gallery_of_3();
    const char *schema = postgres_schema(gallery);
    AUTO(store) *reader = NULL;
    int64_t records = 0, albums = 0;
    is_int(rows_of_3(schema, false), 0, "a gallery of format 3 has rows in each table");
    ok(!store_open(gallery, STORE_READ, &reader, &err) &&
           !store_dump_records(reader, count_record, &records, &err) && records == 7 &&
           !store_list_albums(reader, count_album, &albums, &err) && albums == 0,
       "a gallery of format 3 is read: its labels, rules and entries, and no albums");
    store_close(fixture_open(gallery));
    is_int(rows_of_3(schema, true), 0, "a gallery of format 3 loses no row by its upgrade");
    is_like_new(gallery, "a gallery of format 3");
    takes_albums(gallery, "a gallery of format 3");
    ok(!store_list_albums(reader, count_album, &albums, &err) && albums == 1101,
       "a reader that had a gallery of format 3 open sees the albums");
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
    ok(downgrade(gallery, 1), "... by an older program");
    AUTO(store) *store = fixture_open(gallery);
    int64_t id;
    is_int(store_add_label(store, 3, "Mia", NULL, &id, &err), ERR_INVALID,
           "brought up to date: a photo that was not read yet has no labels");
    ok(strstr(err.message, "/photos/3.jpg: it has not been read yet") != NULL, "... %s",
       err.message);
    struct fixture_photo photo;
    is_int(store_apply(store, fixture_add(&photo, "/photos/3.jpg", 9), 1, &err), 0,
           "the upgraded gallery is read");
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
        ("INSERT INTO keepsake_ledger OVERRIDING SYSTEM VALUE SELECT * FROM keepsake_ledger"
         " ON CONFLICT (id) DO UPDATE SET request = 'x'"),
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

static long long shard_indexes(const char *gallery, int shard)
{
    char line[64] = "";
    const char *schema = postgres_schema(gallery);
    postgres_sql(line, sizeof line,
                 "SET search_path = %s, public; SELECT n FROM dblink('keepsake_%s_part_%d',"
                 " 'SELECT count(*) FROM pg_indexes WHERE indexname LIKE"
                 " ''image_gallery_%%_keepsake'' AND schemaname = ''%s''') AS r(n bigint)",
                 schema, schema, shard, schema);
    return atoll(line);
}

/* The columns of a shard's photos, as one number. */
static long long shard_columns(const char *gallery, int shard)
{
    char line[64] = "";
    const char *schema = postgres_schema(gallery);
    postgres_sql(line, sizeof line,
                 "SET search_path = %s, public; SELECT n FROM dblink('keepsake_%s_part_%d',"
                 " 'SELECT hashtext(string_agg(column_name || data_type || is_nullable, '';'' ORDER"
                 " BY column_name)) FROM information_schema.columns WHERE table_name ="
                 " ''image_gallery'' AND table_schema = ''%s''') AS r(n bigint)",
                 schema, schema, shard, schema);
    return line[0] ? atoll(line) : 0;
}

static int count_town(void *context, const struct store_town *town)
{
    *(int64_t *)context += strcmp(town->town, "Porto") == 0 ? town->photos : 100;
    return 0;
}

static void is_split_like_new(const char *gallery)
{
    AUTO_FREE char *fresh = fixture_gallery();
    store_close(fixture_open(fresh));
    long long columns = shard_columns(gallery, 1);
    ok(columns && columns == shard_columns(fresh, 1),
       "an upgraded shard has the columns of a new one");
    is_like_new(gallery, "a split gallery of format 1");
    takes_albums(gallery, "a split gallery of format 1");
    if (!places_count())
        return;
    AUTO(store) *store = fixture_open(gallery);
    int64_t towns = 0;
    ok(!store_name_places(store, &err) && !store_list_towns(store, count_town, &towns, &err) &&
           towns == 3,
       "a split gallery of format 1 gets its towns");
}

static void test_split(void)
{
    AUTO_FREE char *facts = drop_facts();
    AUTO_FREE char *gallery = fixture_gallery();
    const char *schema = postgres_schema(gallery);
    struct store *store = fixture_open(gallery);
    for (int i = 1; i <= PHOTOS; i++) {
        char path[32];
        struct fixture_photo photo;
        snprintf(path, sizeof path, "/photos/%d.jpg", i);
        struct store_change *change = fixture_add(&photo, path, (uint64_t)i);
        snprintf(photo.facts.taken, sizeof photo.facts.taken, "2019-%02d-05T10:00:00", i);
        photo.facts.has_place = i <= 3;
        photo.facts.latitude = 41.15;
        photo.facts.longitude = -8.61;
        if (store_apply(store, change, 1, &err))
            ok(false, "%s", err.message);
    }
    store_close(store);
    bool old = downgrade(gallery, 1);
    for (int i = 0; i < 3; i++)
        old = old && postgres_sql(
                         NULL, 0,
                         "SET search_path = %s, public; SELECT"
                         " dblink_exec('keepsake_%s_part_%d', 'DROP INDEX"
                         " %s.image_gallery_hash_keepsake,"
                         " %s.image_gallery_date_keepsake; ALTER TABLE"
                         " %s.image_gallery DROP ctime_ns, DROP inode, %s, DROP position CASCADE')",
                         schema, schema, i, schema, schema, schema, facts);
    ok(old && shard_indexes(gallery, 1) == 0, "a split gallery of format 1");
    can_be_read(gallery, 1, "read");
    store = fixture_open(gallery);
    int64_t id, records = 0;
    is_int(store_add_label(store, fixture_id(store, "/photos/5.jpg"), "Mia", NULL, &id, &err), 0,
           "written, it has labels");
    struct store_filter mia = {.label = "mia"};
    ok(found(store, &mia) == 1 && !store_dump_records(store, count_record, &records, &err) &&
           records == 1 && !store_remove_label(store, id, &err),
       "... by which photos are found");
    struct store_change touch = {
        .kind = STORE_TOUCH, .path = "/photos/4.jpg", .size = 7, .ctime_ns = 11, .inode = 12};
    struct fixture_found known = {.found = false};
    if (!store_apply(store, &touch, 1, &err))
        known = fixture_find(store, "/photos/4.jpg");
    ok(known.found && known.file.ctime_ns == 11 && known.file.inode == 12,
       "... and knows times on the shards");
    store_close(store);
    can_be_read(gallery, 4, "format 4");
    ok(shard_indexes(gallery, 0) == 2 && shard_indexes(gallery, 1) == 2 &&
           shard_indexes(gallery, 2) == 2,
       "... with its indexes on every shard");
    is_split_like_new(gallery);
}

int main(void)
{
    if (!postgres_is_here())
        return done_testing();
    fixture_start();
    if (getenv("KEEPSAKE_TEST_SHARDS")) {
        test_split();
    } else {
        test_upgrade();
        test_at_once();
        test_from_format_2();
        test_from_format_3();
        test_adopted();
    }
    test_ledger();
    fixture_cleanup();
    return done_testing();
}
