/* SPDX-License-Identifier: MIT */
/* Maintains the table keepsake_note: texts by name. A split gallery has it in the gallery's
 * database, not on the shards. */
#include "store/postgres/postgres_internal.h"

struct note {
    const char *name, *text; /* text: the new text; NULL: delete the note */
    PGresult *row;
};

static int read_note(struct postgres *p, void *context, struct error *err)
{
    struct note *note = context;
    struct postgres_args args = {0};
    bool has = false;
    int rc = postgres_has_format(p, 3, &has, err);
    note->row = NULL;
    if (rc || !has)
        return rc;
    args_text(&args, note->name);
    return postgres_query(p, "SELECT text FROM keepsake_note WHERE name = $1", &args, &note->row,
                          err);
}

int postgres_get_note(struct store *store, const char *name, char **ret_text, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct note note = {.name = name};
    int rc = postgres_attempt(p, read_note, &note, err);
    *ret_text = NULL;
    if (rc || !note.row)
        return rc;
    AUTO_RESULT *row = note.row;
    if (PQntuples(row))
        *ret_text = value_copy(row, 0, 0);
    return 0;
}

static int write_note(struct postgres *p, void *context, struct error *err)
{
    const struct note *note = context;
    struct postgres_args args = {0};
    args_text(&args, note->name);
    if (!note->text)
        return postgres_run(p, "DELETE FROM keepsake_note WHERE name = $1", &args, NULL, err);
    args_text(&args, note->text);
    return postgres_run(p,
                        "INSERT INTO keepsake_note (name, text) VALUES ($1, $2) ON CONFLICT (name)"
                        " DO UPDATE SET text = excluded.text",
                        &args, NULL, err);
}

int postgres_set_note(struct store *store, const char *name, const char *text, struct error *err)
{
    struct postgres *p = postgres_of(store);
    return postgres_write(p, write_note, &(struct note){.name = name, .text = text}, err);
}
