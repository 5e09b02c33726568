/* SPDX-License-Identifier: MIT */
/* Finds the triggers, functions and the view beside image_gallery that somebody dropped or changed,
 * and makes them again. */
#include <string.h>

#include "store/postgres/postgres_internal.h"

/* The types of the triggers are bits of pg_trigger.h: row 1, before 2, insert 4, delete 8, update
 * 16, truncate 32. $1 to $3: the bodies of the functions of triggers. */
static const char lost_triggers_sql[] =
    "SELECT string_agg(what, ', ') FROM (SELECT 'the function ' || w.name AS what FROM (VALUES"
    " ('" POSTGRES_COMPLETE "', $1), ('" POSTGRES_RECORD "', $2), ('" POSTGRES_COUNT "', $3)) AS"
    " w(name, body) WHERE NOT EXISTS (SELECT FROM pg_proc AS f WHERE f.pronamespace = (SELECT"
    " relnamespace FROM pg_class WHERE oid = 'image_gallery'::regclass) AND f.proname = w.name AND"
    " f.prosrc = w.body AND f.prosecdef AND f.proconfig IS NOT NULL)"
    " UNION ALL SELECT 'the trigger ' || w.name FROM (VALUES"
    " ('keepsake_complete', '" POSTGRES_COMPLETE "', 23), ('keepsake_record', '" POSTGRES_RECORD
    "', 25), ('keepsake_count', '" POSTGRES_COUNT "', 60)) AS w(name, function, type) WHERE NOT"
    " EXISTS (SELECT FROM pg_trigger AS t JOIN pg_proc AS f ON f.oid = t.tgfoid WHERE t.tgrelid ="
    " 'image_gallery'::regclass AND t.tgname = w.name AND t.tgtype = w.type AND t.tgenabled IN"
    " ('O', 'A') AND t.tgqual IS NOT NULL AND f.proname = w.function)"
    " UNION ALL SELECT 'the index image_gallery_missing_keepsake' WHERE"
    " to_regclass('image_gallery_missing_keepsake') IS NULL"
    " UNION ALL SELECT 'the default of ' || attname FROM pg_attribute WHERE attrelid ="
    " 'image_gallery'::regclass AND attname IN ('size', 'mtime_ns') AND attnotnull AND NOT"
    " atthasdef) AS lost";

/* $1, $2: the bodies. The view is not compared, because the server keeps it in its own words. */
static const char lost_door_sql[] =
    "SELECT string_agg(what, ', ') FROM (SELECT 'the function ' || w.name AS what FROM (VALUES"
    " ('keepsake_condition', $1), ('keepsake_search', $2)) AS w(name, body) WHERE NOT EXISTS"
    " (SELECT FROM pg_proc AS f WHERE f.pronamespace = (SELECT relnamespace FROM pg_class WHERE oid"
    " = 'image_gallery'::regclass) AND f.proname = w.name AND f.prosrc = w.body AND f.proconfig IS"
    " NOT NULL) UNION ALL SELECT 'the view keepsake_photos' WHERE to_regclass('keepsake_photos') IS"
    " NULL) AS lost";

/* *ret_lost is NULL if there are none. The caller frees it. */
static int ask_lost(struct postgres *p, const char *sql, const struct postgres_args *args,
                    char **ret_lost, struct error *err)
{
    PGresult *owned;
    int rc = postgres_query(p, sql, args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    *ret_lost = PQgetisnull(row, 0, 0) ? NULL : value_copy(row, 0, 0);
    return 0;
}

static int find_triggers(struct postgres *p, char **ret_lost, struct error *err)
{
    struct postgres_args args = {0};
    AUTO_FREE char *complete = postgres_trigger_body(0);
    AUTO_FREE char *record = postgres_trigger_body(1);
    AUTO_FREE char *count = postgres_trigger_body(2);
    args_text(&args, complete);
    args_text(&args, record);
    args_text(&args, count);
    return ask_lost(p, lost_triggers_sql, &args, ret_lost, err);
}

static int find_door(struct postgres *p, char **ret_lost, struct error *err)
{
    struct postgres_args args = {0};
    AUTO_FREE char *condition = postgres_door_body(0);
    AUTO_FREE char *search = postgres_door_body(1);
    args_text(&args, condition);
    args_text(&args, search);
    return ask_lost(p, lost_door_sql, &args, ret_lost, err);
}

/* A split gallery has no triggers. */
static int find_lost(struct postgres *p, char **ret_triggers, char **ret_door, struct error *err)
{
    *ret_triggers = *ret_door = NULL;
    int rc = p->settings.shards ? 0 : find_triggers(p, ret_triggers, err);
    return rc ? rc : find_door(p, ret_door, err);
}

static char *join_lost(const char *triggers, const char *door)
{
    const char *between = triggers && door ? ", " : "";
    return xasprintf("%s%s%s", triggers ? triggers : "", between, door ? door : "");
}

int postgres_find_lost(struct postgres *p, char **ret_lost, struct error *err)
{
    AUTO_FREE char *triggers = NULL, *door = NULL;
    *ret_lost = NULL;
    if (p->settings.format < 4)
        return 0;
    int rc = find_lost(p, &triggers, &door, err);
    if (!rc && (triggers || door))
        *ret_lost = join_lost(triggers, door);
    return rc;
}

static int make_again(struct postgres *p, const char *triggers, const char *door, struct error *err)
{
    int rc = postgres_script(p, "BEGIN", err);
    if (!rc)
        rc = postgres_lock_tables(p, err);
    if (!rc && triggers)
        rc = postgres_make_triggers(p, err);
    if (!rc && door)
        rc = postgres_mend_door(p, err);
    return rc ? rc : postgres_script(p, "COMMIT", err);
}

static int may_mend(struct postgres *p, bool *ret_may, struct error *err)
{
    PGresult *owned;
    int rc = postgres_query(p,
                            "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid ="
                            " 'image_gallery'::regclass",
                            NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    *ret_may = value_int(row, 0, 0);
    return 0;
}

int postgres_mend_lost(struct postgres *p, struct error *err)
{
    AUTO_FREE char *triggers = NULL, *door = NULL;
    bool may = false;
    int rc = postgres_read_settings(p, err); /* the gallery may have been split */
    if (!rc && p->settings.format >= 4)
        rc = find_lost(p, &triggers, &door, err);
    if (!rc && (triggers || door))
        rc = may_mend(p, &may, err);
    if (rc || !may)
        return rc;
    rc = make_again(p, triggers, door, err);
    AUTO_FREE char *lost = join_lost(triggers, door);
    if (!rc)
        postgres_notice(p, "made again what had been dropped or changed: %s", lost);
    return rc;
}
