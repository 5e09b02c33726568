/* SPDX-License-Identifier: MIT */
/* view_photo: the model requests a closer view of an image that it has. */
#include <math.h>
#include <string.h>

#include "ask/ask_internal.h"
#include "ask/tools.h"

static bool is_fuller(const struct view *view, const struct view_request *look)
{
    int longest = view->width > view->height ? view->width : view->height;
    int part = view->part.width > view->part.height ? view->part.width : view->part.height;
    return longest < part && longest < look->edge_px &&
           (!look->max_tokens ||
            llm_image_tokens(view->width, view->height) < look->max_tokens * 3 / 4);
}

static int add_view(struct ask *ask, const struct picture *picture, const struct view_request *look,
                    struct tool_result *result, struct error *err)
{
    struct error why = ERROR_INIT;
    struct store_photo photo = {0};
    int64_t id = picture->photo.id;
    int from = picture->number;
    size_t before = ask->pictures.count;
    double score = picture->score;
    int rc = store_get_photo(ask->store, id, &photo, &why);
    if (!rc)
        rc = session_add_picture(ask, &photo, score, false, look, &why); /* `picture` may move */
    if (!rc)
        rc = session_caption(ask, before, &why);
    if (rc)
        pictures_cut(&ask->pictures, before);
    store_photo_release(&photo);
    if (session_is_fatal(rc))
        return error_set(err, rc, "%s", why.message);
    if (rc) {
        tool_refuse(result, "Image %d cannot be shown again", from);
        return 0;
    }
    const struct picture *added = &ask->pictures.items[ask->pictures.count - 1];
    tool_say(result, "%s of Image %d:", look->has_part ? "A part" : "All", from);
    json_array_append_new(result->content, picture_block(added->number));
    result->sentence = xasprintf("[%d] %s, %dx%d pixels", from,
                                 look->has_part ? "a part of it" : "in higher resolution",
                                 added->view.width, added->view.height);
    return 0;
}

int tool_view_photo(struct ask *ask, const struct tool_view *view, struct tool_result *result,
                    struct error *err)
{
    const struct picture *picture = pictures_find(&ask->pictures, view->number);
    size_t limit = (size_t)ask->limits.images;
    struct view_request look = session_look(ask, 0, 0, 1);
    if (!picture || picture->gone)
        tool_refuse(result, "there is no Image %d", view->number);
    else if (limit && session_images(ask) >= limit)
        tool_refuse(result, "no more images fit this conversation");
    else if (view->has_box && !view_to_photo(&picture->view, view->box, &look.part))
        tool_refuse(result, "the box lies outside Image %d, which is %dx%d pixels", view->number,
                    picture->view.width, picture->view.height);
    else if (!view->has_box && !is_fuller(&picture->view, &look))
        tool_refuse(result, "Image %d is already shown in full resolution: give a box",
                    view->number);
    if (result->is_error)
        return 0;
    look.has_part = view->has_box || picture->request.has_part;
    if (!view->has_box)
        look.part = picture->request.part;
    return add_view(ask, picture, &look, result, err);
}
