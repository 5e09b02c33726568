/* SPDX-License-Identifier: MIT */
/* Recognises the language of a text by words and by groups of letters; see the header. */
#include "search/language.h"

#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/memory.h"
#include "base/text.h"
#include "search/language_words.h"
#include "search/ordinary.h"

enum { MOST_WORDS = 64, MOST_LANGUAGES = 12, SHORT = 2 /* words */ };

#define THRESHOLD 3.0

/* Values of a word for a language, tuned on the texts of the header. */
#define LISTED 3.0
#define LISTED_LIKELY 2.0  /* in language_likely */
#define LISTED_SHARED 1.25 /* in language_shared */
#define LISTED_COMMON 0.5  /* also an English word */
#define ENGLISH_SURE (-4.0)
#define ENGLISH (-3.0)
#define ENGLISH_FREQUENT (-2.0)
#define ENGLISH_MAYBE (-1.5)
#define CAPITAL (-0.5)
#define LETTERS_LEAST (-1.0)
#define LETTERS_MOST 2.0
#define LETTERS_MOST_CAPITAL 1.0
#define ACCENT 1.5

/* ---- groups of letters ---- */

#define SMOOTHING 0.3 /* is added to each count */
#define LETTERS 40    /* about the number of different bytes that follow a pair */

/* Counts of three bytes, and of the first two bytes of those. */
struct group {
    uint32_t key;
    uint32_t count;
};

struct groups {
    struct group *items; /* by key */
    size_t count, cap;
};

static struct groups english, foreign[MOST_LANGUAGES];
static pthread_once_t once = PTHREAD_ONCE_INIT; /* they take 2 ms: only for words without a list */

static int compare_group(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

static void add_group(struct groups *groups, uint32_t key)
{
    ARRAY_GROW(groups->items, groups->cap, groups->count + 1);
    groups->items[groups->count++] = (struct group){key, 1};
}

/* Returns byte i of the word between a '^' and a '$'. */
static uint32_t letter_at(const char *word, size_t n, size_t i)
{
    return i == 0 ? '^' : i == n + 1 ? '$' : (unsigned char)word[i - 1];
}

static uint32_t pair_at(const char *word, size_t n, size_t i)
{
    return letter_at(word, n, i) << 8 | letter_at(word, n, i + 1);
}

static uint32_t triple_at(const char *word, size_t n, size_t i)
{
    return 1u << 24 | pair_at(word, n, i) << 8 | letter_at(word, n, i + 2);
}

static void add_word(struct groups *groups, const char *word, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        add_group(groups, pair_at(word, n, i));
        add_group(groups, triple_at(word, n, i));
    }
}

static void add_words(struct groups *groups, const char *words)
{
    for (const char *at = words; at[strspn(at, " ")];) {
        at += strspn(at, " ");
        size_t n = strcspn(at, " ");
        add_word(groups, at, n);
        at += n;
    }
}

static void unite_groups(struct groups *groups)
{
    size_t kept = 0;
    qsort(groups->items, groups->count, sizeof *groups->items, compare_group);
    for (size_t i = 0; i < groups->count; i++) {
        if (kept > 0 && groups->items[kept - 1].key == groups->items[i].key)
            groups->items[kept - 1].count++;
        else
            groups->items[kept++] = groups->items[i];
    }
    groups->count = kept;
}

static void count_groups(void)
{
    const char *word;
    for (size_t i = 0; (word = ordinary_listed(i)) != NULL; i++)
        add_word(&english, word, strlen(word));
    add_words(&english, language_english_sure);
    add_words(&english, language_english_maybe);
    add_words(&english, language_english_other);
    unite_groups(&english);
    for (size_t i = 0; language_lists[i].language; i++) {
        add_words(&foreign[i], language_lists[i].words);
        unite_groups(&foreign[i]);
    }
}

static double count_of(const struct groups *groups, uint32_t key)
{
    struct group sought = {key, 0};
    const struct group *found =
        bsearch(&sought, groups->items, groups->count, sizeof *groups->items, compare_group);
    return found ? found->count : 0;
}

/* Returns the logarithm of the probability of the word's letters, each after the two before it. */
static double letters_value(const struct groups *groups, const char *word)
{
    double sum = 0;
    size_t n = strlen(word);
    for (size_t i = 0; i < n; i++)
        sum += log((count_of(groups, triple_at(word, n, i)) + SMOOTHING) /
                   (count_of(groups, pair_at(word, n, i)) + SMOOTHING * LETTERS));
    return sum;
}

/* ---- words ---- */

struct text_word {
    char *folded;
    bool is_capital;
    bool has_accent;
    bool is_skipped; /* a name, part of an idiom, or a repetition */
    double english;  /* value if no language lists the word: below 0 if it is an English word */
    bool is_english; /* it is also an English word */
};

struct text_words {
    struct text_word items[MOST_WORDS];
    size_t count;
};

static bool has_word(const char *words, const char *word)
{
    AUTO_FREE char *between = xasprintf(" %s ", word);
    return strstr(words, between) != NULL;
}

/* Words that join the parts of names: "Rio de Janeiro". */
static bool is_connector(const char *word)
{
    return has_word(" de la del della di do da du des le les el los las al ", word);
}

static void judge_english(const struct clip *clip, struct text_word *word)
{
    word->is_english = has_word(language_english_maybe, word->folded);
    if (has_word(language_english_sure, word->folded))
        word->english = ENGLISH_SURE;
    else if (word->is_english)
        word->english = ENGLISH_MAYBE;
    else if ((word->is_english = ordinary_is_listed(word->folded)))
        word->english = ENGLISH;
    else if (has_word(language_english_other, word->folded) ||
             (strlen(word->folded) > 3 && ordinary_is_frequent(clip, word->folded)))
        word->english = ENGLISH_FREQUENT;
}

static void add_text_word(struct text_words *words, const char *text, size_t n, bool is_capital)
{
    struct text_word *word = &words->items[words->count++];
    AUTO_FREE char *written = xstrndup(text, n);
    AUTO_FREE char *folded = text_fold(written);
    *word = (struct text_word){.folded = text_fold_loosely(written), .is_capital = is_capital};
    word->has_accent = strcmp(word->folded, folded) != 0;
}

static bool is_letter(utf8proc_category_t category)
{
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           (category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME);
}

static void read_words(struct text_words *words, const char *text)
{
    size_t length = strlen(text), begin = 0;
    bool inside = false, is_capital = false;
    for (size_t at = 0; at <= length && words->count < MOST_WORDS;) {
        uint32_t code = 0;
        size_t n = at < length ? text_decode(text + at, length - at, &code) : 1;
        utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
        bool letter = at < length && is_letter(category);
        if (letter && !inside) {
            begin = at;
            is_capital = category == UTF8PROC_CATEGORY_LU;
        } else if (!letter && inside) {
            add_text_word(words, text + begin, at - begin, is_capital);
        }
        inside = letter;
        at += n ? n : 1;
    }
}

/* Words of other languages that English texts use. */
static void skip_idioms(struct text_words *words, const char *folded)
{
    static const char *const idioms[] = {
        "a la carte",     "al dente",          "al fresco",       "cafe au lait",
        "cinco de mayo",  "cul de sac",        "de los muertos",  "feliz navidad",
        "fleur de lis",   "fleur de sel",      "foie gras",       "hors d'oeuvre",
        "hors d'oeuvres", "las vegas",         "los angeles",     "pain au chocolat",
        "papier mache",   "rio de janeiro",    "sagrada familia", "alla carbonara",
        "mole de olla",   "creme de la creme",
    };
    for (size_t i = 0; i < sizeof idioms / sizeof *idioms; i++) {
        if (!text_find_words(folded, folded, idioms[i]))
            continue;
        AUTO_FREE char *parts = xasprintf(" %s ", idioms[i]);
        for (size_t k = 0; k < words->count; k++)
            words->items[k].is_skipped |= has_word(parts, words->items[k].folded);
    }
}

static void judge_words(const struct clip *clip, struct text_words *words, const char *text,
                        const char *rest)
{
    AUTO_FREE char *folded = text_fold_loosely(text);
    for (size_t i = 0; i < words->count; i++) {
        struct text_word *word = &words->items[i];
        judge_english(clip, word);
        word->is_skipped =
            (rest && !text_find_words(rest, rest, word->folded)) ||
            (i + 1 < words->count && words->items[i + 1].is_capital && is_connector(word->folded));
        for (size_t k = 0; k < i; k++)
            word->is_skipped |= strcmp(words->items[k].folded, word->folded) == 0;
    }
    skip_idioms(words, folded);
}

/* Returns whether all words but connectors have capital letters, as the words of a name do. */
static bool is_all_capitals(const struct text_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        if (!words->items[i].is_capital && !is_connector(words->items[i].folded))
            return false;
    return true;
}

/* ---- the value of a text for a language ---- */

static double listed_value(const struct text_word *word)
{
    return word->is_english                          ? LISTED_COMMON
           : has_word(language_likely, word->folded) ? LISTED_LIKELY
           : has_word(language_shared, word->folded) ? LISTED_SHARED
                                                     : LISTED;
}

/* Returns the value of a word that no list has. */
static double unlisted_value(const struct text_word *word, size_t i, size_t language)
{
    bool has_capital = word->is_capital && strcmp(language_lists[language].language, "German") != 0;
    if (strlen(word->folded) < 3)
        return word->has_accent ? LISTED_COMMON : 0;
    if (has_capital && i > 0)
        return CAPITAL;
    pthread_once(&once, count_groups);
    double value =
        letters_value(&foreign[language], word->folded) - letters_value(&english, word->folded);
    value = fmin(has_capital ? LETTERS_MOST_CAPITAL : LETTERS_MOST, fmax(LETTERS_LEAST, value));
    return word->has_accent && !has_capital ? value + ACCENT : value;
}

static double text_value(const struct text_words *words, size_t language)
{
    double sum = 0, listed = 0;
    for (size_t i = 0; i < words->count; i++) {
        const struct text_word *word = &words->items[i];
        if (word->is_skipped)
            continue;
        if (word->english > ENGLISH_SURE && has_word(language_lists[language].words, word->folded))
            listed += listed_value(word);
        else
            sum += word->english < 0 ? word->english : unlisted_value(word, i, language);
    }
    return words->count <= SHORT ? fmin(listed, listed + sum) : listed + sum;
}

const char *language_of(const struct clip *clip, const char *text, const char *rest)
{
    struct text_words words = {.count = 0};
    double best = THRESHOLD;
    const char *language = NULL;
    if (clip_reads_languages(clip))
        return NULL;
    read_words(&words, text);
    judge_words(clip, &words, text, rest);
    for (size_t i = 0; !is_all_capitals(&words) && language_lists[i].language; i++) {
        double value = text_value(&words, i);
        if (value >= best && (!language || value > best)) {
            best = value;
            language = language_lists[i].language;
        }
    }
    for (size_t i = 0; i < words.count; i++)
        free(words.items[i].folded);
    return language;
}
