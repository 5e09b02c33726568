/* SPDX-License-Identifier: MIT */
/* What a gallery remembers of folders. */
#include "store/folders.h"
#include "store/notes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store_fixture.h"

struct listing {
    char text[2048];
};

static int list_folder(void *context, const struct store_folder *folder)
{
    struct listing *list = context;
    size_t used = strlen(list->text);
    snprintf(list->text + used, sizeof list->text - used, "%s|%s|%lld\n", folder->path,
             folder->device, (long long)folder->absent_since);
    return 0;
}

static void are_folders(struct store *store, const char *want, const char *name)
{
    struct listing list = {""};
    struct error err = ERROR_INIT;
    if (store_list_folders(store, list_folder, &list, &err))
        diag("%s", err.message);
    is_str(list.text, want, name);
}

static void test_setting(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    are_folders(store, "", "setting: none in a new gallery");
    const struct store_folder rows[] = {
        {"/p/b", "1:2", 0}, {"/p/a", "1:2", 77}, {"/p/\xff'", "", 78}, {"/p/c", "3:4 5:6", 0}};
    is_int(store_set_folders(store, rows, 4, NULL), 0, "setting: four");
    are_folders(store, "/p/a|1:2|77\n/p/b|1:2|0\n/p/c|3:4 5:6|0\n/p/\xff'||78\n",
                "setting: in path order");
    const struct store_folder changed[] = {{"/p/a", "9:9", 0}, {"/p/b", "", 0}, {"/p/x", "", 0}};
    is_int(store_set_folders(store, changed, 3, NULL), 0, "setting: anew");
    are_folders(store, "/p/a|9:9|0\n/p/c|3:4 5:6|0\n/p/\xff'||78\n",
                "setting: what says nothing is forgotten");
    struct error err = ERROR_INIT;
    is_int(store_set_folders(store, &(struct store_folder){"p", "1", 0}, 1, &err), ERR_INVALID,
           "setting: a relative path is refused");
    AUTO(store) *reader = NULL;
    is_int(store_open(gallery, STORE_READ, &reader, &err), 0, "setting: another process");
    are_folders(reader, "/p/a|9:9|0\n/p/c|3:4 5:6|0\n/p/\xff'||78\n", "setting: sees the same");
}

static void test_notes(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    AUTO(store) *reader = NULL;
    char *text = NULL;
    ok(!store_get_note(store, "a", &text, NULL) && !text, "notes: none in a new gallery");
    ok(!store_set_note(store, "a", "[\"it's \xC3\xA4\"]", NULL) &&
           !store_set_note(store, "b", "", NULL),
       "notes: two");
    ok(!store_open(gallery, STORE_READ, &reader, NULL), "notes: another process");
    ok(!store_get_note(reader, "a", &text, NULL), "notes: reads one");
    is_str(text, "[\"it's \xC3\xA4\"]", "notes: as it was written");
    free(text);
    ok(!store_set_note(store, "a", "anew", NULL) && !store_get_note(reader, "a", &text, NULL),
       "notes: written again");
    is_str(text, "anew", "notes: in the place of the other");
    free(text);
    ok(!store_set_note(store, "a", NULL, NULL) && !store_get_note(reader, "a", &text, NULL) &&
           !text,
       "notes: dropped");
    struct error err = ERROR_INIT;
    is_int(store_set_note(store, "a", "\xFF", &err), ERR_INVALID, "notes: what is not UTF-8");
}

static int count_absences(void *context, const struct store_absence *absence)
{
    struct listing *list = context;
    size_t used = strlen(list->text);
    snprintf(list->text + used, sizeof list->text - used, "%s|%lld|%lld\n", absence->path,
             (long long)absence->since, (long long)absence->files);
    return 0;
}

static void fail_file(struct store *store, const char *path)
{
    struct store_change change = {.kind = STORE_FAIL, .path = path, .reason = "broken"};
    is_int(store_apply(store, &change, 1, NULL), 0, "a folder of one file");
}

static void test_absences(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    fail_file(store, "/p/a/1.jpg");
    fail_file(store, "/p/a/b/2.jpg");
    fail_file(store, "/p/ab/3.jpg");
    const struct store_folder rows[] = {{"/p/a", "", 5}, {"/p/ab", "1", 0}, {"/p/gone", "", 6}};
    is_int(store_set_folders(store, rows, 3, NULL), 0, "absences: two of three folders");
    struct listing list = {""};
    is_int(store_list_absences(store, count_absences, &list, NULL), 0, "absences: are listed");
    is_str(list.text, "/p/a|5|2\n/p/gone|6|0\n", "absences: with what is below each");
    int64_t count = 0;
    is_int(store_forget(store, "/p/a", &count, NULL), 0, "absences: a folder is forgotten");
    is_int(count, 2, "absences: which counts its files only");
    are_folders(store, "/p/ab|1|0\n/p/gone||6\n", "absences: and is remembered no more");
}

int main(void)
{
    fixture_start();
    test_setting();
    test_notes();
    test_absences();
    fixture_cleanup();
    return done_testing();
}
