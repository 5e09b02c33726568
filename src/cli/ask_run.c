/* SPDX-License-Identifier: MIT */
/* Runs one question of `keepsake ask` (outbox, consent, streamed answer, citations), or a
 * conversation of several. */
#include "cli/ask_run.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/terminal.h"

#define LINE_BYTES_MAX ((size_t)64 << 10)

/* ---- while the answer arrives ---- */

struct flow {
    const struct ask_run *run;
    bool at_line_start; /* of stdout, while text streams */
};

static void on_text(void *context, const char *text, size_t size)
{
    struct flow *flow = context;
    if (flow->run->context->settings.json)
        return;
    output_prose(text, size);
    output_flush();
    flow->at_line_start = text[size - 1] == '\n';
}

/* Prints a remark on its own line, also in the middle of streamed text. */
static void print_remark(struct flow *flow, const char *sentence)
{
    const struct ask_run *run = flow->run;
    bool same_terminal = terminal_is(stdout) && terminal_is(stderr);
    if (!flow->at_line_start && same_terminal && !run->context->settings.quiet)
        fputc('\n', stderr);
    context_note(run->context, "%s", sentence);
}

static void on_tool(void *context, const char *name, const json_t *input)
{
    AUTO_FREE char *given = json_dumps(input, JSON_COMPACT | JSON_ENCODE_ANY);
    AUTO_FREE char *sentence = xasprintf("%s %s", name, given ? given : "");
    print_remark(context, sentence);
}

static void on_tool_done(void *context, const char *name, const char *sentence,
                         const struct outbox *added)
{
    char size[32];
    AUTO_FREE char *price = ask_price_text(added->price_usd);
    AUTO_FREE char *told = told_phrase(&added->told);
    AUTO_FREE char *more =
        added->count
            ? xasprintf("; sends %zu picture%s more (%s, %s)%s%s", added->count,
                        added->count == 1 ? "" : "s", text_bytes(size, sizeof size, added->bytes),
                        price, added->told.facts ? " with " : ", ", told)
            : xstrdup("");
    AUTO_FREE char *line = xasprintf("%s: %s%s", name, sentence, more);
    print_remark(context, line);
}

static void on_note(void *context, const char *sentence)
{
    print_remark(context, sentence);
}

static bool on_exceed(void *context, const struct outbox *added, const struct outbox_more *so_far)
{
    const struct flow *flow = context;
    return ask_consent_more(flow->run, added, so_far);
}

static bool on_proceed(void *context)
{
    (void)context;
    return !interrupt_requested() && !output_is_broken();
}

/* ---- one question ---- */

static void end_text(const struct ask_run *run, const struct flow *flow,
                     const struct ask_answer *answer)
{
    if (answer->text[0] && !flow->at_line_start)
        output_prose("\n", 1);
    if (answer->remark) {
        AUTO_FREE char *line = xasprintf("(%s)\n", answer->remark);
        output_prose(line, strlen(line));
    }
    ask_show_citations(run, answer);
    output_flush();
    ask_show_usage(run, answer);
}

static int finish_question(const struct ask_run *run, const struct flow *flow, int rc,
                           const struct ask_answer *answer, struct error *err)
{
    bool has_answer = rc == 0 || answer->text[0];
    if (run->context->settings.json && has_answer)
        ask_print_answer_json(run, answer, rc ? err->message : NULL);
    else if (!run->context->settings.json && has_answer)
        end_text(run, flow, answer);
    if (rc)
        return rc;
    return answer->remark ? STATUS_PARTLY : STATUS_DONE;
}

static int send_question(struct ask_run *run, struct error *err)
{
    struct flow flow = {.run = run, .at_line_start = true};
    struct ask_events events = {.context = &flow,
                                .text = on_text,
                                .tool = on_tool,
                                .tool_done = on_tool_done,
                                .note = on_note,
                                .proceed = on_proceed,
                                .exceed = on_exceed};
    struct ask_answer answer;
    struct error unkept;
    int rc = ask_send(run->ask, &events, &answer, err);
    if (answer.requests > 0 && ask_history_save(run, &unkept))
        context_note(run->context, "%s", unkept.message);
    rc = finish_question(run, &flow, rc, &answer, err);
    ask_answer_release(&answer);
    /* The reader closed the pipe. */
    return rc == ERR_CANCELLED && !interrupt_requested() ? STATUS_DONE : rc;
}

/* Prints the outbox as a remark; if nothing would be sent, which the answer says, only the photos
 * that are withheld. */
static void show_as_remark(const struct ask_run *run, const struct outbox *outbox)
{
    if (ask_would_send(run->ask))
        ask_show_outbox(run, outbox, stderr);
    else
        ask_show_kept_back(outbox, stderr);
}

/* Handles --dry-run, --save-request and a missing key: nothing is sent yet. */
static int show_before(struct ask_run *run, bool has_key, struct error *err)
{
    const struct ask_choices *choices = run->choices;
    const struct outbox *outbox = ask_outbox(run->ask);
    bool only_show = choices->dry_run || !has_key;
    AUTO_FREE char *body = NULL;
    size_t size = 0;
    int rc = ask_would_send(run->ask) ? ask_body(run->ask, &body, &size, err) : 0;
    if (!rc && choices->save_request && body)
        rc = ask_save_request(choices->save_request, outbox, body, size, err);
    if (rc)
        return rc;
    if (run->context->settings.json && only_show)
        ask_print_outbox_json(outbox, body, size);
    else if (only_show)
        ask_show_outbox(run, outbox, stdout);
    else if (!run->context->settings.quiet && !run->context->settings.json)
        show_as_remark(run, outbox);
    return 0;
}

int ask_run_question(struct ask_run *run, const char *question, struct error *err)
{
    struct error no_key = ERROR_INIT;
    int rc = ask_prepare(run->ask, question, err);
    if (rc)
        return rc;
    bool sends = ask_would_send(run->ask);
    bool has_key = llm_check_key(run->context->llm, &no_key) == 0;
    rc = show_before(run, has_key || !sends, err);
    if (rc || run->choices->dry_run)
        return rc ? rc : STATUS_DONE;
    if (sends && !has_key)
        return error_set(err, no_key.code, "nothing was sent: %s", no_key.message);
    rc = sends ? ask_consent(run, ask_outbox(run->ask), err) : 0;
    if (!rc && interrupt_requested())
        rc = error_set(err, ERR_CANCELLED, "nothing was sent");
    return rc ? rc : send_question(run, err);
}

/* ---- several questions ---- */

/* Waits for input; returns false after Ctrl-C. */
static bool wait_for_input(void)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    while (!interrupt_requested())
        if (poll(&input, 1, 100) != 0 && errno != EINTR)
            return true;
    return false;
}

char *ask_read_line(const char *prompt)
{
    struct strbuf line = STRBUF_INIT(LINE_BYTES_MAX);
    char byte = '\0';
    output_flush();
    if (terminal_is(stdin))
        fputs(prompt, stderr);
    fflush(stderr);
    bool any = false;
    while (byte != '\n' && wait_for_input() && read(STDIN_FILENO, &byte, 1) == 1) {
        any = true;
        if (byte != '\n' && strbuf_add(&line, &byte, 1, NULL))
            break;
    }
    if (any && !interrupt_requested())
        return strbuf_take(&line);
    if (terminal_is(stdin))
        fputc('\n', stderr);
    strbuf_release(&line);
    return NULL;
}

/* Ctrl-C during an answer ends only that answer; a failure is reported, and the next question may
 * be asked. */
static void report_result(int rc, const struct error *problem)
{
    if (rc < 0)
        output_error("%s", problem->message);
    if (rc == ERR_CANCELLED)
        interrupt_forget();
}

int ask_run_conversation(struct ask_run *run, struct error *err)
{
    int status = STATUS_DONE;
    context_note(run->context, "Ask about your photos; an empty line ends the conversation.");
    for (;;) {
        AUTO_FREE char *question = ask_read_line("\n> ");
        if (!question || question[strspn(question, " \t\r")] == '\0')
            break;
        struct error problem = ERROR_INIT;
        int rc = ask_run_question(run, question, &problem);
        report_result(rc, &problem);
        status = rc < 0 ? STATUS_FAILED : rc;
        if (output_is_broken())
            break;
    }
    if (interrupt_requested())
        return error_set(err, ERR_CANCELLED, "interrupted");
    return status;
}
