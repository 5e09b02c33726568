/* SPDX-License-Identifier: MIT */
/* The values that the forms consist of: text, numbers, times and boxes. */
#include <math.h>

#include "base/clock.h"
#include "base/json.h"
#include "forms/forms.h"

json_t *form_text(const char *text)
{
    return text && text[0] ? json_string(text) : json_null();
}

json_t *form_number(double number)
{
    return isfinite(number) ? json_real(number) : json_null();
}

json_t *form_time(int64_t unix_seconds)
{
    char text[32];
    return json_string(clock_format_utc(text, sizeof text, unix_seconds));
}

json_t *form_box(const struct store_box *box)
{
    return box ? json_pack("{sfsfsfsf}", "x", box->x, "y", box->y, "width", box->width, "height",
                           box->height)
               : json_null();
}

void form_set_text(json_t *object, const char *key, const char *text)
{
    if (text)
        json_set_text(object, key, text);
    else
        json_object_set_new(object, key, json_null());
}
