/* SPDX-License-Identifier: MIT */
/* Prints the results of a search as a table, previews or JSON lines. */
#include "cli/results.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "forms/forms.h"

static void print_json(const struct search_results *results)
{
    for (size_t i = 0; i < results->count && !output_is_broken(); i++) {
        json_t *line = form_result(&results->items[i], i + 1);
        if (results->language_unsupported)
            json_object_set_new(line, "language_unsupported", json_true());
        output_json(line);
    }
}

/* Reports the first picture that cannot be shown, and continues without pictures. */
static void show_picture(struct context *context, struct pictures *pictures,
                         const struct store_photo *photo)
{
    struct error problem = ERROR_INIT;
    if (preview_show(pictures->kind, stdout, photo->path, photo->hash, NULL, &problem) == 0)
        return;
    context_note(context, "no picture: %s", problem.message);
    pictures->count = 0;
}

/* The row of a photo whose label the query names shows that instead of the strength of the match.
 */
static void add_row(struct table *table, size_t rank, const struct search_result *r,
                    bool hides_copies)
{
    char place[24], score[24];
    snprintf(place, sizeof place, "%zu", rank);
    if (r->sure)
        snprintf(score, sizeof score, "-");
    else
        snprintf(score, sizeof score, "%.3f", r->score);
    AUTO_FREE char *day = xstrndup(r->photo.facts.taken, strcspn(r->photo.facts.taken, "T"));
    AUTO_FREE char *own = path_shorten(r->photo.path);
    AUTO_FREE char *path = hides_copies && r->all_copies
                               ? xasprintf("%s (and %zu %s)", own, r->all_copies,
                                           r->all_copies == 1 ? "copy" : "copies")
                               : xstrdup(own);
    table_add(table, (const char *[]){place, score,
                                      r->names  ? r->names
                                      : r->sure ? "-"
                                                : search_strength_name(r->strength),
                                      day[0] ? day : "-", path});
}

static void print_table(struct context *context, struct pictures pictures,
                        const struct search_results *results)
{
    struct table table = TABLE_INIT(5);
    table_align_right(&table, 0);
    table_align_right(&table, 1);
    table.style[1] = STYLE_BOLD;
    table.style[3] = STYLE_DIM;
    table.has_header = terminal_is(stdout) && results->count > 0;
    if (table.has_header)
        table_add(&table, (const char *[]){"", "score", "match", "taken", "photo"});
    for (size_t i = 0; i < results->count; i++)
        add_row(&table, i + 1, &results->items[i], pictures.hides_copies);
    for (size_t row = 0; row * table.columns < table.count; row++) {
        table_print_row(&table, row, stdout, terminal_has_colour(stdout));
        size_t rank = row + !table.has_header;
        if (rank > 0 && rank <= pictures.count)
            show_picture(context, &pictures, &results->items[rank - 1].photo);
    }
    table_release(&table);
}

void results_print(struct context *context, struct pictures pictures,
                   const struct search_results *results)
{
    if (context->settings.json)
        print_json(results);
    else
        print_table(context, pictures, results);
}
