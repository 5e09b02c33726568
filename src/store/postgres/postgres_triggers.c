/* SPDX-License-Identifier: MIT */
/* The triggers of image_gallery, which complete and record what other programs write. */
#include <string.h>

#include "store/postgres/postgres_internal.h"

/* keepsake's own transactions set keepsake.writing (POSTGRES_WRITING), so the triggers cost them
 * only the evaluation of this condition. A condition on the column embedding, or a trigger UPDATE
 * OF it, would prevent changes to the column's type. */
#define BY_OTHERS "WHEN (current_setting('keepsake.writing', true) IS DISTINCT FROM 'on')"

#define STRINGIFY(number) #number
#define DIGITS_OF(number) STRINGIFY(number)
#define PATH_BYTES DIGITS_OF(POSTGRES_PATH_BYTES)
#define REFUSAL " USING ERRCODE = 'check_violation', HINT ="

/* For a row that comes with a path, but without the key that belongs to it. */
static const char complete_path[] =
    "DECLARE base text; norm double precision; BEGIN"
    " IF (TG_OP = 'INSERT' AND NEW.path_key IS NULL) OR (TG_OP = 'UPDATE' AND NEW.path IS DISTINCT"
    " FROM OLD.path AND NEW.path_key IS NOT DISTINCT FROM OLD.path_key) THEN"
    " IF coalesce(NEW.path, '') = '' THEN"
    " RAISE EXCEPTION 'a photo needs a path'" REFUSAL " 'give the absolute path of its file';"
    " END IF;"
    " IF NEW.path NOT LIKE '/%' THEN"
    " SELECT base_folder INTO base FROM keepsake_gallery;"
    " IF base = '' THEN"
    " RAISE EXCEPTION 'the path % is relative, and the gallery has absolute paths',"
    " left(NEW.path, 200)" REFUSAL " 'give the whole path of the file, which begins with /';"
    " END IF;"
    " NEW.path := base || NEW.path; END IF;"
    " NEW.path := regexp_replace(NEW.path, '/(\\.?/)+', '/', 'g');"
    " IF NEW.path ~ '/\\.{0,2}$|/\\.\\./' THEN"
    " RAISE EXCEPTION 'the path % is not the plain path of a file',"
    " left(NEW.path, 200)" REFUSAL " 'leave out .. and what follows the name of the file';"
    " END IF;"
    " IF octet_length(NEW.path) > " PATH_BYTES " THEN"
    " RAISE EXCEPTION 'the path %... is too long: % bytes', left(NEW.path, 200),"
    " octet_length(NEW.path)" REFUSAL " 'move the file to a folder with a shorter name (" PATH_BYTES
    " bytes fit)';"
    " END IF;"
    " NEW.path_key := convert_to(NEW.path, 'UTF8');"
    " NEW.size := 0; NEW.mtime_ns := 0; NEW.ctime_ns := 0; NEW.inode := 0; END IF;";

static const char complete_vector[] =
    " IF NEW.embedding IS NULL THEN"
    " PERFORM pg_notify('" POSTGRES_CHANNEL "', TG_TABLE_SCHEMA);"
    " ELSIF TG_OP = 'INSERT' OR NEW.embedding IS DISTINCT FROM OLD.embedding THEN"
    " norm := vector_norm(NEW.embedding::vector);"
    " IF norm = 0 THEN"
    " RAISE EXCEPTION 'the vector of % is zero and has no direction',"
    " left(NEW.path, 200)" REFUSAL " 'leave it out, and keepsake makes it from the file';"
    " END IF;"
    " IF abs(norm - 1) > 0.000001 THEN NEW.embedding := l2_normalize(NEW.embedding); END IF;"
    " END IF;"
    " IF TG_OP = 'INSERT' THEN DELETE FROM keepsake_failure WHERE path_key = NEW.path_key; END IF;"
    " RETURN NEW; END";

/* The signals of a content go with its last photo, as in postgres_signals_leave. */
static const char record_photo[] =
    "BEGIN"
    " IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM image_gallery WHERE path_key = OLD.path_key)"
    " THEN INSERT INTO keepsake_failure (path_key, path, size, mtime_ns, ctime_ns, inode, hash,"
    " reason, dropped) VALUES (OLD.path_key, OLD.path, OLD.size, OLD.mtime_ns, OLD.ctime_ns,"
    " OLD.inode, OLD.hash, 'deleted by another program', true) ON CONFLICT (path_key) DO UPDATE SET"
    " size = excluded.size, mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns, inode ="
    " excluded.inode, hash = excluded.hash, reason = excluded.reason, dropped = true; END IF;"
    " IF OLD.hash IS NOT NULL AND NOT EXISTS (SELECT FROM image_gallery WHERE hash = OLD.hash) THEN"
    " DELETE FROM keepsake_signal WHERE hash = OLD.hash; END IF;"
    " RETURN NULL; END";

/* One row for each transaction: an update of keepsake_gallery would block other writers. */
static const char count_change[] =
    "DECLARE number text := pg_current_xact_id()::text; BEGIN"
    " IF current_setting('keepsake.counted', true) IS DISTINCT FROM number THEN"
    " INSERT INTO keepsake_change VALUES (clock_timestamp());"
    " PERFORM set_config('keepsake.counted', number, true); END IF;"
    " RETURN NULL; END";

static const char triggers_sql[] =
    "DROP TRIGGER IF EXISTS keepsake_complete ON image_gallery;"
    " DROP TRIGGER IF EXISTS keepsake_record ON image_gallery;"
    " DROP TRIGGER IF EXISTS keepsake_count ON image_gallery;"
    " CREATE TRIGGER keepsake_complete BEFORE INSERT OR UPDATE ON image_gallery FOR EACH ROW"
    " " BY_OTHERS " EXECUTE FUNCTION " POSTGRES_COMPLETE "();"
    " CREATE TRIGGER keepsake_record AFTER UPDATE OR DELETE ON image_gallery FOR EACH ROW"
    " " BY_OTHERS " EXECUTE FUNCTION " POSTGRES_RECORD "();"
    " CREATE TRIGGER keepsake_count AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON image_gallery"
    " FOR EACH STATEMENT " BY_OTHERS " EXECUTE FUNCTION " POSTGRES_COUNT "();";

static const char defaults_sql[] =
    "ALTER TABLE image_gallery ALTER size SET DEFAULT 0, ALTER mtime_ns SET DEFAULT 0;"
    "CREATE INDEX IF NOT EXISTS image_gallery_missing_keepsake ON image_gallery (path_key)"
    " WHERE embedding IS NULL;";

static const struct function {
    const char *name, *begin, *end;
} functions[] = {
    {POSTGRES_COMPLETE, complete_path, complete_vector},
    {POSTGRES_RECORD, record_photo, ""},
    {POSTGRES_COUNT, count_change, ""},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

char *postgres_trigger_body(int i)
{
    return xasprintf(" %s%s ", functions[i].begin, functions[i].end);
}

/* Returns schema, schema of pgvector and pg_temp as a search_path. The caller frees it. */
static char *safe_path(struct postgres *p)
{
    char *own = PQescapeIdentifier(p->conn, p->schema, strlen(p->schema));
    char *other = PQescapeIdentifier(p->conn, p->extension_schema, strlen(p->extension_schema));
    if (!own || !other)
        memory_exhausted(strlen(p->schema));
    char *path = xasprintf("%s, %s, pg_temp", own, other);
    PQfreemem(own);
    PQfreemem(other);
    return path;
}

/* The functions act as their owner, because a role that may insert photos need not have rights on
 * keepsake's tables. Their search_path ends in pg_temp: a table there must not replace one of
 * these. */
static int make_function(struct postgres *p, int i, struct error *err)
{
    AUTO_FREE char *path = safe_path(p);
    AUTO_FREE char *body = postgres_trigger_body(i);
    AUTO_FREE char *sql =
        xasprintf("CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SECURITY"
                  " DEFINER SET search_path = %s AS $body$%s$body$",
                  functions[i].name, path, body);
    return postgres_script(p, sql, err);
}

int postgres_make_triggers(struct postgres *p, struct error *err)
{
    int rc = postgres_script(p, "SET LOCAL client_min_messages = warning", err);
    for (int i = 0; !rc && i < FUNCTIONS; i++)
        rc = make_function(p, i, err);
    if (!rc)
        rc = postgres_script(p, triggers_sql, err);
    return rc ? rc : postgres_script(p, defaults_sql, err);
}
