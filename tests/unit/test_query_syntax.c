/* SPDX-License-Identifier: MIT */
/* Texts of queries as trees, the places of mistakes, and printing. */
#include "base/limits.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "query/syntax.h"
#include "tap.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static struct error err;

/* ---- the form of a tree ---- */

static void dump_node(struct strbuf *s, const struct syntax *node);

static void add(struct strbuf *s, const char *text)
{
    if (strbuf_add(s, text, strlen(text), NULL))
        abort();
}

static void dump_number(struct strbuf *s, double weight)
{
    char text[32];
    snprintf(text, sizeof text, "^%g", weight);
    add(s, weight == 1 ? "" : text);
}

static void dump_leaf(struct strbuf *s, const struct syntax *node)
{
    static const char *const signs[] = {"=", "~", "<", "<=", ">=", ">", "in"};
    if (node->kind == SYNTAX_CRITERION) {
        add(s, node->keyword->word);
        add(s, signs[node->compare]);
        for (size_t i = 0; i < node->value_count; i++) {
            add(s, i ? "|" : "");
            add(s, node->values[i].text);
        }
        return;
    }
    add(s, node->kind == SYNTAX_CAPTION ? "[" : node->kind == SYNTAX_LIKE ? "like{" : "\"");
    for (size_t i = 0; i < node->word_count; i++) {
        add(s, i ? " " : "");
        add(s, node->words[i].text);
        dump_number(s, node->words[i].weight);
    }
    add(s, node->text ? node->text : "");
    add(s, node->kind == SYNTAX_CAPTION ? "]" : node->kind == SYNTAX_LIKE ? "}" : "\"");
}

static void dump_node(struct strbuf *s, const struct syntax *node)
{
    if (node->kind > SYNTAX_NOT)
        dump_leaf(s, node);
    else
        add(s, node->kind == SYNTAX_ALL ? "all(" : node->kind == SYNTAX_ANY ? "any(" : "not(");
    for (size_t i = 0; i < node->count; i++) {
        add(s, i ? ", " : "");
        dump_node(s, node->parts[i]);
    }
    add(s, node->kind > SYNTAX_NOT ? "" : ")");
    dump_number(s, node->weight);
}

static char *form_of(const struct syntax_query *query)
{
    static const char *const orders[] = {"", " match", " newest", " oldest", " random"};
    struct strbuf s = STRBUF_INIT(LIMIT_QUERY_BYTES * 64);
    if (query->root)
        dump_node(&s, query->root);
    add(&s, orders[query->sort]);
    return strbuf_take(&s);
}

/* Returns the form of a text; of a mistake "BEGIN-END sentence". */
static char *read_form(const char *text)
{
    struct syntax_query query;
    struct syntax_fault fault;
    if (syntax_parse(text, &query, &fault, &err)) {
        syntax_fault_release(&fault);
        return xasprintf("%zu-%zu %s", fault.span.begin, fault.span.end, err.message);
    }
    char *form = form_of(&query);
    syntax_query_release(&query);
    return form;
}

/* ---- tables ---- */

static const struct {
    const char *text, *form;
} readings[] = {
    {"two dogs in the snow", "[two dogs in the snow]"},
    {"  beach \t sunset\n", "[beach sunset]"},
    {"dog -snow", "all([dog], not([snow]))"},
    {"dog -snow running", "all([dog running], not([snow]))"},
    {"dog -\"deep snow\"", "all([dog], not([deep snow]))"},
    {"dog -(deep snow)", "all([dog], not([deep snow]))"},
    {"dog -(snow OR ice)", "all([dog], not(any([snow], [ice])))"},
    {"-in:trash cat", "all(not(in=trash), [cat])"},
    {"beach + sunset", "all([beach], [sunset])"},
    {"beach +sunset", "all([beach], [sunset])"},
    {"+beach +sunset -crowd", "all([beach], [sunset], not([crowd]))"},
    {"black cat OR white dog", "any([black cat], [white dog])"},
    {"(cat OR dog) on a sofa", "all(any([cat], [dog]), [on a sofa])"},
    {"cat OR dog in:home", "any([cat], all([dog], in=home))"},
    {"a OR (b OR c)", "any([a], [b], [c])"},
    {"(a in:x) b", "all([a], in=x, [b])"},
    {"red^2 car", "[red^2 car]"},
    {"(red car)^2 + snow", "all([red car]^2, [snow])"},
    {"((red car)^2)^1.5", "[red car]^3"},
    {"like:812 + night -crowd", "all(like{812}, [night], not([crowd]))"},
    {"like:812^2 dog", "all(like{812}^2, [dog])"},
    {"like:\"my photo.jpg\"^0.5 dog", "all(like{my photo.jpg}^0.5, [dog])"},
    {"\"quoted words\" dog", "all(\"quoted words\", [dog])"},
    {"\u201cquoted words\u201d", "\"quoted words\""},
    {"\"a \"\"b\"\" c\"", "\"a \"b\" c\""},
    {"date:2015-07..2016", "datein2015-07|2016"},
    {"date:2015..", "datein2015|"},
    {"date:..2015", "datein|2015"},
    {"mp:>12 size:<=2MB", "all(mp>12, size<=2MB)"},
    {"type:jpeg,heic", "type=jpeg|heic"},
    {"label:\"Anna Maria\",Ben", "label=Anna Maria|Ben"},
    {"LABEL:Ana", "label=Ana"},
    {"label\uff1a\u5c0f\u660e", "label=\u5c0f\u660e"},
    {"near:38.7,-9.1,5km", "near=38.7|-9.1|5km"},
    {"in:/photos/a..b", "in=/photos/a..b"},
    {"name:img(1).jpg", "name=img(1).jpg"},
    {"(name:x*)", "name=x*"},
    {"dog sort:-date", "[dog] newest"},
    {"sort:random", " random"},
    {"a OR b sort:date", "any([a], [b]) oldest"},
    {"\\label:Ana \\-5 \\OR \\\"x", "[label:Ana -5 OR \"x]"},
    /* Texts that are no criteria and no signs. */
    {"meeting at 10:30", "[meeting at 10:30]"},
    {"16:9 or 4:3", "[16:9 or 4:3]"},
    {"https://example.org/a?b=c", "[https://example.org/a?b=c]"},
    {"C:\\Users\\me\\dog.jpg", "[C:\\Users\\me\\dog.jpg]"},
    {"f:/photos", "[f:/photos]"},
    {"std::vector", "[std::vector]"},
    {"note: buy milk", "[note: buy milk]"},
    {"a well-known t-shirt", "[a well-known t-shirt]"},
    {"beach - sunset -- night", "[beach - sunset -- night]"},
    {"a -> b", "[a -> b]"},
    {"C++ code and a + in it", "all([C++ code and a], [in it])"},
    {"grandma's 5\" screen", "[grandma's 5\" screen]"},
    {"rock 'n' roll", "[rock 'n' roll]"},
    {"smile :) and :-(", "[smile :) and :-(]"},
    {"x^2^3 ^_^ a^b", "[x^2^3 ^_^ a^b]"},
    {"img_2015(1).jpg", "[img_2015(1).jpg]"},
    {"dogs or cats and birds", "[dogs or cats and birds]"},
    {"\u96ea\u91cc\u7684\u72d7", "[\u96ea\u91cc\u7684\u72d7]"},
    {"\u6807\u9898\uff1a\u72d7", "[\u6807\u9898\uff1a\u72d7]"},
    {"\u72d7\u3000-\u96ea", "all([\u72d7], not([\u96ea]))"},
    {"what? is, this! #tag @me 50% a/b", "[what? is, this! #tag @me 50% a/b]"},
    {"\\", "[\\]"},
};

static const struct {
    const char *text;
    size_t begin, end;
    const char *part, *instead; /* of the sentence; the proposed query or NULL */
} mistakes[] = {
    {"dog lable:Ana", 4, 10, "did you mean label:", "dog label:Ana"},
    {"dog subject:x", 4, 12, "there is no criterion subject", NULL},
    {"dog label: Ana", 4, 10, "without a blank", "dog label:Ana"},
    {"label:", 0, 6, "a value is missing", NULL},
    {"type:jpeg,", 0, 10, "a value is missing", NULL},
    {"date:..", 0, 7, "a value is missing", NULL},
    {"date:2015..2016..2017", 0, 17, "a range cannot be in a list or after a sign", NULL},
    {"mp:>5..7", 0, 7, "a range cannot be in a list or after a sign", NULL},
    {"\"dog", 0, 1, "quotation mark is not closed", NULL},
    {"a (dog", 2, 3, "parenthesis is not closed", NULL},
    {"dog)", 3, 4, "never opened", NULL},
    {")", 0, 1, "never opened", NULL},
    {"dog ()", 5, 6, "the parentheses are empty", NULL},
    {"dog OR", 6, 6, "OR needs something on both sides", NULL},
    {"OR dog", 0, 2, "OR needs something on both sides", NULL},
    {"dog OR OR cat", 7, 9, "OR needs something on both sides", NULL},
    {"dog +", 5, 5, "+ joins two things", NULL},
    {"dog + + cat", 6, 7, "+ joins two things", NULL},
    {"-OR", 1, 3, "- excludes what follows", NULL},
    {"dog \"\"", 4, 6, "the quotation marks are empty", NULL},
    {"(dog)^x", 5, 6, "a number is missing after ^", NULL},
    {"dog^0", 3, 5, "at least 0.001", NULL},
    {"(in:x)^2", 5, 8, "this part is exact", NULL},
    {"\"dog\"^2", 0, 7, "this part is exact", NULL},
    {"sort:size", 5, 9, "there is no order size", NULL},
    {"dog sort:date sort:match", 14, 24, "given twice", NULL},
    {"(dog sort:date)", 5, 14, "outside of parentheses", NULL},
    {"label:\"Ana\"x", 11, 12, "a blank is missing", NULL},
    {"   ", 0, 3, "the query is empty", NULL},
};

static void test_readings(void)
{
    for (size_t i = 0; i < COUNT(readings); i++) {
        AUTO_FREE char *form = read_form(readings[i].text);
        is_str(form, readings[i].form, readings[i].text);
    }
}

static void test_mistakes(void)
{
    for (size_t i = 0; i < COUNT(mistakes); i++) {
        struct syntax_query query;
        struct syntax_fault fault;
        int rc = syntax_parse(mistakes[i].text, &query, &fault, &err);
        bool as_said = rc == ERR_INVALID && fault.span.begin == mistakes[i].begin &&
                       fault.span.end == mistakes[i].end && strstr(err.message, mistakes[i].part);
        bool proposed = !fault.instead == !mistakes[i].instead &&
                        (!fault.instead || strcmp(fault.instead, mistakes[i].instead) == 0);
        if (!ok(as_said && proposed, "the mistake in: %s", mistakes[i].text))
            diag("%d at %zu-%zu: %s (%s)", rc, fault.span.begin, fault.span.end, err.message,
                 fault.instead ? fault.instead : "-");
        syntax_fault_release(&fault);
        if (!rc)
            syntax_query_release(&query);
    }
}

static void test_limits(void)
{
    struct syntax_query query;
    struct syntax_fault fault;
    char deep[2 * (LIMIT_SYNTAX_DEPTH + 1) + 2];
    memset(deep, '(', sizeof deep);
    strcpy(deep + LIMIT_SYNTAX_DEPTH, "x");
    is_int(syntax_parse(deep, &query, &fault, &err), ERR_LIMIT, "too many parentheses");
    syntax_fault_release(&fault);
    struct strbuf many = STRBUF_INIT(LIMIT_QUERY_BYTES);
    for (size_t i = 0; i <= LIMIT_SYNTAX_NODES; i++)
        add(&many, " id:1");
    is_int(syntax_parse(many.data, &query, &fault, &err), ERR_LIMIT, "too many parts");
    is_int((long long)fault.span.begin, (long long)many.length - 4, "the place of one too many");
    syntax_fault_release(&fault);
    strbuf_release(&many);
    AUTO_FREE char *large = xmalloc(LIMIT_QUERY_BYTES + 2);
    memset(large, 'x', LIMIT_QUERY_BYTES + 1);
    large[LIMIT_QUERY_BYTES + 1] = '\0';
    is_int(syntax_parse(large, &query, &fault, &err), ERR_LIMIT, "a text that is too long");
    is_int(syntax_parse("\xff", &query, &fault, &err), ERR_INVALID, "a text that is not UTF-8");
}

/* ---- random texts ---- */

static uint32_t pick(uint64_t *state, uint32_t n)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % n;
}

static const char *const pieces[] = {
    "dog",        "red car",
    "\"",         "\"some words\"",
    "(",          ")",
    " ",          " ",
    "-",          "+",
    " + ",        "OR",
    " OR ",       "^2",
    "^0.125",     "^",
    "in:",        "label:",
    "Ana",        "date:",
    "2015",       "..",
    "2016",       ",",
    "<",          ">=",
    "mp:",        "like:",
    "812",        "sort:date",
    "\\",         ":",
    "name:",      "*.jpg",
    "5\"",        "\u96ea",
    "\uff08",     "\uff09",
    "\u201c",     "\u201d",
    "\uff1a",     "'s",
    "\u3000",     "near:1,2,3km",
    "hour:22..4", "lable:",
    "size:>2MB",  ".",
    ":)",         "type:jpeg,heic",
    "text:x",     "\t",
};

/* What is printed is read as the same tree, and printed again as the same text. */
/* Returns whether the query can be read without any of the parts below `node`. */
static bool is_removable(const struct syntax_query *query, const struct syntax *node)
{
    bool same = true;
    for (size_t i = 0; same && node->kind != SYNTAX_NOT && i < node->count; i++) {
        struct syntax_query rest;
        struct syntax_fault fault;
        AUTO_FREE char *text = syntax_print_without(query, node->parts[i]);
        same = !syntax_parse(text, &rest, &fault, &err);
        if (!same) {
            diag("without a part: %s: %s", text, err.message);
            syntax_fault_release(&fault);
            break;
        }
        AUTO_FREE char *printed = syntax_print(&rest);
        syntax_query_release(&rest);
        same = strcmp(text, printed) == 0 || node->count == 2; /* the rest of a pair stands alone */
        if (!same)
            diag("without a part: %s, then %s", text, printed);
    }
    for (size_t i = 0; same && i < node->count; i++)
        same = is_removable(query, node->parts[i]);
    return same;
}

static bool is_stable(const char *text, bool *ret_read)
{
    struct syntax_query query, again;
    struct syntax_fault fault;
    *ret_read = false;
    if (syntax_parse(text, &query, &fault, &err)) {
        bool sensible =
            fault.span.begin <= fault.span.end && fault.span.end <= strlen(text) && err.message[0];
        syntax_fault_release(&fault);
        return sensible;
    }
    *ret_read = true;
    AUTO_FREE char *form = form_of(&query), *printed = syntax_print(&query);
    bool can_remove = !query.root || is_removable(&query, query.root);
    syntax_query_release(&query);
    if (!can_remove)
        return false;
    if (syntax_parse(printed, &again, &fault, &err)) {
        diag("%s -> %s: %s", text, printed, err.message);
        syntax_fault_release(&fault);
        return false;
    }
    AUTO_FREE char *form_again = form_of(&again), *printed_again = syntax_print(&again);
    syntax_query_release(&again);
    bool same = strcmp(form, form_again) == 0 && strcmp(printed, printed_again) == 0;
    if (!same)
        diag("%s -> %s: %s, then %s: %s", text, printed, form, printed_again, form_again);
    return same;
}

static void test_random(void)
{
    const char *seed = getenv("KEEPSAKE_TEST_SEED");
    uint64_t state = seed ? strtoull(seed, NULL, 10) : 14;
    size_t wrong = 0, read = 0, n = getenv("KEEPSAKE_TEST_LONG") ? 2000000 : 5000;
    for (size_t i = 0; i < n && wrong < 5; i++) {
        struct strbuf text = STRBUF_INIT(LIMIT_QUERY_BYTES);
        bool was_read;
        for (uint32_t k = 1 + pick(&state, 9); k > 0; k--)
            add(&text, pieces[pick(&state, COUNT(pieces))]);
        wrong += !is_stable(text.data, &was_read);
        read += was_read;
        strbuf_release(&text);
    }
    ok(wrong == 0, "random texts are printed as texts with the same meaning");
    ok(read > n / 10, "a fair part of the random texts are queries: %zu of %zu", read, n);
}

int main(void)
{
    test_readings();
    test_mistakes();
    test_limits();
    test_random();
    return done_testing();
}
