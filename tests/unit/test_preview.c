/* SPDX-License-Identifier: MIT */
/* Pictures on a terminal: what is printed is decoded again by small readers of the protocols
 * written for this test, and compared with the pixels that went in. */
#include "cli/preview.h"

#include <unistd.h>

#include "cli/preview_palette.h"
#include "cli/preview_print.h"
#include "cli/terminal_query.h"
#include "image/encode.h"
#include "tap.h"

static struct image *make_picture(int width, int height)
{
    struct image *image;
    if (image_new(width, height, &image, NULL))
        exit(2);
    for (int y = 0, i = 0; y < height; y++)
        for (int x = 0; x < width; x++, i++) {
            image->rgb[3 * i] = (uint8_t)(20 + x * 220 / width);
            image->rgb[3 * i + 1] = (uint8_t)(30 + y * 200 / height);
            image->rgb[3 * i + 2] = (uint8_t)((x / 16 + y / 16) % 2 * 120 + 60);
        }
    return image;
}

struct printed {
    char *text;
    size_t size;
};

static struct printed print_by(int (*print)(FILE *, const struct image *, struct error *),
                               const struct image *image)
{
    struct printed out = {NULL, 0};
    struct error err = ERROR_INIT;
    FILE *stream = open_memstream(&out.text, &out.size);
    if (print(stream, image, &err))
        diag("%s", err.message);
    fclose(stream);
    return out;
}

/* Adds what n base64 characters stand for; false on anything else. */
static bool add_base64(const char *text, size_t n, uint8_t *data, size_t *size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (n % 4)
        return false;
    for (size_t i = 0; i < n; i += 4) {
        unsigned group = 0;
        int filler = 0;
        for (size_t k = 0; k < 4; k++) {
            const char *digit = text[i + k] == '=' ? NULL : strchr(digits, text[i + k]);
            filler += !digit;
            group = group << 6 | (digit ? (unsigned)(digit - digits) : 0);
        }
        for (int k = 0; k < 3 - filler; k++)
            data[(*size)++] = (uint8_t)(group >> (16 - 8 * k));
    }
    return true;
}

/* The PNG inside of kitty's commands; 0 bytes when they are not what the protocol asks. */
static size_t read_kitty(const struct printed *out, uint8_t *ret_png, int *ret_chunks)
{
    size_t size = 0;
    bool more = true;
    *ret_chunks = 0;
    for (const char *at = out->text; at < out->text + out->size; ++*ret_chunks) {
        const char *want = *ret_chunks ? "\033_Gm=" : "\033_Ga=T,f=100,q=2,m=";
        size_t n = strlen(want);
        if (!more || strncmp(at, want, n) != 0 || at[n + 1] != ';')
            return 0;
        more = at[n] == '1';
        at += n + 2;
        size_t length = strcspn(at, "\033");
        if (length > 4096 || (more && length != 4096) || !add_base64(at, length, ret_png, &size) ||
            strncmp(at + length, "\033\\", 2) != 0)
            return 0;
        at += length + 2;
    }
    return more ? 0 : size;
}

static void check_same(const struct image *image, const uint8_t *data, size_t size, int tolerance,
                       const char *name)
{
    AUTO(image) *back = NULL;
    struct error err = ERROR_INIT;
    int most = 256;
    if (!image_decode(data, size, NULL, &back, NULL, &err) && back->width == image->width &&
        back->height == image->height) {
        most = 0;
        for (int i = 0; i < image->width * image->height * 3; i++) {
            int off = abs(back->rgb[i] - image->rgb[i]);
            most = off > most ? off : most;
        }
    }
    if (!ok(most <= tolerance, "%s", name))
        diag("%d off; %s", most, err.message);
}

static void test_kitty(void)
{
    static const int sizes[][2] = {{1, 1}, {37, 20}, {200, 150}};
    for (size_t i = 0; i < 3; i++) {
        AUTO(image) *image = make_picture(sizes[i][0], sizes[i][1]);
        srand(5);
        for (int k = 0; i == 2 && k < image->width * image->height * 3; k++)
            image->rgb[k] = (uint8_t)rand(); /* so that it takes many chunks */
        struct printed out = print_by(preview_print_kitty, image);
        uint8_t *png = malloc(out.size);
        int chunks;
        size_t size = read_kitty(&out, png, &chunks);
        char name[64];
        snprintf(name, sizeof name, "kitty: the same %d x %d pixels in %d chunks", image->width,
                 image->height, chunks);
        check_same(image, png, size, 0, name);
        free(png);
        free(out.text);
    }
}

static void test_iterm(void)
{
    AUTO(image) *image = make_picture(96, 64);
    struct printed out = print_by(preview_print_iterm, image);
    unsigned long stated = 0;
    int width = 0, height = 0, used = 0;
    sscanf(out.text, "\033]1337;File=inline=1;size=%lu;width=%dpx;height=%dpx:%n", &stated, &width,
           &height, &used);
    uint8_t *jpeg = malloc(out.size);
    size_t size = 0, length = strcspn(out.text + used, "\a");
    bool good = used && add_base64(out.text + used, length, jpeg, &size);
    ok(good && size == stated && width == 96 && height == 64, "iTerm2: size and sides as stated");
    ok((size_t)used + length + 1 == out.size, "closed by BEL");
    check_same(image, jpeg, size, 40, "the picture, as near as JPEG is at sharp edges");
    free(jpeg);
    free(out.text);
}

/* A reader of sixels that takes what the standard has, and nothing else. */
struct sixels {
    int width, height, x, y, colour;
    uint8_t palette[256][3];
    uint8_t *rgb;
};

static bool put_sixel(struct sixels *s, char letter, int count)
{
    for (; count > 0; count--, s->x++)
        for (int bit = 0; bit < 6; bit++) {
            if (!((letter - '?') >> bit & 1))
                continue;
            if (s->x >= s->width || s->y + bit >= s->height)
                return false;
            memcpy(s->rgb + ((s->y + bit) * s->width + s->x) * 3, s->palette[s->colour], 3);
        }
    return true;
}

static bool read_colour(struct sixels *s, char **at)
{
    s->colour = (int)strtol(*at, at, 10);
    if (s->colour < 0 || s->colour > 255)
        return false;
    if (strncmp(*at, ";2;", 3) != 0)
        return true;
    *at += 2;
    for (int c = 0; c < 3; c++) {
        long value = strtol(*at + 1, at, 10);
        if (value < 0 || value > 100)
            return false;
        s->palette[s->colour][c] = (uint8_t)lround((double)value * 2.55);
    }
    return true;
}

static bool read_sixels(char *text, struct sixels *s)
{
    int used = 0;
    if (sscanf(text, "\033P0;1;0q\"1;1;%d;%d%n", &s->width, &s->height, &used) != 2)
        return false;
    size_t n = (size_t)s->width * (size_t)s->height * 3;
    s->rgb = calloc(1, n);
    bool good = true;
    char *at = text + used;
    while (good && *at && *at != '\033') {
        char letter = *at++;
        if (letter == '#')
            good = read_colour(s, &at);
        else if (letter == '$')
            s->x = 0;
        else if (letter == '-')
            s->x = 0, s->y += 6;
        else if (letter == '!') {
            int count = (int)strtol(at, &at, 10);
            good = put_sixel(s, *at++, count);
        } else
            good = letter >= '?' && letter <= '~' && put_sixel(s, letter, 1);
    }
    return good && strcmp(at, "\033\\") == 0;
}

/* Of 8 x 8 means, which dithering keeps: the mean difference, and the largest. */
static double difference(const struct image *image, const uint8_t *rgb, double *ret_most)
{
    double total = 0, most = 0;
    int n = 0;
    for (int top = 0; top + 8 <= image->height; top += 8)
        for (int left = 0; left + 8 <= image->width; left += 8)
            for (int c = 0; c < 3; c++, n++) {
                int sum = 0;
                for (int y = top; y < top + 8; y++)
                    for (int x = left; x < left + 8; x++) {
                        int at = (y * image->width + x) * 3 + c;
                        sum += image->rgb[at] - rgb[at];
                    }
                total += fabs(sum / 64.0);
                most = fabs(sum / 64.0) > most ? fabs(sum / 64.0) : most;
            }
    *ret_most = most;
    return n ? total / n : 0;
}

static void test_sixel(void)
{
    static const int sizes[][2] = {{1, 1}, {8, 8}, {200, 151}, {640, 48}};
    for (size_t i = 0; i < 4; i++) {
        AUTO(image) *image = make_picture(sizes[i][0], sizes[i][1]);
        struct printed out = print_by(preview_print_sixel, image);
        struct sixels s = {0};
        bool good = read_sixels(out.text, &s);
        ok(good && s.width == image->width && s.height == image->height,
           "%d x %d as %zu bytes of sixels", image->width, image->height, out.size);
        /* Percents are 2.55 steps apart. Colours at the rim of the picture's own can be further
         * off: the palette's are means, and no mixture of them goes beyond. */
        double most = 256, mean = good ? difference(image, s.rgb, &most) : 256;
        if (!ok(mean < 1.3 && most < 12, "the same picture, seen from afar"))
            diag("%.2f off, at most %.1f", mean, most);
        free(s.rgb);
        free(out.text);
    }
}

static void test_palette(void)
{
    AUTO(image) *image = make_picture(64, 64);
    struct palette palette;
    palette_choose(image, 16, &palette);
    is_int(palette.count, 16, "as many colours as allowed");
    for (int i = 0; i < 64 * 64; i++)
        memcpy(image->rgb + 3 * i, i % 3 ? "\x0A\xC8\x1E" : "\xFA\x05\x80", 3);
    palette_choose(image, 256, &palette);
    uint8_t indices[64 * 64];
    palette_apply(image, &palette, indices);
    int same = 0;
    for (int i = 0; i < 64 * 64; i++)
        same += memcmp(palette.rgb[indices[i]], image->rgb + 3 * i, 3) == 0;
    ok(palette.count == 2 && same == 64 * 64, "two colours stay what they are");
}

static void test_answers(void)
{
    static const struct {
        const char *answer;
        bool sixel;
    } cases[] = {
        {"\033[?62;4;22c", true},
        {"\033[?64;1;2;4c", true},
        {"\033[?1;2c", false},
        {"\033[?4c", false},
        {"\033[?4;6c", false},
        {"\033[?62;14;44c", false},
        {"x\033[?65;1;9;4c", true},
        {"\033[?62;4", false},
        {"\033[?62;", false},
        {"", false},
        {"\033[?", false},
        {"\033[?62;4;", true},
        {"\033[?62;9999999994c", false},
        {"\033[?62;4x", false},
        {"4c", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ok(terminal_answer_has_sixel(cases[i].answer, strlen(cases[i].answer)) == cases[i].sixel,
           "answer %zu: %s", i + 1, cases[i].sixel ? "sixel" : "no sixel");
}

/* A picture file goes through decoding, shrinking and the frame. */
static void test_show(void)
{
    AUTO(image) *image = make_picture(1200, 900);
    AUTO_FREE uint8_t *data = NULL;
    size_t size = 0;
    char path[] = "/tmp/keepsake-XXXXXX";
    int fd = mkstemp(path);
    if (image_encode_png(image, &data, &size, NULL) || write(fd, data, size) != (ssize_t)size)
        exit(2);
    close(fd);
    uint8_t hash[HASH_BYTES];
    hash_bytes(data, size, hash);
    struct printed out = {NULL, 0};
    FILE *stream = open_memstream(&out.text, &out.size);
    struct store_box box = {.x = 0.25, .y = 0.5, .width = 0.5, .height = 0.25};
    struct error err = ERROR_INIT;
    ok(!preview_show(PREVIEW_SIXEL, stream, path, hash, &box, &err), "a photo is shown %s",
       err.message);
    fflush(stream);
    ok(out.size > 2 && out.text[out.size - 1] == '\n', "on lines of its own");
    struct sixels s = {0};
    out.text[out.size - 1] = '\0';
    /* 12 rows of 20 px where the terminal does not say more: 240 high. */
    bool good = read_sixels(out.text, &s);
    ok(good && s.width == 320 && s.height == 240, "%d x %d pixels", s.width, s.height);
    const uint8_t *line = s.rgb + (120 - 2) * 320 * 3 + 160 * 3; /* above the box's middle */
    ok(line[0] > 250 && line[1] > 250 && line[2] > 250, "a white frame around the box");
    ok(line[-3 * 320 * 3] < 250, "and only there");
    free(s.rgb);
    long before = ftell(stream);
    hash[0] ^= 1;
    ok(preview_show(PREVIEW_KITTY, stream, path, hash, NULL, &err) == ERR_MISMATCH &&
           ftell(stream) == before,
       "another picture at its place is not shown: %s", err.message);
    unlink(path);
    ok(preview_show(PREVIEW_KITTY, stream, path, hash, NULL, &err) == ERR_NOT_FOUND &&
           ftell(stream) == before,
       "%s", err.message);
    ok(!preview_show(PREVIEW_NONE, stream, path, hash, NULL, &err) && ftell(stream) == before,
       "nothing where nothing can be shown");
    ok(preview_kind(stream, "kitty") == PREVIEW_NONE, "never on a stream that is no terminal");
    fclose(stream);
    free(out.text);
}

int main(void)
{
    test_kitty();
    test_iterm();
    test_sixel();
    test_palette();
    test_answers();
    test_show();
    return done_testing();
}
