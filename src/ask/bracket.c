/* SPDX-License-Identifier: MIT */
/* Parses one bracket of an answer that may refer to photos, in the notations that models use. */
#include "ask/bracket.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"

#define NUMBER_MAX 99999
#define WORD_BYTES_MAX 32 /* before the first digit */
#define DAGGER "\xE2\x80\xA0"

struct pair {
    const char *opens, *closes;
    bool wants_word; /* it is a reference only with a word for photo inside */
};

static const struct pair pairs[] = {
    {"\\[", "]", false}, {"[", "]", false},   {"【", "】", false},
    {"［", "］", false}, {"〔", "〕", false}, {"〖", "〗", false},
    {"⟦", "⟧", false},   {"(", ")", true},    {"（", "）", true},
};

/* Longer words come before their prefixes. */
static const char *const words[] = {"photographs",
                                    "photograph",
                                    "photos",
                                    "photo",
                                    "pictures",
                                    "picture",
                                    "pics",
                                    "pic",
                                    "images",
                                    "image",
                                    "imágenes",
                                    "imagenes",
                                    "imagen",
                                    "imagens",
                                    "imagem",
                                    "immagini",
                                    "immagine",
                                    "img",
                                    "figures",
                                    "figure",
                                    "figs",
                                    "fig",
                                    "bildern",
                                    "bilder",
                                    "bild",
                                    "fotos",
                                    "foto",
                                    "abbildung",
                                    "abb",
                                    "afbeeldingen",
                                    "afbeelding",
                                    "kuvat",
                                    "kuva",
                                    "zdjęcia",
                                    "zdjęcie",
                                    "obraz",
                                    "obrázek",
                                    "kép",
                                    "billede",
                                    "bilde",
                                    "fotografia",
                                    "фотографии",
                                    "фотография",
                                    "фото",
                                    "Фото",
                                    "изображение",
                                    "Изображение",
                                    "рисунок",
                                    "рис",
                                    "Рис",
                                    "照片",
                                    "图片",
                                    "图像",
                                    "圖片",
                                    "圖像",
                                    "相片",
                                    "图",
                                    "圖",
                                    "画像",
                                    "写真",
                                    "사진",
                                    "이미지",
                                    "hình",
                                    "ảnh",
                                    "number",
                                    "nr",
                                    "no",
                                    "№",
                                    "第",
                                    "^",
                                    "#"};
static const char *const counters[] = {"张照片", "张图片", "张图", "張照片", "張圖", "张",
                                       "張",     "幅图",   "幅",   "号",     "號",   "枚目",
                                       "枚",     "番目",   "番",   "번째",   "번"};
static const char *const joiners[] = {",",  ";",  "、",  "，", "；", "&",    "+",  "and", "und",
                                      "et", "og", "och", "en", "or", "oder", "ou", "y",   "e",
                                      "i",  "и",  "和",  "与", "與", "及",   "と"};
static const char *const ranges[] = {"-", "–", "—", "~", "～", "to", "bis", "à", "至", "到"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

struct reader {
    const char *at;
    const struct pair *pair;
    struct bracket *bracket;
};

/* ---- pieces ---- */

static const struct pair *pair_at(const char *text, size_t size)
{
    for (size_t i = 0; i < COUNT(pairs); i++) {
        size_t n = strlen(pairs[i].opens);
        if (size >= n && memcmp(text, pairs[i].opens, n) == 0)
            return &pairs[i];
    }
    return NULL;
}

static void skip_blanks(struct reader *r)
{
    while (*r->at == ' ' || strncmp(r->at, "\xC2\xA0", 2) == 0 || strncmp(r->at, "\u3000", 3) == 0)
        r->at += *r->at == ' ' ? 1 : *r->at == '\xC2' ? 2 : 3;
}

static bool take_text(struct reader *r, const char *wanted)
{
    skip_blanks(r);
    size_t n = strlen(wanted);
    if (strncasecmp(r->at, wanted, n) != 0)
        return false;
    r->at += n;
    return true;
}

/* Takes a word that is not the beginning of a longer one. */
static bool take_word(struct reader *r, const char *wanted)
{
    const char *before = r->at;
    if (!take_text(r, wanted))
        return false;
    bool is_latin = isalpha((unsigned char)wanted[strlen(wanted) - 1]);
    if (!is_latin || !isalpha((unsigned char)*r->at))
        return true;
    r->at = before;
    return false;
}

static bool take_any(struct reader *r, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (take_word(r, list[i]))
            return true;
    return false;
}

/* An ASCII or full-width digit; -1: none. */
static int digit_at(const char *at, size_t *ret_size)
{
    *ret_size = 1;
    if (isdigit((unsigned char)*at))
        return *at - '0';
    bool is_wide = strncmp(at, "\xEF\xBC", 2) == 0 && (unsigned char)at[2] >= 0x90 &&
                   (unsigned char)at[2] <= 0x99;
    *ret_size = 3;
    return is_wide ? (unsigned char)at[2] - 0x90 : -1;
}

static bool read_number(struct reader *r, int *ret_number)
{
    int number = 0, digit;
    size_t size, digits = 0;
    skip_blanks(r);
    for (; (digit = digit_at(r->at, &size)) >= 0; r->at += size, digits++)
        if ((number = number * 10 + digit) > NUMBER_MAX)
            return false;
    *ret_number = number;
    return digits > 0 && number > 0;
}

/* "Photo", "photo #", "图", "第", "No.". */
static void skip_words(struct reader *r)
{
    while (take_any(r, words, COUNT(words))) {
        r->bracket->is_worded = true;
        while (*r->at && strchr(" .-_:#", *r->at))
            r->at++;
    }
}

/* A pixel: digits, optionally with a sign and a fraction. */
static bool read_pixel(struct reader *r, double *ret_pixel)
{
    skip_blanks(r);
    size_t n = strspn(r->at, "-.0123456789");
    char *end;
    AUTO_FREE char *text = xstrndup(r->at, n);
    *ret_pixel = strtod(text, &end);
    r->at += n;
    return n > 0 && end > text && !*end;
}

static bool read_box(struct reader *r, double ret_box[4])
{
    const char *closing = take_text(r, "(") ? ")" : take_text(r, "[") ? "]" : NULL;
    for (int i = 0; i < 4; i++)
        if ((i > 0 && !take_text(r, ",") && !take_text(r, "，")) || !read_pixel(r, &ret_box[i]))
            return false;
    return !closing || take_text(r, closing);
}

/* ---- items ---- */

static bool add_item(struct reader *r, struct bracket_item item)
{
    if (r->bracket->count == BRACKET_ITEMS_MAX)
        return false;
    r->bracket->items[r->bracket->count++] = item;
    return true;
}

static bool read_item(struct reader *r)
{
    struct bracket_item item = {0};
    skip_words(r);
    if (!read_number(r, &item.number))
        return false;
    if (take_any(r, counters, COUNT(counters)))
        r->bracket->is_worded = true;
    if (take_text(r, ":") || take_text(r, "：")) {
        item.has_box = true;
        return read_box(r, item.box) && add_item(r, item);
    }
    int last = item.number;
    if (take_any(r, ranges, COUNT(ranges))) {
        skip_words(r);
        if (!read_number(r, &last) || last < item.number)
            return false;
        take_any(r, counters, COUNT(counters));
    }
    for (; item.number <= last; item.number++)
        if (!add_item(r, item))
            return false;
    return true;
}

/* "†source" belongs to the reference; "(left)" belongs to the answer. */
static void read_note(struct reader *r)
{
    size_t closing = strlen(r->pair->closes), n = strlen(r->at);
    size_t rest = n >= closing ? n - closing : 0;
    skip_blanks(r);
    n = strlen(r->at);
    rest = n >= closing ? n - closing : 0;
    if (strncmp(r->at, DAGGER, strlen(DAGGER)) == 0) {
        r->at += rest;
    } else if (*r->at == '(' && rest > 1 && r->at[rest - 1] == ')') {
        r->bracket->note = r->at;
        r->bracket->note_size = rest;
        r->at += rest;
    }
}

bool bracket_read(const char *text, struct bracket *ret_bracket)
{
    struct reader r = {.pair = pair_at(text, strlen(text)), .bracket = ret_bracket};
    *ret_bracket = (struct bracket){.count = 0};
    if (!r.pair)
        return false;
    r.at = text + strlen(r.pair->opens);
    /* After a box and a comma: a bare number would be a fifth of the box. */
    bool needs_box = false, goes_on;
    do {
        if (!read_item(&r) || (needs_box && !ret_bracket->items[ret_bracket->count - 1].has_box))
            return false;
        skip_blanks(&r);
        bool is_comma = *r.at == ',';
        goes_on = take_any(&r, joiners, COUNT(joiners));
        if (goes_on && is_comma)
            take_any(&r, joiners, COUNT(joiners)); /* ", and" */
        needs_box = ret_bracket->items[ret_bracket->count - 1].has_box && is_comma;
    } while (goes_on);
    read_note(&r);
    if (r.pair->opens[0] == '\\')
        take_text(&r, "\\");
    return take_text(&r, r.pair->closes) && !*r.at &&
           (ret_bracket->is_worded || !r.pair->wants_word);
}

/* ---- while the text arrives ---- */

size_t bracket_opens(const char *text, size_t size)
{
    const struct pair *pair = pair_at(text, size);
    return pair ? strlen(pair->opens) : 0;
}

static bool is_in_text(const char *text, size_t size, const char *wanted)
{
    return memmem(text, size, wanted, strlen(wanted)) != NULL;
}

/* A note may contain anything; the rest only the characters of references. */
static bool may_stand(const char *text, size_t size)
{
    bool is_note = is_in_text(text, size, DAGGER) || is_in_text(text, size, " (");
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n' || c == '\r')
            return false;
        if (!is_note && c < 0x80 && !isalnum(c) && !strchr(" ,;:.()-[]#^&+~_\\", c))
            return false;
    }
    return true;
}

bool bracket_may_go_on(const char *text, size_t size)
{
    size_t begins = bracket_opens(text, size), digit_size;
    size_t first = begins;
    while (first < size && digit_at(text + first, &digit_size) < 0)
        first++;
    if (first - begins > WORD_BYTES_MAX)
        return false;
    const char *word = text + begins;
    bool is_prose = first == size && size > begins && isalpha((unsigned char)*word) &&
                    memchr(word, ' ', size - begins) && size - begins > WORD_BYTES_MAX / 2;
    return !is_prose && may_stand(text + begins, size - begins);
}

bool bracket_is_closed(const char *text, size_t size)
{
    const struct pair *pair = pair_at(text, size);
    size_t begins = pair ? strlen(pair->opens) : 0, n = pair ? strlen(pair->closes) : 0;
    if (!pair || size < begins + n || memcmp(text + size - n, pair->closes, n) != 0)
        return false;
    int depth = 1; /* of ASCII brackets around a box or a note */
    for (size_t i = begins; i < size && *pair->closes != '(' && n == 1; i++)
        depth += (text[i] == pair->opens[begins - 1]) - (text[i] == *pair->closes);
    return n > 1 || depth <= 0;
}
