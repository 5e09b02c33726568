/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include "base/memory.h"
#include "tap.h"

static void check_utf8(void)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"", true},
        {"plain", true},
        {"\xC3\xA9", true},          /* U+00E9 */
        {"\xF0\x9F\x90\xB6", true},  /* U+1F436 */
        {"\xF4\x8F\xBF\xBF", true},  /* U+10FFFF, the last */
        {"\xF4\x90\x80\x80", false}, /* past it */
        {"\xC0\xAF", false},         /* overlong '/' */
        {"\xE0\x80\xAF", false},     /* overlong */
        {"\xED\xA0\x80", false},     /* surrogate */
        {"\xE2\x82", false},         /* cut */
        {"a\x80", false},            /* lone continuation */
        {"\xFF", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ok(text_is_utf8(cases[i].text, strlen(cases[i].text)) == cases[i].good,
           "UTF-8 case %zu is %s", i, cases[i].good ? "good" : "refused");
}

static void check_fold(void)
{
    static const struct {
        const char *text, *folded;
    } cases[] = {
        {"Mia", "mia"},
        {"STRASSE", "strasse"},
        {"Stra\xC3\x9F"
         "e",
         "strasse"},                                              /* sharp s */
        {"\xC3\x89mile", "\xC3\xA9mile"},                         /* composed E acute */
        {"E\xCC\x81mile", "\xC3\xA9mile"},                        /* decomposed */
        {"\xEF\xBC\xAD\xEF\xBD\x89\xEF\xBD\x81", "mia"},          /* full width */
        {"\xCE\xA3\xCE\xAF\xCF\x82", "\xCF\x83\xCE\xAF\xCF\x83"}, /* final sigma */
        {"\xE2\x80\x8B", ""},                                     /* zero-width space */
        {"Mi\xE9", "mi\xEF\xBF\xBD"},                             /* Latin-1 */
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_FREE char *folded = text_fold(cases[i].text);
        is_str(folded, cases[i].folded, "folds for comparing");
    }
}

static void check_words(void)
{
    static const struct {
        const char *text, *words;
        int at; /* bytes; -1: nowhere */
    } cases[] = {
        {"what is grandpa holding", "grandpa", 8},
        {"grandpa", "grandpa", 0},
        {"grandpa's hat", "grandpa", 0},
        {"(grandpa)", "grandpa", 1},
        {"grandpas, grandpa", "grandpa", 10},
        {"anna maria", "anna maria", 0},
        {"hannah and anna", "anna", 11},
        {"anna2", "anna", -1},
        {"anna_2", "anna", 0},
        {"\xC3\xA4nna", "nna", -1},                           /* a letter of two bytes before it */
        {"anna\xCC\x81", "anna", -1},                         /* an accent of its own after it */
        {"\xD0\xBC\xD0\xB8\xD1\x8F", "\xD0\xBC\xD0\xB8", -1}, /* Cyrillic */
        {"\xE7\x88\xB7\xE7\x88\xB7\xE6\x8B\xBF", "\xE7\x88\xB7\xE7\x88\xB7", 0}, /* Chinese */
        {"\xED\x95\xA0\xEC\x95\x84\xEA\xB0\x80", "\xED\x95\xA0\xEC\x95\x84", 0}, /* Korean */
        {"mia\xE7\x88\xB7", "mia", 0},                                           /* two scripts */
        {"anna", "", -1},
        {"", "anna", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *at = text_find_words(cases[i].text, cases[i].text, cases[i].words);
        is_int(at ? at - cases[i].text : -1, cases[i].at, "whole words are found");
    }
    const char *text = "anna, hanna, anna";
    const char *second = text_find_words(text, text + 1, "anna");
    is_int(second ? second - text : -1, 13, "from a place on");
    text = "hanna";
    ok(!text_find_words(text, text + 1, "anna"), "what stands before that place counts");
}

static void check_copy(void)
{
    char out[6];
    is_int((long long)text_copy(out, sizeof out, "abc"), 3, "a short text is copied whole");
    text_copy(out, sizeof out, "abcd\xC3\xA9x");
    is_str(out, "abcd", "a character is not cut in two");
    text_copy(out, sizeof out, "abc\xC3\xA9");
    is_str(out, "abc\xC3\xA9", "a text that just fits is kept");
    text_copy(out, 4, "\xF0\x9F\x90\xB6");
    is_str(out, "", "nothing is left of a character that does not fit");
}

static void check_printable(void)
{
    char *text = text_printable("a\x1b[31m\n\xFFz\x7F", 9);
    is_str(text, "a?[31m?\xEF\xBF\xBDz", "controls and malformed bytes are replaced");
    free(text);
    text = text_printable("\xC2\x9B", 2);
    is_str(text, "?", "C1 controls too: 0x9B starts an escape sequence on some terminals");
    free(text);
}

static void check_units(void)
{
    char out[32];
    is_str(text_bytes(out, sizeof out, 0), "0 B", "a size of no bytes");
    is_str(text_bytes(out, sizeof out, 999), "999 B", "below a kilobyte");
    is_str(text_bytes(out, sizeof out, 605157884), "605.2 MB", "a size in megabytes");
    is_str(text_bytes(out, sizeof out, 999999), "1.0 MB", "rounding moves to the next unit");
    is_str(text_duration(out, sizeof out, 59.4), "59 s", "a duration in seconds");
    is_str(text_duration(out, sizeof out, 200), "3 min 20 s", "a duration in minutes");
    is_str(text_duration(out, sizeof out, 7500), "2 h 5 min", "a duration in hours");
    is_int((long long)text_columns("a\xE7\x8C\xAB"), 3, "a wide character takes two columns");
}

static void test_fold_loosely(void)
{
    static const char *const pairs[][2] = {
        {"José", "jose"},       {"JOSÉ", "jose"},     {"O\u2019Brien", "o'brien"},
        {"Øystein", "oystein"}, {"Łukasz", "lukasz"}, {"Straße", "strasse"},
        {"Αθήνα", "αθηνα"},     {"Ёлка", "елка"},     {"Nguyễn", "nguyen"},
        {"が", "か\u3099"},     {"奶奶", "奶奶"},     {"", ""},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        AUTO_FREE char *folded = text_fold_loosely(pairs[i][0]);
        is_str(folded, pairs[i][1], pairs[i][0]);
    }
    AUTO_FREE char *ga = text_fold_loosely("が");
    AUTO_FREE char *ka = text_fold_loosely("か");
    ok(strcmp(ga, ka) != 0, "marks that make another letter stay");
}

int main(void)
{
    test_fold_loosely();
    check_utf8();
    check_fold();
    check_words();
    check_copy();
    check_printable();
    check_units();
    return done_testing();
}
