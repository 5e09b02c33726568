/* SPDX-License-Identifier: MIT */
/* Checks a PostgreSQL gallery: server, tables and indexes. */
#include <stdio.h>

#include "store/postgres/postgres_internal.h"

struct server {
    char version[64];
    int64_t broken; /* number of keepsake's unfinished vector indexes */
};

static int read_server(struct postgres *p, void *context, struct error *err)
{
    struct server *server = context;
    PGresult *owned;
    int rc = postgres_query(p,
                            "SELECT current_setting('server_version'), (SELECT count(*) FROM"
                            " pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid"
                            " WHERE i.indrelid = 'image_gallery'::regclass AND NOT i.indisvalid AND"
                            " c.relname IN ('" POSTGRES_INDEX "', '" POSTGRES_NEW_INDEX "'))",
                            NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    value_text(row, 0, 0, server->version, sizeof server->version);
    server->broken = value_int(row, 0, 1);
    return 0;
}

static int find_odd(struct postgres *p, void *context, struct error *err)
{
    return postgres_find_odd(p, context, err);
}

static void check_objects(struct postgres *p,
                          void (*each)(void *context, const struct store_finding *finding),
                          void *context)
{
    char *found = NULL;
    struct error why;
    int rc = postgres_attempt(p, find_odd, &found, &why);
    AUTO_FREE char *sentence = rc ? NULL : found;
    struct store_finding finding = {"tables", STORE_BAD, rc ? why.message : sentence};
    if (!rc && !sentence)
        finding = (struct store_finding){"tables", STORE_GOOD,
                                         "keepsake's tables are as it makes them, and nothing of "
                                         "other programs hangs on them"};
    each(context, &finding);
}

static int find_lost(struct postgres *p, void *context, struct error *err)
{
    return postgres_find_lost(p, context, err);
}

static void check_lost(struct postgres *p,
                       void (*each)(void *context, const struct store_finding *finding),
                       void *context)
{
    char *found = NULL;
    struct error why;
    int rc = postgres_attempt(p, find_lost, &found, &why);
    AUTO_FREE char *lost = rc ? NULL : found;
    if (!rc && !lost)
        return;
    AUTO_FREE char *sentence = xasprintf(
        "gone, or not as this keepsake makes it: %s; rows of other programs, or their searches, "
        "may be wrong until the next `keepsake index` by the gallery's owner makes it again",
        lost ? lost : "");
    struct store_finding finding = {"triggers", rc ? STORE_BAD : STORE_WARNING,
                                    rc ? why.message : sentence};
    each(context, &finding);
}

void postgres_check(struct store *store,
                    void (*each)(void *context, const struct store_finding *finding), void *context)
{
    struct postgres *p = postgres_of(store);
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
    AUTO_FREE char *fault = postgres_version_fault(p->pgvector, p->settings.index.built);
    if (fault) {
        finding.verdict = STORE_WARNING;
        finding.sentence = fault;
    }
    each(context, &finding);
    finding.sentence = sentence;
    check_objects(p, each, context);
    check_lost(p, each, context);
    postgres_check_all_records(p, each, context);
    if (postgres_tell_foreign(p, each, context, &why)) {
        struct store_finding failed = {"index", STORE_BAD, why.message};
        each(context, &failed);
    }
    if (server.broken == 0)
        return;
    finding.verdict = STORE_BAD;
    snprintf(sentence, sizeof sentence,
             "%lld indexes of image_gallery are unfinished: the next `keepsake index` rebuilds "
             "them",
             (long long)server.broken);
    each(context, &finding);
}
