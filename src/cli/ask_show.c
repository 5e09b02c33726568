/* SPDX-License-Identifier: MIT */
/* Prints the outbox, the citations and the cost of `keepsake ask` for people. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/ask_run.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "search/search.h"

#define PREVIEWS_MAX 4

char *ask_price_text(double usd)
{
    if (!isfinite(usd))
        return xstrdup("price not known");
    if (usd == 0)
        return xstrdup("free");
    return xasprintf(usd < 0.095 ? "$%.4f" : "$%.2f", usd);
}

static char *day_of(const char *taken)
{
    return taken && taken[0] ? xstrndup(taken, strcspn(taken, "T")) : xstrdup("-");
}

static char *score_of(double score)
{
    return isfinite(score) ? xasprintf("%.3f", score) : xstrdup("-");
}

/* ---- the outbox ---- */

static void add_photo(struct table *table, const struct outbox_photo *photo)
{
    char size[32];
    AUTO_FREE char *number = xasprintf("[%d]", photo->number);
    AUTO_FREE char *score = score_of(photo->score);
    AUTO_FREE char *day = day_of(photo->photo.facts.taken);
    AUTO_FREE char *pixels = xasprintf("%dx%d", photo->width, photo->height);
    AUTO_FREE char *path = path_shorten(photo->photo.path);
    text_bytes(size, sizeof size, photo->bytes);
    table_add(table, (const char *[]){number, score, day, pixels, size, path});
}

static void show_figures(const struct ask_run *run, const struct outbox *outbox, FILE *stream)
{
    char size[32];
    AUTO_FREE char *price = ask_price_text(outbox->price_usd);
    AUTO_FREE char *most = ask_price_text(outbox->price_max_usd);
    AUTO_FREE char *again =
        outbox->again ? xasprintf(" and the %zu earlier pictures", outbox->again) : xstrdup("");
    const char *date = llm_price_date(run->context->llm);
    fprintf(stream, "%zu photo%s%s: %s, about %" PRId64 " tokens; ", outbox->count,
            outbox->count == 1 ? "" : "s", again, text_bytes(size, sizeof size, outbox->bytes),
            outbox->tokens);
    if (outbox->price_usd == 0 || !isfinite(outbox->price_usd))
        fprintf(stream, "%s\n", price);
    else
        fprintf(stream, "%s, with the longest answer %s (prices of %s)\n", price, most,
                date[0] ? date : "an unknown day");
}

char *ask_more_text(const struct outbox *outbox)
{
    char size[32];
    if (outbox->more.photos == 0 || outbox->local)
        return NULL;
    return xasprintf("at most %zu more, %s, if the model requests them", outbox->more.photos,
                     text_bytes(size, sizeof size, outbox->more.bytes));
}

static void show_told(const struct outbox *outbox, FILE *stream)
{
    AUTO_FREE char *told = told_phrase(&outbox->told);
    AUTO_FREE char *more = ask_more_text(outbox);
    fprintf(stream, "%s%s\n", outbox->told.facts ? "with " : "", told);
    if (more)
        fprintf(stream, "%s\n", more);
    if (outbox->near) {
        AUTO_FREE char *why = text_printable(outbox->near_why, strlen(outbox->near_why));
        fprintf(stream, "look twice: %s%s\n", why, outbox->near > 1 ? "; and others do" : "");
    }
}

static void show_language(const struct outbox *outbox, FILE *stream)
{
    bool sends = outbox->count > 0 || outbox->again > 0;
    if (outbox->language_unsupported && sends)
        fputs("searched only for your labels: the search model does not read the script or "
              "language of "
              "the question\n",
              stream);
    else if (outbox->partly_unread)
        fprintf(stream, "%s\n", search_unread_remark);
}

void ask_show_kept_back(const struct outbox *outbox, FILE *stream)
{
    AUTO_FREE char *why = outbox->withheld_why
                              ? text_printable(outbox->withheld_why, strlen(outbox->withheld_why))
                              : xstrdup("");
    AUTO_FREE char *unreadable =
        outbox->unreadable_why
            ? text_printable(outbox->unreadable_why, strlen(outbox->unreadable_why))
            : xstrdup("");
    if (outbox->withheld)
        fprintf(stream, "%zu more withheld by never-send: %s\n", outbox->withheld, why);
    show_language(outbox, stream);
    if (outbox->weak)
        fprintf(stream, "%zu photo%s that match%s nothing %s left out\n", outbox->weak,
                outbox->weak == 1 ? "" : "s", outbox->weak == 1 ? "es" : "",
                outbox->weak == 1 ? "was" : "were");
    if (outbox->unreadable)
        fprintf(stream, "%zu cannot be read: %s\n", outbox->unreadable, unreadable);
    if (outbox->no_room)
        fprintf(stream,
                "%zu more %s not searched for: the conversation has reached the model's limit "
                "of pictures; begin a new one\n",
                outbox->no_room, outbox->no_room == 1 ? "was" : "were");
}

void ask_show_outbox(const struct ask_run *run, const struct outbox *outbox, FILE *stream)
{
    AUTO_FREE char *model = text_printable(outbox->model, strlen(outbox->model));
    AUTO_FREE char *host = text_printable(outbox->host, strlen(outbox->host));
    if (!ask_would_send(run->ask)) {
        fputs(outbox->language_unsupported
                  ? "Nothing is sent: the search model does not read the script or language of the "
                    "question. Ask in English, or use one of your labels.\n"
                  : "Nothing is sent: no photo of this gallery matches.\n",
              stream);
        ask_show_kept_back(outbox, stream);
        return;
    }
    fprintf(stream, "To %s at %s%s:\n", model, host,
            outbox->local ? ", which is this machine" : "");
    struct table table = TABLE_INIT(6);
    table.style[1] = STYLE_BOLD;
    table.style[2] = STYLE_DIM;
    table_align_right(&table, 1);
    table_align_right(&table, 3);
    table_align_right(&table, 4);
    for (size_t i = 0; i < outbox->count; i++)
        add_photo(&table, &outbox->photos[i]);
    table_print(&table, stream, terminal_has_colour(stream));
    table_release(&table);
    show_figures(run, outbox, stream);
    show_told(outbox, stream);
    ask_show_kept_back(outbox, stream);
}

/* ---- the answer ---- */

static bool is_repeated(const struct ask_answer *answer, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (answer->citations[i].number == answer->citations[at].number)
            return true;
    return false;
}

/* The first box that the answer has for this picture; NULL: none. */
static const struct ask_citation *boxed_citation(const struct ask_answer *answer, int number)
{
    for (size_t i = 0; i < answer->count; i++)
        if (answer->citations[i].number == number && answer->citations[i].has_box)
            return &answer->citations[i];
    return NULL;
}

static void show_preview(const struct ask_run *run, const struct ask_answer *answer,
                         const struct ask_citation *citation)
{
    const struct ask_citation *place = boxed_citation(answer, citation->number);
    struct store_box box = {0};
    struct error problem = ERROR_INIT;
    if (place)
        box = (struct store_box){place->box.x, place->box.y, place->box.width, place->box.height};
    if (preview_show(run->preview, stdout, citation->path, citation->hash, place ? &box : NULL,
                     &problem))
        context_note(run->context, "no picture: %s", problem.message);
}

void ask_show_citations(const struct ask_run *run, const struct ask_answer *answer)
{
    struct table table = TABLE_INIT(4);
    table_align_right(&table, 1);
    table.style[1] = STYLE_BOLD;
    table.style[2] = STYLE_DIM;
    for (size_t i = 0; i < answer->count; i++) {
        const struct ask_citation *c = &answer->citations[i];
        if (is_repeated(answer, i))
            continue;
        AUTO_FREE char *number = xasprintf(c->photo ? "[%d]" : "[%d?]", c->number);
        AUTO_FREE char *score = score_of(c->score);
        AUTO_FREE char *day = day_of(c->taken);
        AUTO_FREE char *path = c->photo ? path_shorten(c->path)
                                        : xstrdup("this photo was not "
                                                  "sent");
        table_add(&table, (const char *[]){number, score, day, path});
    }
    if (table.count > 0)
        output_prose("\n", 1);
    size_t row = 0, shown = 0;
    for (size_t i = 0; i < answer->count; i++) {
        if (is_repeated(answer, i))
            continue;
        table_print_row(&table, row++, stdout, terminal_has_colour(stdout));
        if (answer->citations[i].photo && run->preview != PREVIEW_NONE && shown++ < PREVIEWS_MAX)
            show_preview(run, answer, &answer->citations[i]);
    }
    table_release(&table);
}

void ask_show_usage(const struct ask_run *run, const struct ask_answer *answer)
{
    const struct llm_usage *u = &answer->usage;
    int64_t in = u->input_tokens + u->cache_read_tokens + u->cache_write_tokens;
    if (answer->requests == 0)
        return;
    AUTO_FREE char *cached = u->cache_read_tokens
                                 ? xasprintf(" (%" PRId64 " from the cache)", u->cache_read_tokens)
                                 : xstrdup("");
    AUTO_FREE char *price = ask_price_text(answer->cost_usd);
    context_note(run->context, "%s: %" PRId64 " tokens in%s, %" PRId64 " out; %s", answer->model,
                 in, cached, u->output_tokens, price);
}
