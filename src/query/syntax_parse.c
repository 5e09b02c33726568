/* SPDX-License-Identifier: MIT */
/* Parses tokens into a syntax tree, by recursive descent:
 *
 *     any  = all { "OR" all }
 *     all  = part { [ "+" ] part }
 *     part = word | quoted | criterion | "(" any ")" | "-" part */
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "query/syntax_lex.h"

struct parser {
    struct lexer lexer;
    struct token token; /* the next one */
    struct syntax_query *query;
    size_t depth, nodes, negations;
};

static int parse_any(struct parser *p, struct syntax **ret_node, struct error *err);

/* ---- nodes ---- */

void syntax_free(struct syntax *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < node->count; i++)
        syntax_free(node->parts[i]);
    for (size_t i = 0; i < node->word_count; i++)
        free(node->words[i].text);
    for (size_t i = 0; i < node->value_count; i++)
        free(node->values[i].text);
    free(node->parts);
    free(node->words);
    free(node->values);
    free(node->text);
    free(node);
}

static struct syntax *new_node(enum syntax_kind kind, struct syntax_span span)
{
    struct syntax *node = xcalloc(1, sizeof *node);
    *node = (struct syntax){.kind = kind, .span = span, .weight = 1};
    return node;
}

/* Takes ownership of `part`. A group of the same kind and of weight 1 dissolves. */
static void add_part(struct syntax *group, struct syntax *part)
{
    if (group->count == 0 || part->span.begin < group->span.begin)
        group->span.begin = part->span.begin;
    if (part->span.end > group->span.end)
        group->span.end = part->span.end;
    bool dissolves = part->kind == group->kind && part->weight == 1 && part->kind != SYNTAX_NOT;
    size_t n = dissolves ? part->count : 1;
    ARRAY_GROW(group->parts, group->cap, group->count + n);
    for (size_t i = 0; i < n; i++)
        group->parts[group->count++] = dissolves ? part->parts[i] : part;
    if (!dissolves)
        return;
    part->count = 0;
    syntax_free(part);
}

/* Returns the only part of a group instead of the group. */
static struct syntax *simplify(struct syntax *group)
{
    if (group->count != 1)
        return group;
    struct syntax *part = group->parts[0];
    group->count = 0;
    syntax_free(group);
    return part;
}

static int count_node(struct parser *p, struct syntax_span span, struct error *err)
{
    if (++p->nodes <= LIMIT_SYNTAX_NODES)
        return 0;
    p->lexer.fault->span = span;
    return error_set(err, ERR_LIMIT, "the query has more than %d parts: ask for fewer things",
                     LIMIT_SYNTAX_NODES);
}

/* ---- tokens ---- */

static int advance(struct parser *p, struct error *err)
{
    token_release(&p->token);
    return lexer_next(&p->lexer, &p->token, err);
}

static int weigh(struct parser *p, struct syntax *node, const struct token *token,
                 struct error *err)
{
    if (!token->is_weighted)
        return 0;
    if (!syntax_is_seen(node))
        return lexer_refuse(&p->lexer, token->span.begin, token->span.end, err,
                            "a weight (^) applies to what photos show, but this part is exact: "
                            "leave the weight out");
    node->weight = lexer_round_weight(node->weight * token->weight);
    if (node->weight > 0 && node->weight <= 1000)
        return 0;
    return lexer_refuse(&p->lexer, token->span.begin, token->span.end, err,
                        "the weights of nested parentheses multiply to %g: use one from 0.001 to "
                        "1000",
                        node->weight);
}

/* ---- parts ---- */

static void add_word(struct syntax *caption, struct parser *p)
{
    ARRAY_GROW(caption->words, caption->word_cap, caption->word_count + 1);
    caption->words[caption->word_count++] =
        (struct syntax_word){p->token.text, p->token.weight, p->token.span};
    p->token.text = NULL;
    caption->span.end = p->token.span.end;
}

static int parse_word(struct parser *p, struct syntax **ret_node, struct error *err)
{
    AUTO(syntax) *caption = new_node(SYNTAX_CAPTION, p->token.span);
    int rc = count_node(p, p->token.span, err);
    add_word(caption, p);
    if (!rc)
        rc = advance(p, err);
    if (rc)
        return rc;
    *ret_node = caption;
    caption = NULL;
    return 0;
}

/* Quoted words after '-' are a caption: `-"a red car"` is `-(a red car)`. */
static struct syntax *caption_of_quoted(const struct token *token)
{
    struct syntax *caption = new_node(SYNTAX_CAPTION, token->span);
    const char *at = token->text;
    for (size_t n; *at; at += n) {
        for (n = 0; at[n] && !lexer_blank(at + n);)
            n++;
        if (n) {
            ARRAY_GROW(caption->words, caption->word_cap, caption->word_count + 1);
            caption->words[caption->word_count++] =
                (struct syntax_word){xstrndup(at, n), 1, token->span};
        }
        n += lexer_blank(at + n);
    }
    return caption;
}

static int parse_quoted(struct parser *p, bool is_negated, struct syntax **ret_node,
                        struct error *err)
{
    struct token *token = &p->token;
    AUTO(syntax) *node = NULL;
    size_t blanks = 0, blank;
    while ((blank = lexer_blank(token->text + blanks)) > 0)
        blanks += blank;
    if (!token->text[blanks])
        return lexer_refuse(&p->lexer, token->span.begin, token->span.end, err,
                            "the quotation marks are empty: write words between them");
    int rc = count_node(p, token->span, err);
    if (rc)
        return rc;
    if (is_negated) {
        node = caption_of_quoted(token);
    } else {
        node = new_node(SYNTAX_WRITTEN, token->span);
        node->text = token->text;
        token->text = NULL;
    }
    rc = weigh(p, node, token, err);
    if (!rc)
        rc = advance(p, err);
    if (rc)
        return rc;
    *ret_node = node;
    node = NULL;
    return 0;
}

static int take_order(struct parser *p, const struct syntax *node, struct error *err)
{
    static const struct {
        const char *word;
        enum query_sort sort; /* DEFAULT: no sort: was given */
    } orders[] = {{"match", QUERY_SORT_MATCH},
                  {"date", QUERY_SORT_OLDEST},
                  {"-date", QUERY_SORT_NEWEST},
                  {"random", QUERY_SORT_RANDOM}};
    const struct syntax_value *value = &node->values[0];
    if (p->depth > 1 || p->negations)
        return lexer_refuse(&p->lexer, node->span.begin, node->span.end, err,
                            "sort: applies to the whole query: write it outside of parentheses");
    if (p->query->sort)
        return lexer_refuse(&p->lexer, node->span.begin, node->span.end, err,
                            "sort: is given twice: leave one of them out");
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (strcasecmp(orders[i].word, value->text) == 0) {
            p->query->sort = orders[i].sort;
            p->query->sort_span = node->span;
            return 0;
        }
    AUTO_FREE char *shown = text_printable(value->text, strlen(value->text));
    return lexer_refuse(&p->lexer, value->span.begin, value->span.end, err,
                        "there is no order %s: write date, -date (newest first), match or random",
                        shown);
}

/* *ret_node is NULL after a sort:. */
static int parse_criterion(struct parser *p, struct syntax **ret_node, struct error *err)
{
    AUTO(syntax) *node = p->token.criterion;
    p->token.criterion = NULL;
    int rc = count_node(p, node->span, err);
    if (!rc)
        rc = weigh(p, node, &p->token, err);
    if (!rc && node->keyword->form == KEYWORD_SORT) {
        rc = take_order(p, node, err);
        syntax_free(node);
        node = NULL;
    }
    if (!rc)
        rc = advance(p, err);
    if (rc)
        return rc;
    *ret_node = node;
    node = NULL;
    return 0;
}

static int parse_group(struct parser *p, struct syntax **ret_node, struct error *err)
{
    struct syntax_span open = p->token.span;
    if (p->depth >= LIMIT_SYNTAX_DEPTH) {
        p->lexer.fault->span = open;
        return error_set(err, ERR_LIMIT,
                         "the parentheses are nested more than %d deep: write the query more "
                         "simply",
                         LIMIT_SYNTAX_DEPTH);
    }
    int rc = advance(p, err);
    if (rc)
        return rc;
    AUTO(syntax) *inner = NULL;
    rc = parse_any(p, &inner, err);
    if (rc)
        return rc;
    if (p->token.kind != TOKEN_CLOSE)
        return lexer_refuse(&p->lexer, open.begin, open.end, err,
                            "a parenthesis is not closed: add ) at the end of its part");
    inner->span = (struct syntax_span){open.begin, p->token.span.end};
    rc = weigh(p, inner, &p->token, err);
    if (!rc)
        rc = advance(p, err);
    if (rc)
        return rc;
    *ret_node = inner;
    inner = NULL;
    return 0;
}

static int parse_part(struct parser *p, bool is_negated, struct syntax **ret_node,
                      struct error *err)
{
    if (p->token.kind == TOKEN_WORD)
        return parse_word(p, ret_node, err);
    if (p->token.kind == TOKEN_QUOTED)
        return parse_quoted(p, is_negated, ret_node, err);
    if (p->token.kind == TOKEN_CRITERION)
        return parse_criterion(p, ret_node, err);
    if (p->token.kind == TOKEN_OPEN)
        return parse_group(p, ret_node, err);
    return lexer_refuse(&p->lexer, p->token.span.begin, p->token.span.end, err,
                        "- excludes what follows it: write a word or parentheses after it");
}

static int parse_negated(struct parser *p, struct syntax **ret_node, struct error *err)
{
    struct syntax_span sign = p->token.span;
    int rc = advance(p, err);
    if (rc)
        return rc;
    AUTO(syntax) *part = NULL;
    p->negations++;
    rc = parse_part(p, true, &part, err);
    p->negations--;
    if (rc)
        return rc;
    struct syntax *node = new_node(SYNTAX_NOT, (struct syntax_span){sign.begin, part->span.end});
    add_part(node, part);
    node->span.begin = sign.begin;
    part = NULL;
    *ret_node = node;
    return 0;
}

/* ---- groups ---- */

static bool begins_part(const struct parser *p)
{
    return p->token.kind == TOKEN_OPEN || p->token.kind >= TOKEN_MINUS;
}

/* Words between two '+' are one caption, also when other parts stand between them. */
struct side_by_side {
    struct syntax *group, *caption; /* caption: the one that takes further words; or NULL */
    bool after_plus, any_order;
};

static int parse_beside(struct parser *p, struct side_by_side *side, struct error *err)
{
    if (p->token.kind == TOKEN_WORD && side->caption) {
        add_word(side->caption, p);
        return advance(p, err);
    }
    struct syntax *part = NULL;
    bool is_word = p->token.kind == TOKEN_WORD;
    int rc = p->token.kind == TOKEN_MINUS ? parse_negated(p, &part, err)
                                          : parse_part(p, false, &part, err);
    if (rc)
        return rc;
    side->any_order |= !part;
    if (part)
        add_part(side->group, part);
    if (is_word)
        side->caption = part;
    return 0;
}

static int refuse_close(struct parser *p, struct error *err)
{
    return lexer_refuse(&p->lexer, p->token.span.begin, p->token.span.end, err,
                        "this parenthesis was never opened: leave it out, or write \\ before its "
                        "word");
}

static int refuse_empty(struct parser *p, bool after_plus, bool after_or, struct error *err)
{
    const struct syntax_span *span = &p->token.span;
    if (after_plus)
        return lexer_refuse(&p->lexer, span->begin, span->end, err,
                            "+ joins two things: write something after it");
    if (after_or || p->token.kind == TOKEN_OR)
        return lexer_refuse(&p->lexer, span->begin, span->end, err,
                            "OR needs something on both sides: for the word, write or");
    if (p->depth == 1)
        return refuse_close(p, err);
    return lexer_refuse(&p->lexer, span->begin, span->end, err,
                        "the parentheses are empty: write something between them");
}

/* *ret_node is NULL if there was only a sort:. */
static int parse_all(struct parser *p, bool after_or, struct syntax **ret_node, struct error *err)
{
    struct side_by_side side = {.group = new_node(SYNTAX_ALL, p->token.span)};
    int rc = 0;
    while (!rc && (begins_part(p) || p->token.kind == TOKEN_PLUS)) {
        bool is_plus = p->token.kind == TOKEN_PLUS;
        if (is_plus && side.after_plus)
            rc = refuse_empty(p, true, after_or, err);
        else if (is_plus)
            rc = advance(p, err);
        else
            rc = parse_beside(p, &side, err);
        side.after_plus = is_plus;
        if (is_plus)
            side.caption = NULL;
    }
    bool is_empty = side.group->count == 0 && (after_or || !side.any_order);
    if (!rc && (is_empty || side.after_plus))
        rc = refuse_empty(p, side.after_plus, after_or, err);
    *ret_node = NULL;
    if (!rc && side.group->count)
        *ret_node = simplify(side.group);
    else
        syntax_free(side.group);
    return rc;
}

static int parse_any(struct parser *p, struct syntax **ret_node, struct error *err)
{
    AUTO(syntax) *group = new_node(SYNTAX_ANY, p->token.span);
    struct syntax *part = NULL;
    p->depth++;
    int rc = parse_all(p, false, &part, err);
    while (!rc) {
        if (part)
            add_part(group, part);
        if (p->token.kind != TOKEN_OR)
            break;
        if (!part)
            rc = refuse_empty(p, false, true, err);
        if (!rc)
            rc = advance(p, err);
        if (!rc)
            rc = parse_all(p, true, &part, err);
    }
    p->depth--;
    if (rc)
        return rc;
    *ret_node = NULL;
    if (group->count) {
        *ret_node = simplify(group);
        group = NULL;
    }
    return 0;
}

/* ---- the query ---- */

static int check_text(const char *text, struct syntax_fault *fault, struct error *err)
{
    size_t length = strlen(text), at = 0, blank;
    while ((blank = lexer_blank(text + at)) > 0)
        at += blank;
    fault->span = (struct syntax_span){0, length};
    if (!text[at])
        return error_set(err, ERR_INVALID, "the query is empty: say what the photos should show");
    if (length > LIMIT_QUERY_BYTES)
        return error_set(err, ERR_LIMIT, "the query is %zu bytes long; the limit is %zu", length,
                         LIMIT_QUERY_BYTES);
    return text_is_utf8(text, length) ? 0
                                      : error_set(err, ERR_INVALID, "the query is not UTF-8 text");
}

static int parse_whole(struct parser *p, struct error *err)
{
    int rc = advance(p, err);
    if (!rc)
        rc = parse_any(p, &p->query->root, err);
    if (!rc && p->token.kind == TOKEN_CLOSE)
        rc = refuse_close(p, err);
    return rc;
}

int syntax_parse(const char *text, struct syntax_query *ret_query, struct syntax_fault *ret_fault,
                 struct error *err)
{
    struct syntax_query query = {.root = NULL};
    *ret_fault = (struct syntax_fault){.instead = NULL};
    struct parser p = {.lexer = {.text = text, .fault = ret_fault}, .query = &query};
    int rc = check_text(text, ret_fault, err);
    if (!rc)
        rc = parse_whole(&p, err);
    token_release(&p.token);
    if (rc)
        syntax_query_release(&query);
    else
        *ret_query = query;
    return rc;
}

void syntax_query_release(struct syntax_query *query)
{
    syntax_free(query->root);
    *query = (struct syntax_query){.root = NULL};
}

void syntax_fault_release(struct syntax_fault *fault)
{
    free(fault->instead);
    fault->instead = NULL;
}
