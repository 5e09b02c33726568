/* SPDX-License-Identifier: MIT */
/* Splits the text of a query into tokens. Private to query/. */
#pragma once

#include "query/syntax.h"

enum token_kind {
    TOKEN_END,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_OR,
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_WORD,
    TOKEN_QUOTED,
    TOKEN_CRITERION, /* a criterion, like: or sort: */
};

struct token {
    enum token_kind kind;
    struct syntax_span span;
    char *text;    /* WORD, QUOTED; owned */
    double weight; /* CLOSE, WORD, QUOTED, and a criterion's own */
    bool is_weighted;
    struct syntax *criterion; /* CRITERION; owned */
};

struct lexer {
    const char *text;
    size_t at; /* bytes */
    struct syntax_fault *fault;
};

/* Reads the next token, which the caller releases. ERR_INVALID with the lexer's fault. */
int lexer_next(struct lexer *lexer, struct token *ret_token, struct error *err) MUST_CHECK;
void token_release(struct token *token);

/* Sets the fault's place and the error. */
int lexer_refuse(struct lexer *lexer, size_t begin, size_t end, struct error *err,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Proposes the query with `text` in place of a part. */
void lexer_propose(struct lexer *lexer, size_t begin, size_t end, const char *text);

/* Size in bytes of the blank, the opening parenthesis, the closing one at a place; 0: none. */
size_t lexer_blank(const char *at);
size_t lexer_open(const char *at);
size_t lexer_close(const char *at);
/* Size of a quotation mark that can begin a quoted text; 0: none. */
size_t lexer_quote(const char *at);

/* Reads a quoted text at a quotation mark: its content, with "" for one mark inside. */
int lexer_read_quoted(struct lexer *lexer, char **ret_text, struct error *err) MUST_CHECK;
/* Reads "^2" if it is there; a '^' without a number is refused. */
int lexer_read_weight(struct lexer *lexer, struct token *token, struct error *err) MUST_CHECK;
/* Takes "^2" from the end of a text [*length]; returns false if there is none. */
double lexer_round_weight(double weight);
bool lexer_take_weight(const char *text, size_t *length, double *ret_weight);

/* Reads a criterion if one begins here; *ret_criterion is NULL if the text there is a word. */
int lexer_read_criterion(struct lexer *lexer, struct token *token, struct error *err) MUST_CHECK;
