/* SPDX-License-Identifier: MIT */
/* clip.h as its callers use it: preprocessing, batches, repeatability, errors, threads. */
#include <fcntl.h>
#include <pthread.h>

#include "clip/clip_internal.h"
#include "clip_support.h"

static struct image *striped_image(int width, int height)
{
    struct image *image;
    struct error err = ERROR_INIT;
    if (image_new(width, height, &image, &err))
        BUG("%s", err.message);
    for (int i = 0; i < 3 * width * height; i++)
        image->rgb[i] = (uint8_t)(i * 7 % 251 + i / 1000 % 5);
    return image;
}

/* A picture of exactly the model's size is neither resized nor cropped: the numbers of the formula
 * ((v / 255) - mean) / deviation, with the mean and deviation of OpenAI's models. */
static void check_levels(const struct clip *clip)
{
    static const double mean[3] = {0.48145466, 0.4578275, 0.40821073};
    static const double deviation[3] = {0.26862954, 0.26130258, 0.27577711};
    int side = clip_image_px(clip);
    AUTO(image) *image = striped_image(side, side);
    AUTO_FREE float *pixels = xmalloc(clip_pixel_count(clip) * sizeof *pixels);
    struct error err = ERROR_INIT;
    double worst = 0;
    int code = clip_preprocess(clip, image, pixels, &err);
    for (int i = 0; i < 3 * side * side && !code; i++) {
        double want = (image->rgb[i] / 255.0 - mean[i % 3]) / deviation[i % 3];
        worst = fmax(worst, fabs(pixels[i % 3 * side * side + i / 3] - want));
    }
    ok(!code && worst < 1e-6, "pixels follow the formula within %.1e", worst);
}

/* The same picture with bars left and right (or above and below) that the crop cuts off. Its short
 * edge is the model's, so nothing is resized. */
static void check_crop(const struct clip *clip, int extra_width, int extra_height, int left,
                       int top)
{
    int side = clip_image_px(clip), width = side + extra_width;
    AUTO(image) *square = striped_image(side, side);
    AUTO(image) *wide = striped_image(width, side + extra_height);
    for (int y = 0; y < side; y++)
        memcpy(wide->rgb + 3 * ((y + top) * width + left), square->rgb + 3 * y * side,
               (size_t)(3 * side));
    size_t bytes = clip_pixel_count(clip) * sizeof(float);
    AUTO_FREE float *want = xmalloc(bytes);
    AUTO_FREE float *got = xmalloc(bytes);
    struct error err = ERROR_INIT;
    int code = clip_preprocess(clip, square, want, &err);
    code = code ? code : clip_preprocess(clip, wide, got, &err);
    ok(!code && memcmp(want, got, bytes) == 0, "of %d columns and %d rows more, %d and %d go first",
       extra_width, extra_height, left, top);
}

static void check_preprocessing(const struct clip *clip)
{
    check_levels(clip);
    check_crop(clip, 5, 0, 2, 0);
    check_crop(clip, 64, 0, 32, 0);
    check_crop(clip, 0, 7, 0, 3);
}

/* torchvision's center_crop: int(round((side - crop) / 2.0)), in Python's rounding. */
static void check_torchvision(struct clip *clip)
{
    static const int offsets[] = {0, 0, 1, 2, 2, 2, 3, 4, 4, 4, 5, 6, 6};
    enum clip_layout layout = clip->config.layout;
    clip->config.layout = CLIP_LAYOUT_OPENCLIP;
    for (int rest = 0; rest < 13; rest++)
        check_crop(clip, rest % 2 ? rest : 0, rest % 2 ? 0 : rest, rest % 2 ? offsets[rest] : 0,
                   rest % 2 ? 0 : offsets[rest]);
    check_crop(clip, 0, 3, 0, 2);
    clip->config.layout = layout;
}

static void *preprocess_often(void *argument)
{
    const struct clip *clip = argument;
    AUTO(image) *image = striped_image(300, 200);
    float *pixels = xmalloc(clip_pixel_count(clip) * sizeof *pixels);
    struct error err = ERROR_INIT;
    for (int i = 0; i < 5; i++)
        if (clip_preprocess(clip, image, pixels, &err))
            BUG("%s", err.message);
    return pixels;
}

static void check_threads(struct clip *clip)
{
    pthread_t threads[4];
    float *pixels[4];
    bool same = true;
    for (int i = 0; i < 4; i++)
        if (pthread_create(&threads[i], NULL, preprocess_often, clip))
            BUG("no thread");
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], (void **)&pixels[i]);
    for (int i = 0; i < 4; i++)
        same &= memcmp(pixels[0], pixels[i], clip_pixel_count(clip) * sizeof(float)) == 0;
    ok(same, "four threads preprocess at once");
    for (int i = 0; i < 4; i++)
        free(pixels[i]);
}

static float *random_pixels(const struct clip *clip, size_t n)
{
    size_t count = n * clip_pixel_count(clip);
    float *pixels = xmalloc(count * sizeof *pixels);
    uint32_t state = 1;
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525 + 1013904223;
        pixels[i] = (float)(state >> 8) / 0x1p23f - 1;
    }
    return pixels;
}

/* f32: products of another number of rows may add in another order, some 1e-6 of unit length. */
static void check_batches(struct clip *clip, size_t n)
{
    size_t dim = clip_dim(clip), picture = clip_pixel_count(clip);
    AUTO_FREE float *pixels = random_pixels(clip, n);
    AUTO_FREE float *together = xmalloc(n * dim * sizeof *together);
    AUTO_FREE float *again = xmalloc(n * dim * sizeof *again);
    AUTO_FREE float *alone = xmalloc(dim * sizeof *alone);
    struct error err = ERROR_INIT;
    double worst = 0, length = 0;
    int code = clip_embed_pixels(clip, pixels, n, together, &err);
    code = code ? code : clip_embed_pixels(clip, pixels, n, again, &err);
    for (size_t i = 0; i < n && !code; i++) {
        code = clip_embed_pixels(clip, pixels + i * picture, 1, alone, &err);
        worst = fmax(worst, distance(alone, together + i * dim, dim));
    }
    for (size_t i = 0; i < dim; i++)
        length += (double)alone[i] * alone[i];
    ok(!code && worst < 1e-5, "a batch of %zu gives what single pictures give, within %.1e", n,
       worst);
    ok(memcmp(together, again, n * dim * sizeof *together) == 0, "and the same bits again");
    ok(fabs(length - 1) < 1e-6, "and unit length");
    if (n > 1)
        ok(distance(together, together + dim, dim) > 1e-3, "different pictures differ");
}

/* A batch large enough that each thread takes a share for itself, twice: the threads of the first
 * are gone by the second. Runs under ThreadSanitizer too, as no two threads share a product. */
static void check_shares(struct clip *single)
{
    enum { N = 45, THREADS = 3 };
    const struct clip_options options = {CLIP_PRECISION_F32, THREADS};
    size_t dim = clip_dim(single), count = N * dim;
    AUTO_FREE float *pixels = random_pixels(single, N);
    AUTO_FREE float *want = xmalloc(count * sizeof *want);
    AUTO_FREE float *got = xmalloc(count * sizeof *got);
    AUTO(clip) *clip = NULL;
    struct error err = ERROR_INIT;
    int code = clip_open("models/mini", &options, &clip, &err);
    code = code ? code : clip_embed_pixels(single, pixels, N, want, &err);
    for (int time = 1; time <= 2; time++) {
        code = code ? code : clip_embed_pixels(clip, pixels, N, got, &err);
        double worst = code ? INFINITY : distance(want, got, count);
        ok(worst < 1e-5, "shares of %d threads give what one gives, within %.1e", THREADS, worst);
    }
}

/* mini's last tensor is its visual projection, in float16; 0x7e00 is no number. */
static void check_broken_weights(void)
{
    char folder[] = "/tmp/keepsake-clip-XXXXXX";
    if (!mkdtemp(folder))
        BUG("cannot make a temporary folder");
    AUTO_FREE char *copy = xasprintf("cp models/mini/* '%s'", folder);
    AUTO_FREE char *clean = xasprintf("rm -rf '%s'", folder);
    AUTO_FREE char *weights = file_join(folder, "model.safetensors");
    int fd = system(copy) == 0 && chmod(weights, 0600) == 0 ? open(weights, O_WRONLY) : -1;
    bool broken = pwrite(fd, "\0\x7e", 2, lseek(fd, -2, SEEK_END)) == 2 && close(fd) == 0;
    AUTO(clip) *clip = broken ? open_clip(folder, CLIP_PRECISION_F32, 1) : NULL;
    float vectors[2 * 256];
    struct error err = ERROR_INIT;
    if (ok(clip != NULL, "a model with a weight that is no number opens")) {
        AUTO_FREE float *pixels = random_pixels(clip, 2);
        is_int(clip_embed_pixels(clip, pixels, 2, vectors, &err), ERR_CORRUPT, "and gives none");
        ok(strstr(err.message, "weights are damaged"), "says why: %s", err.message);
        is_int(clip_embed_text(clip, "a dog", vectors, NULL, &err), 0, "its text tower is whole");
    }
    ok(system(clean) == 0, "the test's files are removed");
}

static void check_texts(struct clip *clip)
{
    AUTO_FREE float *first = xmalloc(clip_dim(clip) * sizeof *first);
    AUTO_FREE float *second = xmalloc(clip_dim(clip) * sizeof *second);
    struct error err = ERROR_INIT;
    bool truncated = true;
    int code = clip_embed_text(clip, "two dogs in the snow", first, &truncated, &err);
    ok(!code && !truncated, "a short text is not cut");
    code = clip_embed_text(clip, "Two  dogs in the SNOW ", second, NULL, &err);
    ok(!code && memcmp(first, second, clip_dim(clip) * sizeof *first) == 0,
       "case and spaces do not matter");
    char text[1000] = "";
    for (size_t i = 0; i + 5 < sizeof text; i += 4)
        memcpy(text + i, "dog ", 5);
    code = clip_embed_text(clip, text, first, &truncated, &err);
    ok(!code && truncated, "a text longer than the context is cut and says so");
    memcpy(text + sizeof text - 9, "cat", 3);
    code = clip_embed_text(clip, text, second, NULL, &err);
    ok(!code && memcmp(first, second, clip_dim(clip) * sizeof *first) == 0,
       "what was cut off does not matter");
    code = clip_embed_text(clip, "", first, &truncated, &err);
    ok(!code && !truncated, "an empty text has a vector");
}

static void check_errors(struct clip *clip)
{
    float vector[256];
    int32_t ids[80] = {0};
    struct error err = ERROR_INIT;
    struct clip *none = NULL;
    is_int(clip_embed_ids(clip, ids, 0, vector, &err), ERR_INVALID, "no ids are refused");
    is_int(clip_embed_ids(clip, ids, 78, vector, &err), ERR_INVALID, "too many ids are refused");
    ids[1] = 8706;
    is_int(clip_embed_ids(clip, ids, 2, vector, &err), ERR_INVALID, "an unknown id is refused");
    ok(strstr(err.message, "8706") != NULL, "by number: %s", err.message);
    ids[1] = -1;
    is_int(clip_embed_ids(clip, ids, 2, vector, &err), ERR_INVALID, "a negative id is refused");
    is_int(clip_embed_text(clip, "a \xff", vector, NULL, &err), ERR_INVALID,
           "text that is not UTF-8 is refused");
    is_int(clip_open("/nonexistent", NULL, &none, &err), ERR_NOT_FOUND, "no such folder");
    ok(none == NULL, "nothing is written on failure");
}

static void check_facts(const struct clip *clip)
{
    is_int((long long)clip_dim(clip), 256, "mini has 256 components");
    is_int(clip_image_px(clip), 112, "and sees 112 pixels");
    is_int((long long)clip_pixel_count(clip), 3 * 112 * 112, "of three planes");
    is_int((long long)strlen(clip_fingerprint(clip)), 64, "and has a fingerprint");
    ok(clip_precision(clip) == CLIP_PRECISION_F32, "f32 was asked for");
    AUTO(clip) *chosen = NULL;
    struct error err = ERROR_INIT;
    int code = clip_open("models/mini", NULL, &chosen, &err);
    ok(!code && clip_precision(chosen) != CLIP_PRECISION_AUTO, "AUTO becomes a precision");
    is_str(code ? NULL : clip_fingerprint(chosen), clip_fingerprint(clip),
           "the fingerprint does not depend on the precision");
}

int main(void)
{
    AUTO(clip) *clip = open_clip("models/mini", CLIP_PRECISION_F32, 1);
    if (!clip)
        return done_testing();
    check_facts(clip);
    check_preprocessing(clip);
    check_torchvision(clip);
    check_threads(clip);
    check_texts(clip);
    check_errors(clip);
    check_batches(clip, 1);
    check_batches(clip, 16);
    check_batches(clip, 45); /* more than the tower takes at once */
    check_shares(clip);
    check_broken_weights();
    AUTO(clip) *parallel = open_clip("models/mini", CLIP_PRECISION_F32, 3);
    if (!parallel)
        return done_testing();
    check_batches(parallel, 5); /* all threads on one batch */
    check_batches(parallel, 45);
    return done_testing();
}
