/* SPDX-License-Identifier: MIT */
/* search_photos: the model searches for other photos, within the filter of the conversation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/ask_internal.h"
#include "ask/retrieve.h"
#include "ask/tools.h"
#include "base/text.h"
#include "search/understood.h"

/* Also the reply for a folder that does not exist or must not be revealed. */
#define NO_MATCH "No photo matches."

struct finding {
    struct ask *ask;
    struct tool_result *result;
    size_t count, added, again; /* requested, new, shown before */
    int before;                 /* the last number before this search; higher ones belong to it */
};

/* ---- the filter ---- */

/* Fills in the first (or last) day that a date may mean. */
static void fill_date(const char *date, const char *pattern, char ret_day[11])
{
    memcpy(ret_day, pattern, 11);
    memcpy(ret_day, date, strlen(date) < 10 ? strlen(date) : 10);
}

static const char *later_date(const char *a, const char *b)
{
    char day_a[11], day_b[11];
    if (!a || !b)
        return a ? a : b;
    fill_date(a, "0000-01-01", day_a);
    fill_date(b, "0000-01-01", day_b);
    return strcmp(day_a, day_b) >= 0 ? a : b;
}

static const char *earlier_date(const char *a, const char *b)
{
    char day_a[11], day_b[11];
    if (!a || !b)
        return a ? a : b;
    fill_date(a, "9999-12-31", day_a);
    fill_date(b, "9999-12-31", day_b);
    return strcmp(day_a, day_b) <= 0 ? a : b;
}

/* ---- the search ---- */

/* Called once for a photo and all its copies. */
static void say_again(struct finding *f, int number)
{
    AUTO_FREE char *sentence = xasprintf("Image %d, which you have seen, also matches.", number);
    for (size_t i = 0; i < json_array_size(f->result->content); i++) {
        const json_t *block = json_array_get(f->result->content, i);
        const char *text = json_string_value(json_object_get(block, "text"));
        if (text && strcmp(text, sentence) == 0)
            return;
    }
    tool_say(f->result, "%s", sentence);
    f->again++;
}

static int offer_photo(void *context, struct search_result *found, bool *ret_taken,
                       struct error *err)
{
    struct finding *f = context;
    struct ask *ask = f->ask;
    int number = session_number_of(ask, &found->photo);
    if (session_is_dropped(ask, &found->photo) || number > f->before)
        return 0;
    if (number) {
        say_again(f, number);
        return 0;
    }
    struct view_request look = session_look(ask, FOUND_LOOK_PX, FIRST_LOOK_TOKENS, f->count);
    struct error why = ERROR_INIT;
    int rc = session_add_picture(ask, &found->photo, found->score, true, &look, &why);
    if (session_is_fatal(rc))
        return error_set(err, rc, "%s", why.message);
    if (rc) /* its file cannot be read, so the next one is tried */
        return 0;
    json_array_append_new(f->result->content, picture_block(ask->pictures.last));
    f->added++;
    *ret_taken = true;
    return 0;
}

static void conclude_search(struct finding *f, const struct tool_search *search,
                            const struct retrieval *retrieval)
{
    size_t matches = f->added + f->again, withheld = retrieval->withheld;
    if (retrieval->language_unsupported)
        tool_say(f->result, "The search reads English in Latin letters only: give the query in "
                            "English, or a label as the owner wrote it.");
    else if (matches == 0)
        tool_say(f->result, NO_MATCH);
    AUTO_FREE char *query = text_printable(search->query, strlen(search->query));
    AUTO_FREE char *kept =
        withheld ? xasprintf("; %zu stay here by a never-send rule", withheld) : xstrdup("");
    AUTO_FREE char *again = f->again ? xasprintf(", %zu seen before", f->again) : xstrdup("");
    free(f->result->sentence);
    f->result->sentence = xasprintf("\"%s\": %zu new photo%s%s%s", query, f->added,
                                    f->added == 1 ? "" : "s", again, kept);
}

/* Narrows the conversation's filter by the model's. If that leaves nothing to search, the result
 * says so and *ret_goes is false. */
static int narrow_filter(struct ask *ask, const struct tool_search *search,
                         struct tool_result *result, struct store_filter *filter, char **ret_folder,
                         bool *ret_goes, struct error *err)
{
    *ret_goes = false;
    if (ask->options.facts == TELL_NOTHING && (search->from || search->until || search->folder)) {
        tool_refuse(result, "the only arguments are \"query\" and \"count\"");
        return 0;
    }
    int rc = search->folder ? tool_find_folder(ask, search->folder, result, ret_folder, err) : 0;
    if (rc || result->is_error)
        return rc;
    if (search->folder && !*ret_folder) {
        tool_say(result, NO_MATCH);
        result->sentence = xstrdup("there is no folder of this name");
        return 0;
    }
    filter->folder = *ret_folder ? *ret_folder : filter->folder;
    filter->from = later_date(filter->from, search->from);
    filter->until = earlier_date(filter->until, search->until);
    *ret_goes = true;
    return 0;
}

/* A query must not find out what is not told: facts at all, or a place more exactly. */
static bool permits_criterion(const void *context, const char *criterion)
{
    const struct ask *ask = context;
    if (strcmp(criterion, "near") == 0)
        return ask->options.facts == TELL_EXACT;
    return ask->options.facts != TELL_NOTHING;
}

/* Reads the query of the model; a mistake in it becomes a refusal, and the tree NULL. */
static int read_query(struct ask *ask, const char *text, struct tool_result *result,
                      struct understood *ret_query, struct error *err)
{
    struct understood_options options = {
        .blind = true, .permits = permits_criterion, .context = ask};
    struct syntax_fault fault;
    struct error why;
    int rc = understood_read(ask->store, text, &options, ret_query, &fault, &why);
    if (!rc)
        return 0;
    syntax_fault_release(&fault);
    if (rc != ERR_INVALID && rc != ERR_LIMIT)
        return error_set(err, rc, "%s", why.message);
    *ret_query = (struct understood){.tree = NULL};
    tool_refuse(result, "%s", why.message);
    return 0;
}

int tool_search_photos(struct ask *ask, const struct tool_search *search,
                       struct tool_result *result, struct error *err)
{
    struct finding finding = {
        .ask = ask, .result = result, .count = (size_t)search->count, .before = ask->pictures.last};
    struct store_filter filter = ask->options.filter;
    AUTO_FREE char *folder = NULL;
    bool goes;
    size_t used = session_images(ask), limit = (size_t)ask->limits.images;
    if (limit && used + finding.count > limit)
        finding.count = used < limit ? limit - used : 0;
    if (finding.count == 0) {
        tool_refuse(result, "no more images fit this conversation");
        return 0;
    }
    int rc = narrow_filter(ask, search, result, &filter, &folder, &goes, err);
    if (rc || !goes)
        return rc;
    struct understood query;
    rc = read_query(ask, search->query, result, &query, err);
    if (rc || !query.tree)
        return rc;
    struct retrieve_request request = {
        .search = {.tree = query.tree, .sort = query.sort, .k = finding.count, .filter = &filter},
        .include_weak = ask->options.include_weak,
        .spare = ask->pictures.count + ask->n_dropped,
        .offer = offer_photo,
        .context = &finding};
    struct retrieval found = {0};
    struct error why = ERROR_INIT;
    size_t before = ask->pictures.count;
    rc = retrieve(ask->store, ask->clip, ask->model_id, &request, &found, &why);
    if (rc == ERR_INVALID)
        tool_refuse(result, "%s", why.message);
    else if (!rc)
        rc = session_caption(ask, before, &why);
    if (!rc)
        conclude_search(&finding, search, &found);
    else
        pictures_cut(&ask->pictures, before);
    retrieval_release(&found);
    understood_release(&query);
    return rc && rc != ERR_INVALID ? error_set(err, rc, "%s", why.message) : 0;
}
