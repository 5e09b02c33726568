/* SPDX-License-Identifier: MIT */
/* Writes an answer as a stream of events. */
#include "server/asks_events.h"

#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "forms/forms.h"
#include "server/response.h"

/* ---- what happens while it is answered ---- */

static void on_text(void *context, const char *text, size_t size)
{
    struct answering *a = context;
    events_send(a->events, "text", json_pack("{ss%}", "text", text, size));
}

static void on_tool(void *context, const char *name, const json_t *input)
{
    struct answering *a = context;
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(name));
    json_object_set_new(object, "input",
                        json_is_object(input) ? json_deep_copy(input) : json_object());
    events_send(a->events, "tool", object);
}

static void on_tool_done(void *context, const char *name, const char *sentence,
                         const struct outbox *added)
{
    struct answering *a = context;
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(name));
    json_object_set_new(object, "sentence", json_string(sentence));
    json_object_set_new(object, "photos", form_outbox_photos(added));
    events_send(a->events, "tool_done", object);
}

static void on_note(void *context, const char *sentence)
{
    struct answering *a = context;
    events_send(a->events, "note", json_pack("{ss}", "sentence", sentence));
}

/* Stop when the client has disconnected, so that no further tokens are billed. */
static bool on_proceed(void *context)
{
    struct answering *a = context;
    return !atomic_load(&a->stop) && !events_is_abandoned(a->events);
}

static bool on_approve(void *context, const struct outbox *added)
{
    struct answering *a = context;
    (void)added;
    return a->more_photos;
}

static void send_answer(struct answering *a, const struct ask_answer *answer, const char *provider,
                        const char *problem, const char *conversation)
{
    json_t *object = form_answer(answer, provider, problem);
    json_object_set_new(object, "conversation", json_string(conversation));
    events_send(a->events, "answer", object);
}

void answering_run(struct answering *a, struct ask *ask, const char *conversation)
{
    struct ask_events events = {.context = a,
                                .text = on_text,
                                .tool = on_tool,
                                .tool_done = on_tool_done,
                                .note = on_note,
                                .proceed = on_proceed,
                                .approve = on_approve};
    struct ask_answer answer;
    struct error err = ERROR_INIT;
    AUTO_FREE char *provider = xstrdup(ask_outbox(ask)->provider);
    events_send(a->events, "outbox", form_outbox(ask_outbox(ask)));
    int rc = ask_send(ask, &events, &answer, &err);
    if (!rc || (answer.text && answer.text[0]))
        send_answer(a, &answer, provider, rc ? err.message : NULL, conversation);
    if (rc)
        events_send(a->events, "problem", problem_of_error(&err));
    ask_answer_release(&answer);
    events_close(a->events);
}
