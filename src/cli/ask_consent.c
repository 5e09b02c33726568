#include <stdio.h>
#include <string.h>
#include <strings.h>

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

static int ask_owner(const struct outbox *outbox, struct error *err)
{
    AUTO_FREE char *prompt = xasprintf(
        "Photos of this gallery were never sent to %s before. May they be? [y/N] ", outbox->host);
    AUTO_FREE char *answer = ask_read_line(prompt);
    if (is_yes(answer))
        return 0;
    return error_set(err, interrupt_requested() ? ERR_CANCELLED : ERR_DENIED, "nothing was sent");
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
    if (terminal_is(stdin) && terminal_is(stderr) && !run->context->settings.json)
        return ask_owner(outbox, err);
    return error_set(err, ERR_DENIED,
                     "nothing was sent, because photos of this gallery were never sent to %s "
                     "before: --yes, or 'ask-consent = yes' in the config file, allows it",
                     outbox->host);
}
