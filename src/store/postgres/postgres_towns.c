/* SPDX-License-Identifier: MIT */
/* Lists where photos were taken, and changes the names of their places. */
#include "store/postgres/postgres_internal.h"
#include "store/towns.h"

/* Columns of struct store_sums, then the number of photos and the cover: of a shard, and of all. */
#define SHARD_SUMS                                                                      \
    "count(latitude) AS located, sum(latitude) AS lat, sum(longitude) AS lon,"          \
    " sum(CASE WHEN longitude < 0 THEN longitude + 360 ELSE longitude END) AS shifted," \
    " min(longitude) AS west, max(longitude) AS east, count(*) AS photos, max(id) AS cover"
#define SUMS                                                                        \
    "sum(located)::bigint, sum(lat), sum(lon), sum(shifted), min(west), max(east)," \
    " sum(photos)::bigint, max(cover)::bigint"
#define IS_LOCATED "latitude IS NOT NULL AND longitude IS NOT NULL"

static struct store_sums read_sums(const PGresult *rows, int row, int column)
{
    return (struct store_sums){
        .located = value_int(rows, row, column),
        .latitude = value_double(rows, row, column + 1),
        .longitude = value_double(rows, row, column + 2),
        .shifted = value_double(rows, row, column + 3),
        .west = value_double(rows, row, column + 4),
        .east = value_double(rows, row, column + 5),
    };
}

/* ---- towns ---- */

static int fetch_towns(struct postgres *p, void *context, struct error *err)
{
    bool has;
    int rc = postgres_has_format(p, 4, &has, err);
    if (rc)
        return rc;
    AUTO_FREE char *shards = postgres_each_shard_sql(
        p,
        has ? "SELECT country, country_code, region, town, " SHARD_SUMS " FROM "
            : "SELECT NULL::text AS country, NULL::text AS country_code, NULL::text AS region,"
              " NULL::text AS town, " SHARD_SUMS " FROM ",
        has ? " WHERE town IS NOT NULL OR country IS NOT NULL OR (" IS_LOCATED
              ") GROUP BY country, country_code, region, town"
            : " WHERE " IS_LOCATED);
    AUTO_FREE char *sql = xasprintf("SELECT country, country_code, region, town, " SUMS
                                    " FROM (%s) AS u GROUP BY country, country_code, region, town"
                                    " HAVING sum(photos) > 0",
                                    shards);
    return postgres_query(p, sql, NULL, context, err);
}

int postgres_read_towns(struct store *store,
                        int (*each)(void *context, const struct store_town *town), void *context,
                        struct error *err)
{
    PGresult *owned;
    int rc = postgres_attempt(postgres_of(store), fetch_towns, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = owned;
    for (int i = 0; !rc && i < PQntuples(rows); i++) {
        AUTO_FREE char *country = value_copy(rows, i, 0);
        AUTO_FREE char *code = value_copy(rows, i, 1);
        AUTO_FREE char *region = value_copy(rows, i, 2);
        AUTO_FREE char *name = value_copy(rows, i, 3);
        struct store_sums sums = read_sums(rows, i, 4);
        struct store_town town = {.country = country,
                                  .country_code = code,
                                  .region = region,
                                  .town = name,
                                  .photos = value_int(rows, i, 10),
                                  .located = sums.located,
                                  .cover = value_int(rows, i, 11)};
        store_mean_place(&sums, &town.latitude, &town.longitude);
        rc = each(context, &town);
    }
    return rc;
}

/* ---- clusters ---- */

struct clusters {
    const struct store_area *area;
    double cell;
    PGresult *rows;
};

#define CELL(coordinate, least) "floor((" coordinate " + " least ") / $5::double precision)"

static int fetch_clusters(struct postgres *p, void *context, struct error *err)
{
    struct clusters *c = context;
    struct postgres_args args = {0};
    const double numbers[] = {c->area->south, c->area->north, c->area->west, c->area->east,
                              c->cell};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        args_double(&args, numbers[i]);
    AUTO_FREE char *shards = postgres_each_shard_sql(
        p,
        "SELECT " CELL("latitude", "90") " AS y, " CELL("longitude", "180") " AS x, " SHARD_SUMS
                                                                            " FROM ",
        " WHERE latitude >= $1::double precision AND latitude <= $2::double precision AND"
        " CASE WHEN $3::double precision <= $4::double precision THEN longitude >="
        " $3::double precision AND longitude <= $4::double precision ELSE longitude >="
        " $3::double precision OR longitude <= $4::double precision END GROUP BY 1, 2");
    AUTO_FREE char *sql = xasprintf("SELECT " SUMS " FROM (%s) AS u GROUP BY y, x", shards);
    return postgres_query(p, sql, &args, &c->rows, err);
}

int postgres_read_clusters(struct store *store, const struct store_area *area, double cell,
                           int (*each)(void *context, const struct store_cluster *cluster),
                           void *context, struct error *err)
{
    struct clusters c = {.area = area, .cell = cell};
    int rc = postgres_attempt(postgres_of(store), fetch_clusters, &c, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = c.rows;
    for (int i = 0; !rc && i < PQntuples(rows); i++) {
        struct store_sums sums = read_sums(rows, i, 0);
        struct store_cluster cluster = {.photos = value_int(rows, i, 6),
                                        .cover = value_int(rows, i, 7)};
        store_mean_place(&sums, &cluster.latitude, &cluster.longitude);
        rc = each(context, &cluster);
    }
    return rc;
}

/* ---- the names of places ---- */

struct located {
    bool all;
    PGresult *rows; /* NULL: the gallery is older than the names */
};

static int fetch_located(struct postgres *p, void *context, struct error *err)
{
    struct located *l = context;
    bool has;
    int rc = postgres_has_format(p, 4, &has, err);
    l->rows = NULL;
    if (rc || !has)
        return rc;
    AUTO_FREE char *sql = postgres_each_shard_sql(
        p, "SELECT id::bigint, latitude, longitude, town, region, country, country_code FROM ",
        l->all ? " WHERE " IS_LOCATED : " WHERE " IS_LOCATED " AND town IS NULL");
    return postgres_query(p, sql, NULL, &l->rows, err);
}

int postgres_read_located(struct store *store, bool all,
                          int (*each)(void *context, const struct store_located *located),
                          void *context, struct error *err)
{
    struct located l = {.all = all};
    int rc = postgres_attempt(postgres_of(store), fetch_located, &l, err);
    if (rc || !l.rows)
        return rc;
    AUTO_RESULT *rows = l.rows;
    for (int i = 0; !rc && i < PQntuples(rows); i++) {
        AUTO_FREE char *town = value_copy(rows, i, 3);
        AUTO_FREE char *region = value_copy(rows, i, 4);
        AUTO_FREE char *country = value_copy(rows, i, 5);
        AUTO_FREE char *code = value_copy(rows, i, 6);
        rc = each(context,
                  &(struct store_located){value_int(rows, i, 0), value_double(rows, i, 1),
                                          value_double(rows, i, 2), town, region, country, code});
    }
    return rc;
}

struct naming {
    const struct store_place_names *places;
    size_t count;
};

static void add_name(struct postgres_args *args, const char *name)
{
    args_text(args, name[0] ? name : NULL);
}

static int write_names(struct postgres *p, void *context, struct error *err)
{
    const struct naming *naming = context;
    int rc = postgres_pipeline_start(p, err);
    if (rc)
        return rc;
    for (size_t i = 0; !rc && i < naming->count; i++) {
        const struct store_place_names *place = &naming->places[i];
        struct postgres_args args = {0};
        args_int(&args, place->id);
        add_name(&args, place->town);
        add_name(&args, place->region);
        add_name(&args, place->country);
        add_name(&args, place->country_code);
        rc = postgres_pipeline_send(p,
                                    "UPDATE image_gallery SET town = $2::text, region = $3::text,"
                                    " country = $4::text, country_code = $5::text WHERE id = $1",
                                    &args, err);
    }
    return postgres_pipeline_finish(p, rc, NULL, err);
}

int postgres_set_places(struct store *store, const struct store_place_names *places, size_t n,
                        struct error *err)
{
    return postgres_write(postgres_of(store), write_names, &(struct naming){places, n}, err);
}
