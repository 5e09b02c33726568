/* SPDX-License-Identifier: MIT */
/* Writes syntax trees as text. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "query/syntax_lex.h"

/* Far more than any text within LIMIT_QUERY_BYTES can need. */
#define PRINTED_BYTES (LIMIT_QUERY_BYTES * 16)

struct printer {
    struct strbuf text;
    const struct syntax *omitted; /* this part is left out; or NULL */
    bool is_open; /* a parenthesis directly after the text would become a part of its last word */
};

static void put(struct printer *p, const char *text)
{
    if (strbuf_add(&p->text, text, strlen(text), NULL))
        BUG("the text of a query does not fit");
    p->is_open = false;
}

static void put_weight(struct printer *p, double weight)
{
    char number[40];
    if (weight == 1)
        return;
    snprintf(number, sizeof number, "%.3f", weight);
    size_t length = strlen(number);
    while (number[length - 1] == '0')
        length--;
    number[number[length - 1] == '.' ? length - 1 : length] = '\0';
    put(p, "^");
    put(p, number);
}

static void put_close(struct printer *p)
{
    if (p->is_open)
        put(p, " ");
    put(p, ")");
}

static void put_quoted(struct printer *p, const char *text)
{
    put(p, "\"");
    for (const char *at = text; *at; at++) {
        if (strbuf_add(&p->text, at, 1, NULL))
            BUG("the text of a query does not fit");
        if (*at == '"')
            put(p, "\"");
    }
    put(p, "\"");
}

/* ---- words ---- */

/* Returns whether the lexer reads `text`, followed by `end`, as the word and stops before `end`. */
static bool reads_as(const char *text, const char *end, const struct syntax_word *word)
{
    struct syntax_fault fault = {.instead = NULL};
    AUTO_FREE char *whole = xasprintf("%s%s", text, end);
    struct lexer lexer = {.text = whole, .fault = &fault};
    struct token token;
    if (lexer_next(&lexer, &token, NULL)) {
        syntax_fault_release(&fault);
        return false;
    }
    bool same = token.kind == TOKEN_WORD && lexer.at == strlen(text) &&
                strcmp(token.text, word->text) == 0 && token.weight == word->weight;
    token_release(&token);
    return same;
}

static void put_word(struct printer *p, const struct syntax_word *word)
{
    struct printer plain = {.text = STRBUF_INIT(PRINTED_BYTES)};
    put(&plain, word->text);
    put_weight(&plain, word->weight);
    bool is_literal = !reads_as(plain.text.data, "", word);
    AUTO_FREE char *written = xasprintf("%s%s", is_literal ? "\\" : "", plain.text.data);
    put(p, written);
    p->is_open = !reads_as(written, ")", word);
    strbuf_release(&plain.text);
}

char *syntax_caption(const struct syntax *node)
{
    struct strbuf text = STRBUF_INIT(PRINTED_BYTES);
    for (size_t i = 0; i < node->word_count; i++)
        if (strbuf_addf(&text, NULL, "%s%s", i ? " " : "", node->words[i].text))
            BUG("the words of a caption do not fit");
    return strbuf_take(&text);
}

/* ---- criteria ---- */

/* Returns whether a criterion with this value is the text of one without quotation marks. */
static bool is_plain_criterion(const struct token *token, const char *value)
{
    const struct syntax *read = token->criterion;
    if (!read || token->is_weighted || read->compare != CRITERIA_IS)
        return false;
    if (read->kind == SYNTAX_LIKE)
        return strcmp(read->text, value) == 0;
    return read->value_count == 1 && !read->values[0].is_quoted &&
           strcmp(read->values[0].text, value) == 0;
}

/* Returns whether the lexer reads the value without quotation marks as it is. */
static bool is_plain_value(const struct syntax *node, const char *value)
{
    struct syntax_fault fault = {.instead = NULL};
    AUTO_FREE char *whole = xasprintf("%s:%s", node->keyword->word, value);
    struct lexer lexer = {.text = whole, .fault = &fault};
    struct token token;
    size_t length = strlen(value);
    if (!length || value[length - 1] == '.')
        return false;
    bool is_plain = false;
    if (lexer_next(&lexer, &token, NULL) == 0) {
        is_plain = lexer.text[lexer.at] == '\0' && is_plain_criterion(&token, value);
        token_release(&token);
    }
    syntax_fault_release(&fault);
    return is_plain;
}

static void put_value(struct printer *p, const struct syntax *node,
                      const struct syntax_value *value)
{
    bool is_plain = is_plain_value(node, value->text);
    if (is_plain)
        put(p, value->text);
    else if (value->text[0] || value->is_quoted)
        put_quoted(p, value->text);
    p->is_open = is_plain && (strpbrk(value->text, "()") || strstr(value->text, "\uff08"));
}

static void put_criterion(struct printer *p, const struct syntax *node)
{
    static const char *const signs[] = {
        [CRITERIA_IS] = "",        [CRITERIA_HAS] = "",        [CRITERIA_BELOW] = "<",
        [CRITERIA_AT_MOST] = "<=", [CRITERIA_AT_LEAST] = ">=", [CRITERIA_ABOVE] = ">",
        [CRITERIA_WITHIN] = ""};
    put(p, node->keyword->word);
    put(p, ":");
    put(p, signs[node->compare]);
    for (size_t i = 0; i < node->value_count; i++) {
        if (i > 0)
            put(p, node->compare == CRITERIA_WITHIN ? ".." : ",");
        put_value(p, node, &node->values[i]);
    }
}

static void put_like(struct printer *p, const struct syntax *node)
{
    struct syntax_value value = {.text = node->text, .is_quoted = true};
    put(p, node->keyword->word);
    put(p, ":");
    put_value(p, node, &value);
    put_weight(p, node->weight);
}

/* ---- the tree ---- */

static void put_node(struct printer *p, const struct syntax *node);

static void put_grouped(struct printer *p, const struct syntax *node)
{
    struct syntax inner = *node;
    inner.weight = 1;
    put(p, "(");
    put_node(p, &inner);
    put_close(p);
    put_weight(p, node->weight);
}

static void put_caption(struct printer *p, const struct syntax *node)
{
    for (size_t i = 0; i < node->word_count; i++) {
        put(p, i ? " " : "");
        put_word(p, &node->words[i]);
    }
}

/* Returns whether the node needs no parentheses after '-'. */
static bool is_one_word(const struct syntax *node)
{
    if (node->kind != SYNTAX_CAPTION || node->word_count != 1 || node->weight != 1)
        return false;
    const struct syntax_word *word = &node->words[0];
    unsigned char first = (unsigned char)word->text[0];
    return word->weight == 1 && (isalnum(first) || first >= 0x80) && reads_as(word->text, "", word);
}

static void put_negated(struct printer *p, const struct syntax *node)
{
    const struct syntax *part = node->parts[0];
    put(p, "-");
    if (part->kind == SYNTAX_CRITERION || part->kind == SYNTAX_LIKE || is_one_word(part))
        put_node(p, part);
    else
        put_grouped(p, part);
}

/* A '+' separates a caption from the one before. */
static void put_parts(struct printer *p, const struct syntax *node)
{
    bool has_caption = false, is_first = true;
    for (size_t i = 0; i < node->count; i++) {
        const struct syntax *part = node->parts[i];
        if (part == p->omitted)
            continue;
        bool is_group = part->kind == SYNTAX_ALL || part->kind == SYNTAX_ANY;
        bool is_words = part->kind == SYNTAX_CAPTION && part->weight == 1;
        if (!is_first)
            put(p, node->kind == SYNTAX_ANY ? " OR " : is_words && has_caption ? " + " : " ");
        is_first = false;
        has_caption |= is_words;
        if (is_group &&
            !(node->kind == SYNTAX_ANY && part->kind == SYNTAX_ALL && part->weight == 1))
            put_grouped(p, part);
        else
            put_node(p, part);
    }
}

static void put_node(struct printer *p, const struct syntax *node)
{
    switch (node->kind) {
    case SYNTAX_CAPTION:
        if (node->weight != 1)
            put_grouped(p, node);
        else
            put_caption(p, node);
        break;
    case SYNTAX_WRITTEN:
        put_quoted(p, node->text);
        break;
    case SYNTAX_CRITERION:
        put_criterion(p, node);
        break;
    case SYNTAX_LIKE:
        put_like(p, node);
        break;
    case SYNTAX_NOT:
        put_negated(p, node);
        break;
    case SYNTAX_ALL:
    case SYNTAX_ANY:
        if (node->weight != 1)
            put_grouped(p, node);
        else
            put_parts(p, node);
    }
}

char *syntax_print_node(const struct syntax *node)
{
    struct printer p = {.text = STRBUF_INIT(PRINTED_BYTES)};
    put_node(&p, node);
    return strbuf_take(&p.text);
}

char *syntax_print(const struct syntax_query *query)
{
    return syntax_print_without(query, NULL);
}

char *syntax_print_without(const struct syntax_query *query, const struct syntax *part)
{
    static const char *const orders[] = {[QUERY_SORT_DEFAULT] = "",
                                         [QUERY_SORT_MATCH] = "sort:match",
                                         [QUERY_SORT_NEWEST] = "sort:-date",
                                         [QUERY_SORT_OLDEST] = "sort:date",
                                         [QUERY_SORT_RANDOM] = "sort:random"};
    struct printer p = {.text = STRBUF_INIT(PRINTED_BYTES), .omitted = part};
    const struct syntax *root = query->root == part ? NULL : query->root;
    if (root && root->kind == SYNTAX_ANY && query->sort)
        put_grouped(&p, root);
    else if (root)
        put_node(&p, root);
    if (root && query->sort)
        put(&p, " ");
    put(&p, orders[query->sort]);
    return strbuf_take(&p.text);
}

bool syntax_is_seen(const struct syntax *node)
{
    bool is_seen = node->kind == SYNTAX_CAPTION || node->kind == SYNTAX_LIKE;
    for (size_t i = 0; !is_seen && i < node->count; i++)
        is_seen = syntax_is_seen(node->parts[i]);
    return is_seen;
}
