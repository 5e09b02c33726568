/* SPDX-License-Identifier: MIT */
/* Prints the outbox and the answer as JSON. */
#include <string.h>

#include "base/memory.h"
#include "cli/ask_run.h"
#include "cli/output.h"
#include "forms/forms.h"

void ask_print_outbox_json(const struct outbox *outbox, const char *body, size_t size)
{
    static const char head[] = "{\"outbox\":", middle[] = ",\"request\":";
    json_t *object = form_outbox(outbox);
    AUTO_FREE char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(object);
    output_bytes(head, strlen(head));
    output_bytes(text, strlen(text));
    output_bytes(middle, strlen(middle));
    output_bytes(body ? body : "null", body ? size : strlen("null"));
    output_bytes("}\n", 2);
}

void ask_print_answer_json(const struct ask_run *run, const struct ask_answer *answer,
                           const char *problem)
{
    output_json(form_answer(answer, llm_provider(run->context->llm), problem));
}
