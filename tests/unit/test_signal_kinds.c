/* SPDX-License-Identifier: MIT */
/* The table of kinds of signals, and the perceptual hash against numpy and Pillow. */
#include <stdlib.h>
#include <string.h>

#include "signals/perceptual_hash.h"
#include "signals/signal_kind.h"
#include "store/signals.h"
#include "tap.h"

static struct error err = ERROR_INIT;

/* The picture of tests/golden/perceptual_hash.py --formula. */
static struct image *make_picture(int width, int height)
{
    struct image *image;
    if (image_new(width, height, &image, &err))
        exit(2);
    uint8_t *out = image->rgb;
    for (uint32_t y = 0; y < (uint32_t)height; y++)
        for (uint32_t x = 0; x < (uint32_t)width; x++)
            for (uint32_t c = 0; c < 3; c++)
                *out++ = (uint8_t)(x * x * (c + 1) + y * 37 + x * y * (3 - c) +
                                   (x / 7 + y / 5) % 2 * 128);
    return image;
}

static struct image *make_flat(int edge, uint8_t grey)
{
    struct image *image;
    if (image_new(edge, edge, &image, &err))
        exit(2);
    memset(image->rgb, grey, (size_t)edge * (size_t)edge * 3);
    return image;
}

static uint64_t hash_of(struct image *image)
{
    uint64_t hash = 0;
    if (perceptual_hash(image, &hash, &err))
        diag("%s", err.message);
    image_free(image);
    return hash;
}

/* The hashes are those that tests/golden/perceptual_hash.py --formula prints: equal to the bit,
 * because no coefficient of these pictures is near the median. */
static void test_reference(void)
{
    static const struct {
        int width, height;
        uint64_t hash;
    } cases[] = {
        {40, 30, 0xb3f941000b1f3f1f},  {32, 32, 0xaaf7530013071f3f}, {200, 31, 0xb57e5f2509ab5409},
        {64, 500, 0xb9b8392e826d07cd}, {9, 7, 0x9a35346db516e9c8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t hash = hash_of(make_picture(cases[i].width, cases[i].height));
        ok(hash == cases[i].hash, "perceptual hash of %d x %d: %016llx, by numpy %016llx",
           cases[i].width, cases[i].height, (unsigned long long)hash,
           (unsigned long long)cases[i].hash);
    }
}

/* Without structure, only the mean is above the median of all coefficients, which is 0. */
static void test_flat(void)
{
    ok(hash_of(make_flat(50, 200)) == 1ULL << 63, "a grey picture has only the mean");
    ok(hash_of(make_flat(1, 3)) == 1ULL << 63, "a picture of one pixel has only the mean");
    ok(hash_of(make_flat(50, 0)) == 0, "a black picture has nothing");
}

static void test_payload(void)
{
    const struct image *pictures[2] = {make_picture(40, 30), make_flat(8, 9)};
    struct signal_payload payloads[2];
    uint64_t hash;
    is_int(perceptual_hash_compute(pictures, 2, payloads, &err), 0, "a batch of two hashes");
    ok(memcmp(payloads[0].data, "\xb3\xf9\x41\x00\x0b\x1f\x3f\x1f", 8) == 0,
       "a payload has the most significant byte first");
    ok(perceptual_hash_read(payloads[1].data, payloads[1].size, &hash) && hash == 1ULL << 63,
       "a payload is read back");
    ok(!perceptual_hash_read(payloads[1].data, 7, &hash), "a payload of 7 bytes is no hash");
    for (size_t i = 0; i < 2; i++) {
        free(payloads[i].data);
        image_free((struct image *)(uintptr_t)pictures[i]);
    }
}

/* Every kind is complete, has a name of its own, and computes something that a store accepts. */
static void test_table(void)
{
    size_t n;
    const struct signal_kind *kinds = signal_kinds(&n);
    AUTO(image) *picture = make_picture(640, 480);
    ok(n > 0, "there are kinds of signals");
    for (size_t i = 0; i < n; i++) {
        const struct signal_kind *kind = &kinds[i];
        const char *name = kind->name ? kind->name : "?";
        ok(kind->name && kind->name[0] && strlen(name) <= STORE_SIGNAL_NAME_MAX &&
               strcmp(name, STORE_SIGNAL_VECTOR) != 0,
           "kind %zu has a name: %s", i, name);
        ok(kind->version > 0, "%s has a version", name);
        ok(kind->short_edge_px > 0, "%s says which pixels it needs", name);
        ok(signal_kind_find(name) == kind, "%s is the only kind of that name", name);
        if (!ok(kind->compute != NULL, "%s has a function", name))
            continue;
        const struct image *one = picture;
        struct signal_payload payload = {NULL, 0};
        ok(kind->compute(&one, 1, &payload, &err) == 0 && payload.size > 0 &&
               payload.size <= STORE_SIGNAL_PAYLOAD_MAX,
           "%s of a picture is a payload that fits", name);
        free(payload.data);
    }
    ok(!signal_kind_find("vector"), "vectors are not in the table");
}

static void test_pixels(void)
{
    struct signal_kind kind = {.short_edge_px = 32};
    struct image picture = {.width = 64, .height = 80};
    ok(signal_kind_suffices(&kind, &picture, 640, 800), "twice the short edge suffices");
    picture.width = 63;
    ok(!signal_kind_suffices(&kind, &picture, 630, 800), "fewer pixels do not suffice");
    ok(signal_kind_suffices(&kind, &picture, 63, 80), "a whole small photo suffices");
}

int main(void)
{
    test_reference();
    test_flat();
    test_payload();
    test_table();
    test_pixels();
    return done_testing();
}
