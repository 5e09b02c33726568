/* SPDX-License-Identifier: MIT */
/* The numbered pictures of a conversation, and their placeholders in messages. */
#include "ask/pictures.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define DEPTH_MAX 8 /* the levels messages, message, content, tool_result, content, block */

void picture_release(struct picture *picture)
{
    store_photo_release(&picture->photo);
    view_release(&picture->view);
    free(picture->caption);
    free(picture->gone);
    *picture = (struct picture){0};
}

struct picture *pictures_add(struct pictures *pictures, struct picture *picture)
{
    if (!picture->number)
        picture->number = pictures->last + 1;
    if (picture->number > pictures->last)
        pictures->last = picture->number;
    ARRAY_GROW(pictures->items, pictures->cap, pictures->count + 1);
    struct picture *added = &pictures->items[pictures->count++];
    *added = *picture;
    *picture = (struct picture){0};
    return added;
}

const struct picture *pictures_find(const struct pictures *pictures, int number)
{
    for (size_t i = 0; i < pictures->count; i++)
        if (pictures->items[i].number == number)
            return &pictures->items[i];
    return NULL;
}

void pictures_cut(struct pictures *pictures, size_t count)
{
    while (pictures->count > count) {
        struct picture *last = &pictures->items[--pictures->count];
        pictures->last = last->number - 1;
        picture_release(last);
    }
}

void pictures_release(struct pictures *pictures)
{
    for (size_t i = 0; i < pictures->count; i++)
        picture_release(&pictures->items[i]);
    free(pictures->items);
    *pictures = (struct pictures){0};
}

json_t *picture_block(int number)
{
    return json_pack("{s:s, s:i}", "type", "picture", "number", number);
}

int picture_of_block(const json_t *block)
{
    const char *type = json_string_value(json_object_get(block, "type"));
    if (!type || strcmp(type, "picture") != 0)
        return 0;
    return (int)json_integer_value(json_object_get(block, "number"));
}

static bool stands_in(const json_t *value, int number, int depth)
{
    if (depth > DEPTH_MAX)
        return false;
    if (json_is_object(value)) {
        if (picture_of_block(value) == number)
            return true;
        return stands_in(json_object_get(value, "content"), number, depth + 1);
    }
    for (size_t i = 0; i < json_array_size(value); i++)
        if (stands_in(json_array_get(value, i), number, depth + 1))
            return true;
    return false;
}

bool pictures_stand_in(const json_t *value, int number)
{
    return stands_in(value, number, 0);
}
