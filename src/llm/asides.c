/* SPDX-License-Identifier: MIT */
/* Separates reasoning and written tool calls from the answer while it streams. */
#include "llm/asides.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

#include "base/json.h"
#include "base/json_lenient.h"
#include "base/limits.h"

enum kind {
    ASIDE_THOUGHT, /* removed, up to `end` */
    ASIDE_CALL,    /* a call, up to `end` or the end of the text */
    ASIDE_MARK,    /* only the mark is removed */
};

/* The marks in the templates of DeepSeek, Qwen, Magistral, gpt-oss, Command, Seed, Kimi, Gemma,
 * Llama, Mistral and Hermes; case is ignored. */
static const struct {
    const char *begin, *end;
    enum kind kind;
} known[] = {
    {"<think>", "</think>", ASIDE_THOUGHT},
    {"<thinking>", "</thinking>", ASIDE_THOUGHT},
    {"<thought>", "</thought>", ASIDE_THOUGHT},
    {"<thoughts>", "</thoughts>", ASIDE_THOUGHT},
    {"<reasoning>", "</reasoning>", ASIDE_THOUGHT},
    {"<reflection>", "</reflection>", ASIDE_THOUGHT},
    {"<scratchpad>", "</scratchpad>", ASIDE_THOUGHT},
    {"<seed:think>", "</seed:think>", ASIDE_THOUGHT},
    {"<mm:think>", "</mm:think>", ASIDE_THOUGHT},
    {"\xE2\x97\x81think\xE2\x96\xB7", "\xE2\x97\x81/think\xE2\x96\xB7", ASIDE_THOUGHT},
    {"[THINK]", "[/THINK]", ASIDE_THOUGHT},
    {"<|START_THINKING|>", "<|END_THINKING|>", ASIDE_THOUGHT},
    {"<|begin_of_thought|>", "<|end_of_thought|>", ASIDE_THOUGHT},
    {"<|channel|>analysis<|message|>", "<|end|>", ASIDE_THOUGHT},
    {"<|channel>thought", "<channel|>", ASIDE_THOUGHT},
    {"<unused94>", "<unused95>", ASIDE_THOUGHT},
    {"<tool_call>", "</tool_call>", ASIDE_CALL},
    {"<function_call>", "</function_call>", ASIDE_CALL},
    {"<|tool_call|>", "<|/tool_call|>", ASIDE_CALL},
    {"<|python_tag|>", "<|eom_id|>", ASIDE_CALL},
    {"[TOOL_CALLS]", NULL, ASIDE_CALL},
    {"<|tool_calls_section_begin|>", "<|tool_calls_section_end|>", ASIDE_CALL},
    {"<|channel|>final<|message|>", NULL, ASIDE_MARK},
    {"<|channel|>commentary<|message|>", NULL, ASIDE_MARK},
    {"<|start|>assistant", NULL, ASIDE_MARK},
    {"<|begin_of_solution|>", NULL, ASIDE_MARK},
    {"<|end_of_solution|>", NULL, ASIDE_MARK},
    {"<|START_RESPONSE|>", NULL, ASIDE_MARK},
    {"<|END_RESPONSE|>", NULL, ASIDE_MARK},
    {"<|begin_of_box|>", NULL, ASIDE_MARK},
    {"<|end_of_box|>", NULL, ASIDE_MARK},
    {"<|im_end|>", NULL, ASIDE_MARK},
    {"<|eot_id|>", NULL, ASIDE_MARK},
    {"<|return|>", NULL, ASIDE_MARK},
    {"<|end|>", NULL, ASIDE_MARK},
    {"<|endoftext|>", NULL, ASIDE_MARK},
    {"<end_of_turn>", NULL, ASIDE_MARK},
    {"<answer>", NULL, ASIDE_MARK},
    {"</answer>", NULL, ASIDE_MARK},
};
enum { KNOWN = sizeof known / sizeof *known, IN_ANSWER = -1, IN_BARE_CALL = KNOWN };

void asides_init(struct asides *asides)
{
    *asides = (struct asides){.answer = STRBUF_INIT(LIMIT_LLM_REPLY_BYTES),
                              .calls = json_array(),
                              .held = STRBUF_INIT(LIMIT_LLM_REPLY_BYTES),
                              .open = IN_ANSWER};
}

void asides_release(struct asides *asides)
{
    strbuf_release(&asides->answer);
    strbuf_release(&asides->held);
    json_decref(asides->calls);
    asides->calls = NULL;
}

/* ---- calls ---- */

static json_t *call_of(const json_t *object)
{
    const json_t *function = json_object_get(object, "function");
    const json_t *from = json_is_object(function) ? function : object;
    const json_t *name = json_object_get(from, "name"), *input = json_object_get(from, "arguments");
    if (!input)
        input = json_object_get(from, "parameters");
    if (!json_is_string(name) || (input && !json_is_object(input) && !json_is_string(input)))
        return NULL;
    if (!input && json_object_size(from) > 1)
        return NULL; /* another object with a name */
    json_t *own = json_is_string(input)
                      ? json_read_lenient(json_string_value(input), json_string_length(input),
                                          JSON_HALVES_REPLACED)
                      : json_deep_copy(input);
    if (!json_is_object(own)) {
        json_decref(own);
        own = json_object();
    }
    return json_pack("{s:O, s:o}", "name", name, "input", own);
}

/* Removes surrounding blanks and a fence of three backquotes. */
static void strip_fence(const char **text, size_t *size)
{
    const char *at = *text, *end = at + *size;
    while (at < end && isspace((unsigned char)*at))
        at++;
    while (end > at && isspace((unsigned char)end[-1]))
        end--;
    if (end - at > 6 && memcmp(at, "```", 3) == 0 && memcmp(end - 3, "```", 3) == 0) {
        end -= 3;
        for (at += 3; at < end && isalpha((unsigned char)*at);)
            at++;
    }
    *text = at;
    *size = (size_t)(end - at);
}

static bool add_calls(struct asides *a, const char *text, size_t size)
{
    strip_fence(&text, &size);
    AUTO_JSON *root = json_read_lenient(text, size, JSON_HALVES_REPLACED);
    size_t before = json_array_size(a->calls);
    size_t n = json_is_array(root) ? json_array_size(root) : 1;
    for (size_t i = 0; i < n; i++)
        json_array_append_new(a->calls,
                              call_of(json_is_array(root) ? json_array_get(root, i) : root));
    return json_array_size(a->calls) > before;
}

/* ---- marks ---- */

/* Number of bytes of the mark found at the start of the text: the whole mark, or as much as the
 * text has; 0: no match. */
static size_t match_mark(const char *text, size_t size, const char *mark)
{
    size_t n = strlen(mark), common = n < size ? n : size;
    return strncasecmp(text, mark, common) == 0 ? common : 0;
}

/* Returns the index of the mark at the start of the text; KNOWN: none. *ret_closes: it ends an
 * aside that never began. *ret_partly: the text may become a mark. */
static size_t find_mark(const char *text, size_t size, bool *ret_closes, bool *ret_partly)
{
    *ret_partly = *ret_closes = false;
    for (size_t i = 0; i < KNOWN; i++) {
        const char *marks[] = {known[i].begin,
                               known[i].kind == ASIDE_THOUGHT ? known[i].end : NULL};
        for (size_t side = 0; side < 2 && marks[side]; side++) {
            size_t n = match_mark(text, size, marks[side]);
            if (n && n == strlen(marks[side]) && strcmp(marks[side], "<|end|>") != 0) {
                *ret_closes = side == 1;
                return i;
            }
            *ret_partly = *ret_partly || (n && n == size && n < strlen(marks[side]));
        }
    }
    if (match_mark(text, size, "<|end|>") == strlen("<|end|>"))
        for (size_t i = 0; i < KNOWN; i++)
            if (known[i].kind == ASIDE_MARK && strcmp(known[i].begin, "<|end|>") == 0)
                return i;
    return KNOWN;
}

/* ---- the text ---- */

static int add_answer(struct asides *a, const char *text, size_t size, struct error *err)
{
    for (; a->skips && size > 0 && isspace((unsigned char)*text); size--)
        text++;
    if (size == 0)
        return 0;
    a->skips = false;
    for (size_t i = 0; i < size && !a->began; i++)
        a->began = !isspace((unsigned char)text[i]);
    return strbuf_add(&a->answer, text, size, err);
}

static bool may_begin_mark(char c)
{
    return c == '<' || c == '[' || c == '\xE2';
}

/* Whether the answer begins in a way that only a call would: {"name": ... or a fence around it. */
static size_t match_bare_call(const struct asides *a, const char *text, size_t size)
{
    if (a->began)
        return 0;
    return *text == '{' ? 1 : match_mark(text, size, "```");
}

static size_t count_plain(struct asides *a, const char *text, size_t size)
{
    size_t n = 0;
    for (; n < size && !may_begin_mark(text[n]) && !match_bare_call(a, text + n, size - n); n++)
        a->began = a->began || !isspace((unsigned char)text[n]);
    return n;
}

static ssize_t take_mark(struct asides *a, size_t mark, bool closes)
{
    if (closes) {
        strbuf_clear(&a->answer);
        a->retracted = true;
        a->began = false;
    } else if (known[mark].kind != ASIDE_MARK) {
        a->open = (int)mark;
    }
    a->skips = !a->began;
    return (ssize_t)strlen(closes ? known[mark].end : known[mark].begin);
}

/* The held text is inside the answer; takes the unambiguous part from its front. Returns its size;
 * 0: more text is needed; negative: an error. */
static ssize_t take_answer(struct asides *a, const char *text, size_t size, struct error *err)
{
    size_t plain = count_plain(a, text, size);
    if (plain > 0) {
        int rc = add_answer(a, text, plain, err);
        return rc ? rc : (ssize_t)plain;
    }
    size_t bare = match_bare_call(a, text, size);
    if (bare > 0) { /* of a fence, possibly only its beginning */
        a->open = bare == 3 || *text == '{' ? IN_BARE_CALL : IN_ANSWER;
        return 0;
    }
    bool closes, partly;
    size_t mark = find_mark(text, size, &closes, &partly);
    if (mark < KNOWN)
        return take_mark(a, mark, closes);
    int rc = partly ? 0 : add_answer(a, text, 1, err);
    return rc ? rc : !partly;
}

static const char *find_end(const char *text, size_t size, const char *end)
{
    size_t n = strlen(end);
    for (size_t at = 0; at + n <= size; at++)
        if (strncasecmp(text + at, end, n) == 0)
            return text + at;
    return NULL;
}

/* The same inside an aside. */
static ssize_t take_aside(struct asides *a, const char *text, size_t size)
{
    const char *end = a->open == IN_BARE_CALL ? NULL : known[a->open].end;
    const char *found = end ? find_end(text, size, end) : NULL;
    bool is_call = a->open == IN_BARE_CALL || known[a->open].kind == ASIDE_CALL;
    if (!found) { /* in a thought, keep a possible half of its end mark */
        size_t kept = end ? strlen(end) - 1 : 0;
        return is_call || size <= kept ? 0 : (ssize_t)(size - kept);
    }
    if (is_call)
        add_calls(a, text, (size_t)(found - text));
    a->open = IN_ANSWER;
    a->skips = !a->began;
    return found - text + (ssize_t)strlen(end);
}

static void drop_front(struct strbuf *s, size_t size)
{
    memmove(s->data, s->data + size, s->length - size + 1);
    s->length -= size;
}

/* Many answers have no mark at all; this avoids copying them twice. */
static bool is_plain(const struct asides *a, const char *text, size_t size)
{
    return a->open == IN_ANSWER && a->began && a->held.length == 0 && !memchr(text, '<', size) &&
           !memchr(text, '[', size) && !memchr(text, 0xE2, size);
}

int asides_feed(struct asides *asides, const char *text, size_t size, struct error *err)
{
    if (is_plain(asides, text, size))
        return add_answer(asides, text, size, err);
    int rc = strbuf_add(&asides->held, text, size, err);
    size_t done = 0;
    while (!rc && done < asides->held.length) {
        const char *left = asides->held.data + done;
        size_t n = asides->held.length - done;
        int before = asides->open;
        ssize_t taken = asides->open == IN_ANSWER ? take_answer(asides, left, n, err)
                                                  : take_aside(asides, left, n);
        if (taken < 0)
            rc = (int)taken;
        else
            done += (size_t)taken;
        if (taken == 0 && asides->open == before)
            break;
    }
    if (asides->held.data && done > 0)
        drop_front(&asides->held, done);
    return rc;
}

int asides_end(struct asides *asides, struct error *err)
{
    bool is_call = asides->open == IN_BARE_CALL ||
                   (asides->open != IN_ANSWER && known[asides->open].kind == ASIDE_CALL);
    size_t size = asides->held.length;
    const char *text = asides->held.data ? asides->held.data : "";
    bool taken = is_call && size > 0 && add_calls(asides, text, size);
    bool is_answer = !taken && (asides->open == IN_ANSWER || asides->open == IN_BARE_CALL);
    int rc = is_answer && size > 0 ? add_answer(asides, text, size, err) : 0;
    strbuf_clear(&asides->held);
    asides->open = IN_ANSWER;
    return rc;
}
