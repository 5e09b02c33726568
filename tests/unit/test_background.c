/* SPDX-License-Identifier: MIT */
/* The fixed texts' vectors: as the model makes them, once, and made again when the kept ones are
 * not to be trusted. */
#include <glob.h>

#include "base/file.h"
#include "clip/background.h"
#include "store_fixture.h"

static struct error err;

/* The one file in the cache; the caller frees. NULL when there is not exactly one. */
static char *kept_file(void)
{
    glob_t found;
    AUTO_FREE char *pattern = xasprintf("%s/cache/keepsake/background-*", fixture_folder);
    char *path = glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc == 1
                     ? xstrdup(found.gl_pathv[0])
                     : NULL;
    globfree(&found);
    return path;
}

static bool is_of_texts(struct clip *clip, const float *vectors)
{
    size_t dim = clip_dim(clip);
    AUTO_FREE float *want = xmalloc(dim * sizeof *want);
    for (size_t i = 0; i < CLIP_BACKGROUND_TEXTS; i++) {
        AUTO_FREE char *text = clip_background_text(i);
        if (clip_embed_text(clip, text, want, NULL, &err) ||
            memcmp(want, vectors + i * dim, dim * sizeof *want) != 0)
            return false;
    }
    return true;
}

/* In a process of its own, as far as the model can tell. */
static void check(const char *name)
{
    AUTO(clip) *clip = NULL;
    const float *vectors = NULL, *again = NULL;
    if (clip_open("models/mini", NULL, &clip, &err) || clip_background(clip, &vectors, &err) ||
        clip_background(clip, &again, &err))
        ok(false, "%s: %s", name, err.message);
    else
        ok(is_of_texts(clip, vectors) && again == vectors, "%s", name);
}

static bool overwrite(const char *path, const void *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    return f && fwrite(data, 1, size, f) == size && fclose(f) == 0;
}

int main(void)
{
    fixture_start();
    AUTO_FREE char *cache = xasprintf("%s/cache", fixture_folder);
    setenv("XDG_CACHE_HOME", cache, 1);
    AUTO_FREE char *text = clip_background_text(0);
    is_str(text, "a bagpipe", "the first text");
    check("the vectors of the texts");
    AUTO_FREE char *path = kept_file();
    struct file first = {NULL, 0}, second = {NULL, 0};
    ok(path && file_read(path, 1 << 20, &first, &err) == 0, "they are kept in one file");
    check("the kept ones are the same");
    AUTO_FREE void *zeros = xcalloc(1, first.size);
    ok(overwrite(path, zeros, first.size), "zeros in their place");
    check("are not believed");
    ok(file_read(path, 1 << 20, &second, &err) == 0 && second.size == first.size &&
           memcmp(first.data, second.data, first.size) == 0,
       "and the file is good again");
    ok(overwrite(path, first.data, first.size / 2), "half of them");
    check("is not enough");
    setenv("XDG_CACHE_HOME", path, 1); /* a file, where a folder should be */
    check("they need no place to be kept");
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    check("nor a home");
    file_release(&first);
    file_release(&second);
    fixture_cleanup();
    return done_testing();
}
