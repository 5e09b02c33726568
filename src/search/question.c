/* SPDX-License-Identifier: MIT */
/* Reduces a question to the words that describe photos. */
#include "search/question.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

/* In alphabetical order. */
static const char *const dropped[] = {
    "am",      "any",   "are",   "be",     "been",   "can",   "could",  "did",     "do",
    "does",    "doing", "find",  "give",   "had",    "has",   "have",   "he",      "her",
    "his",     "how",   "i",     "image",  "images", "is",    "it",     "its",     "look",
    "many",    "me",    "much",  "my",     "our",    "photo", "photos", "picture", "pictures",
    "please",  "say",   "saw",   "search", "see",    "seen",  "she",    "should",  "show",
    "showing", "shown", "shows", "tell",   "that",   "their", "there",  "these",   "they",
    "this",    "those", "us",    "was",    "we",     "were",  "what",   "when",    "where",
    "which",   "who",   "whom",  "whose",  "why",    "will",  "would",  "you",     "your",
};

/* Word separators: blanks and ASCII punctuation. Bytes of other characters belong to words. */
static const char separators[] = " \t\r\n\v\f.,;:!?\"()[]{}<>/\\|&*+=~`^";

/* Returns whether a word is dropped, also with a contraction: "what's", "I'm", "they're". */
bool question_drops(const char *word, size_t length)
{
    size_t stem = 0;
    while (stem < length && word[stem] != '\'')
        stem++;
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
        if (strlen(dropped[i]) == stem && strncasecmp(dropped[i], word, stem) == 0)
            return true;
    return false;
}

char *search_question_text(const char *question)
{
    size_t length = 0;
    char *text = xmalloc(strlen(question) + 2);
    for (const char *at = question; at[strspn(at, separators)];) {
        at += strspn(at, separators);
        size_t n = strcspn(at, separators);
        if (!question_drops(at, n)) {
            text[length] = ' ';
            memcpy(text + length + (length > 0), at, n);
            length += n + (length > 0);
        }
        at += n;
    }
    text[length] = '\0';
    if (length > 0)
        return text;
    free(text);
    return xstrdup(question);
}
