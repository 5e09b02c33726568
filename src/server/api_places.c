/* SPDX-License-Identifier: MIT */
/* Handler of /values. */
#include "base/json.h"
#include "search/values.h"
#include "server/api.h"
#include "server/list_call.h"

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
