/* SPDX-License-Identifier: MIT */
/* The tokenizer against Hugging Face's ids (shared golden files, and ids taken from Hugging Face's
 * tokenizers 0.23 with this vocabulary), and against broken vocabularies. */
#include "tokenizer/tokenizer.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "tap.h"

enum { MAX_IDS = 4096 };

static char *shared(const char *path)
{
    const char *folder = getenv("KEEPSAKE_SHARED");
    return file_join(folder && folder[0] ? folder : "../shared", path);
}

static bool same_ids(const int32_t *got, size_t n, const json_t *want)
{
    bool same = n == json_array_size(want);
    for (size_t i = 0; same && i < n; i++)
        same = got[i] == json_integer_value(json_array_get(want, i));
    return same;
}

static void show_ids(const char *what, const int32_t *ids, size_t n)
{
    printf("# %s:", what);
    for (size_t i = 0; i < n; i++)
        printf(" %d", (int)ids[i]);
    putchar('\n');
}

static void check_ids(const struct tokenizer *t, const char *text, const json_t *want)
{
    int32_t ids[MAX_IDS];
    size_t n = 0;
    bool truncated = false;
    struct error err = ERROR_INIT;
    int rc = tokenizer_encode(t, text, 77, ids, &n, &truncated, &err);
    /* Where the recorded ids were cut to the context without keeping the end token, ours keep it.
     */
    json_t *expected = json_deep_copy(want);
    size_t count = json_array_size(expected);
    while (json_array_size(expected) > 77)
        json_array_remove(expected, json_array_size(expected) - 1);
    if (count >= 77)
        json_array_set_new(expected, 76, json_integer(tokenizer_end_id(t)));
    AUTO_FREE char *shown = text_printable(text, strlen(text) < 40 ? strlen(text) : 40);
    if (!ok(rc == 0 && same_ids(ids, n, expected), "ids of \"%s\"", shown))
        show_ids("got", ids, n);
    json_decref(expected);
}

static void test_golden(const struct tokenizer *t)
{
    AUTO_FREE char *path = shared("reference/golden/tokenizer.jsonl");
    struct file f;
    if (file_read(path, 1 << 20, &f, NULL)) {
        skip("no %s", path);
        return;
    }
    int checked = 0;
    for (char *line = (char *)f.data, *stop; (stop = strchr(line, '\n')); line = stop + 1) {
        AUTO_JSON *entry = json_loadb(line, (size_t)(stop - line), JSON_ALLOW_NUL, NULL);
        const json_t *text = json_object_get(entry, "text");
        if (strlen(json_string_value(text)) != json_string_length(text))
            continue; /* holds a NUL, which no text given to this program can */
        check_ids(t, json_string_value(text), json_object_get(entry, "ids"));
        checked++;
    }
    file_release(&f);
    ok(checked >= 39, "%d golden texts", checked);
}

/* Ids that Hugging Face's tokenizers library (Rust, 0.23) gives with the real tokenizer.json. */
static void test_hugging_face(const struct tokenizer *t)
{
    static const struct {
        const char *text;
        const char *ids;
    } cases[] = {
#include "unit/tokenizer_cases.h"
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_JSON *want = json_loads(cases[i].ids, 0, NULL);
        check_ids(t, cases[i].text, want);
    }
}

static void test_truncation(const struct tokenizer *t)
{
    int32_t ids[8];
    size_t n;
    bool truncated;
    ok(tokenizer_encode(t, "a photo of", 5, ids, &n, &truncated, NULL) == 0 && n == 5 && !truncated,
       "a text that just fits is whole");
    ok(tokenizer_encode(t, "a photo of it", 5, ids, &n, &truncated, NULL) == 0 && n == 5 &&
           truncated && ids[4] == tokenizer_end_id(t),
       "a longer one is cut, keeps its end token, and says so");
    ok(tokenizer_encode(t, "a photo", 2, ids, &n, &truncated, NULL) == 0 && n == 2 && truncated,
       "the smallest context");
    ok(tokenizer_encode(t, " \t\n ", 2, ids, &n, &truncated, NULL) == 0 && n == 2 && !truncated,
       "white space is nothing");
}

static void test_refused_texts(const struct tokenizer *t)
{
    int32_t ids[77];
    size_t n = 99;
    bool truncated;
    struct error err = ERROR_INIT;
    is_int(tokenizer_encode(t, "caf\xE9", 77, ids, &n, &truncated, &err), ERR_INVALID,
           "Latin-1 is refused");
    is_int((long long)n, 99, "outputs are untouched on failure");
    char *text = xmalloc(LIMIT_QUERY_BYTES + 2);
    memset(text, 'a', LIMIT_QUERY_BYTES + 1);
    text[LIMIT_QUERY_BYTES + 1] = '\0';
    is_int(tokenizer_encode(t, text, 77, ids, &n, &truncated, &err), ERR_LIMIT,
           "a text past the limit is refused");
    free(text);
}

/* Fills LIMIT_QUERY_BYTES with one unit over and over. */
static double seconds_for(const struct tokenizer *t, const char *unit)
{
    int32_t ids[77];
    size_t n, length = strlen(unit), used = 0;
    bool truncated;
    char *text = xmalloc(LIMIT_QUERY_BYTES + 1);
    for (; used + length <= LIMIT_QUERY_BYTES; used += length)
        memcpy(text + used, unit, length);
    text[used] = '\0';
    double start = clock_seconds();
    int rc = tokenizer_encode(t, text, 77, ids, &n, &truncated, NULL);
    double seconds = clock_seconds() - start;
    free(text);
    return rc ? 1e9 : seconds;
}

/* A quadratic method takes many seconds on each of these; a hundredth is typical here. The limit
 * allows for sanitizers and a busy machine. */
static void test_long_texts(const struct tokenizer *t)
{
    static const char *const units[] = {
        "a",
        "photography",
        "!",
        "\xCC\x95\xCC\x80\xCC\x9B\xCC\xA3", /* combining marks in descending order of class */
        "e\xCC\x81",
        "\xED\x95\x9C",
        "<|endoftext|>",
        "<|startoftext|",
        "'s",
        " \xE3\x80\x80",
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        double seconds = seconds_for(t, units[i]);
        ok(seconds < 1.0, "64 KiB of \"%s\" (%.1f ms)", units[i], seconds * 1e3);
    }
}

/* --- vocabularies of our own --- */

struct sources {
    struct strbuf vocab, merges;
};

static void add_token(struct strbuf *vocab, uint32_t character, const char *after, int id)
{
    char text[8];
    size_t n = character < 0x80 ? 1 : 2;
    text[0] = (char)(n == 1 ? character : 0xC0 | character >> 6);
    text[1] = (char)(0x80 | (character & 0x3F));
    const char *escape = character == '"' || character == '\\' ? "\\" : "";
    if (strbuf_addf(vocab, NULL, "\"%s%.*s%s\":%d,", escape, (int)n, text, after, id))
        abort();
}

/* All single bytes, the special tokens, "ab" and "ab</w>". */
static struct sources small_sources(void)
{
    struct sources s = {STRBUF_INIT(1 << 20), STRBUF_INIT(1 << 20)};
    int id = 0;
    if (strbuf_add(&s.vocab, "{", 1, NULL))
        abort();
    for (uint32_t c = '!'; c < 0x144; c++) {
        if (c == 0x7F)
            c = 0xA1;
        if (c == 0xAD)
            continue;
        add_token(&s.vocab, c, "", id++);
        add_token(&s.vocab, c, "</w>", id++);
    }
    if (strbuf_addf(&s.vocab, NULL,
                    "\"ab\":512,\"ab</w>\" : 513,\n\"<|startoftext|>\":514,"
                    "\"<|endoftext|>\":515}") ||
        strbuf_addf(&s.merges, NULL, "#version: 0.2\na b</w>\na b\n"))
        abort();
    return s;
}

static void release_sources(struct sources *s)
{
    strbuf_release(&s->vocab);
    strbuf_release(&s->merges);
}

/* Replaces `from` in the vocabulary, and the merges unless NULL; returns what parsing says. */
static int parse_changed(const char *from, const char *to, const char *merges, struct error *err)
{
    struct sources s = small_sources();
    struct strbuf changed = STRBUF_INIT(1 << 20);
    char *found = strstr(s.vocab.data, from);
    if (!found || strbuf_add(&changed, s.vocab.data, (size_t)(found - s.vocab.data), NULL) ||
        strbuf_addf(&changed, NULL, "%s%s", to, found + strlen(from)))
        abort();
    if (!merges)
        merges = s.merges.data;
    AUTO(tokenizer) *t = NULL;
    int rc = tokenizer_parse(changed.data, changed.length, merges, strlen(merges), &t, err);
    strbuf_release(&changed);
    release_sources(&s);
    return rc;
}

static void test_spellings(void)
{
    static const char *const spellings[] = {
        "#version: 0.2\na b</w>\na b\n",
        "a b</w>\na b",
        "#version: 0.2\r\na b</w>\r\na b\r\n",
        "#version: 0.2 - trained by someone\na b</w>\na b\n\n\n",
    };
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        struct sources s = small_sources();
        AUTO(tokenizer) *t = NULL;
        int32_t ids[8];
        size_t n = 0;
        bool truncated;
        int rc = tokenizer_parse(s.vocab.data, s.vocab.length, spellings[i], strlen(spellings[i]),
                                 &t, NULL);
        rc = rc ? rc : tokenizer_encode(t, "AB", 8, ids, &n, &truncated, NULL);
        ok(rc == 0 && n == 3 && ids[0] == 514 && ids[1] == 513 && ids[2] == 515,
           "spelling %zu of the merges", i + 1);
        release_sources(&s);
    }
    is_int(parse_changed("\"ab\":512", "\"\\u0061\\u0062\" : 512", NULL, NULL), 0,
           "escaped tokens are read");
}

static void test_refused_files(void)
{
    static const struct {
        const char *from, *to, *merges, *says;
    } cases[] = {
        {"\"ab\":512", "\"ab\":-1", NULL, "not a whole number"},
        {"\"ab\":512", "\"ab\":1048576", NULL, "not a whole number"},
        {"\"ab\":512", "\"ab\":99999999999999999999", NULL, "not a whole number"},
        {"\"ab\":512", "\"ab\":5.5", NULL, "not a whole number"},
        {"\"ab\":512", "\"ab\":\"512\"", NULL, "not a whole number"},
        {"\"ab\":512", "\"ab\":0512", NULL, "not a whole number"},
        {"\"ab\":512", "\"ab\":null", NULL, "not a whole number"},
        {"\"ab\":512", "\"ab\":511", NULL, "two tokens have the id 511"},
        {"\"ab\":512", "\"ab\":512,\"ab\":516", NULL, "listed twice"},
        {"\"ab\":512", "ab:512", NULL, "in quotes"},
        {"\"ab\":512", "\"ab\" 512", NULL, "colon"},
        {"\"ab\":512", "\"a\\qb\":512", NULL, "unknown escape"},
        {"\"ab\":512", "\"\\ud800\":512", NULL, "names no character"},
        {"\"ab\":512", "\"a\nb\":512", NULL, "control character"},
        {"\"ab\":512", "\"a\xFF\":512", NULL, "is not UTF-8"},
        {"515}", "515", NULL, "comma or the object's end"},
        {"515}", "515}}", NULL, "something follows"},
        {"515}", "515,}", NULL, "in quotes"},
        {"515}", "515,\"x", NULL, "ends inside"},
        {"{", "[", NULL, "JSON object"},
        {"<|startoftext|>", "<start>", NULL, "lacks the token <|startoftext|>"},
        {"<|endoftext|>", "<end>", NULL, "lacks the token <|endoftext|>"},
        {"\"a\":", "\"aaa\":", NULL, "lacks a token for the byte 97"},
        {"\"ab\":512", "\"ab\":512", "a b\nab c\n", "line 2: the result \"abc\""},
        {"\"ab\":512", "\"ab\":512", "abx c\n", "line 1: the part \"abx\""},
        {"\"ab\":512", "\"ab\":512", "a xyz\n", "line 1: the part \"xyz\""},
        {"\"ab\":512", "\"ab\":512", "a b\na b\n", "came before"},
        {"\"ab\":512", "\"ab\":512", "ab\n", "two tokens with a space"},
        {"\"ab\":512", "\"ab\":512", "a b c\n", "two tokens with a space"},
        {"\"ab\":512", "\"ab\":512", " b\n", "two tokens with a space"},
        {"\"ab\":512", "\"ab\":512", "a \n", "two tokens with a space"},
        {"\"ab\":512", "\"ab\":512", "a b\n#version: 0.2\n", "line 2: the part \"#version:\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = ERROR_INIT;
        int rc = parse_changed(cases[i].from, cases[i].to, cases[i].merges, &err);
        if (!ok(rc == ERR_CORRUPT && strstr(err.message, cases[i].says), "refused: %s",
                cases[i].says))
            diag("%d %s", rc, err.message);
    }
}

static void test_missing_files(void)
{
    struct error err = ERROR_INIT;
    struct tokenizer *t = NULL;
    is_int(tokenizer_open("tests/unit", &t, &err), ERR_NOT_FOUND, "a folder without vocab.json");
    ok(strstr(err.message, "incomplete model tests/unit: vocab.json is missing"), "says: %s",
       err.message);
}

static void test_mini(void)
{
    AUTO(tokenizer) *t = NULL;
    struct error err = ERROR_INIT;
    if (!ok(tokenizer_open("models/mini", &t, &err) == 0, "models/mini opens")) {
        diag("%s", err.message);
        return;
    }
    is_int((long long)tokenizer_vocab_size(t), 8706, "its vocabulary");
    is_int(tokenizer_end_id(t), 8705, "its end token");
    AUTO_FREE char *path = shared("mini/towers.json");
    AUTO_JSON *towers = NULL;
    if (json_read_file(path, 1 << 20, &towers, NULL)) {
        skip("no %s", path);
        return;
    }
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(towers, "texts"), i, entry) check_ids(
        t, json_string_value(json_object_get(entry, "text")), json_object_get(entry, "ids"));
}

static void test_real(void)
{
    AUTO_FREE char *folder = shared("reference/hf-openai-clip-vit-base-patch32");
    AUTO(tokenizer) *t = NULL;
    struct error err = ERROR_INIT;
    if (access(folder, R_OK)) {
        skip("no %s", folder);
        return;
    }
    double start = clock_seconds();
    int rc = tokenizer_open(folder, &t, &err);
    double seconds = clock_seconds() - start;
    if (!ok(rc == 0, "CLIP's own vocabulary opens (%.1f ms)", seconds * 1e3)) {
        diag("%s", err.message);
        return;
    }
    is_int((long long)tokenizer_vocab_size(t), 49408, "its vocabulary");
    test_golden(t);
    test_hugging_face(t);
    test_truncation(t);
    test_refused_texts(t);
    test_long_texts(t);
}

int main(void)
{
    AUTO(tokenizer) *t = NULL;
    is_int(tokenizer_open("tests/unit", &t, NULL), ERR_NOT_FOUND, "a folder without a vocabulary");
    test_spellings();
    test_refused_files();
    test_missing_files();
    test_mini();
    test_real();
    return done_testing();
}
