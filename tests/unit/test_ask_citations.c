/* SPDX-License-Identifier: MIT */
/* References to photos in a streamed answer: what is found, what is rejected, and that the pieces
 * it comes in make no difference. */
#include "ask/citations.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "tap.h"

enum { SENT = 5, WIDTH = 400, HEIGHT = 200 }; /* Images 1 to 5, of photos twice as large */

static struct pictures pictures;

static void make_pictures(void)
{
    for (int i = 0; i < SENT; i++) {
        struct picture picture = {.view = {.photo_width = 2 * WIDTH,
                                           .photo_height = 2 * HEIGHT,
                                           .part = {0, 0, 2 * WIDTH, 2 * HEIGHT},
                                           .width = WIDTH,
                                           .height = HEIGHT}};
        pictures_add(&pictures, &picture);
    }
}

static void collect(void *context, const char *text, size_t size)
{
    if (strbuf_add(context, text, size, NULL))
        abort();
}

/* The text that comes out; the references into *ret_found as "1 2 9? 3(0.25,0.5,0.5,0.25)". */
static char *scan(const char *text, bool by_character, char **ret_found)
{
    struct strbuf out = STRBUF_INIT(100000), found = STRBUF_INIT(100000);
    struct citations c = {.pictures = &pictures, .emit = collect, .context = &out};
    size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        uint32_t code;
        size_t n = by_character ? text_decode(text + at, length - at, &code) : length - at;
        citations_feed(&c, text + at, n ? n : 1);
        at += n ? n : 1;
    }
    citations_end(&c);
    for (size_t i = 0; i < c.count; i++) {
        const struct citation *one = &c.items[i];
        if (strbuf_addf(&found, NULL, "%s%d%s", i ? " " : "", one->number, one->sent ? "" : "?"))
            abort();
        if (one->has_box && strbuf_addf(&found, NULL, "(%g,%g,%g,%g)", one->box.x, one->box.y,
                                        one->box.width, one->box.height))
            abort();
    }
    citations_release(&c);
    *ret_found = strbuf_take(&found);
    return strbuf_take(&out);
}

static void reads(const char *text, const char *want, const char *want_found)
{
    for (int by_character = 0; by_character < 2; by_character++) {
        AUTO_FREE char *found = NULL;
        AUTO_FREE char *out = scan(text, by_character, &found);
        bool good = strcmp(out, want) == 0 && strcmp(found, want_found) == 0;
        if (!ok(good, "%s%s", text, by_character ? ", character by character" : ""))
            diag("got '%s' with '%s', want '%s' with '%s'", out, found, want, want_found);
    }
}

static void test_forms(void)
{
    reads("no reference", "no reference", "");
    reads("A dog [1].", "A dog [1].", "1");
    reads("[2][1] [2]", "[2][1] [2]", "2 1");
    reads("Both [1,2] or [3, 4].", "Both [1][2] or [3][4].", "1 2 3 4");
    reads("[1-3]", "[1][2][3]", "1 2 3");
    reads("[2\xE2\x80\x93"
          "4]",
          "[2][3][4]", "2 3 4");
    reads("[Image 3] and [image 1, Photo 2] [images 4, 5]", "[3] and [1][2] [4][5]", "3 1 2 4 5");
    reads("[ 4 ]", "[4]", "4");
    reads("[1; 2]", "[1][2]", "1 2");
    reads("end [5", "end [5", "");
}

static void test_unsent(void)
{
    reads("[9] and [1]", "[9?] and [1]", "9? 1");
    reads("[1,6]", "[1][6?]", "1 6?");
    reads("[6: 1,2,3,4]", "[6?]", "6?");
    reads("[9] again [9]", "[9?] again [9?]", "9?");
}

/* The photo has 800 x 400 pixels; a pixel of the view is 1/400 and 1/200 of it. */
static void test_boxes(void)
{
    reads("here [3: 100,100,300,150].", "here [3].", "3(0.25,0.5,0.5,0.25)");
    reads("[3:100, 100, 300, 150]", "[3]", "3(0.25,0.5,0.5,0.25)");
    reads("[3: (100,100,300,150)]", "[3]", "3(0.25,0.5,0.5,0.25)");
    reads("[3: [100,100,300,150]]", "[3]", "3(0.25,0.5,0.5,0.25)");
    reads("[3: 300,150,100,100]", "[3]", "3(0.25,0.5,0.5,0.25)");
    reads("[1: 0,0,400,200; 2: 0,0,100,50]", "[1][2]", "1(0,0,1,1) 2(0,0,0.25,0.25)");
    reads("[1: -50,-50,200,100]", "[1]", "1(0,0,0.5,0.5)");
    reads("[1: 200,100,9999,9999]", "[1]", "1(0.5,0.5,0.5,0.5)");
    reads("[1: 12.5,25,37.5,75]", "[1]", "1(0.03125,0.125,0.0625,0.25)");
    reads("outside [1: 500,10,600,20]", "outside [1]", "1");
    reads("empty [1: 10,10,10,20]", "empty [1]", "1");
    reads("[1] and its box [1: 0,0,400,200]", "[1] and its box [1]", "1 1(0,0,1,1)");
    reads("[1: 0,0,400,200] twice [1: 0,0,400,200]", "[1] twice [1]", "1(0,0,1,1)");
}

static void test_other_brackets(void)
{
    static const char *const others[] = {
        "[]",    "[x]",   "[1: 2,3]",     "[1: 1,2,3,4,5]", "[0]",
        "[-1]",  "[1a]",  "[99999999]",   "[1..3]",         "[see 1]",
        "[1?]",  "[3-1]", "[1: a,b,c,d]", "a[i] = b",       "[link](x)",
        "[ ]",   "[1,]",  "[1: 1,2,3,4",  "[\xC3\xA9]",     "]]][[[",
        "[1 2]", "[,1]",  "[:]",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        reads(others[i], others[i], "");
    reads("Grandpa at [164,34,329,308]", "Grandpa at [164,34,329,308]", "");
    reads("[1,2,3,4]", "[1][2][3][4]", "1 2 3 4"); /* all were sent */
    reads("[1,2,9,8]", "[1,2,9,8]", "");
    reads("[9,8,7,6]", "[9?][8?][7?][6?]", "9? 8? 7? 6?");
    reads("[1: 1,2,3,4, 2: 0,0,100,50]", "[1][2]", "1(0.0025,0.01,0.005,0.01) 2(0,0,0.25,0.25)");
    reads("[[1]]", "[[1]]", "1");
    reads("[note [2]", "[note [2]", "2");
    AUTO_FREE char *digits = xmalloc(2000);
    memset(digits, '1', 1999);
    digits[0] = '[';
    digits[1999] = '\0';
    reads(digits, digits, "");
}

/* As models of other languages and habits write them. */
static void test_dress(void)
{
    reads("【1】［2］〔3〕", "[1][2][3]", "1 2 3");
    reads("[#1] [Photo #2] [photo-3] [^4]", "[1] [2] [3] [4]", "1 2 3 4");
    reads("[图1] [图片 2] [照片3] [第4张] 【图5】", "[1] [2] [3] [4] [5]", "1 2 3 4 5");
    reads("[１]", "[1]", "1");
    reads("[Bild 1] [Foto 2] [Imagen 3] [фото 4] [写真5]", "[1] [2] [3] [4] [5]", "1 2 3 4 5");
    reads("[1 and 2] [3, and 4] [1 und 2] [1、2] [3和4]", "[1][2] [3][4] [1][2] [1][2] [3][4]",
          "1 2 3 4");
    reads("[1\u2020source] [2 (left)]", "[1] [2] (left)", "1 2");
    reads("\\[1\\] and [2](https://x.example/a_b)!", "[1] and [2]!", "1 2");
    reads("(Photo 1) （图2） (see photo 1) (1) (2019)", "[1] [2] (see photo 1) (1) (2019)", "1 2");
    reads("**[1]** `[2]`", "**[1]** `[2]`", "1 2");
    reads("[Photo 9] 【9】 [图9]", "[9?] [9?] [9?]", "9?");
    reads("【note】 (a dog) [see (1)] \\ [x](y)", "【note】 (a dog) [see (1)] \\ [x](y)", "");
    reads("1) a dog (brown, of 3 years)", "1) a dog (brown, of 3 years)", "");
}

/* Numbers that something in a photo says. */
static void test_quotations(void)
{
    reads("in [2019] or [1850, 2019]", "in [2019] or [1850, 2019]", "");
    reads("The sign reads \"Gate [7]\".", "The sign reads \"Gate [7]\".", "");
    reads("\u201CRoom [9]\u201D and [9]", "\u201CRoom [9]\u201D and [9?]", "9?");
    reads("「[7]」 «[8]» \u201E[9]\u201C", "「[7]」 «[8]» \u201E[9]\u201C", "");
    reads("The sign says [7].", "The sign says [7].", "");
    reads("He says [1].", "He says [1].", "1");
    reads("\"A dog [1]\"", "\"A dog [1]\"", "1");
    reads("5\" wide\n[9]", "5\" wide\n[9?]", "9?"); /* a quotation ends with its line */
    reads("\"[Photo 9]\"", "\"[9?]\"", "9?");
}

int main(void)
{
    make_pictures();
    test_forms();
    test_unsent();
    test_boxes();
    test_other_brackets();
    test_dress();
    test_quotations();
    pictures_release(&pictures);
    return done_testing();
}
