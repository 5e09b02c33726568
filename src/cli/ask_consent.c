/* SPDX-License-Identifier: MIT */
/* Obtains the owner's consent: from the terminal, from the ledger, or from the settings. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "cli/ask_run.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "store/ledger.h"

static int went_there(void *context, const struct ledger_entry *entry)
{
    const struct outbox *outbox = context;
    return entry->event == LEDGER_SENT && strcmp(entry->purpose, "ask") == 0 &&
           strcmp(entry->provider, outbox->provider) == 0 && strcmp(entry->host, outbox->host) == 0;
}

static bool is_yes(const char *answer)
{
    return answer && (strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0);
}

static bool can_ask(const struct ask_run *run)
{
    return terminal_is(stdin) && terminal_is(stderr) && !run->context->settings.json;
}

static int ask_owner(const struct outbox *outbox, struct error *err)
{
    AUTO_FREE char *told = told_phrase(&outbox->told);
    AUTO_FREE char *more = ask_more_text(outbox);
    AUTO_FREE char *prompt = xasprintf(
        "%zu photo%s%s%s%s%s.\nPhotos of this gallery have not been sent to %s before. Send "
        "them? [y/N] ",
        outbox->count, outbox->count == 1 ? "" : "s", outbox->told.facts ? " with " : ", ", told,
        more ? "; " : "", more ? more : "", outbox->host);
    AUTO_FREE char *answer = ask_read_line(prompt);
    if (is_yes(answer))
        return 0;
    return error_set(err, interrupt_requested() ? ERR_CANCELLED : ERR_DENIED, "nothing was sent");
}

bool ask_consent_more(const struct ask_run *run, const struct outbox *added,
                      const struct outbox_more *so_far)
{
    char size[32];
    if (run->choices->yes || !can_ask(run))
        return false;
    AUTO_FREE char *told = told_phrase(&added->told);
    AUTO_FREE char *before =
        so_far->photos ? xasprintf(", after %zu for this question", so_far->photos) : xstrdup("");
    AUTO_FREE char *prompt = xasprintf(
        "\nThe model asks for %zu more photo%s (%s, %s%s)%s, which exceeds the agreed amount. "
        "Send? [y/N] ",
        added->count, added->count == 1 ? "" : "s", text_bytes(size, sizeof size, added->bytes),
        added->told.facts ? "with " : "", told, before);
    AUTO_FREE char *answer = ask_read_line(prompt);
    return is_yes(answer);
}

int ask_consent(const struct ask_run *run, const struct outbox *outbox, struct error *err)
{
    const char *setting = run->context->settings.ask_consent;
    if (outbox->local || run->choices->yes || (setting && strcmp(setting, "yes") == 0))
        return 0;
    int rc =
        store_ledger_newest(run->context->store, 0, went_there, (void *)(uintptr_t)outbox, err);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    if (can_ask(run))
        return ask_owner(outbox, err);
    return error_set(err, ERR_DENIED,
                     "nothing was sent: photos of this gallery have not been sent to %s before, "
                     "and that needs your consent; give --yes, or write 'ask-consent = yes' "
                     "into the config file",
                     outbox->host);
}
