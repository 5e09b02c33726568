/* SPDX-License-Identifier: MIT */
/* `keepsake ask`: its options, and the choice between one question and a conversation. */
#include <string.h>

#include "base/limits.h"
#include "base/strbuf.h"
#include "cli/ask_run.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "search/folder.h"

#define PHOTOS_MAX 600
#define ROUNDS_MAX 50
#define TOKENS_MAX 128000

static const struct ask_choices defaults = {
    .rounds = 6, .max_tokens = 8192, .more = ASK_MORE_UNSET};

#define AT(field) offsetof(struct ask_choices, field)

static const struct option_spec options[] = {
    {.name = "count",
     .letter = 'k',
     .kind = OPTION_NUMBER,
     .offset = AT(k),
     .value = "N",
     .help = "maximum number of photos to send (default: 5); the model's own limit also applies",
     .min = 1,
     .max = PHOTOS_MAX},
    {.name = "limit", /* the name of this option in other programs */
     .kind = OPTION_NUMBER,
     .offset = AT(k),
     .value = "N",
     .min = 1,
     .max = PHOTOS_MAX,
     .hidden = true},
    {.name = "continue",
     .letter = 'c',
     .kind = OPTION_FLAG,
     .offset = AT(go_on),
     .help = "continue the last conversation about this gallery"},
    {.name = "folder",
     .kind = OPTION_TEXT,
     .offset = AT(folder),
     .value = "DIR",
     .help = "only photos in this folder and below",
     .complete = COMPLETE_FILES},
    {.name = "from",
     .kind = OPTION_TEXT,
     .offset = AT(from),
     .value = "DATE",
     .help = "only photos taken on or after this day, month or year: 2019-07-04, 2019-07, 2019"},
    {.name = "until",
     .kind = OPTION_TEXT,
     .offset = AT(until),
     .value = "DATE",
     .help = "only photos taken on or before this day, month or year"},
    {.name = "label",
     .kind = OPTION_TEXT,
     .offset = AT(label),
     .value = "NAME",
     .help = "only photos with this label"},
    {.name = "dry-run",
     .letter = 'n',
     .kind = OPTION_FLAG,
     .offset = AT(dry_run),
     .help = "show the request without sending it; needs no key"},
    {.name = "save-request",
     .kind = OPTION_TEXT,
     .offset = AT(save_request),
     .value = "DIR",
     .help = "also write the request into this folder: body.json and the pictures, 1.jpg, 2.jpg "
             "...",
     .complete = COMPLETE_FILES},
    {.name = "yes",
     .letter = 'y',
     .kind = OPTION_FLAG,
     .offset = AT(yes),
     .help = "send without asking first"},
    {.name = "exact-place",
     .kind = OPTION_FLAG,
     .offset = AT(exact_place),
     .help = "send the exact place instead of rounding it to about 1 km"},
    {.name = "no-facts",
     .kind = OPTION_FLAG,
     .offset = AT(no_facts),
     .help = "send pictures only: no date, place, camera or labels"},
    {.name = "include-weak",
     .kind = OPTION_FLAG,
     .offset = AT(include_weak),
     .help = "also send those of the best photos that do not match the question"},
    {.name = "more",
     .kind = OPTION_NUMBER,
     .offset = AT(more),
     .value = "N",
     .help = "maximum number of photos that the model may add by its own searches (default: "
             "10); for more, ask requests your consent, or stops",
     .min = 0,
     .max = PHOTOS_MAX},
    {.name = "rounds",
     .kind = OPTION_NUMBER,
     .offset = AT(rounds),
     .value = "N",
     .help = "how often the model may search again or examine a photo (default: 6); 0: never",
     .min = 0,
     .max = ROUNDS_MAX},
    {.name = "no-tools",
     .kind = OPTION_FLAG,
     .offset = AT(no_tools),
     .help = "for a model or server without tools: it answers from the photos that keepsake finds, "
             "as with --rounds 0"},
    {.name = "max-tokens",
     .kind = OPTION_NUMBER,
     .offset = AT(max_tokens),
     .value = "N",
     .help = "maximum length of the reply, including thinking (default: 8192)",
     .min = 1,
     .max = TOKENS_MAX},
    {.name = NULL},
};

static bool on_proceed(void *context)
{
    (void)context;
    return !interrupt_requested();
}

static enum telling chosen_telling(const struct ask_run *run)
{
    if (run->choices->no_facts)
        return TELL_NOTHING;
    return run->choices->exact_place ? TELL_EXACT : settings_telling(&run->context->settings);
}

/* The value for ask_options.more. */
static int chosen_more(const struct ask_run *run)
{
    int64_t more = run->choices->more;
    if (more == ASK_MORE_UNSET)
        return (int)run->context->settings.ask_more;
    return more == 0 ? -1 : (int)more;
}

static int open_ask(struct ask_run *run, struct error *err)
{
    struct context *context = run->context;
    const struct ask_choices *choices = run->choices;
    AUTO_FREE char *folder = NULL;
    struct ask_options ask_options = {
        .principal = &principal_owner,
        .k = (size_t)choices->k,
        .filter = {.from = choices->from, .until = choices->until, .label = choices->label},
        .rounds = (int)choices->rounds,
        .no_tools = choices->no_tools || choices->rounds == 0,
        .max_tokens = choices->max_tokens,
        .effort = context->settings.effort,
        .facts = chosen_telling(run),
        .include_weak = choices->include_weak,
        .more = chosen_more(run),
        .proceed = on_proceed};
    int rc = context_open_gallery(context, choices->dry_run ? STORE_READ : STORE_WRITE, err);
    if (!rc)
        /* Before any work, so that an invalid option fails fast. */
        rc = context_open_llm(context, err);
    if (!rc)
        rc = context_open_model(context, err);
    if (!rc && choices->folder)
        rc = folder_find(context->store, choices->folder, true, &folder, err);
    ask_options.filter.folder = folder;
    if (!rc)
        rc = ask_open(context->store, context->clip, context->choice.id, context->llm, &ask_options,
                      &run->ask, err);
    if (!rc && choices->go_on)
        rc = ask_history_load(run, err);
    return rc;
}

static int ask_all(struct ask_run *run, const char *question, struct error *err)
{
    int rc = open_ask(run, err);
    if (!rc)
        rc = question ? ask_run_question(run, question, err) : ask_run_conversation(run, err);
    ask_close(run->ask);
    return rc;
}

static int run_ask(struct context *context, const void *chosen,
                   const struct argument_list *operands, struct error *err)
{
    struct ask_choices own = *(const struct ask_choices *)chosen;
    const struct ask_choices *choices = &own;
    own.k = settings_count(&context->settings, own.k);
    struct strbuf question = STRBUF_INIT(LIMIT_QUERY_BYTES);
    for (size_t i = 0; i < operands->count; i++)
        if (strbuf_addf(&question, NULL, "%s%s", i ? " " : "", operands->items[i].text)) {
            strbuf_release(&question);
            return error_set(err, ERR_INVALID, "the question is longer than %zu bytes",
                             LIMIT_QUERY_BYTES);
        }
    AUTO_FREE char *text = strbuf_take(&question);
    bool has_text = text[strspn(text, " \t\r\n")] != '\0';
    if (!has_text && (operands->count > 0 || !terminal_is(stdin) || context->settings.json))
        return command_misuse(&command_ask, "ask needs a question");
    if (choices->save_request && !has_text)
        return command_misuse(&command_ask, "--save-request needs a question");
    if (choices->exact_place && choices->no_facts)
        return command_misuse(&command_ask, "give either --exact-place or --no-facts");
    interrupt_catch();
    struct ask_run state = {.context = context, .choices = choices};
    if (!context->settings.json)
        state.preview = preview_kind(stdout, context->settings.preview);
    return ask_all(&state, has_text ? text : NULL, err);
}

static const struct example examples[] = {
    {"keepsake ask --dry-run what is the dog doing?", "show the request and its price"},
    {"keepsake ask -k 10 where did we see the red kite?", "answer from ten photos"},
    {"keepsake ask --continue and who is holding it?", "goes on"},
    {"keepsake ask", "a conversation"},
    {"keepsake ask --provider openai --llm-url http://127.0.0.1:8080/v1 ...",
     "use a model on this machine"},
    {NULL, NULL},
};

const struct command command_ask = {
    .name = "ask",
    .summary = "answer a question about your photos with a language model",
    .usage = "[-k N] QUESTION...\n--dry-run QUESTION...\n--continue [QUESTION...]\n[-k N]",
    .description =
        "Finds the photos that match the question, sends the question and the best photos to a "
        "language model, and prints the answer. A reference such as [1] in the answer is a "
        "photo that was sent; a list of the cited photos follows. A number that was never sent "
        "is marked [9?]. Without a question, ask begins a conversation.\n\n"
        "Before anything is sent, ask shows the photos, their size and the estimated price. "
        "Photos are sent upright, reduced and without metadata. Each is accompanied by text: "
        "its date, its place rounded to about 1 km (exact with --exact-place), its camera and "
        "your labels; --no-facts sends no text. Photos that do not match the question are left "
        "out unless you give --include-weak. The model may then search for more photos or "
        "examine details, which is shown as it happens: at most --more photos for a question, 1 "
        "MB each; ask requests your consent on the terminal for more. Photos under a rule of "
        "`keepsake never-send` are never sent, and `keepsake ledger` lists everything that was "
        "sent. Before a gallery's photos are sent to a service for the first time, ask requests "
        "your consent; without a terminal it needs --yes, or 'ask-consent = yes' in the config "
        "file. A model on this machine needs neither.\n\n"
        "The key comes from the provider's own variable (ANTHROPIC_API_KEY or "
        "ANTHROPIC_AUTH_TOKEN, AWS_BEARER_TOKEN_BEDROCK, a Google OAuth token, OPENAI_API_KEY) "
        "or from --llm-key-file. Without a key, ask shows the photos that it would have sent "
        "and exits with status 1.\n\n"
        "With --json: one object with text, citations (number, photo, path, taken, score, box "
        "in fractions of the photo), rejected (numbers that were never sent), remark (why the "
        "answer is incomplete; null if it is complete), error, stop_reason, provider, model, "
        "usage, cost_usd and more. With --dry-run --json: one object with outbox and request, "
        "which is the exact body. Exit status 3: the answer is incomplete; remark says why.",
    .examples = examples,
    .options = options,
    .options_size = sizeof(struct ask_choices),
    .defaults = &defaults,
    .uses_llm = true,
    .decodes = true,
    .run = run_ask,
};
