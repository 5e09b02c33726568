#include "ask/citations.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"

#define NUMBER_MAX 99999
#define ITEMS_MAX 64 /* in one bracket */
#define EN_DASH "\xE2\x80\x93"

/* ---- one bracket ---- */

struct item {
    int number;
    bool has_box;
    double box[4]; /* pixels */
};

struct bracket {
    const char *at;
    struct item items[ITEMS_MAX];
    size_t count;
};

static void skip_blanks(struct bracket *b)
{
    while (*b->at == ' ')
        b->at++;
}

static bool take(struct bracket *b, char wanted)
{
    skip_blanks(b);
    if (*b->at != wanted)
        return false;
    b->at++;
    return true;
}

static void skip_word(struct bracket *b)
{
    static const char *const words[] = {"images", "image", "photos", "photo"};
    skip_blanks(b);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (strncasecmp(b->at, words[i], n) == 0) {
            b->at += n;
            return;
        }
    }
}

static bool read_number(struct bracket *b, int *ret_number)
{
    skip_blanks(b);
    if (!isdigit((unsigned char)*b->at))
        return false;
    int number = 0;
    for (; isdigit((unsigned char)*b->at); b->at++)
        if ((number = number * 10 + (*b->at - '0')) > NUMBER_MAX)
            return false;
    *ret_number = number;
    return number > 0;
}

/* A pixel: digits, perhaps with a sign and a fraction. */
static bool read_pixel(struct bracket *b, double *ret_pixel)
{
    skip_blanks(b);
    size_t n = strspn(b->at, "-.0123456789");
    char *end;
    AUTO_FREE char *text = xstrndup(b->at, n);
    *ret_pixel = strtod(text, &end);
    b->at += n;
    return n > 0 && end > text && !*end;
}

static bool read_box(struct bracket *b, double ret_box[4])
{
    char closing = take(b, '(') ? ')' : take(b, '[') ? ']' : '\0';
    for (int i = 0; i < 4; i++)
        if ((i > 0 && !take(b, ',')) || !read_pixel(b, &ret_box[i]))
            return false;
    return !closing || take(b, closing);
}

static bool add_item(struct bracket *b, struct item item)
{
    if (b->count == ITEMS_MAX)
        return false;
    b->items[b->count++] = item;
    return true;
}

static bool read_item(struct bracket *b)
{
    struct item item = {0};
    skip_word(b);
    if (!read_number(b, &item.number))
        return false;
    if (take(b, ':')) {
        item.has_box = true;
        return read_box(b, item.box) && add_item(b, item);
    }
    int last = item.number;
    skip_blanks(b);
    bool dash = strncmp(b->at, EN_DASH, strlen(EN_DASH)) == 0;
    b->at += dash ? strlen(EN_DASH) : 0;
    if ((dash || take(b, '-')) && (!read_number(b, &last) || last < item.number))
        return false;
    for (; item.number <= last; item.number++)
        if (!add_item(b, item))
            return false;
    return true;
}

/* `text` begins with '[' and ends with its ']'. */
static bool read_bracket(const char *text, struct bracket *ret_bracket)
{
    struct bracket *b = ret_bracket;
    *b = (struct bracket){.at = text + 1};
    bool needs_box = false; /* a comma after a box: else it would be a fifth number */
    do {
        if (!read_item(b) || (needs_box && !b->items[b->count - 1].has_box))
            return false;
        needs_box = b->items[b->count - 1].has_box && *b->at == ',';
    } while (take(b, ',') || take(b, ';'));
    return take(b, ']') && !*b->at;
}

/* ---- the text around ---- */

static bool same(const struct citation *a, const struct citation *b)
{
    return a->number == b->number && a->has_box == b->has_box && a->box.x == b->box.x &&
           a->box.y == b->box.y && a->box.width == b->box.width && a->box.height == b->box.height;
}

static void note(struct citations *c, const struct item *item)
{
    const struct picture *picture = pictures_find(c->pictures, item->number);
    struct citation citation = {.number = item->number, .sent = picture && !picture->gone};
    citation.has_box =
        citation.sent && item->has_box && view_to_photo(&picture->view, item->box, &citation.box);
    char mark[32];
    int n = snprintf(mark, sizeof mark, "[%d%s]", item->number, citation.sent ? "" : "?");
    c->emit(c->context, mark, (size_t)n);
    for (size_t i = 0; i < c->count; i++)
        if (same(&c->items[i], &citation))
            return;
    ARRAY_GROW(c->items, c->cap, c->count + 1);
    c->items[c->count++] = citation;
}

/* [x1,y1,x2,y2] by itself: a model repeats the place of a label. Four pictures that were sent are
 * references all the same. */
static bool is_bare_box(const struct citations *c, const struct bracket *b)
{
    bool all_sent = true;
    for (size_t i = 0; i < b->count; i++) {
        all_sent = all_sent && pictures_find(c->pictures, b->items[i].number);
        if (b->items[i].has_box)
            return false;
    }
    const struct item *side = b->items;
    return b->count == 4 && !all_sent && side[0].number < side[2].number &&
           side[1].number < side[3].number;
}

/* Gives out what is held back, as references where it is some. */
static void settle(struct citations *c)
{
    struct bracket bracket;
    size_t size = c->held_size;
    c->held[size] = '\0';
    c->held_size = 0;
    c->depth = 0;
    if (size > 0 && strlen(c->held) == size && read_bracket(c->held, &bracket) &&
        !is_bare_box(c, &bracket)) {
        for (size_t i = 0; i < bracket.count; i++)
            note(c, &bracket.items[i]);
    } else if (size > 0) {
        c->emit(c->context, c->held, size);
    }
}

static bool may_stand_in_bracket(const char *character, size_t size)
{
    if (size > 1)
        return size == strlen(EN_DASH) && memcmp(character, EN_DASH, size) == 0;
    return isalnum((unsigned char)*character) || memchr(" ,;:.()-[]", *character, 10);
}

/* Adds a character to what is held back; a bracket inside is one around a box. */
static void hold(struct citations *c, const char *character, size_t size)
{
    bool opens = *character == '[';
    bool inner = opens && c->depth == 1 && memchr(c->held, ':', c->held_size);
    if (c->held_size + size > CITATION_BYTES_MAX || !may_stand_in_bracket(character, size) ||
        (opens && !inner))
        settle(c);
    if (c->held_size == 0 && !opens) {
        c->emit(c->context, character, size);
        return;
    }
    memcpy(c->held + c->held_size, character, size);
    c->held_size += size;
    c->depth += opens - (*character == ']');
    if (c->depth == 0)
        settle(c);
}

void citations_feed(struct citations *c, const char *text, size_t size)
{
    size_t at = 0;
    while (at < size) {
        if (c->held_size > 0 || text[at] == '[') {
            uint32_t code;
            size_t n = text_decode(text + at, size - at, &code);
            hold(c, text + at, n ? n : 1);
            at += n ? n : 1;
            continue;
        }
        const char *open = memchr(text + at, '[', size - at);
        size_t plain = open ? (size_t)(open - text) - at : size - at;
        c->emit(c->context, text + at, plain);
        at += plain;
    }
}

void citations_end(struct citations *c)
{
    settle(c);
}

void citations_release(struct citations *c)
{
    free(c->items);
    *c = (struct citations){0};
}
