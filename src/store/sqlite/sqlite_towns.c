/* SPDX-License-Identifier: MIT */
/* Lists where photos were taken, and changes the names of their places. */
#include "store/sqlite/sqlite_internal.h"
#include "store/towns.h"

/* Columns of struct store_sums, then the number of photos and the cover. */
#define SUMS                                                                 \
    "count(latitude), sum(latitude), sum(longitude),"                        \
    " sum(CASE WHEN longitude < 0 THEN longitude + 360 ELSE longitude END)," \
    " min(longitude), max(longitude), count(*), max(id)"
#define IS_LOCATED "latitude IS NOT NULL AND longitude IS NOT NULL"

static struct store_sums read_sums(sqlite3_stmt *row, int column)
{
    return (struct store_sums){
        .located = sqlite3_column_int64(row, column),
        .latitude = sqlite3_column_double(row, column + 1),
        .longitude = sqlite3_column_double(row, column + 2),
        .shifted = sqlite3_column_double(row, column + 3),
        .west = sqlite3_column_double(row, column + 4),
        .east = sqlite3_column_double(row, column + 5),
    };
}

static const char *text_of(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text ? text : "";
}

int sqlite_read_towns(struct store *store,
                      int (*each)(void *context, const struct store_town *town), void *context,
                      struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has;
    int stopped = 0, rc = sqlite_follow_format(s, 4, &has, err);
    if (rc)
        return rc;
    struct query q = query_start(
        s, has ? "SELECT country, country_code, region, town, " SUMS
                 " FROM photo WHERE town IS NOT NULL OR country IS NOT NULL OR (" IS_LOCATED
                 ") GROUP BY 1, 2, 3, 4"
               : "SELECT '', '', '', '', " SUMS " FROM photo WHERE " IS_LOCATED
                 " HAVING count(*) > 0");
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        struct store_town town = {.country = text_of(q.statement, 0),
                                  .country_code = text_of(q.statement, 1),
                                  .region = text_of(q.statement, 2),
                                  .town = text_of(q.statement, 3),
                                  .photos = sqlite3_column_int64(q.statement, 10),
                                  .cover = sqlite3_column_int64(q.statement, 11)};
        struct store_sums sums = read_sums(q.statement, 4);
        town.located = sums.located;
        store_mean_place(&sums, &town.latitude, &town.longitude);
        stopped = each(context, &town);
    }
    query_end(&q);
    return stopped ? stopped : rc;
}

int sqlite_read_clusters(struct store *store, const struct store_area *area, double cell,
                         int (*each)(void *context, const struct store_cluster *cluster),
                         void *context, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int stopped = 0, rc = sqlite_follow(s, err);
    if (rc)
        return rc;
    struct query q = query_start(
        s, "SELECT " SUMS " FROM photo WHERE latitude BETWEEN ?1 AND ?2 AND CASE WHEN ?3 <= ?4 THEN"
           " longitude BETWEEN ?3 AND ?4 ELSE longitude >= ?3 OR longitude <= ?4 END"
           " GROUP BY CAST((latitude + 90) / ?5 AS INTEGER),"
           " CAST((longitude + 180) / ?5 AS INTEGER)");
    query_double(&q, area->south);
    query_double(&q, area->north);
    query_double(&q, area->west);
    query_double(&q, area->east);
    query_double(&q, cell);
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        struct store_cluster cluster = {.photos = sqlite3_column_int64(q.statement, 6),
                                        .cover = sqlite3_column_int64(q.statement, 7)};
        struct store_sums sums = read_sums(q.statement, 0);
        store_mean_place(&sums, &cluster.latitude, &cluster.longitude);
        stopped = each(context, &cluster);
    }
    query_end(&q);
    return stopped ? stopped : rc;
}

int sqlite_read_located(struct store *store, bool all,
                        int (*each)(void *context, const struct store_located *located),
                        void *context, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has;
    int stopped = 0, rc = sqlite_follow_format(s, 4, &has, err);
    if (rc || !has)
        return rc;
    struct query q = query_start(s, "SELECT id, latitude, longitude, town, region, country,"
                                    " country_code FROM photo"
                                    " WHERE " IS_LOCATED " AND (? OR town IS NULL)");
    query_int(&q, all);
    while (!stopped && (rc = query_next(&q, err)) > 0)
        stopped = each(context,
                       &(struct store_located){.id = sqlite3_column_int64(q.statement, 0),
                                               .latitude = sqlite3_column_double(q.statement, 1),
                                               .longitude = sqlite3_column_double(q.statement, 2),
                                               .town = text_of(q.statement, 3),
                                               .region = text_of(q.statement, 4),
                                               .country = text_of(q.statement, 5),
                                               .country_code = text_of(q.statement, 6)});
    query_end(&q);
    return stopped ? stopped : rc;
}

static void bind_name(struct query *q, const char *name)
{
    query_text(q, name[0] ? name : NULL);
}

static int set_places(struct sqlite *s, const struct store_place_names *places, size_t n,
                      struct error *err)
{
    int64_t all = 0;
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++) {
        int64_t changed = 0;
        struct query q = query_start(s, "UPDATE photo SET town = ?, region = ?, country = ?,"
                                        " country_code = ? WHERE id = ?");
        bind_name(&q, places[i].town);
        bind_name(&q, places[i].region);
        bind_name(&q, places[i].country);
        bind_name(&q, places[i].country_code);
        query_int(&q, places[i].id);
        rc = query_run(&q, &changed, err);
        all += changed;
    }
    return rc || !all ? rc : sqlite_count_change(s, err);
}

int sqlite_set_places(struct store *store, const struct store_place_names *places, size_t n,
                      struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_begin_write(s, err);
    return rc ? rc : sqlite_finish(s, set_places(s, places, n, err), err);
}
