/* SPDX-License-Identifier: MIT */
/* The towers against PyTorch's float32 results for the same weights and inputs.
 *
 * Tolerances, as 1 - cosine. f32: another order of additions moves components by about 1e-6 of the
 * vector's length, and the reference is written with 6 decimals: together some 1e-11. bf16:
 * products see numbers of 8 bits, each off by up to 2^-9 of itself; through 12 layers of random
 * weights that adds up to about 1e-2 of the vector's length, or 1e-4. mini's photos are JPEG,
 * decoded by the library Pillow uses too, at full size. */
#include "clip_support.h"
#include "nn/matmul.h"

#define F32_LOSS 1e-9
#define BF16_LOSS 5e-4

struct suite {
    const char *name;
    struct clip *clip;
    const char *pictures; /* folder of the named files, in the reference data */
    double tolerance;     /* 1 - cosine, at most */
};

struct worst {
    double cosine;
    size_t count;
};

static void compare(struct worst *worst, const float *got, const json_t *entry)
{
    size_t n;
    AUTO_FREE double *want = json_numbers(json_object_get(entry, "vector"), &n);
    double near = cosine(got, want, n);
    worst->cosine = near < worst->cosine || isnan(near) ? near : worst->cosine;
    worst->count++;
}

static void report(const struct suite *suite, const char *what, const struct worst *worst)
{
    ok(worst->count && worst->cosine >= 1 - suite->tolerance, "%s: %zu %s, cosine 1 - %.1e or more",
       suite->name, worst->count, what, 1 - worst->cosine);
}

static void check_images(const struct suite *suite, const json_t *entries)
{
    struct worst worst = {1, 0};
    AUTO_FREE float *pixels = xmalloc(clip_pixel_count(suite->clip) * sizeof *pixels);
    AUTO_FREE float *vector = xmalloc(clip_dim(suite->clip) * sizeof *vector);
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *entry = json_array_get(entries, i);
        AUTO_FREE char *name =
            file_join(suite->pictures, json_string_value(json_object_get(entry, "file")));
        AUTO_FREE char *path = shared_file(name);
        struct error err = ERROR_INIT;
        if (!path || !read_pixels(suite->clip, path, pixels))
            continue;
        if (clip_embed_pixels(suite->clip, pixels, 1, vector, &err))
            BUG("%s: %s", name, err.message);
        compare(&worst, vector, entry);
    }
    report(suite, "pictures", &worst);
}

static bool has_end_token(const json_t *ids)
{
    long long largest = 0;
    for (size_t i = 0; i < json_array_size(ids); i++)
        largest = fmax(largest, json_integer_value(json_array_get(ids, i)));
    return largest == json_integer_value(json_array_get(ids, json_array_size(ids) - 1));
}

static void check_texts(const struct suite *suite, const json_t *entries)
{
    struct worst by_ids = {1, 0}, by_text = {1, 0};
    AUTO_FREE float *vector = xmalloc(clip_dim(suite->clip) * sizeof *vector);
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *entry = json_array_get(entries, i), *list = json_object_get(entry, "ids");
        const char *text = json_string_value(json_object_get(entry, "text"));
        struct error err = ERROR_INIT;
        size_t n;
        AUTO_FREE double *numbers = json_numbers(list, &n);
        AUTO_FREE int32_t *ids = xmalloc(n * sizeof *ids);
        for (size_t at = 0; at < n; at++)
            ids[at] = (int32_t)numbers[at];
        if (clip_embed_ids(suite->clip, ids, n, vector, &err))
            BUG("%s: %s", text, err.message);
        compare(&by_ids, vector, entry);
        /* Texts with NUL inside are not C strings; a cut one was recorded without its end token,
         * which tokenizer_encode keeps. */
        if (strlen(text) != json_string_length(json_object_get(entry, "text")) ||
            !has_end_token(list))
            continue;
        if (clip_embed_text(suite->clip, text, vector, NULL, &err))
            BUG("%s: %s", text, err.message);
        compare(&by_text, vector, entry);
    }
    report(suite, "texts by ids", &by_ids);
    report(suite, "texts", &by_text);
}

static void check_folder(const char *name, const char *folder, enum clip_precision precision,
                         const char *golden, const char *pictures, double tolerance)
{
    AUTO_FREE char *path = shared_file(golden);
    if (!path || !folder) {
        skip("%s: the reference data is not here", name);
        return;
    }
    json_error_t problem;
    AUTO_JSON *root = json_load_file(path, JSON_ALLOW_NUL, &problem);
    if (!root)
        BUG("%s: %s", path, problem.text);
    AUTO(clip) *clip = open_clip(folder, precision, 0);
    if (!clip)
        return;
    struct suite suite = {name, clip, pictures, tolerance};
    check_images(&suite, json_object_get(root, "images"));
    check_texts(&suite, json_object_get(root, "texts"));
}

static void compare_models(const char *folder, const char *other)
{
    AUTO(clip) *one = open_clip(folder, CLIP_PRECISION_F32, 0);
    AUTO(clip) *two = open_clip(other, CLIP_PRECISION_F32, 0);
    if (!one || !two)
        return;
    size_t dim = clip_dim(one), n = clip_pixel_count(one);
    AUTO_FREE float *pixels = xmalloc(n * sizeof *pixels);
    AUTO_FREE float *first = xmalloc(dim * sizeof *first);
    AUTO_FREE float *second = xmalloc(dim * sizeof *second);
    for (size_t i = 0; i < n; i++)
        pixels[i] = sinf((float)i * 0.37f);
    struct error err = ERROR_INIT;
    if (clip_embed_pixels(one, pixels, 1, first, &err) ||
        clip_embed_pixels(two, pixels, 1, second, &err))
        BUG("%s", err.message);
    ok(memcmp(first, second, dim * sizeof *first) == 0, "OpenCLIP's layout: the same picture");
    if (clip_embed_text(one, "two dogs", first, NULL, &err) ||
        clip_embed_text(two, "two dogs", second, NULL, &err))
        BUG("%s", err.message);
    ok(memcmp(first, second, dim * sizeof *first) == 0, "OpenCLIP's layout: the same text");
}

/* The same numbers in the other layout are packed and computed alike: the same bits. */
static void check_openclip(void)
{
    static const char *const names[] = {"open_clip_config.json", "open_clip_model.safetensors",
                                        "vocab.json", "merges.txt"};
    char folder[] = "/tmp/keepsake-openclip-XXXXXX", command[200];
    if (!mkdtemp(folder))
        BUG("cannot make a temporary folder");
    snprintf(command, sizeof command, "python3 tests/golden/hf_to_openclip.py models/mini %s",
             folder);
    if (system(command))
        skip("no python3 to rewrite a model in OpenCLIP's layout");
    else
        compare_models("models/mini", folder);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        AUTO_FREE char *file = file_join(folder, names[i]);
        unlink(file);
    }
    rmdir(folder);
}

int main(void)
{
    const char *b32 = getenv("KEEPSAKE_TEST_B32");
    const char *tiny_golden = "reference/golden/tiny-model/towers.json";
    const char *b32_golden = "reference/golden/b32-seed7-towers.json";
    const char *squares = "reference/golden/preprocess";
    char *tiny = make_tiny_model(true);
    bool bf16 = matmul_has_bf16();

    check_folder("tiny, f32", tiny, CLIP_PRECISION_F32, tiny_golden, squares, F32_LOSS);
    check_folder("mini, f32", "models/mini", CLIP_PRECISION_F32, "mini/towers.json", "", F32_LOSS);
    if (b32)
        check_folder("b32, f32", b32, CLIP_PRECISION_F32, b32_golden, squares, F32_LOSS);
    else
        skip("KEEPSAKE_TEST_B32 names no folder with the random ViT-B/32 of seed 7");
    if (bf16) {
        check_folder("tiny, bf16", tiny, CLIP_PRECISION_BF16, tiny_golden, squares, BF16_LOSS);
        check_folder("mini, bf16", "models/mini", CLIP_PRECISION_BF16, "mini/towers.json", "",
                     BF16_LOSS);
    } else {
        skip("this processor does not multiply bf16");
    }
    if (bf16 && b32)
        check_folder("b32, bf16", b32, CLIP_PRECISION_BF16, b32_golden, squares, BF16_LOSS);
    check_openclip();
    remove_model(tiny);
    return done_testing();
}
