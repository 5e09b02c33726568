/* SPDX-License-Identifier: MIT */
/* Parses the text of a query into a syntax tree. docs/query.md has the grammar.
 *
 *     struct syntax_query query;
 *     struct syntax_fault fault;
 *     rc = syntax_parse("beach + sunset -crowd in:trips sort:date", &query, &fault, err);
 *     query.root     ALL(caption "beach", caption "sunset", NOT(caption "crowd"), in:trips)
 *
 * The parser knows the gallery neither; search/understood.h gives a tree its meaning. Every node
 * has its place in the text in bytes, so that errors and explanations can point at it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "query/criteria.h"
#include "query/keywords.h"
#include "query/query_tree.h"

/* A part of the text: its first byte, and the byte after its last. */
struct syntax_span {
    size_t begin, end;
};

enum syntax_kind {
    SYNTAX_ALL,       /* parts next to each other, or joined by '+' */
    SYNTAX_ANY,       /* parts joined by OR */
    SYNTAX_NOT,       /* '-' before its one part */
    SYNTAX_CAPTION,   /* bare words in their order: what the photos show */
    SYNTAX_WRITTEN,   /* "quoted words": a text that is written down about the photo */
    SYNTAX_LIKE,      /* like:FILE or like:ID */
    SYNTAX_CRITERION, /* keyword:values */
};

struct syntax_word {
    char *text; /* owned */
    double weight;
    struct syntax_span span;
};

struct syntax_value {
    char *text; /* owned; "" for the open end of a range */
    bool is_quoted;
    struct syntax_span span;
};

struct syntax {
    enum syntax_kind kind;
    struct syntax_span span;
    double weight;         /* greater than 0; 1 unless the text has a '^' */
    struct syntax **parts; /* owned; ALL and ANY have at least two, NOT has one */
    size_t count, cap;
    struct syntax_word *words; /* CAPTION */
    size_t word_count, word_cap;
    char *text; /* WRITTEN, LIKE; owned */
    /* CRITERION */
    const struct keyword *keyword;
    enum criteria_compare compare; /* WITHIN: two values, either of which may be "" */
    struct syntax_value *values;
    size_t value_count, value_cap;
};

struct syntax_query {
    struct syntax *root;  /* NULL: the text has nothing but a sort: */
    enum query_sort sort; /* DEFAULT: no sort: was given */
    struct syntax_span sort_span;
};

/* The place of an error, with a query to try instead. */
struct syntax_fault {
    struct syntax_span span;
    char *instead; /* the whole query, corrected; NULL: no proposal. The caller frees it. */
};

/* ERR_INVALID: empty, not UTF-8, or against the grammar; ERR_LIMIT: too long, too deep or too many
 * parts. On failure *ret_fault has the place. */
int syntax_parse(const char *text, struct syntax_query *ret_query, struct syntax_fault *ret_fault,
                 struct error *err) MUST_CHECK;
void syntax_query_release(struct syntax_query *query);
void syntax_fault_release(struct syntax_fault *fault);

/* Returns the query as a text that syntax_parse reads as the same tree; the caller frees it. */
char *syntax_print(const struct syntax_query *query);
/* Returns the query without one part of an ALL or ANY, or without its root, as text: "" if nothing
 * is left. NULL: the whole query. The caller frees it. */
char *syntax_print_without(const struct syntax_query *query, const struct syntax *part);
/* Returns the text of one node. */
char *syntax_print_node(const struct syntax *node);

/* Returns the words of a caption joined by blanks; the caller frees it. */
char *syntax_caption(const struct syntax *node);
/* Returns whether a photo's picture decides about the node, in whole or in part. */
bool syntax_is_seen(const struct syntax *node);

void syntax_free(struct syntax *node); /* NULL is fine */
DEFINE_AUTO(syntax, syntax_free)
