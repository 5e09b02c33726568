/* SPDX-License-Identifier: MIT */
/* Handlers of /values, /places and /map. */
#include <math.h>
#include <stdio.h>

#include "base/json.h"
#include "forms/forms.h"
#include "search/values.h"
#include "server/api.h"
#include "server/list_call.h"
#include "store/towns.h"

static int add_value(void *context, const struct search_value *value)
{
    json_t *photos = value->photos < 0 ? json_null() : json_integer(value->photos);
    json_array_append_new(context, json_pack("{ssso}", "value", value->text, "photos", photos));
    return 0;
}

int api_values(struct call *call, struct error *err)
{
    static const struct list_shape shape = {.most = 1000, .usual = 20};
    struct list_call list;
    const char *criterion = target_get(&call->target, "criterion");
    const char *prefix = target_get(&call->target, "prefix");
    AUTO_JSON *values = json_array();
    bool more;
    if (!criterion)
        return error_set(err, ERR_INVALID, "'criterion' is missing: give one, as criterion=camera");
    int rc = list_begin(call, &shape, &list, err);
    if (!rc)
        rc = search_list_values(list.store, criterion, prefix ? prefix : "", list.count, add_value,
                                values, &more, err);
    if (!rc)
        call_reply_tagged(
            call, json_pack("{sssOsb}", "criterion", criterion, "values", values, "more", more));
    return rc;
}

/* ---- /places ---- */

int api_places(struct call *call, struct error *err)
{
    struct store *store;
    json_t *object;
    int rc = call_store(call, &store, err);
    if (!rc)
        rc = form_places(store, &object, err);
    if (!rc)
        call_reply_tagged(call, object);
    return rc;
}

/* ---- /map ---- */

/* A cell of the grid is a quarter as wide as a tile of web maps at this zoom. */
static double cell_at(int64_t zoom)
{
    return ldexp(90, -(int)zoom);
}

static int read_area(const char *text, struct store_area *ret_area, struct error *err)
{
    double sides[4];
    int used = -1;
    if (sscanf(text, "%lf,%lf,%lf,%lf%n", &sides[0], &sides[1], &sides[2], &sides[3], &used) != 4 ||
        used < 0 || text[used])
        return error_set(err, ERR_INVALID,
                         "'bbox' must be west,south,east,north in degrees, as -10,36,-6,42");
    *ret_area = (struct store_area){
        .west = sides[0], .south = sides[1], .east = sides[2], .north = sides[3]};
    return 0;
}

static int add_cluster(void *context, const struct store_cluster *cluster)
{
    json_array_append_new(context,
                          json_pack("{sIsfsfsI}", "photos", (json_int_t)cluster->photos, "latitude",
                                    cluster->latitude, "longitude", cluster->longitude, "cover",
                                    (json_int_t)cluster->cover));
    return 0;
}

int api_map(struct call *call, struct error *err)
{
    struct store *store;
    struct store_area area = {.south = -90, .north = 90, .west = -180, .east = 180};
    const char *box = target_get(&call->target, "bbox");
    int64_t zoom;
    AUTO_JSON *clusters = json_array();
    int rc = target_get_int(&call->target, "zoom", 0, 20, 1, &zoom, err);
    if (!rc && box)
        rc = read_area(box, &area, err);
    if (!rc)
        rc = call_store(call, &store, err);
    if (!rc)
        rc = store_list_clusters(store, &area, cell_at(zoom), add_cluster, clusters, err);
    if (!rc)
        call_reply_tagged(call, json_pack("{sfsO}", "cell", cell_at(zoom), "clusters", clusters));
    return rc;
}
