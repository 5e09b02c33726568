/* SPDX-License-Identifier: MIT */
/* Reads a criterion in the text of a query: keyword, colon, and values. */
#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "query/syntax_lex.h"

enum { LONGEST_NAME = 32 };

/* ---- is it a criterion ---- */

/* Input methods for Chinese write a wide colon. */
static size_t colon_size(const char *at)
{
    return *at == ':' ? 1 : strncmp(at, "\uff1a", 3) == 0 ? 3 : 0;
}

/* Returns the length of letters before a colon; 0: none. */
static size_t name_length(const char *at)
{
    size_t length = 0;
    while (isalpha((unsigned char)at[length]))
        length++;
    return length <= LONGEST_NAME && colon_size(at + length) ? length : 0;
}

static bool is_end(const char *at)
{
    return *at == '\0' || lexer_blank(at) || lexer_close(at);
}

/* Returns whether what follows the colon shows that the text is no criterion: an address, a path
 * with a drive letter, "std::vector", and, after an unknown word, also "note: ..." and "x:y". */
static bool is_plain_text(const struct keyword *keyword, size_t length, const char *value)
{
    bool is_address = strncmp(value, "//", 2) == 0 && !(keyword && keyword->form == KEYWORD_FOLDER);
    bool is_drive = length == 1 && (*value == '\\' || *value == '/');
    if (is_address || is_drive || *value == ':')
        return true;
    return !keyword && (length == 1 || is_end(value));
}

static int refuse_unknown(struct lexer *lexer, size_t length, struct error *err)
{
    size_t begin = lexer->at, end = begin + length + 1;
    const char *name = lexer->text + begin;
    const struct keyword *near = keyword_suggest(name, length);
    if (near)
        lexer_propose(lexer, begin, begin + length, near->word);
    return near ? lexer_refuse(lexer, begin, end, err,
                               "there is no criterion %.*s: did you mean %s: ?", (int)length, name,
                               near->word)
                : lexer_refuse(lexer, begin, end, err,
                               "there is no criterion %.*s: `keepsake help query` lists them; for "
                               "the words alone, put a blank after the colon or \\ before them",
                               (int)length, name);
}

/* ---- values ---- */

static bool takes_range(const struct keyword *keyword)
{
    return keyword->form == KEYWORD_ORDERED;
}

static bool takes_list(const struct keyword *keyword)
{
    return keyword->form != KEYWORD_LIKE && keyword->form != KEYWORD_SORT;
}

static size_t bare_size(const struct keyword *keyword, const char *text)
{
    size_t at = 0, depth = 0;
    while (text[at] && !lexer_blank(text + at) && !(text[at] == ',' && takes_list(keyword)) &&
           !(text[at] == '.' && text[at + 1] == '.' && takes_range(keyword))) {
        size_t open = lexer_open(text + at), close = lexer_close(text + at);
        if (close && depth == 0)
            break;
        depth += open > 0;
        depth -= close > 0;
        at += open + close ? open + close : 1;
    }
    return at;
}

/* Adds a value; an empty one stands for the open end of a range. */
static int read_value(struct lexer *lexer, struct syntax *node, struct error *err)
{
    struct syntax_value value = {.span.begin = lexer->at};
    const char *text = lexer->text + lexer->at;
    if (lexer_quote(text)) {
        int rc = lexer_read_quoted(lexer, &value.text, err);
        if (rc)
            return rc;
        value.is_quoted = true;
    } else {
        size_t size = bare_size(node->keyword, text);
        value.text = xstrndup(text, size);
        lexer->at += size;
    }
    value.span.end = lexer->at;
    ARRAY_GROW(node->values, node->value_cap, node->value_count + 1);
    node->values[node->value_count++] = value;
    return 0;
}

static int refuse_missing(struct lexer *lexer, const struct syntax *node, struct error *err)
{
    const char *word = node->keyword->word;
    const char *after = lexer->text + lexer->at;
    size_t begin = node->span.begin, blank = lexer_blank(after);
    if (blank && !is_end(after + blank) && node->value_count <= 1) {
        lexer_propose(lexer, lexer->at, lexer->at + blank, "");
        return lexer_refuse(lexer, begin, lexer->at, err,
                            "%s: needs its value without a blank, as %s:%s; for the words alone, "
                            "write \\ before them",
                            word, word, node->keyword->example);
    }
    return lexer_refuse(lexer, begin, lexer->at, err, "%s: a value is missing, as in %s:%s", word,
                        word, node->keyword->example);
}

static bool is_empty_value(const struct syntax_value *value)
{
    return !value->text[0] && !value->is_quoted;
}

/* Checks the newest value; `before_range` says that ".." follows it. */
static int check_value(struct lexer *lexer, const struct syntax *node, bool before_range,
                       struct error *err)
{
    bool is_range = node->compare == CRITERIA_WITHIN;
    if (is_empty_value(&node->values[node->value_count - 1]) && !before_range &&
        !(is_range && !is_empty_value(&node->values[0])))
        return refuse_missing(lexer, node, err);
    if (before_range && (node->value_count > 1 || node->compare != CRITERIA_IS))
        return lexer_refuse(lexer, node->span.begin, lexer->at + 2, err,
                            "%s: a range cannot be in a list or after a sign: write %s:%s",
                            node->keyword->word, node->keyword->word, "2..5");
    return 0;
}

/* Reads "A", "A,B,...", "A..B", "A.." or "..B". */
static int read_values(struct lexer *lexer, struct syntax *node, struct error *err)
{
    for (bool more = true; more;) {
        int rc = read_value(lexer, node, err);
        if (rc)
            return rc;
        const char *at = lexer->text + lexer->at;
        bool before_range = takes_range(node->keyword) && strncmp(at, "..", 2) == 0;
        rc = check_value(lexer, node, before_range, err);
        if (rc)
            return rc;
        bool is_range = before_range || node->compare == CRITERIA_WITHIN;
        more = before_range || (takes_list(node->keyword) && *at == ',' && !is_range);
        lexer->at += before_range ? 2 : more;
        if (before_range)
            node->compare = CRITERIA_WITHIN;
    }
    return 0;
}

static void read_comparison(struct lexer *lexer, struct syntax *node)
{
    static const struct {
        const char *sign;
        enum criteria_compare compare;
    } signs[] = {{"<=", CRITERIA_AT_MOST},     {">=", CRITERIA_AT_LEAST},
                 {"<", CRITERIA_BELOW},        {">", CRITERIA_ABOVE},
                 {"=", CRITERIA_IS},           {"\u2264", CRITERIA_AT_MOST},
                 {"\u2265", CRITERIA_AT_LEAST}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t length = strlen(signs[i].sign);
        if (strncmp(lexer->text + lexer->at, signs[i].sign, length) == 0) {
            node->compare = signs[i].compare;
            lexer->at += length;
            return;
        }
    }
}

/* ---- like: and sort: ---- */

static int take_like(struct lexer *lexer, struct token *token, struct error *err)
{
    struct syntax *node = token->criterion;
    struct syntax_value *value = &node->values[0];
    node->kind = SYNTAX_LIKE;
    node->text = value->text;
    value->text = NULL;
    node->value_count = 0;
    if (value->is_quoted)
        return lexer_read_weight(lexer, token, err);
    size_t length = strlen(node->text);
    token->is_weighted = lexer_take_weight(node->text, &length, &token->weight);
    node->text[length] = '\0';
    return 0;
}

static int check_after(struct lexer *lexer, const struct syntax *node, struct error *err)
{
    const char *at = lexer->text + lexer->at;
    if (is_end(at))
        return 0;
    return lexer_refuse(lexer, lexer->at, lexer->at + strcspn(at, " \t\n)"), err,
                        "%s: a blank is missing after the value", node->keyword->word);
}

static int read_known(struct lexer *lexer, struct token *token, struct error *err)
{
    struct syntax *node = token->criterion;
    if (takes_range(node->keyword))
        read_comparison(lexer, node);
    int rc = read_values(lexer, node, err);
    if (!rc && node->keyword->form == KEYWORD_LIKE)
        rc = take_like(lexer, token, err);
    if (!rc)
        rc = check_after(lexer, node, err);
    node->span.end = lexer->at;
    return rc;
}

int lexer_read_criterion(struct lexer *lexer, struct token *token, struct error *err)
{
    const char *text = lexer->text + lexer->at;
    size_t length = name_length(text);
    if (!length)
        return 0;
    const char *value = text + length + colon_size(text + length);
    const struct keyword *keyword = keyword_find(text, length);
    if (is_plain_text(keyword, length, value))
        return 0;
    if (!keyword)
        return refuse_unknown(lexer, length, err);
    struct syntax *node = xcalloc(1, sizeof *node);
    *node = (struct syntax){.kind = SYNTAX_CRITERION,
                            .keyword = keyword,
                            .compare = CRITERIA_IS,
                            .weight = 1,
                            .span = {lexer->at, 0}};
    token->kind = TOKEN_CRITERION;
    token->criterion = node;
    lexer->at = (size_t)(value - lexer->text);
    return read_known(lexer, token, err);
}
