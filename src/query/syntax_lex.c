/* SPDX-License-Identifier: MIT */
/* Splits the text of a query into tokens: which bytes are signs, and which belong to words. */
#include "query/syntax_lex.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Weights have three decimals, so that they can be printed exactly. */
#define HEAVIEST 1000.0
#define DECIMALS 1000.0

double lexer_round_weight(double weight)
{
    return round(weight * DECIMALS) / DECIMALS;
}

void token_release(struct token *token)
{
    free(token->text);
    syntax_free(token->criterion);
    *token = (struct token){.kind = TOKEN_END};
}

int lexer_refuse(struct lexer *lexer, size_t begin, size_t end, struct error *err,
                 const char *format, ...)
{
    char sentence[sizeof err->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    lexer->fault->span = (struct syntax_span){begin, end};
    return error_set(err, ERR_INVALID, "%s", sentence);
}

void lexer_propose(struct lexer *lexer, size_t begin, size_t end, const char *text)
{
    free(lexer->fault->instead);
    lexer->fault->instead = xasprintf("%.*s%s%s", (int)begin, lexer->text, text, lexer->text + end);
}

/* ---- signs ---- */

static size_t size_of_any(const char *at, const char *const *signs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(signs[i]);
        if (strncmp(at, signs[i], length) == 0)
            return length;
    }
    return 0;
}

#define SIZE_OF_ANY(at, ...)                            \
    size_of_any(at, (const char *const[]){__VA_ARGS__}, \
                sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

size_t lexer_blank(const char *at)
{
    if (*at && strchr(" \t\n\r\v\f", *at))
        return 1;
    /* U+00A0, U+2002 to U+200A, U+202F, U+3000 */
    return SIZE_OF_ANY(at, "\u00a0", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007",
                       "\u2008", "\u2009", "\u200a", "\u202f", "\u3000");
}

size_t lexer_open(const char *at)
{
    return SIZE_OF_ANY(at, "(", "\uff08");
}

size_t lexer_close(const char *at)
{
    return SIZE_OF_ANY(at, ")", "\uff09");
}

/* Telephones write typographic marks for those of the keyboard. */
size_t lexer_quote(const char *at)
{
    return SIZE_OF_ANY(at, "\"", "\u201c", "\u201d", "\u201e", "\u00ab", "\uff02");
}

static size_t closing_quote(const char *at, bool is_plain)
{
    return is_plain ? SIZE_OF_ANY(at, "\"")
                    : SIZE_OF_ANY(at, "\u201c", "\u201d", "\u00bb", "\uff02");
}

/* Returns whether the byte can follow '-' or '+' as the beginning of what they apply to. */
static bool begins_part(const char *at)
{
    unsigned char c = (unsigned char)*at;
    return isalnum(c) || c == '"' || c == '(' || c == '\\' || (c >= 0x80 && !lexer_blank(at));
}

/* ---- quoted texts and weights ---- */

int lexer_read_quoted(struct lexer *lexer, char **ret_text, struct error *err)
{
    size_t begin = lexer->at, size = lexer_quote(lexer->text + begin), used = 0;
    bool is_plain = lexer->text[begin] == '"';
    const char *at = lexer->text + begin + size;
    char *text = xmalloc(strlen(at) + 1);
    for (;; text[used++] = *at++) {
        if (*at == '\0') {
            free(text);
            return lexer_refuse(lexer, begin, begin + size, err,
                                "a quotation mark is not closed: add one at the end of the words");
        }
        if (is_plain && at[0] == '"' && at[1] == '"')
            at++;
        else if (closing_quote(at, is_plain))
            break;
    }
    text[used] = '\0';
    lexer->at = (size_t)(at - lexer->text) + closing_quote(at, is_plain);
    *ret_text = text;
    return 0;
}

bool lexer_take_weight(const char *text, size_t *length, double *ret_weight)
{
    size_t at = *length;
    while (at > 0 && (isdigit((unsigned char)text[at - 1]) || text[at - 1] == '.'))
        at--;
    if (at < 2 || at == *length || text[at - 1] != '^' || !isdigit((unsigned char)text[at]))
        return false;
    AUTO_FREE char *number = xstrndup(text + at, *length - at);
    char *end;
    *ret_weight = lexer_round_weight(strtod(number, &end));
    if (*end)
        return false;
    *length = at - 1;
    return true;
}

static int check_weight(struct lexer *lexer, size_t begin, double weight, struct error *err)
{
    if (weight > 0 && weight <= HEAVIEST)
        return 0;
    return lexer_refuse(lexer, begin, lexer->at, err,
                        "a weight after ^ must be at least 0.001 and at most %.0f", HEAVIEST);
}

int lexer_read_weight(struct lexer *lexer, struct token *token, struct error *err)
{
    size_t begin = lexer->at;
    const char *at = lexer->text + begin;
    if (*at != '^')
        return 0;
    size_t length = 1 + strspn(at + 1, "0123456789.");
    AUTO_FREE char *number = xstrndup(at + 1, length - 1);
    char *end;
    token->weight = lexer_round_weight(strtod(number, &end));
    token->is_weighted = true;
    lexer->at += length;
    if (length == 1 || *end || !isdigit((unsigned char)*number))
        return lexer_refuse(lexer, begin, lexer->at, err,
                            "a number is missing after ^: write a weight as (two dogs)^2");
    return check_weight(lexer, begin, token->weight, err);
}

/* ---- words ---- */

/* Returns the size of a word: up to a blank, or to a parenthesis that was opened before the word.
 * Smileys keep theirs. */
static size_t word_size(const char *text)
{
    size_t at = 0, depth = 0;
    bool is_smiley = text[0] == ':' || text[0] == ';';
    while (text[at] && !lexer_blank(text + at)) {
        size_t open = lexer_open(text + at), close = lexer_close(text + at);
        if (close && depth == 0 && !is_smiley)
            break;
        depth += open > 0;
        depth -= close > 0 && depth > 0;
        at += open + close ? open + close : 1;
    }
    return at;
}

/* A word after a backslash is taken as it is, up to the next blank. */
static void read_literal(struct lexer *lexer, struct token *token)
{
    const char *text = lexer->text + lexer->at + 1;
    size_t length = 0;
    while (text[length] && !lexer_blank(text + length))
        length++;
    *token = (struct token){
        .kind = TOKEN_WORD, .text = xstrndup(text, length), .weight = 1, .span = token->span};
    lexer->at += 1 + length;
}

static int read_word(struct lexer *lexer, struct token *token, struct error *err)
{
    const char *text = lexer->text + lexer->at;
    size_t begin = lexer->at, length = word_size(text);
    lexer->at += length;
    token->kind = length == 2 && strncmp(text, "OR", 2) == 0 ? TOKEN_OR : TOKEN_WORD;
    token->is_weighted = lexer_take_weight(text, &length, &token->weight);
    token->text = xstrndup(text, length);
    return token->is_weighted ? check_weight(lexer, begin + length, token->weight, err) : 0;
}

static int read_sign(struct lexer *lexer, struct token *token, bool *ret_done, struct error *err)
{
    const char *at = lexer->text + lexer->at;
    size_t open = lexer_open(at), close = lexer_close(at);
    *ret_done = true;
    if (*at == '\0') {
        token->kind = TOKEN_END;
    } else if (open) {
        token->kind = TOKEN_OPEN;
        lexer->at += open;
    } else if (close) {
        token->kind = TOKEN_CLOSE;
        lexer->at += close;
        return lexer_read_weight(lexer, token, err);
    } else if (lexer_quote(at)) {
        token->kind = TOKEN_QUOTED;
        int rc = lexer_read_quoted(lexer, &token->text, err);
        return rc ? rc : lexer_read_weight(lexer, token, err);
    } else if (*at == '-' && begins_part(at + 1)) {
        token->kind = TOKEN_MINUS;
        lexer->at++;
    } else if (*at == '+' && (at[1] == '\0' || lexer_blank(at + 1) || begins_part(at + 1) ||
                              (at[1] == '-' && begins_part(at + 2)))) {
        token->kind = TOKEN_PLUS;
        lexer->at++;
    } else {
        *ret_done = false;
    }
    return 0;
}

static int read_token(struct lexer *lexer, struct token *token, struct error *err)
{
    bool done;
    int rc = read_sign(lexer, token, &done, err);
    if (rc || done)
        return rc;
    const char *at = lexer->text + lexer->at;
    if (*at == '\\' && at[1] && !lexer_blank(at + 1)) {
        read_literal(lexer, token);
        return 0;
    }
    rc = lexer_read_criterion(lexer, token, err);
    if (rc || token->criterion)
        return rc;
    return read_word(lexer, token, err);
}

int lexer_next(struct lexer *lexer, struct token *ret_token, struct error *err)
{
    struct token token = {.kind = TOKEN_END, .weight = 1};
    size_t blank;
    while ((blank = lexer_blank(lexer->text + lexer->at)) > 0)
        lexer->at += blank;
    token.span.begin = lexer->at;
    int rc = read_token(lexer, &token, err);
    token.span.end = lexer->at;
    if (rc)
        token_release(&token);
    else
        *ret_token = token;
    return rc;
}
