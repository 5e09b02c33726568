/* SPDX-License-Identifier: MIT */
/* The public functions of the module: opens an ask, prepares a question, and reports its state. */
#include "ask/ask.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ask/ask_internal.h"
#include "ask/retrieve.h"
#include "ask/rule_set.h"
#include "ask/tools.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"

#define DEFAULT_PHOTOS 5
#define COPIES 20 /* maximum number of copies among the best photos to skip */
#define DEFAULT_ROUNDS 6
#define DEFAULT_TOKENS 8192
#define DEFAULT_MORE 10

/* ---- opening ---- */

static void copy_options(const struct ask_options *given, struct ask_options *ret_options)
{
    *ret_options = *given;
    ret_options->effort = given->effort ? xstrdup(given->effort) : NULL;
    ret_options->purpose = xstrdup(given->purpose ? given->purpose : "ask");
    ret_options->filter = store_filter_copy(&given->filter);
    if (!ret_options->k)
        ret_options->k = DEFAULT_PHOTOS;
    if (!ret_options->rounds)
        ret_options->rounds = DEFAULT_ROUNDS;
    if (!ret_options->more)
        ret_options->more = DEFAULT_MORE;
    if (!ret_options->max_tokens)
        ret_options->max_tokens = DEFAULT_TOKENS;
}

static void release_options(struct ask_options *options)
{
    free((char *)(uintptr_t)options->effort);
    free((char *)(uintptr_t)options->purpose);
    store_filter_release(&options->filter);
}

static int check_options(const struct ask *ask, struct error *err)
{
    static const char *const efforts[] = {"low", "medium", "high", "xhigh", "max"};
    const char *effort = ask->options.effort;
    size_t n = sizeof efforts / sizeof *efforts, at = 0;
    while (effort && at < n && strcmp(effort, efforts[at]) != 0)
        at++;
    if (at == n)
        return error_set(err, ERR_INVALID, "the effort must be low, medium, high, xhigh or max");
    if (ask->limits.images && ask->options.k > (size_t)ask->limits.images)
        return error_set(err, ERR_INVALID, "%s takes at most %d photos in one request, not %zu",
                         llm_model(ask->llm), ask->limits.images, ask->options.k);
    return 0;
}

int ask_open(struct store *store, struct clip *clip, const char *model_id, struct llm *llm,
             const struct ask_options *options, struct ask **ret_ask, struct error *err)
{
    if (!options->principal)
        BUG("a question that nobody asks");
    struct ask *ask = xcalloc(1, sizeof *ask);
    ask->store = store;
    ask->clip = clip;
    ask->llm = llm;
    ask->model_id = xstrdup(model_id);
    copy_options(options, &ask->options);
    llm_limits(llm, &ask->limits);
    bool has_facts = options->facts != TELL_NOTHING;
    ask->tools = ask->limits.tools && !options->no_tools ? tools_schema(has_facts) : NULL;
    ask->messages = json_array();
    int rc = check_options(ask, err);
    if (rc)
        ask_close(ask);
    else
        *ret_ask = ask;
    return rc;
}

void ask_close(struct ask *ask)
{
    if (!ask)
        return;
    session_forget_question(ask, true);
    pictures_release(&ask->pictures);
    json_decref(ask->messages);
    json_decref(ask->tools);
    release_options(&ask->options);
    free(ask->model_id);
    free(ask->shown);
    free(ask->dropped);
    free(ask);
}

struct outbox_more ask_more(const struct ask *ask)
{
    if (!ask->tools || ask->options.more < 0)
        return (struct outbox_more){0, 0};
    size_t photos = (size_t)ask->options.more;
    return (struct outbox_more){photos, photos * ASK_MORE_BYTES};
}

/* ---- preparing ---- */

static int check_question(const char *question, struct error *err)
{
    size_t length = strlen(question);
    if (question[strspn(question, " \t\r\n")] == '\0')
        return error_set(err, ERR_INVALID, "the question is empty");
    if (length > LIMIT_QUERY_BYTES)
        return error_set(err, ERR_INVALID, "the question is %zu bytes long; the limit is %zu",
                         length, LIMIT_QUERY_BYTES);
    if (!text_is_utf8(question, length))
        return error_set(err, ERR_INVALID, "the question is not UTF-8 text");
    return 0;
}

/* A copy of a photo that the question already contains is not taken: it would cost tokens and show
 * nothing new. */
static bool note_shown(struct ask *ask, int number)
{
    size_t new = ask->pictures.count - ask->first;
    if (new > 0 && number >= ask->pictures.items[ask->first].number)
        return false;
    for (size_t i = 0; i < ask->n_shown; i++)
        if (ask->shown[i] == number)
            return false;
    ARRAY_GROW(ask->shown, ask->cap_shown, ask->n_shown + 1);
    ask->shown[ask->n_shown++] = number;
    return true;
}

static int take_photo(void *context, struct search_result *result, bool *ret_taken,
                      struct error *err)
{
    struct ask *ask = context;
    int number = session_number_of(ask, &result->photo);
    if (number) {
        *ret_taken = note_shown(ask, number);
        return 0;
    }
    struct view_request look = session_look(ask, FIRST_LOOK_PX, FIRST_LOOK_TOKENS, ask->options.k);
    struct error why = ERROR_INIT;
    int rc = session_add_picture(ask, &result->photo, result->score, true, &look, &why);
    *ret_taken = rc == 0;
    if (session_is_fatal(rc))
        return error_set(err, rc, "%s", why.message);
    if (rc && ask->outbox.unreadable++ == 0)
        ask->outbox.unreadable_why = xstrdup(why.message);
    return 0;
}

/* The number of photos to take, limited by the pictures that the model still takes in this
 * conversation. */
static size_t wanted_photos(const struct ask *ask)
{
    size_t used = session_images(ask), limit = (size_t)ask->limits.images;
    size_t left = limit > used ? limit - used : 0;
    return !ask->limits.images || left > ask->options.k ? ask->options.k : left;
}

void ask_about(struct ask *ask, int64_t photo)
{
    ask->about = photo;
}

/* Takes the named photo, unless a rule withholds it. */
static int take_named(struct ask *ask, const struct rule_set *rules, struct retrieval *found,
                      struct error *err)
{
    struct search_result named = {.score = NAN, .strength = SEARCH_STRONG};
    bool taken;
    int rc = store_get_photo(ask->store, ask->about, &named.photo, err);
    if (rc == ERR_NOT_FOUND)
        return error_set(err, ERR_INVALID,
                         "cannot ask about this photo: it is not in the "
                         "gallery");
    if (rc)
        return rc;
    rc = rule_set_covering(rules, &named.photo, &found->withheld_why, err);
    found->withheld = !rc && found->withheld_why;
    if (!rc && !found->withheld)
        rc = take_photo(ask, &named, &taken, err);
    store_photo_release(&named.photo);
    return rc;
}

static int find_photos(struct ask *ask, const struct retrieve_request *request,
                       struct retrieval *found, struct error *err)
{
    if (request->search.k == 0)
        return 0;
    if (ask->about)
        return take_named(ask, request->rules, found, err);
    return retrieve(ask->store, ask->clip, ask->model_id, request, found, err);
}

/* Prepares the photos, the warning about near-identical withheld ones, and the captions, under the
 * current rules. */
static int prepare_photos(struct ask *ask, const struct rule_set *rules, struct error *err)
{
    struct retrieve_request request = {.search = {.text = ask->question,
                                                  .is_question = true,
                                                  .k = wanted_photos(ask),
                                                  .filter = &ask->options.filter},
                                       .include_weak = ask->options.include_weak,
                                       .spare = COPIES,
                                       .rules = rules,
                                       .offer = take_photo,
                                       .context = ask};
    struct retrieval found = {0};
    ask->outbox.no_room = ask->options.k - request.search.k;
    int rc = find_photos(ask, &request, &found, err);
    ask->outbox.weak = found.weak;
    ask->outbox.language_unsupported = found.language_unsupported;
    ask->outbox.partly_unread = found.partly_unread;
    ask->outbox.withheld = found.withheld;
    ask->outbox.withheld_why = found.withheld_why;
    if (!rc)
        rc = session_caption(ask, ask->first, err);
    return rc ? rc
              : near_find(ask, ask->first, rules, &ask->outbox.near, &ask->outbox.near_why, err);
}

int ask_prepare(struct ask *ask, const char *question, struct error *err)
{
    struct rule_set rules = {0};
    session_forget_question(ask, false);
    int rc = check_question(question, err);
    if (rc)
        return rc;
    ask->question = xstrdup(question);
    rc = rule_set_load(ask->store, &rules, err);
    if (!rc)
        rc = prepare_photos(ask, &rules, err);
    rule_set_release(&rules);
    if (!rc)
        rc = outbox_make(ask, ask->first == 0, err); /* a new rule may cover earlier pictures */
    if (rc)
        session_forget_question(ask, false);
    return rc;
}

bool ask_would_send(const struct ask *ask)
{
    return ask->question &&
           (ask->pictures.count > ask->first || json_array_size(ask->messages) > 0);
}

const struct outbox *ask_outbox(const struct ask *ask)
{
    return &ask->outbox;
}

int ask_drop(struct ask *ask, int64_t photo, struct error *err)
{
    struct pictures *pictures = &ask->pictures;
    size_t at = ask->first;
    while (at < pictures->count && pictures->items[at].photo.id != photo)
        at++;
    if (at == pictures->count)
        return error_set(err, ERR_NOT_FOUND, "the photo is not in the outbox");
    ARRAY_GROW(ask->dropped, ask->cap_dropped, ask->n_dropped + 1);
    struct photo_key key = {.id = photo};
    memcpy(key.hash, pictures->items[at].view.hash, HASH_BYTES);
    ask->dropped[ask->n_dropped++] = key;
    picture_release(&pictures->items[at]);
    memmove(&pictures->items[at], &pictures->items[at + 1],
            (pictures->count - at - 1) * sizeof *pictures->items);
    pictures->count--;
    pictures->last--;
    for (size_t i = at; i < pictures->count; i++)
        pictures->items[i].number--;
    int rc = session_caption(ask, at, err);
    return rc ? rc : outbox_make(ask, false, err);
}

int ask_body(const struct ask *ask, char **ret_body, size_t *ret_size, struct error *err)
{
    if (!ask_would_send(ask))
        return error_set(err, ERR_INVALID, "nothing to send: the outbox is empty");
    struct gate_load load;
    AUTO_JSON *messages = json_copy(ask->messages);
    json_array_append_new(messages, session_turn(ask));
    struct llm_request request = session_request(ask, messages);
    return gate_body(ask->store, ask->llm, &request, &ask->pictures, ask->first == 0, ret_body,
                     ret_size, &load, err);
}
