/* SPDX-License-Identifier: MIT */
/* Joins the two ledger entries of each request into one row, and prints rows and totals. */
#include "cli/ledger_view.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "forms/forms.h"

bool ledger_day(const char *text, int64_t *ret_unix_seconds)
{
    struct tm day = {.tm_mday = 1, .tm_isdst = -1};
    static const char *const formats[] = {"%Y-%m-%d", "%Y-%m", "%Y"};
    static const size_t lengths[] = {10, 7, 4};
    for (size_t i = 0; i < 3; i++) {
        const char *end = strlen(text) == lengths[i] ? strptime(text, formats[i], &day) : NULL;
        int month = day.tm_mon, date = day.tm_mday;
        if (!end || *end)
            continue;
        *ret_unix_seconds = (int64_t)mktime(&day);
        return day.tm_mon == month && day.tm_mday == date; /* rejects the 30th of February */
    }
    return false;
}

static struct ledger_request *find_request(struct ledger_view *view, const char *name)
{
    for (size_t i = view->count; i > 0; i--) /* an end comes soon after its beginning */
        if (strcmp(view->items[i - 1].name, name) == 0)
            return &view->items[i - 1];
    return NULL;
}

static void begin_request(struct ledger_view *view, const struct ledger_entry *e)
{
    ARRAY_GROW(view->items, view->cap, view->count + 1);
    view->items[view->count++] = (struct ledger_request){
        .name = xstrdup(e->request),
        .purpose = xstrdup(e->purpose),
        .host = xstrdup(e->host),
        .model = xstrdup(e->model),
        .photos = form_ledger_photos(e),
        .facts = xstrdup(e->facts),
        .estimated = true,
        .at = e->at,
        .bytes = e->bytes,
        .input_tokens = e->input_tokens,
        .output_tokens = e->output_tokens,
        .cost_usd = e->cost_usd,
    };
}

/* A failure without a cost may have cost the estimated amount. */
static void end_request(struct ledger_request *r, const struct ledger_entry *e)
{
    int64_t input = e->input_tokens + e->cache_read_tokens + e->cache_write_tokens;
    free(r->end);
    r->end = xstrdup(e->detail[0] ? e->detail : "answered");
    r->failed = e->event == LEDGER_FAILED;
    r->input_tokens = input;
    r->output_tokens = e->output_tokens;
    if (r->failed && isnan(e->cost_usd))
        return;
    r->estimated = false;
    r->cost_usd = e->cost_usd;
}

int ledger_view_add(void *context, const struct ledger_entry *entry)
{
    struct ledger_view *view = context;
    if (entry->event == LEDGER_SENT) {
        begin_request(view, entry);
        return 0;
    }
    struct ledger_request *r = find_request(view, entry->request);
    if (r)
        end_request(r, entry);
    return 0;
}

void ledger_view_release(struct ledger_view *view)
{
    for (size_t i = 0; i < view->count; i++) {
        struct ledger_request *r = &view->items[i];
        free(r->facts), free(r->name), free(r->purpose), free(r->host), free(r->model),
            free(r->end);
        json_decref(r->photos);
    }
    free(view->items);
    *view = (struct ledger_view){NULL, 0, 0};
}

static char *format_cost(char *ret_text, size_t size, double cost_usd, bool estimated)
{
    if (isnan(cost_usd))
        snprintf(ret_text, size, "?");
    else
        snprintf(ret_text, size, "%s$%.4f", estimated ? "~" : "", cost_usd);
    return ret_text;
}

/* ---- printing ---- */

enum { COLUMNS = 8 };

static void add_row(struct table *table, const struct ledger_request *r)
{
    char at[32], photos[96], bytes[32], tokens[64] = "-", cost[32];
    snprintf(photos, sizeof photos, "%zu%s%s", json_array_size(r->photos),
             r->facts[0] ? " with " : "", r->facts);
    if (r->input_tokens + r->output_tokens > 0)
        snprintf(tokens, sizeof tokens, "%" PRId64 " in, %" PRId64 " out", r->input_tokens,
                 r->output_tokens);
    AUTO_FREE char *whom = xasprintf("%s, %s", r->host, r->model);
    AUTO_FREE char *end = r->end && r->failed ? xasprintf("failed: %s", r->end)
                                              : xstrdup(r->end ? r->end : "result unknown");
    table_add(table, (const char *[COLUMNS]){
                         clock_format_local(at, sizeof at, r->at), r->purpose, whom, photos,
                         text_bytes(bytes, sizeof bytes, (uint64_t)r->bytes), tokens,
                         format_cost(cost, sizeof cost, r->cost_usd, r->estimated), end});
}

static void print_photos(const struct ledger_request *r)
{
    size_t i;
    const json_t *photo;
    json_array_foreach(r->photos, i, photo)
    {
        const char *path = json_string_value(json_object_get(photo, "path"));
        AUTO_FREE char *shown = path_shorten(path ? path : "?");
        fputs("    ", stdout);
        output_text(shown);
        printf(" (%" JSON_INTEGER_FORMAT " x %" JSON_INTEGER_FORMAT ")\n",
               json_integer_value(json_object_get(photo, "width")),
               json_integer_value(json_object_get(photo, "height")));
    }
}

static void print_totals(const struct ledger_view *view)
{
    int64_t bytes = 0, input = 0, output = 0;
    size_t photos = 0, unknown = 0;
    double cost_usd = 0;
    bool estimated = false;
    char size[32], cost[32];
    for (size_t i = 0; i < view->count; i++) {
        const struct ledger_request *r = &view->items[i];
        bytes += r->bytes, input += r->input_tokens, output += r->output_tokens;
        photos += json_array_size(r->photos);
        unknown += isnan(r->cost_usd);
        cost_usd += isnan(r->cost_usd) ? 0 : r->cost_usd;
        estimated = estimated || (r->estimated && r->cost_usd > 0);
    }
    printf("%zu %s: %zu %s, %s; %" PRId64 " tokens in, %" PRId64 " out; %s", view->count,
           view->count == 1 ? "request" : "requests", photos, photos == 1 ? "photo" : "photos",
           text_bytes(size, sizeof size, (uint64_t)bytes), input, output,
           format_cost(cost, sizeof cost, cost_usd, estimated));
    if (unknown)
        printf(" and %zu of unknown cost", unknown);
    putchar('\n');
}

void ledger_view_print(const struct ledger_view *view, bool photos)
{
    struct table table = TABLE_INIT(COLUMNS);
    table_align_right(&table, 3);
    table_align_right(&table, 4);
    table_align_right(&table, 6);
    table.style[2] = STYLE_BOLD;
    table.has_header = terminal_is(stdout);
    if (table.has_header)
        table_add(&table, (const char *[COLUMNS]){"when", "for", "to", "photos", "bytes", "tokens",
                                                  "cost", "end"});
    for (size_t i = 0; i < view->count; i++)
        add_row(&table, &view->items[i]);
    for (size_t row = 0; row * COLUMNS < table.count; row++) {
        table_print_row(&table, row, stdout, terminal_has_colour(stdout));
        if (photos && row >= table.has_header)
            print_photos(&view->items[row - table.has_header]);
    }
    table_release(&table);
    print_totals(view);
}
