/* SPDX-License-Identifier: MIT */
/* For the tests of the towers: reference files, temporary model folders, comparing vectors. */
#pragma once

#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "clip/clip.h"
#include "shared.h"
#include "tap.h"

#define SUPPORT __attribute__((unused)) static

/* ThreadSanitizer does not know libgomp's barriers, and would report every product on two threads.
 */
#if defined(__SANITIZE_THREAD__)
#define UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN 1
#endif
#endif
#ifndef UNDER_TSAN
#define UNDER_TSAN 0
#endif

static char test_cache[64];

SUPPORT void remove_cache(void)
{
    AUTO_FREE char *clean = xasprintf("rm -rf '%s'", test_cache);
    if (system(clean))
        diag("%s is left", test_cache);
}

/* A cache folder of the test's own, deleted at its end. */
__attribute__((constructor)) SUPPORT void use_own_cache(void)
{
    snprintf(test_cache, sizeof test_cache, "/tmp/keepsake-cache-XXXXXX");
    if (!mkdtemp(test_cache) || setenv("XDG_CACHE_HOME", test_cache, 1))
        BUG("cannot make a temporary folder");
    atexit(remove_cache);
}

/* The path of a reference file; the caller frees. NULL when it is not there. */
SUPPORT char *shared_file(const char *name)
{
    char path[4096];
    return shared_exists(name) ? xstrdup(shared_path(path, sizeof path, name)) : NULL;
}

SUPPORT void link_file(const char *folder, const char *target, const char *name)
{
    AUTO_FREE char *link = file_join(folder, name);
    AUTO_FREE char *real = realpath(target, NULL);
    if (!real || symlink(real, link))
        BUG("cannot link %s to %s", link, target);
}

/* A temporary folder with links to the tiny reference model and a tokenizer; its config.json only
 * when wanted. remove_model ends it. NULL without the reference data. */
SUPPORT char *make_tiny_model(bool with_config)
{
    AUTO_FREE char *model = shared_file("reference/golden/tiny-model");
    AUTO_FREE char *tokenizer = shared_file("reference/hf-openai-clip-vit-base-patch32");
    if (!model || !tokenizer)
        return NULL;
    char *folder = xstrdup("/tmp/keepsake-model-XXXXXX");
    if (!mkdtemp(folder))
        BUG("cannot make a temporary folder");
    const char *const of_model[] = {"model.safetensors", "preprocessor_config.json", "config.json"};
    const char *const of_tokenizer[] = {"vocab.json", "merges.txt"};
    for (int i = 0; i < (with_config ? 3 : 2); i++) {
        AUTO_FREE char *file = file_join(model, of_model[i]);
        link_file(folder, file, of_model[i]);
    }
    for (int i = 0; i < 2; i++) {
        AUTO_FREE char *file = file_join(tokenizer, of_tokenizer[i]);
        link_file(folder, file, of_tokenizer[i]);
    }
    return folder;
}

SUPPORT void remove_model(char *folder)
{
    const char *const names[] = {"model.safetensors", "preprocessor_config.json", "config.json",
                                 "vocab.json", "merges.txt"};
    for (size_t i = 0; folder && i < sizeof names / sizeof *names; i++) {
        AUTO_FREE char *file = file_join(folder, names[i]);
        unlink(file);
    }
    if (folder)
        rmdir(folder);
    free(folder);
}

/* Opens, or reports a failed check and returns NULL. threads: as in clip_options, but 1 under
 * ThreadSanitizer. */
SUPPORT struct clip *open_clip(const char *folder, enum clip_precision precision, int threads)
{
    struct clip_options options = {precision, UNDER_TSAN ? 1 : threads};
    struct error err = ERROR_INIT;
    struct clip *clip = NULL;
    if (clip_open(folder, &options, &clip, &err)) {
        ok(false, "%s opens", folder);
        diag("%s", err.message);
        return NULL;
    }
    return clip;
}

SUPPORT double cosine(const float *a, const double *b, size_t n)
{
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < n; i++) {
        ab += a[i] * b[i];
        aa += (double)a[i] * a[i];
        bb += b[i] * b[i];
    }
    return ab / sqrt(aa * bb);
}

/* The largest difference between the components of two vectors. */
SUPPORT double distance(const float *a, const float *b, size_t n)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++)
        worst = fmax(worst, fabs((double)a[i] - b[i]));
    return worst;
}

/* A JSON array of numbers; the caller frees. */
SUPPORT double *json_numbers(const json_t *array, size_t *ret_count)
{
    size_t n = json_array_size(array);
    double *values = xmalloc((n ? n : 1) * sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = json_number_value(json_array_get(array, i));
    *ret_count = n;
    return values;
}

/* A copy of a JPEG that says nothing of its colours: the references take every photo for sRGB. */
SUPPORT uint8_t *without_profile(const uint8_t *data, size_t size)
{
    static const char mark[] = "ICC_PROFILE";
    uint8_t *copy = xmalloc(size + 1);
    memcpy(copy, data, size);
    for (uint8_t *at = copy; (at = memmem(at, size - (size_t)(at - copy), mark, sizeof mark));)
        at[0] = 'X';
    return copy;
}

/* Decodes a picture and preprocesses it for the model. False when the file is not there. */
SUPPORT bool read_pixels(const struct clip *clip, const char *path, float *ret_pixels)
{
    struct file file;
    struct error err = ERROR_INIT;
    AUTO(image) *image = NULL;
    if (file_read(path, LIMIT_PHOTO_FILE_BYTES, &file, &err))
        return false;
    AUTO_FREE uint8_t *plain = without_profile(file.data, file.size);
    if (image_decode(plain, file.size, &(struct decode_options){0}, &image, NULL, &err) ||
        clip_preprocess(clip, image, ret_pixels, &err))
        BUG("%s: %s", path, err.message);
    file_release(&file);
    return true;
}
