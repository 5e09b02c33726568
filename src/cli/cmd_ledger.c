/* SPDX-License-Identifier: MIT */
/* `keepsake ledger`: prints the requests to language models and their costs. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/ledger_view.h"
#include "cli/output.h"
#include "forms/forms.h"

struct ledger_options {
    const char *since;
    bool photos;
};

static const struct option_spec options[] = {
    {.name = "since",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct ledger_options, since),
     .value = "DATE",
     .help = "only entries from this date on: 2026, 2026-11 or 2026-11-23"},
    {.name = "photos",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct ledger_options, photos),
     .help = "also list the photos of every request"},
    {.name = NULL},
};

static int print_json(void *context, const struct ledger_entry *entry)
{
    (void)context;
    output_json(form_ledger_entry(entry));
    return output_is_broken();
}

static int print_people(struct context *context, int64_t since, bool photos, struct error *err)
{
    struct ledger_view view = {0};
    int rc = store_ledger_list(context->store, since, ledger_view_add, &view, err);
    if (!rc && view.count == 0)
        context_note(context, since ? "nothing was sent since then" : "nothing was ever sent");
    else if (!rc)
        ledger_view_print(&view, photos);
    ledger_view_release(&view);
    return rc;
}

static int run_ledger(struct context *context, const void *chosen,
                      const struct argument_list *operands, struct error *err)
{
    const struct ledger_options *o = chosen;
    int64_t since = 0;
    if (operands->count > 0)
        return command_misuse(&command_ledger, "ledger takes no arguments");
    if (o->since && !ledger_day(o->since, &since))
        return command_misuse(&command_ledger,
                              "'%s' is not a date: write 2026, 2026-11 or 2026-11-23", o->since);
    int rc = context_open_gallery(context, STORE_READ, err);
    if (rc)
        return rc;
    if (!context->settings.json)
        return print_people(context, since, o->photos, err);
    rc = store_ledger_list(context->store, since, print_json, NULL, err);
    return rc > 0 ? STATUS_DONE : rc; /* > 0: the reader closed the pipe */
}

static const struct example examples[] = {
    {"keepsake ledger --since 2026-11", "the entries and costs of this month"},
    {"keepsake ledger --photos", "with the photos"},
    {NULL, NULL},
};

const struct command command_ledger = {
    .name = "ledger",
    .summary = "list what was sent, when, to whom and at what cost",
    .usage = "[--since DATE] [--photos]",
    .description =
        "Lists every request that left this machine, oldest first: time, purpose, recipient, "
        "number of photos and bytes, the facts sent as text, input and output tokens, cost in "
        "US dollars, and result; then the totals. A cost with ~ was estimated before sending. A "
        "request is recorded before its first byte is sent; a request without a result was "
        "interrupted. Entries cannot be changed or deleted.\n\n"
        "With --json: one object per entry with id, at, request, event (sent, answered or "
        "failed; the entries of one request have the same request), purpose, provider, host, "
        "model, photos (id, path, width, height, bytes, and box if only a part was sent), "
        "bytes, facts (the facts sent as text: date, place (to about 1 km), exact-place, "
        "camera, labels), usage (input_tokens, output_tokens, cache_read_tokens, "
        "cache_write_tokens), cost_usd (null if unknown) and detail. Only sent entries have "
        "photos, bytes and facts.",
    .examples = examples,
    .options = options,
    .options_size = sizeof(struct ledger_options),
    .run = run_ledger,
};
