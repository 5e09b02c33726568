/* SPDX-License-Identifier: MIT */
/* Brings the planner's statistics of the photos up to date after much was added. */
#include "store/postgres/postgres_internal.h"

/* Without statistics the planner starts parallel workers for a search among few photos, which takes
 * eight times as long until autovacuum has come by. The table, or a partition of it, counts as
 * grown when it has a fifth more pages than the statistics know of. */
#define GROWN                                    \
    "EXISTS (SELECT FROM " POSTGRES_PHOTO_TABLES \
    " AND pg_relation_size(c.oid) / 8192 > 20 + 1.2 * c.relpages)"

/* Another user's table is skipped, as is one that somebody else has locked, without a warning:
 * autovacuum comes later. */
#define ANALYZE "ANALYZE (SKIP_LOCKED) image_gallery"

static int analyze_shards(struct postgres *p, struct error *err)
{
    const char *statement = "DO $do$ BEGIN IF " GROWN " THEN SET LOCAL client_min_messages = error;"
                            " " ANALYZE "; END IF; END $do$";
    return p->written ? postgres_shards_run(p, &statement, 1, err) : 0;
}

int postgres_analyze_grown(struct postgres *p, struct error *err)
{
    PGresult *owned;
    if (p->settings.shards)
        return analyze_shards(p, err);
    int rc = postgres_query(p, "SELECT " GROWN, NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    if (!value_int(row, 0, 0))
        return 0;
    return postgres_script(p, "BEGIN; SET LOCAL client_min_messages = error; " ANALYZE "; COMMIT",
                           err);
}
