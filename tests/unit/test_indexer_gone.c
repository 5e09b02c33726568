/* SPDX-License-Identifier: MIT */
/* What is gone from disk because its folder cannot be reached stays in the gallery. The disks are
 * real: tmpfs in a mount namespace of the test's own, where it may make one. */
#include <ctype.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "indexing.h"
#include "store/folders.h"

static void is_run(const struct fixture *f, const char *want, const char *name)
{
    struct index_report report = gallery_index(f->db, f->photos);
    is_report(&report, want, name);
}

/* A run with options over the fixture's folder. */
static struct index_report run_with(const struct fixture *f, const struct index_options *options,
                                    int want, struct error *err)
{
    struct index_report report = {0};
    const char *path = f->photos;
    is_int(gallery_index_paths(f->db, &path, 1, options, &report, err), want, "the run ends");
    return report;
}

struct absent_list {
    const char *root;
    char *text;
};

static int list_absent(void *context, const struct store_folder *folder)
{
    struct absent_list *list = context;
    if (!folder->absent_since)
        return 0;
    const char *name = folder->path + strlen(list->root);
    char *longer = xasprintf("%s%s\n", list->text, name);
    free(list->text);
    list->text = longer;
    return 0;
}

static void is_absent(const struct fixture *f, const char *want, const char *name)
{
    AUTO(store) *store = NULL;
    struct absent_list list = {f->photos, xstrdup("")};
    TREE_CHECK(store_open(f->db, STORE_READ, &store, NULL) == 0);
    TREE_CHECK(store_list_folders(store, list_absent, &list, NULL) == 0);
    is_str(list.text, want, name);
    free(list.text);
}

static void test_missing_folder(void)
{
    struct fixture f = fixture_new();
    picture_write(f.photos, "a.png", 1);
    picture_write(f.photos, "trip/b.png", 2);
    picture_write(f.photos, "trip/day/c.png", 3);
    is_run(&f, "found 3 added 3 decoded 3", "missing folder: three photos");
    int64_t c = gallery_id(f.db, f.photos, "trip/day/c.png");
    AUTO_FREE char *trip = file_join(f.photos, "trip"), *away = file_join(f.root, "away");
    TREE_CHECK(rename(trip, away) == 0);
    struct index_report report = run_with(&f, NULL, 0, NULL);
    is_report(&report, "found 1 unchanged 1 not_reachable 2", "missing folder: its photos stay");
    is_int(report.newly_not_reachable, 1, "missing folder: one folder is news");
    is_absent(&f, "/trip\n", "missing folder: the topmost one is remembered");
    report = run_with(&f, NULL, 0, NULL);
    is_int(report.newly_not_reachable, 0, "missing folder: no news in the next run");
    TREE_CHECK(rename(away, trip) == 0);
    is_run(&f, "found 3 unchanged 3", "missing folder: back, and nothing is read");
    is_absent(&f, "", "missing folder: nothing is remembered as absent then");
    is_int(gallery_id(f.db, f.photos, "trip/day/c.png"), c, "missing folder: the id stays");
    fixture_release(&f);
}

static void test_deletions(void)
{
    struct fixture f = fixture_new();
    picture_write(f.photos, "a.png", 1);
    picture_write(f.photos, "trip/b.png", 2);
    picture_write(f.photos, "trip/c.png", 3);
    picture_write(f.photos, "last/d.png", 4);
    tree_write(f.photos, "last/notes.txt", "x", 1);
    is_run(&f, "found 4 added 4 decoded 4", "deletions: four photos");
    tree_delete(f.photos, "trip/b.png");
    is_run(&f, "found 3 unchanged 3 removed 1", "deletions: one of two in a folder");
    tree_delete(f.photos, "last/d.png");
    is_run(&f, "found 2 unchanged 2 removed 1", "deletions: the last one beside other files");
    tree_rename(f.photos, "trip/c.png", "c.png");
    is_run(&f, "found 2 unchanged 1 moved 1", "deletions: the last one moved out of its folder");
    is_absent(&f, "", "deletions: no folder counts as absent");
    fixture_release(&f);
}

static void test_replaced_folder(void)
{
    struct fixture f = fixture_new();
    picture_write(f.photos, "card/1.png", 1);
    picture_write(f.photos, "card/2.png", 2);
    picture_write(f.photos, "x.png", 9);
    is_run(&f, "found 3 added 3 decoded 3", "replaced folder: photos of a first card");
    AUTO_FREE char *card = file_join(f.photos, "card"), *away = file_join(f.root, "away"),
                   *second = file_join(f.root, "second");
    TREE_CHECK(rename(card, away) == 0);
    picture_write(f.photos, "card/7.png", 7);
    is_run(&f, "found 2 unchanged 1 added 1 not_reachable 2 decoded 1",
           "replaced folder: those of a second one join them");
    TREE_CHECK(rename(card, second) == 0 && rename(away, card) == 0);
    is_run(&f, "found 3 unchanged 3 not_reachable 1", "replaced folder: the first is back");
    tree_delete(f.photos, "card/1.png");
    is_run(&f, "found 2 unchanged 2 not_reachable 2",
           "replaced folder: nobody can tell what was deleted from which");
    struct index_options gone = {.gone_is_deleted = true};
    struct index_report report = run_with(&f, &gone, 0, NULL);
    is_report(&report, "found 2 unchanged 2 removed 2", "replaced folder: the user can");
    picture_write(f.photos, "card/3.png", 3);
    is_run(&f, "found 3 unchanged 2 added 1 decoded 1", "replaced folder: one more");
    tree_delete(f.photos, "card/3.png");
    is_run(&f, "found 2 unchanged 2 removed 1", "replaced folder: deleting works again");
    fixture_release(&f);
}

static void test_gone_and_forget(void)
{
    struct fixture f = fixture_new();
    picture_write(f.photos, "keep/a.png", 1);
    picture_write(f.photos, "old/b.png", 2);
    picture_write(f.photos, "older/c.png", 3);
    is_run(&f, "found 3 added 3 decoded 3", "gone: three photos");
    AUTO_FREE char *old = file_join(f.photos, "old"), *older = file_join(f.photos, "older");
    tree_remove(old);
    tree_remove(older);
    is_run(&f, "found 1 unchanged 1 not_reachable 2", "gone: two folders are missing");
    is_absent(&f, "/old\n/older\n", "gone: both are remembered");
    struct index_options gone = {.gone_is_deleted = true};
    struct index_report report = {0};
    const char *path = old;
    TREE_CHECK(gallery_index_paths(f.db, &path, 1, &gone, &report, NULL) == 0);
    is_report(&report, "removed 1", "gone: a missing path can be named");
    is_absent(&f, "/older\n", "gone: the other stays absent");
    AUTO(store) *store = NULL;
    int64_t count = 0;
    TREE_CHECK(store_open(f.db, STORE_WRITE, &store, NULL) == 0);
    TREE_CHECK(store_forget(store, older, &count, NULL) == 0);
    is_int(count, 1, "gone: forget drops the photo");
    is_absent(&f, "", "gone: and what was remembered of its folder");
    fixture_release(&f);
}

static void test_two_roots(void)
{
    struct fixture f = fixture_new();
    AUTO_FREE char *other = file_join(f.root, "other"), *away = file_join(f.root, "away");
    picture_write(f.photos, "a.png", 1);
    picture_write(other, "b.png", 2);
    const char *paths[] = {f.photos, other};
    struct index_report report = {0};
    TREE_CHECK(gallery_index_paths(f.db, paths, 2, NULL, &report, NULL) == 0);
    TREE_CHECK(rename(other, away) == 0 && mkdir(other, 0755) == 0);
    picture_write(f.photos, "c.png", 3);
    TREE_CHECK(gallery_index_paths(f.db, paths, 2, NULL, &report, NULL) == 0);
    is_report(&report, "found 2 unchanged 1 added 1 not_reachable 1 decoded 1",
              "two roots: an empty one does not hold up the other");
    fixture_release(&f);
}

/* ---- a file system that ignores case ---- */

static bool ignores_case;

/* Names here are in lower case; any other case finds them, too. */
int lstat(const char *restrict path, struct stat *restrict info)
{
    int rc = (int)syscall(SYS_newfstatat, AT_FDCWD, path, info, AT_SYMLINK_NOFOLLOW);
    if (rc == 0 || !ignores_case)
        return rc;
    AUTO_FREE char *lower = xstrdup(path);
    for (char *at = strrchr(lower, '/'); *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return (int)syscall(SYS_newfstatat, AT_FDCWD, lower, info, AT_SYMLINK_NOFOLLOW);
}

static void test_renamed_in_case(void)
{
    struct fixture f = fixture_new();
    picture_write(f.photos, "DSC_1.PNG", 1);
    picture_write(f.photos, "other.png", 2);
    is_run(&f, "found 2 added 2 decoded 2", "case: two photos");
    int64_t id = gallery_id(f.db, f.photos, "DSC_1.PNG");
    tree_rename(f.photos, "DSC_1.PNG", "dsc_1.png");
    ignores_case = true;
    is_run(&f, "found 2 unchanged 1 moved 1", "case: a photo renamed in case only moves");
    ignores_case = false;
    is_int(gallery_id(f.db, f.photos, "dsc_1.png"), id, "case: with its id");
    is_gallery(f.db, f.photos, "dsc_1.png\nother.png\n", "case: under its new name only");
    fixture_release(&f);
}

/* ---- with disks ---- */

static bool can_mount;

static void make_namespace(void)
{
    can_mount =
        unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

struct disk {
    char *place; /* where it belongs */
    char *away;  /* where it is while it is not there */
};

static struct disk disk_new(const struct fixture *f, const char *name)
{
    struct disk disk = {file_join(f->photos, name), xasprintf("%s/away-%s", f->root, name)};
    TREE_CHECK(mkdir(disk.place, 0755) == 0 && mkdir(disk.away, 0755) == 0);
    TREE_CHECK(mount("none", disk.place, "tmpfs", 0, "size=16m") == 0);
    return disk;
}

static void disk_unplug(const struct disk *disk)
{
    TREE_CHECK(mount(disk->place, disk->away, NULL, MS_MOVE, NULL) == 0);
}

static void disk_plug(const struct disk *disk)
{
    TREE_CHECK(mount(disk->away, disk->place, NULL, MS_MOVE, NULL) == 0);
}

/* The disk is in its place. */
static void disk_release(struct disk *disk)
{
    TREE_CHECK(umount2(disk->place, MNT_DETACH) == 0);
    free(disk->place);
    free(disk->away);
}

static void test_unmounted(void)
{
    struct fixture f = fixture_new();
    struct disk usb = disk_new(&f, "usb");
    picture_write(f.photos, "a.png", 1);
    picture_write(f.photos, "usb/b.png", 2);
    picture_write(f.photos, "usb/2019/may/c.png", 3);
    is_run(&f, "found 3 added 3 decoded 3", "unmounted: photos on two disks");
    int64_t c = gallery_id(f.db, f.photos, "usb/2019/may/c.png");
    disk_unplug(&usb);
    is_run(&f, "found 1 unchanged 1 not_reachable 2", "unmounted: an empty mount point");
    is_absent(&f, "/usb\n", "unmounted: the mount point is remembered, not each folder");
    tree_write(f.photos, "usb/NOT-MOUNTED", "x", 1);
    is_run(&f, "found 1 unchanged 1 not_reachable 2", "unmounted: a mount point with a file in it");
    tree_delete(f.photos, "usb/NOT-MOUNTED");
    TREE_CHECK(rmdir(usb.place) == 0);
    is_run(&f, "found 1 unchanged 1 not_reachable 2", "unmounted: no mount point");
    TREE_CHECK(mkdir(usb.place, 0755) == 0);
    disk_plug(&usb);
    is_run(&f, "found 3 unchanged 3", "unmounted: back, and nothing is read");
    is_int(gallery_id(f.db, f.photos, "usb/2019/may/c.png"), c, "unmounted: the id stays");
    is_absent(&f, "", "unmounted: nothing is absent then");
    tree_delete(f.photos, "usb/b.png");
    is_run(&f, "found 2 unchanged 2 removed 1", "unmounted: deleting on the disk works");
    disk_release(&usb);
    fixture_release(&f);
}

/* What the disk holds was copied while it was there; the copy is found while it is not. */
static void test_copy_while_unmounted(void)
{
    struct fixture f = fixture_new();
    struct disk usb = disk_new(&f, "usb");
    picture_write(f.photos, "usb/b.png", 2);
    is_run(&f, "found 1 added 1 decoded 1", "copied: a photo on a disk");
    int64_t b = gallery_id(f.db, f.photos, "usb/b.png");
    disk_unplug(&usb);
    picture_write(f.photos, "copy.png", 2);
    is_run(&f, "found 1 copied 1 not_reachable 1", "copied: a copy is no move from a missing disk");
    is_int(gallery_id(f.db, f.photos, "usb/b.png"), b, "copied: the photo keeps its id");
    disk_plug(&usb);
    is_run(&f, "found 2 unchanged 2", "copied: the disk is back");
    disk_release(&usb);
    fixture_release(&f);
}

/* A new file system with the same files under other numbers, as a disk plugged in elsewhere. */
static void test_same_disk_other_numbers(void)
{
    enum { FILES = 20 };
    struct fixture f = fixture_new();
    struct disk usb = disk_new(&f, "usb");
    char name[32];
    for (unsigned i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "usb/%02u.png", i);
        picture_write(f.photos, name, i);
    }
    is_run(&f, "found 20 added 20 decoded 20", "other numbers: a disk with 20 photos");
    AUTO_FREE char *copy = xasprintf("cp -a '%s' '%s/copy'", usb.place, f.root);
    AUTO_FREE char *back = xasprintf("cp -a '%s/copy/.' '%s'", f.root, usb.place);
    TREE_CHECK(system(copy) == 0);
    disk_release(&usb);
    usb = (struct disk){file_join(f.photos, "usb"), xstrdup("")};
    TREE_CHECK(mount("none", usb.place, "tmpfs", 0, "size=16m") == 0);
    TREE_CHECK(system(back) == 0);
    tree_delete(f.photos, "usb/07.png");
    is_run(&f, "found 19 removed 1 touched 19",
           "other numbers: one that was deleted meanwhile goes");
    tree_delete(f.photos, "usb/08.png");
    is_run(&f, "found 18 unchanged 18 removed 1", "other numbers: and so on the disk as it is now");
    disk_release(&usb);
    fixture_release(&f);
}

/* ---- in the middle of a run ---- */

struct unplugging {
    const char *place;
    bool done;
};

static void unplug_when_stored(void *context, const struct index_progress *now)
{
    struct unplugging *u = context;
    if (!u->done && now->report.updated > 0)
        u->done = umount2(u->place, MNT_DETACH) == 0;
}

/* All photos changed on disk, so that each has to be read; the disk goes when some are stored. */
static void test_unmounted_in_mid_run(void)
{
    enum { FILES = 60 };
    struct fixture f = fixture_new();
    struct disk usb = disk_new(&f, "usb");
    char name[32];
    picture_write(f.photos, "a.png", 999);
    for (unsigned i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "usb/%02u.png", i);
        picture_write(f.photos, name, i);
    }
    is_run(&f, "found 61 added 61 decoded 61", "mid-run: a disk with 60 photos");
    for (unsigned i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "usb/%02u.png", i);
        picture_write(f.photos, name, 100 + i);
        tree_touch(f.photos, name, 1000000000 + i);
    }
    struct unplugging u = {usb.place, false};
    struct index_options options = {
        .batch = 1, .decode_threads = 1, .progress = unplug_when_stored, .context = &u};
    struct index_report report = run_with(&f, &options, 0, NULL);
    ok(u.done, "mid-run: the disk goes when %lld photos are stored", (long long)report.updated);
    is_int(report.removed, 0, "mid-run: nothing is removed");
    is_int(report.not_reachable, 60, "mid-run: all 60 are said to be out of reach");
    AUTO_FREE char *kept = gallery_dump(f.db, f.photos, false);
    size_t lines = 0;
    for (const char *at = kept; *at; at++)
        lines += *at == '\n';
    is_int((long long)lines, 61, "mid-run: the gallery keeps all of them");
    is_absent(&f, "/usb\n", "mid-run: the disk is remembered as absent");
    free(usb.place);
    free(usb.away);
    fixture_release(&f);
}

/* Run when a file is looked at without following links, as removal does after it has made sure of
 * the folder. */
static const char *unplug_at_look;

int fstatat(int fd, const char *restrict path, struct stat *restrict info, int flags)
{
    if (unplug_at_look && (flags & AT_SYMLINK_NOFOLLOW)) {
        TREE_CHECK(umount2(unplug_at_look, MNT_DETACH) == 0);
        unplug_at_look = NULL;
    }
    return (int)syscall(SYS_newfstatat, fd, path, info, flags);
}

/* The disk goes between the look at the folder and the look at its files. */
static void test_unmounted_while_removing(void)
{
    struct fixture f = fixture_new();
    struct disk usb = disk_new(&f, "usb");
    char name[32];
    picture_write(f.photos, "a.png", 999);
    for (unsigned i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "usb/%u.png", i);
        picture_write(f.photos, name, i);
    }
    is_run(&f, "found 6 added 6 decoded 6", "removing: a disk with 5 photos");
    tree_delete(f.photos, "usb/0.png");
    tree_delete(f.photos, "usb/1.png");
    for (unsigned i = 2; i < 5; i++) {
        snprintf(name, sizeof name, "usb/%u.png", i);
        picture_write(f.photos, name, 100 + i);
        tree_touch(f.photos, name, 1000000000);
    }
    unplug_at_look = usb.place;
    is_run(&f, "found 4 unchanged 1 updated 3 removed 2 decoded 3",
           "removing: only what was deleted goes when the disk goes");
    ok(!unplug_at_look, "removing: the disk went meanwhile");
    is_gallery(f.db, f.photos, "a.png\nusb/2.png\nusb/3.png\nusb/4.png\n",
               "removing: the gallery keeps what the disk has");
    is_run(&f, "found 1 unchanged 1 not_reachable 3",
           "removing: the next run sees an empty folder");
    free(usb.place);
    free(usb.away);
    fixture_release(&f);
}

int main(void)
{
    make_namespace();
    test_clip_open(0);
    test_missing_folder();
    test_deletions();
    test_replaced_folder();
    test_gone_and_forget();
    test_two_roots();
    test_renamed_in_case();
    if (can_mount) {
        test_unmounted();
        test_copy_while_unmounted();
        test_same_disk_other_numbers();
        test_unmounted_in_mid_run();
        test_unmounted_while_removing();
    } else {
        skip("this user cannot mount disks");
    }
    clip_close(test_clip);
    return done_testing();
}
