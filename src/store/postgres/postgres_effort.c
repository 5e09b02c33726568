/* SPDX-License-Identifier: MIT */
/* Estimates how many photos a filter leaves, which decides whether a search uses the index. */
#include <stdio.h>
#include <stdlib.h>

#include "store/postgres/postgres_effort.h"
#include "store/postgres/postgres_internal.h"

/* A sample of about this many photos, and one more for each SAMPLE_GROWTH of the gallery: the share
 * of POSTGRES_FEW_PHOTOS photos is then some photos of the sample in any gallery. It is always the
 * same sample, so that its pages stay in memory. */
#define SAMPLE_PHOTOS 800
#define SAMPLE_GROWTH 5000

struct estimate {
    const struct criteria *where;
    bool few;
};

static int take_estimate(struct postgres *p, void *context, struct error *err)
{
    struct estimate *e = context;
    struct postgres_args args = {0};
    PGresult *owned;
    int64_t photos = p->settings.index.built_photos;
    photos = photos > 1 ? photos : 1;
    int64_t rows = SAMPLE_PHOTOS + photos / SAMPLE_GROWTH;
    double percent = rows < photos ? 100.0 * (double)rows / (double)photos : 100;
    AUTO_CRITERIA_SQL filter = postgres_filter_sql(p, e->where, &args);
    AUTO_FREE char *sql = xasprintf(
        "SELECT count(*) FILTER (WHERE %s), count(*), (SELECT greatest(reltuples, 0)::bigint FROM"
        " pg_class WHERE oid = 'image_gallery'::regclass) FROM image_gallery TABLESAMPLE SYSTEM"
        " (%.9f) REPEATABLE (1)",
        filter.text.data, percent);
    int rc = postgres_query(p, sql, &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    double fitting = (double)value_int(row, 0, 0), seen = (double)value_int(row, 0, 1);
    int64_t now = value_int(row, 0, 2);
    photos = now > photos ? now : photos;
    double few = (double)postgres_option(p->settings.index.options, "exact_below",
                                         strtoll(POSTGRES_FEW_PHOTOS, NULL, 10));
    e->few = seen > 0 && fitting / seen * (double)photos < few;
    return 0;
}

int postgres_leaves_few(struct postgres *p, const struct criteria *where, bool *ret_few,
                        struct error *err)
{
    struct estimate estimate = {.where = where};
    int rc = postgres_attempt(p, take_estimate, &estimate, err);
    if (!rc)
        *ret_few = estimate.few;
    return rc;
}
