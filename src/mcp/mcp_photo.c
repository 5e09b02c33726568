/* SPDX-License-Identifier: MIT */
/* view_photo, photo_facts and gallery_status. */
#include <inttypes.h>
#include <string.h>

#include "ask/gate.h"
#include "ask/rule_set.h"
#include "base/base64.h"
#include "base/json.h"
#include "base/json_lenient.h"
#include "base/memory.h"
#include "base/text.h"
#include "mcp/mcp_tools.h"
#include "store/labels.h"

/* What every vision model takes without scaling it down (llm_limits of the smallest). */
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

static void set_text(json_t *object, const char *key, const char *text)
{
    AUTO_FREE char *clean = text_printable(text, strlen(text));
    if (text[0])
        json_object_set_new(object, key, json_string(clean));
}

json_t *mcp_photo_json(const struct mcp *mcp, const struct store_photo *photo,
                       struct mcp_reply *reply)
{
    const struct photo_facts *facts = &photo->facts;
    unsigned told = told_of(facts, mcp->facts);
    json_t *object = json_pack("{s:I}", "id", (json_int_t)photo->id);
    set_text(object, "path", photo->path);
    if (told & FACT_DATE)
        set_text(object, "taken", facts->taken);
    json_object_set_new(object, "width", json_integer(facts->width));
    json_object_set_new(object, "height", json_integer(facts->height));
    if (told & (FACT_PLACE | FACT_EXACT_PLACE)) {
        json_object_set_new(object, "latitude",
                            json_real(told_degrees(facts->latitude, mcp->facts)));
        json_object_set_new(object, "longitude",
                            json_real(told_degrees(facts->longitude, mcp->facts)));
    }
    AUTO_FREE char *camera = told_camera(facts);
    if (told & FACT_CAMERA)
        set_text(object, "camera", camera);
    reply->facts |= told;
    return object;
}

void mcp_note_photo(struct mcp_reply *reply, const struct store_photo *photo)
{
    json_t *entry = json_pack("{s:I}", "id", (json_int_t)photo->id);
    set_text(entry, "path", photo->path);
    json_array_append_new(reply->photos, entry);
}

/* ---- view_photo ---- */

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
    bool good = json_is_array(box) && json_array_size(box) == 4;
    for (size_t i = 0; good && i < 4; i++) {
        good = json_any_number(json_array_get(box, i), &side[i]) && side[i] >= 0 && side[i] <= 1;
    }
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
    json_t *entry = json_object();
    set_text(entry, "name", label->name);
    if (label->has_box)
        json_object_set_new(entry, "box",
                            json_pack("[f, f, f, f]", label->box.x, label->box.y,
                                      label->box.x + label->box.width,
                                      label->box.y + label->box.height));
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
    json_t *labels = json_array(), *facts = mcp_photo_json(mcp, &photo, reply);
    json_object_set_new(facts, "bytes", json_integer(photo.size));
    set_text(facts, "format", photo.facts.format);
    if (mcp->facts != TELL_NOTHING) {
        set_text(facts, "lens", photo.facts.lens);
        rc = store_list_labels(mcp->store, id, NULL, add_label, labels, err);
        reply->facts |= photo.facts.lens[0] ? FACT_CAMERA : 0;
        reply->facts |= json_array_size(labels) ? FACT_LABELS : 0;
    }
    json_object_set_new(facts, "labels", labels);
    mcp_note_photo(reply, &photo);
    store_photo_release(&photo);
    mcp_answer(reply, facts);
    return rc;
}

/* ---- gallery_status ---- */

/* A name is told only when a photo of it may be known. Labels come in order of name, and once a
 * name is told, its others are not looked at. */
struct names {
    const struct rule_set *rules;
    json_t *array;
    struct error *err;
};

static int add_name(void *context, const struct store_label *label)
{
    struct names *names = context;
    size_t n = json_array_size(names->array);
    const char *last = n ? json_string_value(json_array_get(names->array, n - 1)) : "";
    struct store_photo photo = {.id = label->photo, .path = (char *)(uintptr_t)label->path};
    AUTO_FREE char *phrase = NULL;
    if (!label->photo || strcmp(last, label->name) == 0)
        return 0;
    memcpy(photo.hash, label->hash, HASH_BYTES);
    int rc = rule_set_covering(names->rules, &photo, &phrase, names->err);
    if (!rc && !phrase)
        json_array_append_new(names->array, json_string(label->name));
    return rc;
}

static int list_names(struct mcp *mcp, json_t *array, struct error *err)
{
    struct rule_set rules;
    if (mcp->facts == TELL_NOTHING)
        return 0;
    int rc = rule_set_load(mcp->store, &rules, err);
    if (rc)
        return rc;
    struct names names = {&rules, array, err};
    rc = store_list_labels(mcp->store, 0, NULL, add_name, &names, err);
    rule_set_release(&rules);
    return rc;
}

int mcp_gallery_status(struct mcp *mcp, const json_t *input, struct mcp_reply *reply,
                       struct error *err)
{
    struct store_status status;
    json_t *names = json_array();
    (void)input;
    int rc = store_status(mcp->store, &status, err);
    if (!rc)
        rc = list_names(mcp, names, err);
    if (rc) {
        json_decref(names);
        return rc;
    }
    json_t *object = json_pack("{s:I, s:I, s:o}", "photos", (json_int_t)status.photos, "failed",
                               (json_int_t)status.failed, "names", names);
    set_text(object, "model", status.bound ? status.model.id : "");
    set_text(object, "gallery", mcp->gallery);
    mcp_answer(reply, object);
    return 0;
}
