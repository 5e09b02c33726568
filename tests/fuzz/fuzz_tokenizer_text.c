/* SPDX-License-Identifier: MIT */
/* Any text on a small vocabulary: all single bytes, and merges that chain. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "tokenizer/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const merges[] = {"a b", "ab c", "abc d</w>", "a a",     "aa aa",
                                     "e r", "t h",  "th e</w>",  "e r</w>", "th er"};

static void must(int rc)
{
    if (rc)
        abort();
}

static struct tokenizer *make_tokenizer(void)
{
    struct strbuf vocab = STRBUF_INIT(1 << 20), list = STRBUF_INIT(1 << 20);
    int id = 0;
    must(strbuf_addf(&vocab, NULL, "{"));
    for (unsigned c = '!'; c < 0x144; c++) {
        if (c == 0x7F)
            c = 0xA1;
        if (c == 0xAD)
            continue;
        must(strbuf_addf(&vocab, NULL, "\"\\u%04x\":%d,\"\\u%04x</w>\":%d,", c, id, c, id + 1));
        id += 2;
    }
    for (size_t i = 0; i < sizeof merges / sizeof *merges; i++) {
        const char *space = strchr(merges[i], ' ');
        must(strbuf_addf(&vocab, NULL, "\"%.*s%s\":%d,", (int)(space - merges[i]), merges[i],
                         space + 1, id++));
        must(strbuf_addf(&list, NULL, "%s\n", merges[i]));
    }
    must(strbuf_addf(&vocab, NULL, "\"<|startoftext|>\":%d,\"<|endoftext|>\":%d}", id, id + 1));
    struct tokenizer *t = NULL;
    must(tokenizer_parse(vocab.data, vocab.length, list.data, list.length, &t, NULL));
    strbuf_release(&vocab);
    strbuf_release(&list);
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tokenizer *t;
    enum { SHORT = 8, LONG = 77 };
    if (!t)
        t = make_tokenizer();
    char *text = xstrndup((const char *)data, size);
    int32_t few[SHORT], many[LONG];
    size_t n_few, n_many;
    bool cut_few, cut_many;
    int rc = tokenizer_encode(t, text, LONG, many, &n_many, &cut_many, NULL);
    size_t length = strlen(text);
    int want = length > LIMIT_QUERY_BYTES    ? ERR_LIMIT
               : !text_is_utf8(text, length) ? ERR_INVALID
                                             : 0;
    if (rc != want)
        abort();
    if (rc == 0) {
        must(tokenizer_encode(t, text, SHORT, few, &n_few, &cut_few, NULL));
        if (n_few > SHORT || n_many > LONG || few[n_few - 1] != tokenizer_end_id(t) ||
            many[n_many - 1] != tokenizer_end_id(t) ||
            memcmp(few, many, (n_few - 1) * sizeof *few) != 0 || cut_few != (n_many > n_few))
            abort();
    }
    free(text);
    return 0;
}
