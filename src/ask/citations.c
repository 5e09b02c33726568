/* SPDX-License-Identifier: MIT */
/* Finds references to photos in a streaming answer, checks them and rewrites them. */
#include "ask/citations.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ask/bracket.h"
#include "base/memory.h"
#include "base/text.h"

#define NUMBER_SURE 999 /* a larger number on its own is a year or another figure */

/* ---- quotations ---- */

static const struct {
    const char *opens, *closes;
} quotations[] = {{"\"", "\""}, {"“", "”"},   {"„", "“"},  {"«", "»"},
                  {"「", "」"}, {"『", "』"}, {"《", "》"}};

static void follow_quotation(struct citations *c, const char *character, size_t size)
{
    if (c->quoted) {
        bool ends = strlen(c->quoted) == size && memcmp(c->quoted, character, size) == 0;
        if (ends || *character == '\n')
            c->quoted = NULL;
        return;
    }
    for (size_t i = 0; i < sizeof quotations / sizeof *quotations; i++)
        if (strlen(quotations[i].opens) == size &&
            memcmp(quotations[i].opens, character, size) == 0)
            c->quoted = quotations[i].closes;
}

static void remember_line(struct citations *c, const char *character, size_t size)
{
    if (*character == '\n')
        c->before_size = 0;
    size_t room = sizeof c->before - 1;
    if (c->before_size + size > room) {
        size_t kept = room / 2;
        memmove(c->before, c->before + c->before_size - kept, kept);
        c->before_size = kept;
    }
    memcpy(c->before + c->before_size, character, size);
    c->before_size += size;
}

/* Whether the preceding text says that the number is visible in the photo: "the sign says [7]". */
static bool is_said(struct citations *c)
{
    static const char *const verbs[] = {"says",    "say",      "said",    "saying",   "reads",
                                        "read",    "reading",  "number",  "numbered", "marked",
                                        "labeled", "labelled", "written", "steht",    "dit",
                                        "dice",    "写着",     "写道",    "標示",     "标着"};
    size_t n = c->before_size;
    while (n > 0 && strchr(" :\"'`*", c->before[n - 1]))
        n--;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        size_t size = strlen(verbs[i]);
        if (n < size || strncasecmp(c->before + n - size, verbs[i], size) != 0)
            continue;
        if (n == size || !isalpha((unsigned char)verbs[i][0]) ||
            !isalpha((unsigned char)c->before[n - size - 1]))
            return true;
    }
    return false;
}

/* ---- one reference ---- */

static bool same_citation(const struct citation *a, const struct citation *b)
{
    return a->number == b->number && a->has_box == b->has_box && a->box.x == b->box.x &&
           a->box.y == b->box.y && a->box.width == b->box.width && a->box.height == b->box.height;
}

static void note_item(struct citations *c, const struct bracket_item *item)
{
    const struct picture *picture = pictures_find(c->pictures, item->number);
    struct citation citation = {.number = item->number, .sent = picture && !picture->gone};
    citation.has_box =
        citation.sent && item->has_box && view_to_photo(&picture->view, item->box, &citation.box);
    char mark[32];
    int n = snprintf(mark, sizeof mark, "[%d%s]", item->number, citation.sent ? "" : "?");
    c->emit(c->context, mark, (size_t)n);
    for (size_t i = 0; i < c->count; i++)
        if (same_citation(&c->items[i], &citation))
            return;
    ARRAY_GROW(c->items, c->cap, c->count + 1);
    c->items[c->count++] = citation;
}

/* Whether the bracket is just [x1,y1,x2,y2]: a model repeats the box of a label. Four pictures
 * that were sent are still references. */
static bool is_bare_box(const struct citations *c, const struct bracket *b)
{
    bool all_sent = true;
    for (size_t i = 0; i < b->count; i++) {
        all_sent = all_sent && pictures_find(c->pictures, b->items[i].number);
        if (b->items[i].has_box)
            return false;
    }
    const struct bracket_item *side = b->items;
    return b->count == 4 && !all_sent && side[0].number < side[2].number &&
           side[1].number < side[3].number;
}

/* Whether these are numbers that were never sent and may mean something else. */
static bool is_other_number(struct citations *c, const struct bracket *b)
{
    bool is_large = false;
    for (size_t i = 0; i < b->count; i++) {
        if (b->items[i].has_box || pictures_find(c->pictures, b->items[i].number))
            return false;
        is_large = is_large || b->items[i].number > NUMBER_SURE;
    }
    return !b->is_worded && (is_large || c->quoted || is_said(c));
}

/* ---- the surrounding text ---- */

static void emit_plain(struct citations *c, const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        uint32_t code;
        size_t n = text_decode(text + at, size - at, &code);
        n = n ? n : 1;
        follow_quotation(c, text + at, n);
        remember_line(c, text + at, n);
        at += n;
    }
    c->after_mark = false;
    if (size > 0)
        c->emit(c->context, text, size);
}

/* "(https://...)" directly after a reference would turn it into a Markdown link. */
static bool is_link(const struct citations *c, size_t size)
{
    const char *inner = c->held + 1;
    return c->after_mark && c->held[0] == '(' && c->held[size - 1] == ')' &&
           (strstr(inner, "://") || *inner == '#' || *inner == '/' || *inner == '.');
}

/* Emits the text held back, with its references rewritten. */
static void settle_held(struct citations *c)
{
    struct bracket bracket;
    size_t size = c->held_size;
    c->held[size] = '\0';
    c->held_size = 0;
    if (size == 0)
        return;
    if (is_link(c, size)) {
        c->after_mark = false;
        return;
    }
    if (strlen(c->held) != size || !bracket_read(c->held, &bracket) || is_bare_box(c, &bracket) ||
        is_other_number(c, &bracket)) {
        emit_plain(c, c->held, size);
        return;
    }
    for (size_t i = 0; i < bracket.count; i++)
        note_item(c, &bracket.items[i]);
    c->before_size = 0;
    if (bracket.note_size > 0) {
        AUTO_FREE char *words = xasprintf(" %.*s", (int)bracket.note_size, bracket.note);
        emit_plain(c, words, strlen(words));
    }
    c->after_mark = true;
}

static bool may_go_on(const struct citations *c)
{
    if (c->held_size == 1 && c->held[0] == '\\')
        return true;
    if (c->after_mark && c->held[0] == '(')
        return !memchr(c->held, ' ', c->held_size) && !memchr(c->held, '\n', c->held_size);
    return bracket_may_go_on(c->held, c->held_size);
}

/* Whether a reference may begin here: an opening bracket, or a backslash before one. */
static bool begins_reference(const char *text, size_t size)
{
    return *text == '\\' || bracket_opens(text, size) > 0;
}

/* Whether the reference begins again at an inner bracket that is not part of a box or note. */
static bool begins_anew(const struct citations *c, const char *character, size_t size)
{
    if (c->held_size == 1 && c->held[0] == '\\')
        return *character != '[';
    if (*character == '[')
        return !memchr(c->held, ':', c->held_size);
    if (*character == '(') /* of a note, or around a box */
        return c->held[0] == '(';
    return bracket_opens(character, size) > 0;
}

static void hold_back(struct citations *c, const char *character, size_t size)
{
    if (c->held_size + size > CITATION_BYTES_MAX ||
        (c->held_size > 0 && begins_anew(c, character, size)))
        settle_held(c);
    if (c->held_size == 0 && !begins_reference(character, size)) {
        emit_plain(c, character, size);
        return;
    }
    memcpy(c->held + c->held_size, character, size);
    c->held_size += size;
    bool is_closed = bracket_is_closed(c->held, c->held_size) ||
                     (c->after_mark && c->held[0] == '(' && *character == ')');
    if (is_closed || !may_go_on(c))
        settle_held(c);
}

void citations_feed(struct citations *c, const char *text, size_t size)
{
    size_t plain = 0; /* no output since this position */
    for (size_t at = 0; at < size;) {
        uint32_t code;
        size_t n = text_decode(text + at, size - at, &code);
        n = n ? n : 1;
        if (c->held_size > 0 || begins_reference(text + at, n)) {
            if (at > plain)
                emit_plain(c, text + plain, at - plain);
            hold_back(c, text + at, n);
            plain = at + n;
        }
        at += n;
    }
    if (size > plain)
        emit_plain(c, text + plain, size - plain);
}

void citations_end(struct citations *c)
{
    settle_held(c);
    c->quoted = NULL;
    c->before_size = 0;
    c->after_mark = false;
}

void citations_forget(struct citations *c, size_t count)
{
    c->count = count < c->count ? count : c->count;
    c->held_size = 0;
    c->quoted = NULL;
    c->before_size = 0;
    c->after_mark = false;
}

void citations_release(struct citations *c)
{
    free(c->items);
    *c = (struct citations){0};
}
