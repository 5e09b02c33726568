/* SPDX-License-Identifier: MIT */
/* Where photos were taken, as JSON. */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "forms/forms.h"
#include "places/places.h"
#include "store/towns.h"

struct places_form {
    json_t *countries; /* borrowed, as are the next two */
    json_t *country, *towns;
    int64_t photos, unnamed; /* of photos with a place; of those without a name */
    int64_t of_country;
};

/* Adds up the photos of the last country. */
static void end_country(struct places_form *form)
{
    if (form->country)
        json_object_set_new(form->country, "photos", json_integer((json_int_t)form->of_country));
    form->of_country = 0;
}

static void begin_country(struct places_form *form, const struct store_town *town)
{
    const char *code = town->country_code, *chinese = NULL;
    end_country(form);
    places_country_names(town->country, &code, &chinese);
    form->country = json_object();
    form->towns = json_array();
    json_set_text(form->country, "country", town->country);
    json_object_set_new(form->country, "code", form_text(code));
    json_object_set_new(form->country, "chinese", form_text(chinese));
    json_object_set_new(form->country, "photos", json_integer(0));
    json_object_set_new(form->country, "towns", form->towns);
    json_array_append_new(form->countries, form->country);
}

static int add_town(void *context, const struct store_town *town)
{
    struct places_form *form = context;
    form->photos += town->photos;
    if (!town->country[0] && !town->town[0]) {
        form->unnamed += town->photos;
        return 0;
    }
    const char *last =
        form->country ? json_string_value(json_object_get(form->country, "country")) : NULL;
    if (!last || strcmp(last, town->country) != 0)
        begin_country(form, town);
    form->of_country += town->photos;
    json_t *object = json_object();
    form_set_text(object, "town", town->town[0] ? town->town : NULL);
    form_set_text(object, "region", town->region[0] ? town->region : NULL);
    json_object_set_new(object, "photos", json_integer((json_int_t)town->photos));
    json_object_set_new(object, "latitude", form_number(town->latitude));
    json_object_set_new(object, "longitude", form_number(town->longitude));
    json_object_set_new(object, "cover", json_integer((json_int_t)town->cover));
    json_array_append_new(form->towns, object);
    return 0;
}

int form_places(struct store *store, json_t **ret_object, struct error *err)
{
    AUTO_JSON *countries = json_array();
    struct places_form form = {.countries = countries};
    int rc = store_list_towns(store, add_town, &form, err);
    if (rc)
        return rc;
    end_country(&form);
    *ret_object = json_pack("{sOsIsIsb}", "countries", countries, "photos", (json_int_t)form.photos,
                            "unnamed", (json_int_t)form.unnamed, "named", places_count() > 0);
    return 0;
}
