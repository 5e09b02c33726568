/* SPDX-License-Identifier: MIT */
/* What lies at a photo's path by now, and whether it is still the photo: files, links, devices. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/photo_file.h"
#include "tap.h"
#include "tree.h"

static const char content[] = "the bytes that were indexed";
static uint8_t known[HASH_BYTES];
static struct error err;

static int open_and_read(const char *path, char ret_text[64])
{
    struct photo_file photo;
    int rc = photo_file_open(path, known, &photo, &err);
    if (rc)
        return rc;
    ssize_t n = read(photo.fd, ret_text, 63);
    ret_text[n > 0 ? n : 0] = '\0';
    ok(photo.size == strlen(ret_text) && photo.head_size == photo.size &&
           memcmp(photo.head, ret_text, photo.size) == 0,
       "its size, and its first bytes, as read");
    photo_file_close(&photo);
    return 0;
}

/* Both ways to read must say the same. */
static void check(const char *path, int want, const char *what)
{
    char text[64] = "";
    struct file file = {NULL, 0};
    is_int(open_and_read(path, text), want, what);
    is_int(photo_file_read(path, known, 1 << 20, &file, &err), want, "... as one piece, too");
    if (!want)
        ok(strcmp(text, content) == 0 && strcmp((char *)file.data, content) == 0, "the very bytes");
    else
        ok(err.message[0] && strchr(err.message, ' '), "%s", err.message);
    file_release(&file);
}

static void test_files(const char *folder)
{
    AUTO_FREE char *path = file_join(folder, "a.jpg");
    tree_write(folder, "a.jpg", content, strlen(content));
    check(path, 0, "the file that was indexed");
    struct timespec old[2] = {{1, 0}, {1, 0}};
    utimensat(AT_FDCWD, path, old, 0);
    check(path, 0, "touched, but the same");
    tree_write(folder, "a.jpg", "THE BYTES THAT WERE INDEXED", strlen(content));
    check(path, ERR_MISMATCH, "other content of the same size");
    tree_write(folder, "a.jpg", content, strlen(content) - 1);
    check(path, ERR_MISMATCH, "cut short");
    tree_write(folder, "a.jpg", "", 0);
    check(path, ERR_MISMATCH, "emptied");
    unlink(path);
    check(path, ERR_NOT_FOUND, "deleted");
    mkdir(path, 0700);
    check(path, ERR_INVALID, "a folder");
    rmdir(path);
    mkfifo(path, 0600);
    check(path, ERR_INVALID, "a pipe: nobody waits");
    unlink(path);
}

static void test_links(const char *folder)
{
    AUTO_FREE char *path = file_join(folder, "b.jpg"), *other = file_join(folder, "other.jpg");
    AUTO_FREE char *album = file_join(folder, "album"), *inside = file_join(album, "b.jpg");
    if (symlink("/etc/passwd", path))
        exit(2);
    check(path, ERR_MISMATCH, "a link to a file of the system");
    unlink(path);
    if (symlink("/dev/null", path))
        exit(2);
    check(path, ERR_INVALID, "a link to a device");
    unlink(path);
    if (symlink("b.jpg", path))
        exit(2);
    ok(open_and_read(path, (char[64]){0}) != 0, "a link to itself: %s", err.message);
    unlink(path);
    tree_write(folder, "other.jpg", content, strlen(content));
    if (symlink(other, path) || symlink("/etc", album))
        exit(2);
    check(path, 0, "a link to the same content, as links are indexed");
    check(inside, ERR_NOT_FOUND, "a folder that became a link elsewhere");
    unlink(album);
    unlink(path);
}

static void test_unknown(const char *folder)
{
    static const uint8_t zeros[HASH_BYTES];
    struct photo_file photo;
    struct file file;
    AUTO_FREE char *path = file_join(folder, "c.jpg");
    tree_write(folder, "c.jpg", content, strlen(content));
    is_int(photo_file_open(path, zeros, &photo, &err), ERR_MISMATCH, err.message);
    is_int(photo_file_read(path, zeros, 1 << 20, &file, &err), ERR_MISMATCH,
           "what nobody read, nobody hands on");
    is_int(photo_file_read(path, known, 5, &file, &err), ERR_LIMIT, err.message);
    if (geteuid() != 0) {
        chmod(path, 0);
        is_int(photo_file_open(path, known, &photo, &err), ERR_DENIED, err.message);
    }
}

/* One opening: what is put there afterwards is not what is read. */
static void test_swap(const char *folder)
{
    struct photo_file photo;
    char text[64] = "";
    AUTO_FREE char *path = file_join(folder, "d.jpg");
    tree_write(folder, "d.jpg", content, strlen(content));
    is_int(photo_file_open(path, known, &photo, &err), 0, "the indexed file is opened");
    unlink(path);
    if (symlink("/etc/passwd", path))
        exit(2);
    is_int(read(photo.fd, text, sizeof text - 1), strlen(content), "read after a swap");
    ok(strcmp(text, content) == 0, "... is what was compared");
    photo_file_close(&photo);
}

int main(void)
{
    char folder[] = "/tmp/keepsake-photo-XXXXXX";
    if (!mkdtemp(folder))
        exit(2);
    hash_bytes(content, strlen(content), known);
    test_files(folder);
    test_links(folder);
    test_unknown(folder);
    test_swap(folder);
    tree_remove(folder);
    return done_testing();
}
