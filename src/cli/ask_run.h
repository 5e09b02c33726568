/* SPDX-License-Identifier: MIT */
/* The state of one question, shared by the files of `keepsake ask`. */
#pragma once

#include "ask/ask.h"
#include "cli/context.h"
#include "cli/preview.h"

struct ask_choices { /* from the command line */
    int64_t k, rounds, max_tokens, more;
    const char *folder, *from, *until, *label, *save_request;
    bool go_on, dry_run, yes, exact_place, no_facts, include_weak, no_tools;
};
#define ASK_MORE_UNSET (-1)

struct ask_run {
    struct context *context;
    const struct ask_choices *choices;
    struct ask *ask;
    enum preview_kind preview;
};

/* Runs one question from its photos to its answer, and prints it. Returns an exit status, or an
 * error. */
int ask_run_question(struct ask_run *run, const char *question, struct error *err) MUST_CHECK;

/* Reads questions line by line until the end of input or an empty line. */
int ask_run_conversation(struct ask_run *run, struct error *err) MUST_CHECK;

/* ---- ask_show.c: for people ---- */

/* Prints which photos of the outbox are not sent, and why. */
void ask_show_kept_back(const struct outbox *outbox, FILE *stream);
/* Prints to `stream` (stderr, or stdout if the command prints nothing else) the photos and facts
 * that would be sent. */
void ask_show_outbox(const struct ask_run *run, const struct outbox *outbox, FILE *stream);
/* Prints the cited photos, after the text. */
void ask_show_citations(const struct ask_run *run, const struct ask_answer *answer);
void ask_show_usage(const struct ask_run *run, const struct ask_answer *answer);
/* "$0.0213", "no price known" */
char *ask_price_text(double usd);
/* "at most 10 more, 10.0 MB, when the model asks for them"; the caller frees it. NULL: none are
 * allowed. */
char *ask_more_text(const struct outbox *outbox);

/* ---- ask_json.c ---- */

/* Prints {"outbox": ..., "request": the exact body or null} on one line. */
void ask_print_outbox_json(const struct outbox *outbox, const char *body, size_t size);
/* problem: NULL, or the sentence of a failure during the answer. */
void ask_print_answer_json(const struct ask_run *run, const struct ask_answer *answer,
                           const char *problem);

/* ---- ask_save.c ---- */

/* Writes body.json and 1.jpg, 2.jpg ... (by number), exactly as they would be sent. ERR_INVALID,
 * and writes nothing, if one of them already exists. */
int ask_save_request(const char *folder, const struct outbox *outbox, const char *body, size_t size,
                     struct error *err) MUST_CHECK;

/* ---- ask_consent.c ---- */

/* Returns 0 if photos may be sent to this host: it is this machine, the owner consented (--yes,
 * the config, now on the terminal), or the ledger shows that photos were sent there before.
 * ERR_DENIED; ERR_CANCELLED: Ctrl-C. */
int ask_consent(const struct ask_run *run, const struct outbox *outbox,
                struct error *err) MUST_CHECK;
/* Whether photos beyond the consent may be sent: asks on the terminal, else false. As
 * ask_events.exceed. */
bool ask_consent_more(const struct ask_run *run, const struct outbox *added,
                      const struct outbox_more *so_far);

/* ---- ask_history.c: the last conversation about a gallery, for --continue ---- */

/* ERR_NOT_FOUND if there is none. */
int ask_history_load(struct ask_run *run, struct error *err) MUST_CHECK;
/* Saves it with mode 0600, without pictures. */
int ask_history_save(const struct ask_run *run, struct error *err) MUST_CHECK;

/* Reads a line from the terminal or a pipe, without its line end, which the caller frees; NULL at
 * the end of input or after Ctrl-C. */
char *ask_read_line(const char *prompt);
