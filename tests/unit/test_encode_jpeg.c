/* SPDX-License-Identifier: MIT */
/* Pictures as JPEG, decoded again by djpeg; crops; the size rule against an exhaustive search and
 * the published examples. */
#include <unistd.h>

#include "image/encode.h"
#include "tap.h"

static struct image *make_picture(int width, int height)
{
    struct image *image;
    if (image_new(width, height, &image, NULL))
        exit(2);
    for (int y = 0, i = 0; y < height; y++)
        for (int x = 0; x < width; x++, i++) {
            image->rgb[3 * i] = (uint8_t)(20 + x * 200 / width);
            image->rgb[3 * i + 1] = (uint8_t)(30 + y * 190 / height);
            image->rgb[3 * i + 2] = (uint8_t)(240 - x * 100 / width - y * 100 / height);
        }
    return image;
}

/* Which marker segments stand before the picture data: "E0 DB DB C0 C4 ... DA". */
static void list_markers(const uint8_t *data, size_t size, char *ret_list, size_t room)
{
    size_t at = 2, used = 0;
    while (at + 4 <= size && data[at] == 0xFF && used + 4 < room) {
        used +=
            (size_t)snprintf(ret_list + used, room - used, "%s%02X", used ? " " : "", data[at + 1]);
        if (data[at + 1] == 0xDA)
            return;
        at += 2 + (size_t)(data[at + 2] << 8 | data[at + 3]);
    }
}

/* Every marker is of the picture itself (tables, frame, scan), but for JFIF's own at the start. */
static bool only_picture_data(const char *list)
{
    if (strncmp(list, "E0 ", 3) == 0)
        list += 3;
    for (const char *at = list; *at; at += strcspn(at, " "), at += *at == ' ')
        if (!strchr("CD", at[0]))
            return false;
    return strlen(list) > 2 && strcmp(list + strlen(list) - 2, "DA") == 0;
}

/* What djpeg makes of the data; NULL when it is not installed or refuses. */
static struct image *run_djpeg(const uint8_t *data, size_t size)
{
    char jpeg[] = "/tmp/keepsake-XXXXXX", command[256];
    int fd = mkstemp(jpeg), width, height;
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        exit(2);
    close(fd);
    snprintf(command, sizeof command, "djpeg -pnm %s", jpeg);
    FILE *pipe = popen(command, "r");
    struct image *image = NULL;
    if (pipe && fscanf(pipe, "P6 %d %d 255", &width, &height) == 2 && fgetc(pipe) == '\n' &&
        !image_new(width, height, &image, NULL) &&
        fread(image->rgb, 3, (size_t)(width * height), pipe) != (size_t)(width * height)) {
        image_free(image);
        image = NULL;
    }
    pclose(pipe);
    unlink(jpeg);
    return image;
}

static void check_encoding(const struct image *image, int quality, int tolerance)
{
    AUTO_FREE uint8_t *data = NULL, *again = NULL;
    size_t size = 0, again_size = 0;
    char markers[256] = "";
    struct error err = ERROR_INIT;
    if (!ok(!image_encode_jpeg(image, quality, &data, &size, &err) &&
                !image_encode_jpeg(image, quality, &again, &again_size, &err),
            "%d x %d, quality %d", image->width, image->height, quality)) {
        diag("%s", err.message);
        return;
    }
    ok(size == again_size && memcmp(data, again, size) == 0, "twice the same bytes");
    list_markers(data, size, markers, sizeof markers);
    ok(only_picture_data(markers), "no metadata: %s", markers);
    if (system("command -v djpeg >/dev/null")) {
        skip("djpeg (libjpeg-turbo-progs) is not installed");
        return;
    }
    AUTO(image) *back = run_djpeg(data, size);
    int most = 0;
    if (back && back->width == image->width && back->height == image->height)
        for (int i = 0; i < image->width * image->height * 3; i++)
            most =
                abs(back->rgb[i] - image->rgb[i]) > most ? abs(back->rgb[i] - image->rgb[i]) : most;
    else
        most = 256;
    if (!ok(most <= tolerance, "djpeg reads the same picture"))
        diag("%d off", most);
}

static void test_encoding(void)
{
    AUTO(image) *photo = make_picture(231, 117), *dot = make_picture(1, 1);
    check_encoding(photo, 95, 6); /* rounding of the transform and of YCbCr */
    check_encoding(photo, 80, 16);
    check_encoding(dot, 95, 6);
    AUTO_FREE uint8_t *small = NULL, *large = NULL;
    size_t small_size = 0, large_size = 0;
    ok(!image_encode_jpeg(photo, 30, &small, &small_size, NULL) &&
           !image_encode_jpeg(photo, 98, &large, &large_size, NULL) && small_size < large_size,
       "quality costs bytes");
    AUTO(image) *wide = make_picture(65501, 1);
    uint8_t *data = NULL;
    size_t size = 0;
    struct error err = ERROR_INIT;
    ok(image_encode_jpeg(wide, 90, &data, &size, &err) == ERR_LIMIT && !data, "%s", err.message);
}

static bool is_part(const struct image *part, const struct image *whole, int left, int top)
{
    for (int y = 0; y < part->height; y++)
        if (memcmp(part->rgb + y * part->width * 3,
                   whole->rgb + ((top + y) * whole->width + left) * 3,
                   (size_t)part->width * 3) != 0)
            return false;
    return true;
}

static void test_crop(void)
{
    AUTO(image) *whole = make_picture(40, 30);
    AUTO(image) *part = NULL, *all = NULL;
    ok(!image_crop(whole, 7, 11, 20, 19, &part, NULL) && part->width == 20 && part->height == 19 &&
           is_part(part, whole, 7, 11),
       "a part");
    ok(!image_crop(whole, 0, 0, 40, 30, &all, NULL) && is_part(all, whole, 0, 0), "the whole");
    static const int outside[][4] = {{-1, 0, 5, 5}, {0, -1, 5, 5},   {36, 0, 5, 5},
                                     {0, 26, 5, 5}, {0, 0, 0, 5},    {0, 0, 5, 0},
                                     {0, 0, 41, 1}, {2, 2, 1, 1000}, {INT32_MAX, 0, 5, 5}};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        const int *o = outside[i];
        struct image *none = NULL;
        struct error err = ERROR_INIT;
        ok(image_crop(whole, o[0], o[1], o[2], o[3], &none, &err) == ERR_INVALID && !none, "%s",
           err.message);
    }
}

static int tokens(int width, int height)
{
    return ((width + 27) / 28) * ((height + 27) / 28);
}

/* From Anthropic's vision page. */
static void test_published(void)
{
    static const struct {
        int width, height, edge, max_tokens, want_width, want_height, want_tokens;
    } cases[] = {
        {1920, 1080, 1568, 1568, 1456, 819, 1560},  {2000, 1500, 1568, 1568, 1270, 952, 1564},
        {1000, 1000, 1568, 1568, 1000, 1000, 1296}, {200, 200, 1568, 1568, 200, 200, 64},
        {1920, 1080, 2576, 4784, 1920, 1080, 2691}, {2000, 1500, 2576, 4784, 2000, 1500, 3888},
        {1080, 1920, 1568, 1568, 819, 1456, 1560},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int width, height;
        image_fit(cases[i].width, cases[i].height, cases[i].edge, cases[i].max_tokens, &width,
                  &height);
        ok(width == cases[i].want_width && height == cases[i].want_height &&
               tokens(width, height) == cases[i].want_tokens,
           "%d x %d in %d px and %d tokens: %d x %d, %d tokens", cases[i].width, cases[i].height,
           cases[i].edge, cases[i].max_tokens, width, height, tokens(width, height));
    }
}

static bool fits(int width, int height, int edge, int max_tokens)
{
    int wide = max_tokens ? (width + 27) / 28 * 28 : width;
    int high = max_tokens ? (height + 27) / 28 * 28 : height;
    return wide <= edge && high <= edge && (!max_tokens || tokens(width, height) <= max_tokens);
}

/* The answer fits, keeps the shape, and one pixel more on the long side would not fit. */
static bool is_best(int width, int height, int edge, int max_tokens)
{
    int w, h;
    image_fit(width, height, edge, max_tokens, &w, &h);
    bool lying = width >= height;
    int from_long = lying ? width : height, from_short = lying ? height : width;
    int to_long = lying ? w : h, to_short = lying ? h : w;
    double exact = (double)to_long * from_short / from_long;
    if (!fits(w, h, edge, max_tokens) || to_long > from_long || to_short < 1 ||
        fabs(exact - to_short) > (exact < 0.5 ? 1.0 : 0.5 + 1e-6))
        return false;
    double more = (double)(to_long + 1) * from_short / from_long;
    int more_short = more < 1 ? 1 : (int)nearbyint(more);
    return to_long == from_long || !fits(to_long + 1, more_short, edge, max_tokens);
}

static void test_rule(void)
{
    static const int models[][2] = {{1568, 1568}, {2576, 4784}, {1440, 0}, {512, 0}, {800, 400}};
    srand(17);
    for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
        int good = 0, n = 20000;
        for (int i = 0; i < n; i++) {
            int width = 1 + rand() % (i % 3 ? 6000 : 65535), height = 1 + rand() % 6000;
            bool best = is_best(width, height, models[m][0], models[m][1]);
            if (!best)
                diag("%d x %d", width, height);
            good += best;
        }
        ok(good == n, "%d px and %d tokens: it fits, and no larger size does", models[m][0],
           models[m][1]);
    }
}

int main(void)
{
    test_encoding();
    test_crop();
    test_published();
    test_rule();
    return done_testing();
}
