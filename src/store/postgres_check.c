#include <stdio.h>

#include "store/postgres.h"

struct server {
    char version[64];
    int64_t broken; /* vector indexes that a build left unfinished */
};

static int read_server(struct postgres *p, void *context, struct error *err)
{
    struct server *server = context;
    PGresult *owned;
    int rc = postgres_query(p,
                            "SELECT current_setting('server_version'), (SELECT count(*) FROM"
                            " pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid"
                            " WHERE i.indrelid = 'image_gallery'::regclass AND NOT i.indisvalid)",
                            NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    value_text(row, 0, 0, server->version, sizeof server->version);
    server->broken = value_int(row, 0, 1);
    return 0;
}

struct records {
    bool has;
    int64_t labels, entries, guards;
};

static int read_records(struct postgres *p, void *context, struct error *err)
{
    struct records *r = context;
    PGresult *owned;
    int rc = postgres_has_records(p, &r->has, err);
    if (rc || !r->has)
        return rc;
    rc = postgres_query(p,
                        "SELECT (SELECT count(*) FROM keepsake_label), (SELECT count(*) FROM"
                        " keepsake_ledger), (SELECT count(*) FROM pg_trigger WHERE tgrelid ="
                        " 'keepsake_ledger'::regclass AND tgname = 'keepsake_ledger_never_changes'"
                        " AND tgenabled IN ('O', 'A'))",
                        NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    r->labels = value_int(row, 0, 0);
    r->entries = value_int(row, 0, 1);
    r->guards = value_int(row, 0, 2);
    return 0;
}

static void check_records(struct postgres *p,
                          void (*each)(void *context, const struct store_finding *finding),
                          void *context)
{
    char sentence[128];
    struct records r = {.has = false};
    struct error why;
    if (postgres_attempt(p, read_records, &r, &why)) {
        each(context, &(struct store_finding){"labels", STORE_BAD, why.message});
        return;
    }
    if (!r.has) {
        each(context, &(struct store_finding){"labels", STORE_WARNING, STORE_NO_RECORDS});
        return;
    }
    snprintf(sentence, sizeof sentence, "%lld labels", (long long)r.labels);
    each(context, &(struct store_finding){"labels", STORE_GOOD, sentence});
    snprintf(sentence, sizeof sentence, "%lld entries, which the server refuses to change",
             (long long)r.entries);
    each(context, r.guards ? &(struct store_finding){"ledger", STORE_GOOD, sentence}
                           : &(struct store_finding){"ledger", STORE_BAD, STORE_UNGUARDED});
}

void postgres_check(struct postgres *p,
                    void (*each)(void *context, const struct store_finding *finding), void *context)
{
    char sentence[256];
    struct server server;
    struct error why;
    struct store_finding finding = {"server", STORE_GOOD, sentence};
    if (postgres_attempt(p, read_server, &server, &why)) {
        finding.verdict = STORE_BAD;
        finding.sentence = why.message;
        each(context, &finding);
        return;
    }
    snprintf(sentence, sizeof sentence, "PostgreSQL %s with pgvector %s", server.version,
             p->pgvector);
    each(context, &finding);
    check_records(p, each, context);
    if (server.broken == 0)
        return;
    finding.verdict = STORE_BAD;
    snprintf(sentence, sizeof sentence,
             "%lld indexes of image_gallery are unfinished: the next `keepsake index` makes them "
             "anew",
             (long long)server.broken);
    each(context, &finding);
}
