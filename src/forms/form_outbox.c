/* SPDX-License-Identifier: MIT */
/* The photos and facts that a question would send, as JSON. */
#include "ask/ask.h"
#include "base/json.h"
#include "base/memory.h"
#include "forms/forms.h"

static json_t *form_told(unsigned facts)
{
    AUTO_FREE char *list = told_list(facts);
    return told_array(list);
}

static json_t *form_part(const struct view_part *part)
{
    return json_pack("{sisisisi}", "left", part->left, "top", part->top, "width", part->width,
                     "height", part->height);
}

/* Until 1.0: the keys that `ask --json` had beside the number in place of the photo. */
static void add_old_photo_keys(json_t *object, const struct store_photo *photo)
{
    json_object_set_new(object, "id", json_integer(photo->id));
    json_set_text(object, "path", photo->path);
    json_object_set_new(object, "taken", form_text(photo->facts.taken));
}

static json_t *form_outbox_photo(const struct outbox_photo *p)
{
    json_t *object = json_object();
    json_object_set_new(object, "number", json_integer(p->number));
    json_object_set_new(object, "photo", form_photo(&p->photo));
    json_object_set_new(object, "score", form_number(p->score));
    json_object_set_new(object, "width", json_integer(p->width));
    json_object_set_new(object, "height", json_integer(p->height));
    json_object_set_new(object, "bytes", json_integer((json_int_t)p->bytes));
    json_object_set_new(object, "tokens", json_integer(p->tokens));
    json_object_set_new(object, "part", form_part(&p->part));
    json_object_set_new(object, "caption", json_string(p->caption ? p->caption : ""));
    json_object_set_new(object, "facts", form_told(p->told.facts));
    json_object_set_new(object, "labels", json_integer((json_int_t)p->told.labels));
    add_old_photo_keys(object, &p->photo);
    return object;
}

json_t *form_outbox_photos(const struct outbox *outbox)
{
    json_t *photos = json_array();
    for (size_t i = 0; outbox && i < outbox->count; i++)
        json_array_append_new(photos, form_outbox_photo(&outbox->photos[i]));
    return photos;
}

/* Adds the counts of nearby photos that are not sent, each kind with a sentence about its first
 * one. */
static void add_kept_back(json_t *object, const struct outbox *o)
{
    json_object_set_new(object, "withheld", json_integer((json_int_t)o->withheld));
    form_set_text(object, "withheld_why", o->withheld_why);
    json_object_set_new(object, "unreadable", json_integer((json_int_t)o->unreadable));
    form_set_text(object, "unreadable_why", o->unreadable_why);
    json_object_set_new(object, "weak", json_integer((json_int_t)o->weak));
    json_object_set_new(object, "near_withheld", json_integer((json_int_t)o->near));
    form_set_text(object, "near_withheld_why", o->near_why);
    json_object_set_new(object, "no_room", json_integer((json_int_t)o->no_room));
}

json_t *form_outbox(const struct outbox *o)
{
    json_t *object = json_object();
    json_object_set_new(object, "provider", json_string(o->provider));
    json_object_set_new(object, "host", json_string(o->host));
    json_object_set_new(object, "model", json_string(o->model));
    json_object_set_new(object, "local", json_boolean(o->local));
    json_object_set_new(object, "photos", form_outbox_photos(o));
    json_object_set_new(object, "again", json_integer((json_int_t)o->again));
    json_object_set_new(object, "facts", form_told(o->told.facts));
    json_object_set_new(object, "labels", json_integer((json_int_t)o->told.labels));
    json_object_set_new(object, "more_photos", json_integer((json_int_t)o->more.photos));
    json_object_set_new(object, "more_bytes", json_integer((json_int_t)o->more.bytes));
    json_object_set_new(object, "language_unsupported", json_boolean(o->language_unsupported));
    json_object_set_new(object, "partly_unread", json_boolean(o->partly_unread));
    add_kept_back(object, o);
    json_object_set_new(object, "bytes", json_integer((json_int_t)o->bytes));
    json_object_set_new(object, "tokens", json_integer(o->tokens));
    json_object_set_new(object, "price_usd", form_number(o->price_usd));
    json_object_set_new(object, "price_max_usd", form_number(o->price_max_usd));
    json_object_set_new(object, "price", form_number(o->price_usd));         /* until 1.0 */
    json_object_set_new(object, "price_max", form_number(o->price_max_usd)); /* until 1.0 */
    return object;
}
