/* SPDX-License-Identifier: MIT */
/* `keepsake search`: its options, and results as a table, previews or JSON lines. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/filter_options.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/preview.h"
#include "cli/query_text.h"
#include "cli/results.h"
#include "cli/words.h"
#include "forms/forms.h"
#include "search/hints.h"
#include "search/search.h"
#include "search/understood.h"

struct search_options {
    int64_t k;
    const char *like;
    struct filter_options filter;
    bool pictures, explain, copies;
};

static const struct option_spec options[] = {
    {.name = "count",
     .letter = 'k',
     .kind = OPTION_NUMBER,
     .offset = offsetof(struct search_options, k),
     .value = "N",
     .help = "maximum number of photos (default: 5)",
     .min = 1,
     .max = LIMIT_RESULTS},
    {.name = "limit", /* the name of this option in other programs */
     .kind = OPTION_NUMBER,
     .offset = offsetof(struct search_options, k),
     .value = "N",
     .min = 1,
     .max = LIMIT_RESULTS,
     .hidden = true},
    {.name = "like",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct search_options, like),
     .value = "FILE",
     .help = "search for photos that look like this picture",
     .complete = COMPLETE_FILES},
    FILTER_OPTION_SPECS(struct search_options, filter),
    {.name = "pictures",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct search_options, pictures),
     .help = "preview every result, not only the best, if the terminal can show pictures"},
    {.name = "copies",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct search_options, copies),
     .help = "list every copy of a photo; otherwise identical files count once"},
    {.name = "explain",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct search_options, explain),
     .help = "do not search; show how the QUERY is read, and how many photos match each criterion"},
    {.name = NULL},
};

/* Who runs the command may name files and folders as the shell does. */
static const struct understood_options query_options = {.files = true};

/* Whether there is nothing to search, which it then reports. Called only after a problem: over a
 * slow network it takes as long as a search. */
static int gallery_is_empty(struct context *context, bool *ret_empty, struct error *err)
{
    struct store_status status;
    int rc = store_status(context->store, &status, err);
    if (rc)
        return rc;
    AUTO_FREE char *gallery = context_name(context->settings.gallery);
    *ret_empty = status.photos == 0;
    if (*ret_empty)
        context_note(context, "the gallery %s has no photos yet: `keepsake index FOLDER` adds some",
                     gallery);
    return 0;
}

static void remark_left_out(struct context *context)
{
    int64_t left_out = store_count_left_out(context->store);
    if (left_out)
        context_note(context,
                     left_out == 1
                         ? "%lld photo is left out, its vector is damaged: `keepsake doctor` names "
                           "it, and `keepsake index` on its folder repairs it"
                         : "%lld photos are left out, their vectors are damaged: `keepsake doctor` "
                           "names them, and `keepsake index` on their folders repairs them",
                     (long long)left_out);
}

/* Says which criterion no photo meets, or that there is none that meets all. */
static void remark_nothing(struct context *context, const struct search_request *request,
                           const struct understood *query)
{
    AUTO_FREE char *culprit =
        query->tree ? understood_culprit(context->store, query, &query_options) : NULL;
    bool has_limits = request->filter || (query->tree && query->tree->conditions > 0);
    if (culprit)
        context_note(context, "no photo meets %s", culprit);
    else
        context_note(context,
                     has_limits ? "there is no photo within these limits" : "nothing found");
}

/* Offers words that look like a criterion as one. */
static void remark_hint(struct context *context, const struct understood *query)
{
    AUTO_FREE char *word = NULL;
    AUTO_FREE char *hint = hint_for(context->store, query, &word);
    if (hint)
        context_note(context, "%s was searched for as a word; exactly: keepsake search '%s'", word,
                     hint);
}

static void print_remarks(struct context *context, const struct search_request *request,
                          const struct understood *query, const struct search_results *results)
{
    remark_left_out(context);
    remark_hint(context, query);
    const char *where = request->filter ? "no photo within these limits matches"
                                        : "nothing in this gallery matches";
    if (results->truncated)
        context_note(context, "the query is longer than the model's limit; its end was ignored");
    if (results->partly_unread)
        context_note(context, "%s", search_unread_remark);
    AUTO_FREE char *unread = search_unsupported_remark(results->language);
    if (results->language_unsupported)
        context_note(context, "%s", unread);
    if (results->count == 0)
        remark_nothing(context, request, query);
    else if (!results->language_unsupported && !search_has_match(results))
        context_note(context,
                     results->count == 1 ? "%s; this one is nearest" : "%s; these are nearest",
                     where);
}

/* Reads the text of a query; a mistake in it is reported with its place. */
static int understand_text(struct context *context, const char *text, struct understood *ret_query,
                           struct error *err)
{
    struct syntax_fault fault;
    int rc = understood_read(context->store, text, &query_options, ret_query, &fault, err);
    if (rc != ERR_INVALID && rc != ERR_NOT_FOUND && rc != ERR_LIMIT) {
        if (rc)
            syntax_fault_release(&fault);
        return rc;
    }
    query_text_report(context, text, &fault, err);
    syntax_fault_release(&fault);
    return STATUS_USAGE;
}

static int show_results(struct context *context, const struct search_options *o,
                        struct search_request *request, const struct understood *query,
                        struct pictures pictures, struct error *err)
{
    bool empty = false;
    struct store_filter filter;
    struct error why = ERROR_INIT;
    AUTO_FREE char *folder = NULL;
    int rc = query->is_listed ? 0 : context_open_model(context, &why);
    if (!rc)
        rc = filter_options_read(context->store, &o->filter, &filter, &folder, &why);
    struct search_results results = {.items = NULL};
    request->filter = filter_options_given(&o->filter) ? &filter : NULL;
    if (!rc)
        rc = search_run(context->store, context->clip, context->choice.id, request, &results, &why);
    int asked = rc || !results.count ? gallery_is_empty(context, &empty, err) : 0;
    if (empty)
        search_results_release(&results);
    if (asked || empty)
        return asked;
    if (rc)
        return error_set(err, rc, "%s", why.message);
    print_remarks(context, request, query, &results);
    results_print(context, pictures, &results);
    search_results_release(&results);
    return STATUS_DONE;
}

/* `text` is NULL if the request is an example already. */
static int search_and_print(struct context *context, const struct search_options *o,
                            const char *text, struct search_request *request,
                            struct pictures pictures, struct error *err)
{
    struct understood query = {.tree = NULL};
    int rc = context_open_gallery(context, STORE_READ, err);
    if (!rc && text)
        rc = understand_text(context, text, &query, err);
    if (rc)
        return rc;
    request->tree = query.tree;
    request->sort = query.sort;
    request->seed = (uint64_t)random_id();
    rc = text && o->explain ? query_text_explain(context, &query, &query_options, err)
                            : show_results(context, o, request, &query, pictures, err);
    understood_release(&query);
    return rc;
}

/* A mistake in the grammar is reported also where there is no gallery. */
static int check_syntax(struct context *context, const char *text)
{
    struct syntax_query query;
    struct syntax_fault fault;
    struct error problem;
    if (syntax_parse(text, &query, &fault, &problem) == 0) {
        syntax_query_release(&query);
        return 0;
    }
    query_text_report(context, text, &fault, &problem);
    syntax_fault_release(&fault);
    return STATUS_USAGE;
}

/* Reads the words, or with "-" alone standard input. */
static int read_query(const struct argument_list *operands, char **ret_text, struct error *err)
{
    size_t size;
    if (operands->count != 1 || strcmp(operands->items[0].text, "-") != 0) {
        int rc = words_join(operands, 0, LIMIT_QUERY_BYTES, "query", ret_text, err);
        return rc || text_is_utf8(*ret_text, strlen(*ret_text))
                   ? rc
                   : error_set(err, ERR_INVALID, "the query is not UTF-8 text");
    }
    int rc = input_read_all(LIMIT_QUERY_BYTES, "query", ret_text, &size, err);
    if (!rc && strlen(*ret_text) < size) {
        free(*ret_text);
        *ret_text = NULL;
        rc = error_set(err, ERR_INVALID, "the query on standard input is not text");
    }
    return rc;
}

static int check_request(struct context *context, const struct search_options *o, const char *text,
                         size_t words)
{
    if (o->like && words > 0)
        return command_misuse(&command_search, "search takes either words or --like, not both");
    if (o->like && o->explain)
        return command_misuse(&command_search, "--explain is about a QUERY of words");
    if (o->like)
        return 0;
    if (text[strspn(text, " \t\r\n")] == '\0')
        return command_misuse(&command_search, "search needs words for what the photos show");
    return check_syntax(context, text);
}

static int run_search(struct context *context, const void *chosen,
                      const struct argument_list *operands, struct error *err)
{
    struct search_options own = *(const struct search_options *)chosen, *o = &own;
    o->k = settings_count(&context->settings, o->k);
    AUTO_FREE char *text = NULL, *picture = NULL;
    size_t size = 0;
    bool like_stdin = o->like && strcmp(o->like, "-") == 0;
    int rc = read_query(operands, &text, err);
    if (!rc && like_stdin && operands->count == 0)
        rc = input_read_all(LIMIT_PHOTO_FILE_BYTES, "picture", &picture, &size, err);
    if (rc)
        return rc;
    int status = check_request(context, o, text, operands->count);
    if (status)
        return status;
    struct search_request request = {.like = like_stdin ? NULL : o->like,
                                     .like_data = picture,
                                     .like_size = size,
                                     .all_copies = o->copies,
                                     .k = (size_t)o->k};
    struct pictures pictures = {.count = o->pictures ? (size_t)o->k : 1,
                                .hides_copies = !o->copies};
    if (!context->settings.json)
        pictures.kind = preview_kind(stdout, context->settings.preview);
    return search_and_print(context, o, o->like ? NULL : text, &request, pictures, err);
}

static const struct example examples[] = {
    {"keepsake search two dogs in the snow", "the five best photos"},
    {"keepsake search -k 20 --json birthday cake | jq -r .path", "paths for another program"},
    {"keepsake search --like holiday.jpg", "photos that look like this one"},
    {"keepsake search --from 2019-07 --until 2019-08 a boat", "of one summer"},
    {"keepsake search grandpa with a kite", "photos labelled 'Grandpa' come first"},
    {"keepsake search 'beach + sunset -crowd in:trips'", "`keepsake help query` has the language"},
    {"keepsake search 'label:Ana date:2015..2017 sort:date'", "criteria alone: a list"},
    {NULL, NULL},
};

const struct command command_search = {
    .name = "search",
    .summary = "find photos by what they show",
    .usage = "[OPTION]... QUERY...\n[OPTION]... --like FILE",
    .description =
        "Lists the photos nearest to the QUERY, best first: rank, score, how well it matches, day "
        "it was taken, path. The words need no quotes; - stands for a QUERY "
        "on standard input, and --like - for a picture there. A QUERY that speaks of a name which "
        "you "
        "gave with `keepsake label` finds photos with that label first, and they show the name. "
        "If the terminal supports it, a preview of the best photo is shown. Files with the same "
        "content "
        "count once: of those found, the one with the smallest path is listed, and the number of "
        "copies after it (--copies lists all).\n\n"
        "Each match is rated strong, fair, weak or none: how far the query stands "
        "out from texts that have nothing to do with the photo. When all are none, a remark says "
        "that nothing matches. The models read English in Latin letters: words in other scripts "
        "are left out, and for a query that is mostly of such words, or in another language, a "
        "remark says so and all photos are rated none; names that you gave are found in any "
        "script. The score is the cosine similarity of photo and query, or for a query of several "
        "parts a grade: compare scores within one search, not between searches.\n\n"
        "With --json: one object per photo with id, path, name (the last part of the path), "
        "version, "
        "taken, width, height, rank, score, strength, names and copies (count: how many other "
        "files "
        "of the gallery have the same content; photos: id and path of the first 20); what is not "
        "known is null. "
        "language_unsupported is there when the model does not read the script or language of the "
        "query. A "
        "path that is not valid UTF-8 has U+FFFD for its malformed bytes, and path_base64 holds it "
        "exactly.",
    .examples = examples,
    .options = options,
    .options_size = sizeof(struct search_options),
    .takes_query = true,
    .decodes = true,
    .run = run_search,
};
