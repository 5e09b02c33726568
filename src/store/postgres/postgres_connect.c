/* SPDX-License-Identifier: MIT */
/* Parses addresses, connects, and sets up the session. */
#include <string.h>

#include "base/text.h"
#include "store/postgres/postgres_internal.h"

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Returns whether `where` is a list of libpq keywords such as "host=...". A file name may also
 * contain '=', so a keyword of libpq must precede it. */
static bool is_words(const char *where)
{
    where += strspn(where, " ");
    size_t length = strcspn(where, " =");
    if (where[length + strspn(where + length, " ")] != '=')
        return false;
    bool found = false;
    PQconninfoOption *words = PQconninfoParse("", NULL); /* all keywords of libpq */
    for (const PQconninfoOption *word = words; word && word->keyword && !found; word++)
        found = strlen(word->keyword) == length && strncmp(where, word->keyword, length) == 0;
    PQconninfoFree(words);
    return found;
}

bool postgres_is_mine(const char *where)
{
    return begins(where, "postgres://") || begins(where, "postgresql://") || is_words(where);
}

static const char *option(const PQconninfoOption *options, const char *keyword)
{
    for (; options->keyword; options++)
        if (strcmp(options->keyword, keyword) == 0)
            return options->val;
    return NULL;
}

/* Returns whether the options contain a secret, which libpq marks. */
static bool has_secret(const PQconninfoOption *options)
{
    for (; options->keyword; options++)
        if (options->val && options->dispchar[0] == '*')
            return true;
    return false;
}

static char *describe_options(const PQconninfoOption *options)
{
    static const char *const names[] = {"user", "host", "port", "dbname", "options"};
    static const char *const before[] = {"", "@", ":", "/", "?options="};
    struct strbuf text = STRBUF_INIT(4096);
    int rc = strbuf_addf(&text, NULL, "postgresql://");
    size_t start = text.length;
    for (size_t i = 0; !rc && i < sizeof names / sizeof *names; i++) {
        const char *value = option(options, names[i]);
        if (value)
            rc = strbuf_addf(&text, NULL, "%s%s", text.length > start ? before[i] : "", value);
    }
    AUTO_FREE char *taken = strbuf_take(&text);
    return text_printable(taken, strlen(taken));
}

char *postgres_describe(const char *where)
{
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(where, &message);
    PQfreemem(message);
    if (!options)
        return xstrdup("postgresql://...");
    char *name =
        has_secret(options) ? describe_options(options) : text_printable(where, strlen(where));
    PQconninfoFree(options);
    return name;
}

/* Checks the address without libpq's message, which may quote the password. */
static int check_address(const struct postgres *p, struct error *err)
{
    PQconninfoOption *options = PQconninfoParse(p->where, NULL);
    if (!options)
        return error_set(err, ERR_INVALID,
                         "the gallery's address is not one that PostgreSQL's library understands: "
                         "write --gallery postgresql://USER@HOST:PORT/DATABASE (put a password in "
                         "~/.pgpass; other characters than letters and digits as %%XX)");
    PQconninfoFree(options);
    return 0;
}

static int cannot_connect(struct postgres *p, struct error *err)
{
    struct error why = ERROR_INIT;
    const char *said = PQerrorMessage(p->conn);
    AUTO_FREE char *line = text_printable(said, strcspn(said, "\n"));
    int rc = postgres_error(p, NULL, &why);
    error_set(err, rc,
              "cannot connect to the gallery %s: %s; check that the server runs and that the "
              "address is right",
              p->store.name, line);
    postgres_disconnect(p);
    return rc;
}

/* Of several hosts, a writing program needs the one that accepts writes, even if the address
 * prefers another for reading. */
static const char *wanted_session(const struct postgres *p)
{
    PQconninfoOption *options = p->mode == STORE_WRITE ? PQconninfoParse(p->where, NULL) : NULL;
    if (!options)
        return NULL;
    const char *host = option(options, "host"), *address = option(options, "hostaddr");
    bool several = (host && strchr(host, ',')) || (address && strchr(address, ','));
    PQconninfoFree(options);
    return several ? "read-write" : NULL;
}

/* The keywords of a connection. A later one overrides an earlier one. */
struct words {
    const char *keywords[64], *values[64];
    size_t n;
};

static void add_word(struct words *w, const char *keyword, const char *value)
{
    if (!value || w->n + 1 == sizeof w->values / sizeof *w->values)
        return;
    w->keywords[w->n] = keyword;
    w->values[w->n++] = value;
}

/* Takes a search_path out of the options of an address: poolers refuse options, or drop them. */
static void split_options(struct postgres *p, const char *options, char **ret_rest)
{
    static const char name[] = "search_path=";
    const char *at = strstr(options, name);
    const char *begin = at;
    while (begin && begin > options && begin[-1] == ' ')
        begin--;
    if (!at || begin < options + 2 || strncmp(begin - 2, "-c", 2) != 0 ||
        strchr(at, '\\')) /* an escaped space */
        return;
    size_t length = strcspn(at, " ");
    free(p->address_path);
    p->address_path = xstrndup(at + strlen(name), length - strlen(name));
    *ret_rest = xasprintf("%.*s%s", (int)(begin - 2 - options), options, at + length);
}

static int dial(struct postgres *p, struct error *err)
{
    struct words w = {.n = 0};
    int rc = check_address(p, err);
    if (rc)
        return rc;
    PQconninfoOption *address = PQconninfoParse(p->where, NULL);
    AUTO_FREE char *rest = NULL;
    if (option(address, "options"))
        split_options(p, option(address, "options"), &rest);
    add_word(&w, "connect_timeout", "15");
    add_word(&w, "keepalives_idle", "30");
    add_word(&w, "tcp_user_timeout", "60000");
    add_word(&w, "fallback_application_name", "keepsake");
    for (const PQconninfoOption *o = address; o && o->keyword; o++)
        add_word(&w, o->keyword, strcmp(o->keyword, "options") == 0 && rest ? rest : o->val);
    add_word(&w, "client_encoding", "UTF8");
    add_word(&w, "target_session_attrs", wanted_session(p));
    p->conn = PQconnectdbParams(w.keywords, w.values, 0);
    PQconninfoFree(address);
    if (!p->conn)
        memory_exhausted(sizeof w);
    PQsetNoticeReceiver(p->conn, postgres_receive_notice, p);
    if (PQstatus(p->conn) != CONNECTION_OK)
        return cannot_connect(p, err);
    if (PQserverVersion(p->conn) < POSTGRES_OLDEST_SERVER)
        return error_set(err, ERR_UNSUPPORTED,
                         "the server of the gallery %s is PostgreSQL %d, and keepsake needs 13 or "
                         "newer: update it, or give another gallery with --gallery",
                         p->store.name, PQserverVersion(p->conn) / 10000);
    return 0;
}

/* The first schema of the search_path, even if it does not exist yet: the next one would be another
 * gallery. */
#define FIRST_SCHEMA                                                                             \
    "(SELECT CASE WHEN first = '\"$user\"' THEN current_schema()::text"                          \
    " WHEN first LIKE '\"%\"' THEN replace(substr(first, 2, length(first) - 2), '\"\"', '\"')"   \
    " ELSE lower(first) END"                                                                     \
    " FROM (SELECT trim(split_part(coalesce($3::text, current_setting('search_path')), ',', 1))" \
    " AS first) AS p)"

/* jit is off because compilation takes longer than any of keepsake's queries. All settings are one
 * statement, because over a slow network each statement takes as long as the search itself. $1: the
 * schema, if known already; $2: whether the session is read-only; $3: the search_path of the
 * address; $4: the process that this connection seems to lead to. It is another one behind a
 * pooler, where the settings are for this statement only. */
#define IS_POOLED "(pg_backend_pid() <> $4::integer)"
static const char session_sql[] =
    "WITH own AS MATERIALIZED (SELECT coalesce($1::text, " FIRST_SCHEMA ") AS schema),"
    " extension AS MATERIALIZED (SELECT n.nspname::text AS schema, e.extversion FROM pg_extension"
    " AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'vector')"
    " SELECT own.schema, current_setting('server_encoding'), extension.schema,"
    " extension.extversion,"
    " to_regclass(quote_ident(own.schema) || '.keepsake_gallery') IS NOT NULL,"
    " set_config('jit', 'off', " IS_POOLED "),"
    " CASE WHEN $2::boolean THEN set_config('default_transaction_read_only', 'on', " IS_POOLED
    ") END,"
    " set_config('search_path', quote_ident(own.schema) || ', ' ||"
    " quote_ident(coalesce(extension.schema, own.schema)), " IS_POOLED "), " IS_POOLED
    " FROM own LEFT JOIN extension ON true";

static int check_session(const struct postgres *p, const PGresult *row, struct error *err)
{
    if (strcmp(value_bytes(row, 0, 1), "UTF8") != 0)
        return error_set(err, ERR_UNSUPPORTED,
                         "the database of the gallery %s has the encoding %s, which cannot store "
                         "every path: make one with CREATE DATABASE gallery ENCODING 'UTF8' "
                         "TEMPLATE template0",
                         p->store.name, value_bytes(row, 0, 1));
    if (!PQgetlength(row, 0, 0))
        return error_set(err, ERR_DENIED,
                         "the user of the gallery %s has no schema to put it in: add "
                         "?options=-csearch_path%%3DNAME to its address",
                         p->store.name);
    return 0;
}

/* Returns the statement that makes the settings for one transaction. The caller frees it. */
static char *settings_sql(const struct postgres *p, const char *search_path)
{
    char *path = PQescapeLiteral(p->conn, search_path, strlen(search_path));
    if (!path)
        memory_exhausted(strlen(search_path));
    char *sql = xasprintf(
        "SELECT set_config('search_path', %s, true), set_config('jit', 'off', "
        "true)%s",
        path, p->mode == STORE_READ ? ", set_config('transaction_read_only', 'on', true)" : "");
    PQfreemem(path);
    return sql;
}

int postgres_set_session(struct postgres *p, struct error *err)
{
    struct postgres_args args = {0};
    PGresult *owned;
    args_text(&args, p->schema);
    args_int(&args, p->mode == STORE_READ);
    args_text(&args, p->address_path);
    args_int(&args, PQbackendPID(p->conn));
    int rc = postgres_query(p, session_sql, &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    rc = check_session(p, row, err);
    if (rc)
        return rc;
    if (!p->schema)
        p->schema = value_copy(row, 0, 0);
    free(p->extension_schema);
    p->extension_schema = PQgetisnull(row, 0, 2) ? NULL : value_copy(row, 0, 2);
    value_text(row, 0, 3, p->pgvector, sizeof p->pgvector);
    p->is_gallery = value_int(row, 0, 4);
    p->pooled = value_int(row, 0, 8);
    free(p->enter_sql);
    p->enter_sql = p->pooled ? settings_sql(p, value_bytes(row, 0, 7)) : NULL;
    return 0;
}

int postgres_refuse_pooler(const struct postgres *p, const char *what, struct error *err)
{
    if (!p->pooled)
        return 0;
    return error_set(err, ERR_UNSUPPORTED,
                     "%s does not work through a connection pooler, which is in front of the "
                     "gallery %s: give the address of the server itself",
                     what, p->store.name);
}

int postgres_connect(struct postgres *p, struct error *err)
{
    if (p->conn)
        return 0;
    int rc = dial(p, err);
    if (!rc)
        rc = postgres_set_session(p, err);
    if (rc)
        postgres_disconnect(p);
    return rc;
}

void postgres_disconnect(struct postgres *p)
{
    PQfinish(p->conn);
    p->conn = NULL;
    p->parsed = NULL;
    p->pooled = p->listens = false;
}
