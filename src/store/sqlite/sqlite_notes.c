/* SPDX-License-Identifier: MIT */
/* Maintains the table note: texts by name. */
#include "base/memory.h"
#include "store/sqlite/sqlite_internal.h"

int sqlite_get_note(struct store *store, const char *name, char **ret_text, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has = false;
    int rc = sqlite_follow_format(s, 3, &has, err);
    *ret_text = NULL;
    if (rc || !has)
        return rc;
    struct query q = query_start(s, "SELECT text FROM note WHERE name = ?");
    query_text(&q, name);
    rc = query_next(&q, err);
    if (rc > 0)
        *ret_text = xstrdup((const char *)sqlite3_column_text(q.statement, 0));
    query_end(&q);
    return rc > 0 ? 0 : rc;
}

int sqlite_set_note(struct store *store, const char *name, const char *text, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_begin_write(s, err);
    if (rc)
        return rc;
    struct query q = query_start(s, text ? "INSERT OR REPLACE INTO note (name, text) VALUES (?, ?)"
                                         : "DELETE FROM note WHERE name = ?");
    query_text(&q, name);
    if (text)
        query_text(&q, text);
    rc = query_run(&q, NULL, err);
    return sqlite_finish(s, rc, err);
}
