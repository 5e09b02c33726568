/* SPDX-License-Identifier: MIT */
/* model_verify: the model that comes with the program, damaged copies of it, and models about which
 * nothing is recorded. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "models/model.h"
#include "tap.h"
#include "unit/shared.h"

static char scratch[] = "/tmp/keepsake-verify-XXXXXX";

struct outcome {
    int rc;
    size_t count, known, good;
};

static struct outcome verify(const char *folder, enum clip_precision precision, bool shown)
{
    struct outcome o = {0};
    struct clip_options options = {.precision = precision, .threads = 1};
    struct model_check *checks = NULL;
    struct error err = ERROR_INIT;
    AUTO(clip) *clip = NULL;
    o.rc = clip_open(folder, &options, &clip, &err);
    if (!o.rc)
        o.rc = model_verify(clip, folder, &checks, &o.count, &err);
    if (o.rc)
        diag("%s", err.message);
    for (size_t i = 0; !o.rc && i < o.count; i++) {
        const struct model_check *c = &checks[i];
        o.known += c->known;
        o.good += c->good;
        if (shown || !c->good)
            diag("%s: got %.9g, want %.9g +- %g%s", c->name, c->got, c->want, c->tolerance,
                 c->known ? "" : " (unknown)");
    }
    free(checks);
    return o;
}

static void test_mini(void)
{
    struct outcome o = verify("models/mini", CLIP_PRECISION_F32, true);
    ok(o.rc == 0 && o.count == 14 && o.known == 14 && o.good == 14,
       "mini gives the recorded vectors in f32");
    o = verify("models/mini", CLIP_PRECISION_AUTO, false);
    ok(o.rc == 0 && o.known == 14 && o.good == 14, "and in the precision of this processor");
}

/* Writes over a byte of a copy of mini, at one part in 10 of the weights. */
static void damage(const char *folder, int tenth)
{
    AUTO_FREE char *path = file_join(folder, "model.safetensors");
    struct stat info;
    FILE *f = fopen(path, "r+");
    if (!f || stat(path, &info) || fseek(f, info.st_size / 10 * tenth, SEEK_SET))
        abort();
    for (int i = 0; i < 4096; i++)
        fputc(i % 2 ? 0x3C : 0, f); /* 1.0 in f16 */
    fclose(f);
}

static void test_damage(void)
{
    AUTO_FREE char *folder = file_join(scratch, "copy");
    AUTO_FREE char *command =
        xasprintf("rm -rf %s && cp -r models/mini %s && chmod -R u+w %s", folder, folder, folder);
    size_t found = 0, seen = 0, copies = 0;
    for (int tenth = 1; tenth < 10; tenth += 2, copies++) {
        if (system(command))
            abort();
        damage(folder, tenth);
        struct outcome o = verify(folder, CLIP_PRECISION_F32, false);
        found += o.rc == 0 && o.good < o.count;
        seen += o.rc == 0 && o.good + 1 < o.count;
    }
    is_int((long long)found, (long long)copies, "2048 weights written over: found out every time");
    ok(seen + 1 >= copies, "and by a wrong vector in %zu of %zu", seen, copies);
}

static void write_reference(const char *folder, const char *text)
{
    AUTO_FREE char *path = file_join(folder, "reference.json");
    FILE *f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f))
        abort();
}

static void test_references(void)
{
    static const char *const broken[] = {
        "{}",
        "[]",
        "{\"texts\": [{\"text\": \"a\"}]}",
        "{\"texts\": [{\"text\": \"a\", \"vector\": [1, 2]}]}",
        "{\"texts\": [{\"vector\": []}]}",
        "{\"texts\": [5]}",
        "{\"files\": [{\"file\": \"config.json\"}]}",
        "{\"files\": [{\"file\": \"../copy/config.json\", \"sha256\": \"\"}]}",
        "{",
    };
    AUTO_FREE char *folder = file_join(scratch, "copy");
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        write_reference(folder, broken[i]);
        is_int(verify(folder, CLIP_PRECISION_F32, false).rc, ERR_CORRUPT, broken[i]);
    }
    AUTO_FREE char *path = file_join(folder, "reference.json");
    unlink(path);
    struct outcome o = verify(folder, CLIP_PRECISION_F32, true);
    ok(o.rc == 0 && o.count == 2 && o.known == 0 && o.good == 2,
       "without a record a model is only tried out");
}

/* Gathers the pictures with published outputs in one folder and names it to model_verify. */
static bool gather_pictures(void)
{
    char one[2000], two[2000];
    AUTO_FREE char *folder = file_join(scratch, "pictures");
    AUTO_FREE char *command =
        xasprintf("mkdir %s && cp %s/*.png %s/*.jpg %s", folder,
                  shared_path(one, sizeof one, "reference/known-real-outputs"),
                  shared_path(two, sizeof two, "reference/clip-retrieval/images"), folder);
    setenv("KEEPSAKE_VERIFY_PICTURES", folder, 1);
    return shared_exists("reference/known-real-outputs") &&
           shared_exists("reference/clip-retrieval/images") && system(command) == 0;
}

static void test_random_weights(const char *b32, bool pictures)
{
    struct outcome o = verify(b32, CLIP_PRECISION_AUTO, true);
    ok(o.rc == 0 && o.known == 0 && o.good == o.count,
       "random weights of OpenAI's shape are not taken for OpenAI's");
    AUTO_FREE char *folder = file_join(scratch, "clip-vit-b-32");
    AUTO_FREE char *path = realpath(b32, NULL);
    AUTO_FREE char *command = xasprintf("mkdir %s && ln -s %s/* %s/", folder, path, folder);
    if (!path || system(command))
        abort();
    o = verify(folder, CLIP_PRECISION_AUTO, true);
    size_t known = pictures ? 6 : 2;
    ok(o.rc == 0 && o.known == known && o.good == o.count - known,
       "and under its name every published output is found wrong");
}

/* A model of OpenAI's shape with random weights, and the real one: where they are at hand. */
static void test_big(void)
{
    const char *b32 = getenv("KEEPSAKE_TEST_B32"), *real = getenv("KEEPSAKE_TEST_MODEL");
    bool pictures = (b32 || real) && gather_pictures();
    if (b32)
        test_random_weights(b32, pictures);
    else
        skip("KEEPSAKE_TEST_B32 names no folder with random weights of ViT-B/32's shape");
    if (real) {
        struct outcome o = verify(real, CLIP_PRECISION_F32, true);
        ok(o.rc == 0 && o.known > 0 && o.good == o.count, "the real model gives published numbers");
    } else {
        skip("KEEPSAKE_TEST_MODEL names no folder with OpenAI's ViT-B/32");
    }
}

int main(void)
{
    if (!mkdtemp(scratch))
        return 1;
    test_mini();
    test_damage();
    test_references();
    test_big();
    AUTO_FREE char *remove = xasprintf("rm -rf %s", scratch);
    ok(system(remove) == 0, "the test's files are removed");
    return done_testing();
}
