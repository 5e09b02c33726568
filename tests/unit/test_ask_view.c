/* SPDX-License-Identifier: MIT */
/* Boxes between the pixels that a model saw and places in the photo, against a computation of its
 * own in whole numbers; and what view_render makes of files. */
#include "ask/view.h"
#include "base/file.h"
#include "base/memory.h"
#include "image/encode.h"
#include "image/image.h"
#include "llm/llm.h"
#include "tap.h"
#include "tree.h"

static struct error err;

static uint64_t random_state = 1;

static int number(int below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (int)((random_state >> 33) % (uint64_t)below);
}

/* ---- boxes ---- */

static struct view any_view(void)
{
    struct view v = {.photo_width = 1 + number(8000), .photo_height = 1 + number(8000)};
    v.part.width = 1 + number(v.photo_width);
    v.part.height = 1 + number(v.photo_height);
    v.part.left = number(v.photo_width - v.part.width + 1);
    v.part.top = number(v.photo_height - v.part.height + 1);
    v.width = 1 + number(1568);
    v.height = 1 + number(1568);
    return v;
}

/* (left * sent + pixel * part) / (sent * whole), divided once: correctly rounded to long double. */
static long double place(int pixel, int left, int part, int sent, int whole)
{
    return ((long double)left * sent + (long double)pixel * part) / ((long double)sent * whole);
}

static void test_to_photo(void)
{
    double worst = 0;
    bool good = true;
    for (int i = 0; i < 20000; i++) {
        struct view v = any_view();
        int x1 = number(v.width), y1 = number(v.height);
        int x2 = x1 + 1 + number(v.width - x1), y2 = y1 + 1 + number(v.height - y1);
        struct store_box box;
        good = good && view_to_photo(&v, (double[]){x1, y1, x2, y2}, &box);
        long double left = place(x1, v.part.left, v.part.width, v.width, v.photo_width);
        long double top = place(y1, v.part.top, v.part.height, v.height, v.photo_height);
        long double right = place(x2, v.part.left, v.part.width, v.width, v.photo_width);
        long double bottom = place(y2, v.part.top, v.part.height, v.height, v.photo_height);
        worst = fmax(worst, (double)fabsl(box.x - left));
        worst = fmax(worst, (double)fabsl(box.y - top));
        worst = fmax(worst, (double)fabsl(box.x + box.width - right));
        worst = fmax(worst, (double)fabsl(box.y + box.height - bottom));
        good = good && box.x >= 0 && box.x + box.width <= 1 + 1e-15 && box.width > 0;
    }
    /* A few roundings of doubles near 1. */
    ok(good && worst < 1e-14, "20,000 boxes in views of parts: off by %.1e at most", worst);
}

static void test_there_and_back(void)
{
    bool good = true;
    for (int i = 0; i < 20000 && good; i++) {
        struct view v = any_view();
        int x1 = number(v.width), y1 = number(v.height), back[4];
        int x2 = x1 + 1 + number(v.width - x1), y2 = y1 + 1 + number(v.height - y1);
        struct store_box box;
        good = view_to_photo(&v, (double[]){x1, y1, x2, y2}, &box) &&
               view_from_photo(&v, &box, back) && back[0] == x1 && back[1] == y1 && back[2] == x2 &&
               back[3] == y2;
    }
    ok(good, "20,000 boxes come back to the same pixels");
}

static void test_edges(void)
{
    struct view v = {.photo_width = 1000,
                     .photo_height = 500,
                     .part = {500, 0, 500, 500},
                     .width = 100,
                     .height = 100};
    struct store_box box = {9, 9, 9, 9};
    int pixels[4];
    ok(!view_to_photo(&v, (double[]){10, 10, 10, 50}, &box) && box.x == 9, "an empty box");
    ok(!view_to_photo(&v, (double[]){100, 0, 120, 50}, &box), "a box beside the view");
    ok(!view_to_photo(&v, (double[]){NAN, 0, 120, 50}, &box), "not a number");
    ok(!view_to_photo(&v, (double[]){0, 0, INFINITY, 50}, &box), "a box with infinity is refused");
    ok(view_to_photo(&v, (double[]){-5, -5, 1e300, 1e300}, &box) && box.x == 0.5 && box.y == 0 &&
           box.width == 0.5 && box.height == 1,
       "a huge box is what is shown");
    ok(!view_from_photo(&v, &(struct store_box){0, 0, 0.4, 1}, pixels),
       "a place outside what is shown");
    ok(view_from_photo(&v, &(struct store_box){0.25, 0.25, 0.5, 0.5}, pixels) && pixels[0] == 0 &&
           pixels[1] == 25 && pixels[2] == 50 && pixels[3] == 75,
       "a place half in it is cut");
}

/* ---- files ---- */

/* A PNG or JPEG would need a codec here: the program's own encoder gives the file. */
static char *write_photo(const char *folder, const char *name, int width, int height)
{
    AUTO(image) *image = NULL;
    AUTO_FREE uint8_t *data = NULL;
    size_t size;
    if (image_new(width, height, &image, &err))
        abort();
    for (int i = 0; i < width * height * 3; i++)
        image->rgb[i] = (uint8_t)(i % 3 == 0 ? i / 3 % width * 255 / width : number(256));
    if (image_encode_jpeg(image, 90, &data, &size, &err))
        abort();
    tree_write(folder, name, data, size);
    return file_join(folder, name);
}

/* The markers of a JPEG up to its scan, as hexadecimal. */
static void markers(const struct view *view, char *ret_text, size_t size)
{
    size_t at = 2, used = 0;
    ret_text[0] = '\0';
    while (at + 4 <= view->bytes && view->jpeg[at] == 0xFF && used + 4 < size) {
        used += (size_t)snprintf(ret_text + used, size - used, "%02x ", view->jpeg[at + 1]);
        if (view->jpeg[at + 1] == 0xDA)
            return;
        at += 2 + ((size_t)view->jpeg[at + 2] << 8 | view->jpeg[at + 3]);
    }
}

static int render(const char *path, const struct view_request *request, struct view *ret_view)
{
    struct file file;
    if (file_read(path, 1 << 26, &file, &err))
        return -1;
    int rc = view_render(file.data, file.size, request, ret_view, &err);
    file_release(&file);
    return rc;
}

static void test_render(const char *folder)
{
    AUTO_FREE char *path = write_photo(folder, "large.jpg", 3000, 2000);
    struct view_request request = {.edge_px = 1568, .max_tokens = 1568};
    struct view view, again;
    is_int(render(path, &request, &view), 0, "a large photo");
    ok(view.photo_width == 3000 && view.photo_height == 2000 && view.part.width == 3000,
       "all of it");
    ok(view.width <= 1568 && llm_image_tokens(view.width, view.height) <= 1568,
       "within the size rule: %dx%d", view.width, view.height);
    /* One step larger would be past it: the long side counts down in whole pixels. */
    int taller = (int)lround((view.width + 1) * 2000 / 3000.0);
    ok(llm_image_tokens(view.width + 1, taller) > 1568, "and no smaller than need be");
    char text[200];
    markers(&view, text, sizeof text);
    ok(!strstr(text, "e1") && !strstr(text, "e2") && !strstr(text, "ed") && !strstr(text, "fe") &&
           strstr(text, "da"),
       "no metadata segment: %s", text);
    is_int(render(path, &request, &again), 0, "the same content");
    ok(again.bytes == view.bytes && memcmp(again.jpeg, view.jpeg, view.bytes) == 0,
       "gives the same bytes");
    view_release(&again);
    view_release(&view);
}

static void test_parts(const char *folder)
{
    AUTO_FREE char *path = write_photo(folder, "part.jpg", 1000, 600);
    struct view_request request = {
        .edge_px = 1568, .max_tokens = 1568, .has_part = true, .part = {0.2503, 0.5, 0.5, 0.25}};
    struct view view;
    is_int(render(path, &request, &view), 0, "a part");
    ok(view.part.left == 250 && view.part.top == 300 && view.part.width == 501 &&
           view.part.height == 150,
       "rounded outwards: %d,%d %dx%d", view.part.left, view.part.top, view.part.width,
       view.part.height);
    ok(view.width == 501 && view.height == 150, "never enlarged");
    view_release(&view);
    request.part = (struct store_box){0, 0, 1e-9, 1e-9};
    is_int(render(path, &request, &view), 0, "a tiny part");
    ok(view.part.width == 1 && view.part.height == 1, "is a pixel");
    view_release(&view);
    request.part = (struct store_box){1.5, 0, 1, 1};
    is_int(render(path, &request, &view), ERR_INVALID, "a part outside");
    request.part = (struct store_box){NAN, NAN, NAN, NAN};
    is_int(render(path, &request, &view), ERR_INVALID, "a part of no numbers");
}

static void test_limits(const char *folder)
{
    AUTO_FREE char *path = write_photo(folder, "noise.jpg", 1200, 900);
    struct view_request request = {.edge_px = 1568, .max_tokens = 1568, .max_bytes = 40000};
    struct view view;
    is_int(render(path, &request, &view), 0, "few bytes");
    ok(view.bytes <= 40000 && view.bytes > 10000, "are kept to: %zu", view.bytes);
    view_release(&view);
    request.max_bytes = 50;
    is_int(render(path, &request, &view), ERR_LIMIT, "too few bytes");
    tree_write(folder, "no.jpg", "not a picture", 13);
    AUTO_FREE char *no = file_join(folder, "no.jpg");
    is_int(render(no, &request, &view), ERR_UNSUPPORTED, "no picture");
}

int main(void)
{
    AUTO_FREE char *folder = tree_new();
    test_to_photo();
    test_there_and_back();
    test_edges();
    test_render(folder);
    test_parts(folder);
    test_limits(folder);
    tree_remove(folder);
    return done_testing();
}
