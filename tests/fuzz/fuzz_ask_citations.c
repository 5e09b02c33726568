/* SPDX-License-Identifier: MIT */
/* An answer's text: the references found are the same however it is cut, and what comes out is no
 * longer a secret channel: only numbers of pictures that were sent stand in [n]. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ask/citations.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "base/text.h"

static void collect(void *context, const char *text, size_t size)
{
    if (strbuf_add(context, text, size, NULL))
        BUG("no room");
}

static char *scan(const struct pictures *pictures, const char *text, size_t size, bool whole,
                  size_t *ret_count)
{
    struct strbuf out = STRBUF_INIT(64 << 20);
    struct citations c = {.pictures = pictures, .emit = collect, .context = &out};
    for (size_t at = 0; at < size;) {
        uint32_t code;
        size_t n = whole ? size - at : text_decode(text + at, size - at, &code);
        citations_feed(&c, text + at, n ? n : 1);
        at += n ? n : 1;
    }
    citations_end(&c);
    for (size_t i = 0; i < c.count; i++) {
        const struct store_box *box = &c.items[i].box;
        bool good = box->x >= 0 && box->y >= 0 && box->width > 0 && box->height > 0 &&
                    box->x + box->width <= 1 && box->y + box->height <= 1;
        if (c.items[i].sent != (c.items[i].number <= 3) || (c.items[i].has_box && !good))
            BUG("a citation that cannot be");
    }
    *ret_count = c.count;
    citations_release(&c);
    return strbuf_take(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pictures pictures = {0};
    for (int i = 0; i < 3; i++) {
        struct picture picture = {.view = {.photo_width = 997,
                                           .photo_height = 613,
                                           .part = {101, 7, 503, 601},
                                           .width = 251,
                                           .height = 300}};
        pictures_add(&pictures, &picture);
    }
    size_t count, count_cut;
    AUTO_FREE char *whole = scan(&pictures, (const char *)data, size, true, &count);
    AUTO_FREE char *cut = scan(&pictures, (const char *)data, size, false, &count_cut);
    if (strcmp(whole, cut) != 0 || count != count_cut)
        BUG("the pieces make a difference");
    pictures_release(&pictures);
    return 0;
}
