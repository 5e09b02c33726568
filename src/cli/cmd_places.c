/* SPDX-License-Identifier: MIT */
/* `keepsake places`: lists the countries and towns where photos were taken. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "forms/forms.h"
#include "places/places.h"
#include "store/towns.h"

struct place_list {
    struct table table;
    int64_t unnamed;
    size_t towns;
};

static int add_town(void *context, const struct store_town *town)
{
    struct place_list *list = context;
    char photos[24];
    if (!town->country[0] && !town->town[0]) {
        list->unnamed += town->photos;
        return 0;
    }
    list->towns++;
    snprintf(photos, sizeof photos, "%" PRId64, town->photos);
    table_add(&list->table, (const char *[]){photos, town->country, town->town, town->region});
    return 0;
}

static void print_list(struct context *context, const struct place_list *list, bool has_names)
{
    if (list->towns)
        table_print(&list->table, stdout, terminal_has_colour(stdout));
    if (list->unnamed && !has_names && places_count())
        context_note(context,
                     "%" PRId64 " photo%s a place whose name is not in the gallery yet: `keepsake "
                     "index FOLDER` adds the names",
                     list->unnamed, list->unnamed == 1 ? " has" : "s have");
    else if (list->unnamed)
        context_note(context, "%" PRId64 " photo%s no town within %.0f km", list->unnamed,
                     list->unnamed == 1 ? " has a place with" : "s have a place with",
                     PLACES_FARTHEST_KM);
    else if (!list->towns)
        context_note(context, "no photo says where it was taken");
    if (!places_count())
        context_note(context, "this keepsake was built without the names of places");
}

static int run_places(struct context *context, const void *chosen,
                      const struct argument_list *operands, struct error *err)
{
    struct place_list list = {.table = TABLE_INIT(4)};
    bool has_names = true;
    json_t *object;
    (void)chosen;
    if (operands->count > 0)
        return command_misuse(&command_places, "places takes no arguments");
    int rc = context_open_gallery(context, STORE_READ, err);
    if (!rc && context->settings.json) {
        rc = form_places(context->store, &object, err);
        if (!rc)
            output_json(object);
        return rc;
    }
    table_align_right(&list.table, 0);
    list.table.style[2] = STYLE_BOLD;
    list.table.has_header = terminal_is(stdout);
    if (list.table.has_header)
        table_add(&list.table, (const char *[]){"photos", "country", "town", "region"});
    if (!rc)
        rc = store_list_towns(context->store, add_town, &list, err);
    if (!rc && list.unnamed)
        rc = store_has_place_names(context->store, &has_names, err);
    if (!rc)
        print_list(context, &list, has_names);
    table_release(&list.table);
    return rc;
}

static const struct example examples[] = {
    {"keepsake places", "where photos were taken"},
    {"keepsake search 'a dog place:lisbon'", "photos of a dog in Lisbon"},
    {NULL, NULL},
};

const struct command command_places = {
    .name = "places",
    .summary = "list the countries and towns where photos were taken",
    .usage = "",
    .description =
        "Lists towns by country with the number of photos: photos, country, town, region. The "
        "names are those of GeoNames (geonames.org, CC BY 4.0), found from the coordinates of "
        "photos without a network.\n\n"
        "With --json: one object with countries (each with country, code, chinese, photos, and "
        "towns with town, region, photos, latitude, longitude, cover), photos (all that have a "
        "place), unnamed (without a town nearby), and named (false: the program was built without "
        "names).",
    .examples = examples,
    .run = run_places,
};
