/* SPDX-License-Identifier: MIT */
/* Finds words of a query that look like criteria: years, dates, names of files, and after a
 * preposition the names of places, folders and labels. */
#include "search/hints.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "search/language_words.h"
#include "search/ordinary.h"

static bool has_shape(const char *word, const char *shape)
{
    size_t i = 0;
    for (; shape[i] && word[i]; i++)
        if (shape[i] == '9' ? !isdigit((unsigned char)word[i]) : shape[i] != word[i])
            return false;
    return !shape[i] && !word[i];
}

static bool is_date(const char *word)
{
    bool has_form =
        has_shape(word, "9999") || has_shape(word, "9999-99") || has_shape(word, "9999-99-99");
    long year = has_form ? strtol(word, NULL, 10) : 0;
    struct criteria *leaf;
    if (year < 1900 || year > 2100 || criteria_leaf("date", CRITERIA_IS, &word, 1, &leaf, NULL))
        return false;
    criteria_free(leaf);
    return true;
}

static bool is_file_name(const char *word)
{
    static const char *const ends[] = {".jpg", ".jpeg", ".png", ".heic", ".webp", ".gif", ".tiff"};
    const char *dot = strrchr(word, '.');
    for (size_t i = 0; dot && dot > word && i < sizeof ends / sizeof *ends; i++)
        if (strcasecmp(dot, ends[i]) == 0)
            return !strpbrk(word, "/\\\"()*?,");
    return false;
}

/* ---- names after prepositions ---- */

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcasecmp(word, *words) == 0)
            return true;
    return false;
}

/* Returns the criteria that a name after this preposition may be a value of; NULL: none. */
static const char *const *criteria_after(const char *preposition)
{
    static const char *const of_place[] = {"in", "at", "from", "near", NULL};
    static const char *const of_person[] = {"with", "of", "by", NULL};
    static const char *const places[] = {"place", "country", "in", NULL};
    static const char *const labels[] = {"label", NULL};
    return is_one_of(preposition, of_place)    ? places
           : is_one_of(preposition, of_person) ? labels
                                               : NULL;
}

/* Returns whether photos meet the query of one criterion. */
static bool is_met(struct store *store, const char *text)
{
    struct understood query;
    struct syntax_fault fault = {.instead = NULL};
    int64_t photos = 0;
    if (understood_read(store, text, NULL, &query, &fault, NULL)) {
        syntax_fault_release(&fault);
        return false;
    }
    if (query.tree->criteria && understood_count(store, query.tree->criteria, &photos, NULL))
        photos = 0;
    understood_release(&query);
    return photos > 0;
}

/* Returns whether a word can begin the name of a place. Looking up a place may read all photos, so
 * a common word in small letters ("in the snow") is not looked up. */
static bool can_be_place(const char *word)
{
    AUTO_FREE char *folded = text_fold_loosely(word);
    AUTO_FREE char *between = xasprintf(" %s ", folded);
    return isupper((unsigned char)word[0]) ||
           (!ordinary_is_listed(folded) && !strstr(language_english_sure, between) &&
            !strstr(language_english_maybe, between) && !strstr(language_english_other, between));
}

/* Returns the query with the words from number `i`, of which `n` follow a preposition, as the first
 * criterion that photos meet. */
static char *name_hint(struct store *store, const struct understood *query,
                       const struct syntax *node, size_t i, size_t n, char **ret_word)
{
    const struct syntax_word *first = &node->words[i], *last = &node->words[i + n];
    const char *const *names = criteria_after(first->text);
    size_t begin = node->words[i + 1].span.begin, length = last->span.end - begin;
    const char *text = query->text + begin;
    if (!names || last->weight != 1 || strcspn(text, "\"\\:,()^*?<>=/") < length)
        return NULL;
    if (strcmp(*names, "label") != 0 && !can_be_place(node->words[i + 1].text))
        return NULL;
    for (; *names; names++) {
        AUTO_FREE char *criterion = n > 1 ? xasprintf("%s:\"%.*s\"", *names, (int)length, text)
                                          : xasprintf("%s:%.*s", *names, (int)length, text);
        if (!is_met(store, criterion))
            continue;
        *ret_word = xstrndup(text, length);
        return xasprintf("%.*s%s%s", (int)first->span.begin, query->text, criterion,
                         query->text + last->span.end);
    }
    return NULL;
}

static char *named_hint(struct store *store, const struct understood *query,
                        const struct syntax *node, char **ret_word)
{
    enum { MOST = 3 };
    char *hint = NULL;
    for (size_t i = 0; !hint && i + 1 < node->word_count; i++)
        for (size_t n = MOST; !hint && n > 0; n--)
            if (i + n < node->word_count)
                hint = name_hint(store, query, node, i, n, ret_word);
    return hint;
}

static char *hint_in(struct store *store, const struct understood *query, const struct syntax *node,
                     char **ret_word)
{
    for (size_t i = 0; i < node->word_count; i++) {
        const struct syntax_word *word = &node->words[i];
        const char *keyword = is_date(word->text)        ? "date"
                              : is_file_name(word->text) ? "name"
                                                         : NULL;
        if (!keyword || word->weight != 1)
            continue;
        *ret_word = xstrdup(word->text);
        return xasprintf("%.*s%s:%s%s", (int)word->span.begin, query->text, keyword, word->text,
                         query->text + word->span.end);
    }
    char *hint = store ? named_hint(store, query, node, ret_word) : NULL;
    for (size_t i = 0; !hint && node->kind != SYNTAX_NOT && i < node->count; i++)
        hint = hint_in(store, query, node->parts[i], ret_word);
    return hint;
}

char *hint_for(struct store *store, const struct understood *query, char **ret_word)
{
    return query->syntax.root ? hint_in(store, query, query->syntax.root, ret_word) : NULL;
}
