/* SPDX-License-Identifier: MIT */
/* The tools view_photo, photo_facts and gallery_status. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "ask/gate.h"
#include "base/base64.h"
#include "base/facts_json.h"
#include "base/json.h"
#include "base/json_lenient.h"
#include "base/memory.h"
#include "base/text.h"
#include "forms/forms.h"
#include "mcp/mcp_tools.h"

/* Every vision model accepts this size without scaling (llm_limits of the smallest). */
#define VIEW_EDGE_PX 1568
#define VIEW_TOKENS_MAX 1568

/* ---- photos ---- */

bool mcp_get_photo(struct mcp *mcp, int64_t id, struct store_photo *ret_photo,
                   struct mcp_reply *reply, int *ret_rc, struct error *err)
{
    AUTO_FREE char *phrase = NULL;
    struct error why;
    *ret_rc = gate_rule(mcp->store, id, &phrase, &why);
    if (!*ret_rc && !phrase)
        *ret_rc = store_get_photo(mcp->store, id, ret_photo, &why);
    if (!*ret_rc && !phrase)
        return true;
    if (*ret_rc && *ret_rc != ERR_NOT_FOUND) {
        error_set(err, *ret_rc, "%s", why.message);
        return false;
    }
    mcp_refuse(reply, "there is no photo %" PRId64, id);
    *ret_rc = 0;
    return false;
}

void mcp_strip_photo(const struct mcp *mcp, struct store_photo *photo, struct mcp_reply *reply)
{
    if (mcp->facts == TELL_NOTHING)
        photo->mtime_ns = 0;
    reply->facts |= told_only(&photo->facts, mcp->facts);
}

void mcp_add_facts(json_t *object, const struct photo_facts *facts)
{
    json_t *place = facts_group_to_json(facts, FACT_GROUP_PLACE, FACTS_NULLS);
    json_object_set_new(object, "place", place);
    json_object_set_new(object, "camera",
                        facts_group_to_json(facts, FACT_GROUP_CAMERA, FACTS_NULLS));
    static const char *const also[] = {"latitude", "longitude"}; /* outside of "place" until 1.0 */
    for (size_t i = 0; i < 2; i++)
        if (json_is_number(json_object_get(place, also[i])))
            json_object_set(object, also[i], json_object_get(place, also[i]));
}

void mcp_note_photo(struct mcp_reply *reply, const struct store_photo *photo)
{
    AUTO_FREE char *path = text_printable(photo->path, strlen(photo->path));
    json_t *entry = json_pack("{s:I}", "id", (json_int_t)photo->id);
    json_object_set_new(entry, "path", json_string(path));
    json_array_append_new(reply->photos, entry);
}

/* ---- view_photo ---- */

/* Reads [left, top, right, bottom], or a box in the form that labels have. */
static bool read_sides(const json_t *box, double ret_side[4])
{
    static const char *const keys[] = {"x", "y", "width", "height"};
    bool is_object = json_is_object(box);
    if (!is_object && json_array_size(box) != 4)
        return false;
    for (size_t i = 0; i < 4; i++) {
        const json_t *side = is_object ? json_object_get(box, keys[i]) : json_array_get(box, i);
        if (!side || !json_any_number(side, &ret_side[i]))
            return false;
    }
    for (size_t i = 2; is_object && i < 4; i++) /* rounded sides may exceed the photo slightly */
        ret_side[i] = fmin(ret_side[i] + ret_side[i - 2], 1);
    return true;
}

static bool read_box(const json_t *input, struct view_request *request, struct mcp_reply *reply)
{
    const json_t *box = json_object_get(input, "box");
    double side[4] = {0};
    AUTO_JSON *written = json_is_string(box)
                             ? json_read_lenient(json_string_value(box), json_string_length(box),
                                                 JSON_HALVES_REPLACED)
                             : NULL;
    box = written ? written : box;
    if (!box || json_is_null(box))
        return true;
    bool good = read_sides(box, side);
    for (size_t i = 0; good && i < 4; i++)
        good = side[i] >= 0 && side[i] <= 1;
    if (!good || side[2] <= side[0] || side[3] <= side[1]) {
        mcp_refuse(reply, "\"box\" must be [left, top, right, bottom], fractions from 0 to 1 "
                          "with left < right and top < bottom");
        return false;
    }
    request->has_part = true;
    request->part = (struct store_box){side[0], side[1], side[2] - side[0], side[3] - side[1]};
    return true;
}

static void show_photo(struct mcp_reply *reply, const struct store_photo *photo,
                       const struct view *view)
{
    AUTO_FREE char *data = base64_encode(view->jpeg, view->bytes);
    json_array_append_new(reply->content, json_pack("{s:s, s:s, s:s}", "type", "image", "data",
                                                    data, "mimeType", "image/jpeg"));
    json_array_append_new(reply->photos, gate_photo_json(photo, view));
}

int mcp_view_photo(struct mcp *mcp, const json_t *input, struct mcp_reply *reply, struct error *err)
{
    struct view_request request = {.edge_px = VIEW_EDGE_PX, .max_tokens = VIEW_TOKENS_MAX};
    struct store_photo photo;
    struct view view;
    struct error why;
    int64_t id;
    int rc;
    if (!input_photo(input, &id, reply) || !read_box(input, &request, reply))
        return 0;
    if (!mcp_get_photo(mcp, id, &photo, reply, &rc, err))
        return rc;
    if (gate_render(mcp->store, &photo, &request, &view, &why) == 0) {
        show_photo(reply, &photo, &view);
        view_release(&view);
    } else {
        mcp_refuse(reply, "%s", why.message);
    }
    store_photo_release(&photo);
    return 0;
}

/* ---- photo_facts ---- */

static int add_label(void *context, const struct store_label *label)
{
    const struct store_box *box = &label->box;
    json_t *entry = form_label(label);
    if (label->has_box) /* until 1.0: the former "box", which is also the form that view_photo takes
                         */
        json_object_set_new(
            entry, "box_corners",
            json_pack("[f, f, f, f]", box->x, box->y, box->x + box->width, box->y + box->height));
    json_array_append_new(context, entry);
    return 0;
}

int mcp_photo_facts(struct mcp *mcp, const json_t *input, struct mcp_reply *reply,
                    struct error *err)
{
    struct store_photo photo;
    int64_t id;
    int rc;
    if (!input_photo(input, &id, reply))
        return 0;
    if (!mcp_get_photo(mcp, id, &photo, reply, &rc, err))
        return rc;
    AUTO_JSON *labels = json_array();
    mcp_strip_photo(mcp, &photo, reply);
    if (mcp->facts != TELL_NOTHING)
        rc = store_list_labels(mcp->store, id, NULL, add_label, labels, err);
    reply->facts |= json_array_size(labels) ? FACT_LABELS : 0;
    json_t *facts = form_photo_facts(&photo, labels, NULL);
    mcp_add_facts(facts, &photo.facts);
    if (photo.facts.lens[0])
        json_object_set_new(facts, "lens", form_text(photo.facts.lens)); /* until 1.0 */
    mcp_note_photo(reply, &photo);
    store_photo_release(&photo);
    mcp_answer(reply, facts);
    return rc;
}

/* ---- gallery_status ---- */

int mcp_gallery_status(struct mcp *mcp, const json_t *input, struct mcp_reply *reply,
                       struct error *err)
{
    struct store_status status;
    json_t *names = json_array();
    (void)input;
    int rc = store_status(mcp->store, &status, err);
    if (!rc && mcp->facts != TELL_NOTHING)
        rc = mcp_add_names(mcp->store, names, err);
    if (rc) {
        json_decref(names);
        return rc;
    }
    json_t *object = form_gallery(&status, mcp->gallery);
    json_object_set_new(object, "names", names);
    mcp_answer(reply, object);
    return 0;
}
