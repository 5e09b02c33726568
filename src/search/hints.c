/* SPDX-License-Identifier: MIT */
/* Finds words of a query that look like criteria: years, dates, and names of files. */
#include "search/hints.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

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

static char *hint_in(const struct understood *query, const struct syntax *node, char **ret_word)
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
    char *hint = NULL;
    for (size_t i = 0; !hint && node->kind != SYNTAX_NOT && i < node->count; i++)
        hint = hint_in(query, node->parts[i], ret_word);
    return hint;
}

char *hint_for(const struct understood *query, char **ret_word)
{
    return query->syntax.root ? hint_in(query, query->syntax.root, ret_word) : NULL;
}
