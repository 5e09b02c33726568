/* SPDX-License-Identifier: MIT */
/* Turns an SQLSTATE or a connection failure into an error with advice. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "store/postgres/postgres_internal.h"

/* Returns the text as one printable line without libpq's indentation and final full stop. */
static char *one_line(const char *text)
{
    AUTO_FREE char *line = xmalloc(strlen(text) + 1);
    size_t length = 0;
    for (; *text; text++) {
        bool blank = *text == '\n' || *text == '\t' || *text == ' ';
        if (!blank || (length && line[length - 1] != ' '))
            line[length++] = blank ? ' ' : *text;
    }
    while (length && (line[length - 1] == ' ' || line[length - 1] == '.'))
        length--;
    return text_printable(line, length);
}

void postgres_notice(struct postgres *p, const char *format, ...)
{
    if (!p->options.notice)
        return;
    va_list args;
    va_start(args, format);
    AUTO_FREE char *sentence = xvasprintf(format, args);
    va_end(args);
    p->options.notice(p->options.context, sentence);
}

void postgres_receive_notice(void *context, const PGresult *result)
{
    static const struct {
        int field;
        const char *before;
    } fields[] = {{PG_DIAG_MESSAGE_PRIMARY, ""},
                  {PG_DIAG_MESSAGE_DETAIL, "; "},
                  {PG_DIAG_MESSAGE_HINT, "; "}};
    struct strbuf text = STRBUF_INIT(4096);
    int rc = 0;
    for (size_t i = 0; !rc && i < sizeof fields / sizeof *fields; i++) {
        const char *value = PQresultErrorField(result, fields[i].field);
        if (value)
            rc = strbuf_addf(&text, NULL, "%s%s", text.length ? fields[i].before : "", value);
    }
    AUTO_FREE char *line = one_line(text.data ? text.data : PQresultErrorMessage(result));
    strbuf_release(&text);
    postgres_notice(context, "PostgreSQL: %s", line);
}

enum kind {
    KIND_OTHER,
    KIND_LOST,
    KIND_CONFLICT,
    KIND_LOCK,
    KIND_TIMEOUT,
    KIND_DISK,
    KIND_MEMORY,
    KIND_READ_ONLY,
    KIND_DENIED,
    KIND_TABLES,
    KIND_DAMAGED,
    KIND_LIMIT,
};

/* https://www.postgresql.org/docs/current/errcodes-appendix.html; the first matching prefix
 * applies. */
static const struct {
    const char *sqlstate;
    enum kind kind;
    enum postgres_failure failure;
} kinds[] = {
    {"08", KIND_LOST, POSTGRES_LOST},         /* connection */
    {"57P", KIND_LOST, POSTGRES_LOST},        /* shut down, starting up, idle for too long */
    {"25P03", KIND_LOST, POSTGRES_LOST},      /* idle in a transaction for too long */
    {"53300", KIND_LOST, POSTGRES_LOST},      /* too many connections */
    {"40", KIND_CONFLICT, POSTGRES_AGAIN},    /* serialization failure, deadlock */
    {"23505", KIND_CONFLICT, POSTGRES_AGAIN}, /* another process added that path first */
    {"55P03", KIND_LOCK, POSTGRES_AGAIN},     /* lock_timeout */
    {"57014", KIND_TIMEOUT, POSTGRES_AGAIN},  /* statement_timeout, or cancelled by hand */
    {"53100", KIND_DISK, POSTGRES_FINAL},      {"53200", KIND_MEMORY, POSTGRES_FINAL},
    {"25006", KIND_READ_ONLY, POSTGRES_FINAL}, {"42501", KIND_DENIED, POSTGRES_FINAL},
    {"42P01", KIND_TABLES, POSTGRES_FINAL},    {"42703", KIND_TABLES, POSTGRES_FINAL},
    {"3F", KIND_TABLES, POSTGRES_FINAL},       {"XX", KIND_DAMAGED, POSTGRES_FINAL},
    {"54", KIND_LIMIT, POSTGRES_FINAL},
};

static int say_kind(const struct postgres *p, enum kind kind, const char *why, struct error *err)
{
    switch (kind) {
    case KIND_LOST:
        return error_set(err, ERR_NETWORK,
                         "the connection to the gallery %s was lost (%s): check the server and "
                         "run the command again; completed work is kept",
                         p->store.name, why);
    case KIND_CONFLICT:
        return error_set(err, ERR_IO,
                         "other programs keep changing the gallery %s at the same time (%s): run "
                         "the command again",
                         p->store.name, why);
    case KIND_LOCK:
        return error_set(err, ERR_IO,
                         "another program keeps the gallery %s locked for longer than the "
                         "server's lock_timeout: wait until it has finished and run the command "
                         "again",
                         p->store.name);
    case KIND_TIMEOUT:
        return error_set(err, ERR_IO,
                         "the server of the gallery %s stopped a statement that took too long "
                         "(%s): raise statement_timeout for this user, or add "
                         "options=-cstatement_timeout%%3D0 to the gallery's address",
                         p->store.name, why);
    case KIND_DISK:
        return error_set(err, ERR_IO,
                         "the disk of the server of the gallery %s is full (%s): nothing of this "
                         "batch was stored; free some space there and run the command again",
                         p->store.name, why);
    case KIND_MEMORY:
        return error_set(err, ERR_NO_MEMORY,
                         "the server of the gallery %s does not have enough memory: %s",
                         p->store.name, why);
    case KIND_READ_ONLY:
        return error_set(
            err, ERR_DENIED,
            "the gallery %s is read-only here (%s): give the address of its writable server",
            p->store.name, why);
    case KIND_DENIED:
        return error_set(
            err, ERR_DENIED,
            "the user of the gallery %s may not do this: %s; ask its owner to GRANT it",
            p->store.name, why);
    case KIND_TABLES:
        return error_set(err, ERR_CORRUPT,
                         "the tables of the gallery %s were changed by another program: %s",
                         p->store.name, why);
    case KIND_DAMAGED:
        return error_set(err, ERR_CORRUPT,
                         "the server of the gallery %s found damaged data: %s; restore a backup",
                         p->store.name, why);
    case KIND_LIMIT:
        return error_set(err, ERR_LIMIT, "the server of the gallery %s has reached a limit: %s",
                         p->store.name, why);
    default:
        return error_set(err, ERR_IO, "the server of the gallery %s refused: %s", p->store.name,
                         why);
    }
}

int postgres_error(struct postgres *p, const PGresult *result, struct error *err)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *message = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    if (!message)
        message = result && PQresultErrorMessage(result)[0] ? PQresultErrorMessage(result)
                                                            : PQerrorMessage(p->conn);
    AUTO_FREE char *why = one_line(message[0] ? message : "no reason was given");
    enum kind kind = KIND_OTHER;
    p->failure = POSTGRES_FINAL;
    snprintf(p->sqlstate, sizeof p->sqlstate, "%s", state ? state : "");
    for (size_t i = 0; state && i < sizeof kinds / sizeof *kinds; i++) {
        if (strncmp(state, kinds[i].sqlstate, strlen(kinds[i].sqlstate)) != 0)
            continue;
        kind = kinds[i].kind;
        p->failure = kinds[i].failure;
        break;
    }
    /* An error without an SQLSTATE comes from libpq and concerns the connection, whose status may
     * still be good. */
    if ((!state || PQstatus(p->conn) == CONNECTION_BAD) && kind != KIND_LOST) {
        kind = KIND_LOST;
        p->failure = POSTGRES_LOST;
    }
    return say_kind(p, kind, why, err);
}
