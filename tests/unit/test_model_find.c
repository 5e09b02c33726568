/* SPDX-License-Identifier: MIT */
/* Which folder a model's name means. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "models/model.h"
#include "tap.h"

static char scratch[] = "/tmp/keepsake-find-XXXXXX";

static void make_folder(const char *below)
{
    AUTO_FREE char *path = file_join(scratch, below);
    struct error err = ERROR_INIT;
    if (file_make_folders(path, &err))
        ok(false, "%s", err.message);
}

static void finds(const char *wanted, const char *id, const char *below, bool fallback)
{
    struct model_choice choice = {0};
    struct error err = ERROR_INIT;
    AUTO_FREE char *folder = file_join(scratch, below);
    int rc = model_find(wanted, &choice, &err);
    if (!ok(rc == 0 && strcmp(choice.id, id) == 0 && strcmp(choice.folder, folder) == 0 &&
                choice.fallback == fallback,
            "%s is %s in %s", wanted ? wanted : "the default", id, below))
        diag("%d %s %s %s", rc, err.message, choice.id, choice.folder);
    model_choice_release(&choice);
}

static void misses(const char *wanted, const char *says)
{
    struct model_choice choice = {0};
    struct error err = ERROR_INIT;
    int rc = model_find(wanted, &choice, &err);
    if (!ok(rc == ERR_NOT_FOUND && strstr(err.message, says), "%s: %s",
            wanted ? wanted : "the default", says))
        diag("%d %s", rc, err.message);
    model_choice_release(&choice);
}

static void test_registry(void)
{
    size_t count = 0;
    for (const struct model_entry *e = model_entries(); e->id; e++, count++) {
        ok(model_entry(e->id) == e, "%s is found by its id", e->id);
        for (const struct model_file *f = e->files; f && f->name; f++) {
            bool hex = !f->sha256 ||
                       (strlen(f->sha256) == 64 && strspn(f->sha256, "0123456789abcdef") == 64);
            ok(f->url[0] == '/' && strstr(f->url, "/resolve/") && (!f->sha256 == !f->size) && hex,
               "%s/%s has a pinned address", e->id, f->name);
        }
    }
    ok(count >= 3 && !model_entry("no-such-model"), "an unknown id is unknown");
}

int main(void)
{
    if (!mkdtemp(scratch) || chdir(scratch))
        return 1;
    AUTO_FREE char *data = file_join(scratch, "program");
    setenv("XDG_DATA_HOME", scratch, 1);
    setenv("KEEPSAKE_DATA", data, 1);

    test_registry();
    misses(NULL, "keepsake model pull clip-vit-b-32");
    misses("mini", "is installed with keepsake");
    make_folder("program/models/mini");
    finds(NULL, "mini", "program/models/mini", true);
    finds("mini", "mini", "program/models/mini", false);
    misses("clip-vit-b-32", "copy its files into /tmp/keepsake-find-");
    make_folder("keepsake/models/clip-vit-b-32.partial");
    finds(NULL, "mini", "program/models/mini", true);
    make_folder("keepsake/models/clip-vit-b-32-laion2b");
    finds(NULL, "clip-vit-b-32-laion2b", "keepsake/models/clip-vit-b-32-laion2b", false);
    make_folder("keepsake/models/clip-vit-b-32");
    finds(NULL, "clip-vit-b-32", "keepsake/models/clip-vit-b-32", false);
    make_folder("keepsake/models/my-model");
    finds("my-model", "my-model", "keepsake/models/my-model", false);

    make_folder("elsewhere/vit-l");
    AUTO_FREE char *elsewhere = file_join(scratch, "elsewhere/vit-l");
    finds(elsewhere, "vit-l", "elsewhere/vit-l", false);
    misses("elsewhere/none", "cannot find the model folder elsewhere/none");
    misses("elsewhere-none", "unknown model 'elsewhere-none'");
    misses("", "unknown model ''");

    struct model_choice choice;
    ok(model_find("elsewhere", &choice, NULL) == 0 && strcmp(choice.id, "elsewhere") == 0,
       "a folder here needs no slash");
    model_choice_release(&choice);
    ok(chdir("elsewhere/vit-l") == 0 && model_find(".", &choice, NULL) == 0 &&
           strcmp(choice.id, "vit-l") == 0,
       "\".\" takes the folder's own name");
    model_choice_release(&choice);

    unsetenv("XDG_DATA_HOME");
    unsetenv("HOME");
    ok(!model_install_folder("mini"), "without a home there is no place to install");
    AUTO_FREE char *remove = xasprintf("rm -rf '%s'", scratch);
    ok(chdir("/") == 0 && system(remove) == 0, "the test's files are removed");
    return done_testing();
}
