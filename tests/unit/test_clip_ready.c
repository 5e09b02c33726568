/* SPDX-License-Identifier: MIT */
/* The file of ready-packed weights: made once, used again, and never believed when it is damaged or
 * of another state of the model. The vector of a text is the same to the bit in every case. */
#include "clip/ready.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "clip/clip_internal.h"
#include "clip/ready_layout.h"
#include "clip_support.h"

#define TEXT "two dogs in the snow"

static float expected[64];

/* Embeds the text; `ret_from_file` tells whether the model was opened from its ready file. */
static bool embed_as_expected(const char *folder, bool *ret_from_file)
{
    float vector[64];
    struct error err = ERROR_INIT;
    AUTO(clip) *clip = open_clip(folder, CLIP_PRECISION_F32, 1);
    if (!clip)
        return false;
    *ret_from_file = clip->weights == NULL;
    if (clip_dim(clip) > 64 || clip_embed_text(clip, TEXT, vector, NULL, &err)) {
        diag("%s", err.message);
        return false;
    }
    size_t bytes = clip_dim(clip) * sizeof *vector;
    if (expected[0] == 0)
        memcpy(expected, vector, bytes);
    return memcmp(expected, vector, bytes) == 0;
}

/* The path of the first ready file; the caller frees. NULL: there is none. */
static char *find_file(void)
{
    char *path = NULL;
    AUTO_FREE char *folder = file_cache_home();
    DIR *listing = opendir(folder);
    for (const struct dirent *entry; listing && !path && (entry = readdir(listing));)
        if (strncmp(entry->d_name, READY_PREFIX, strlen(READY_PREFIX)) == 0)
            path = file_join(folder, entry->d_name);
    if (listing)
        closedir(listing);
    return path;
}

static int count_files(void)
{
    int count = 0;
    AUTO_FREE char *folder = file_cache_home();
    DIR *listing = opendir(folder);
    for (const struct dirent *entry; listing && (entry = readdir(listing));)
        count += entry->d_name[0] != '.';
    if (listing)
        closedir(listing);
    return count;
}

static bool file_is_whole(void)
{
    struct file file;
    AUTO_FREE char *path = find_file();
    if (!path || file_read(path, LIMIT_TOWER_BYTES, &file, NULL))
        return false;
    bool whole = ready_is_whole(file.data, file.size);
    file_release(&file);
    return whole;
}

static void remove_file(void)
{
    AUTO_FREE char *path = find_file();
    if (path && unlink(path))
        BUG("cannot delete %s", path);
}

static void write_at(const char *path, off_t at, const void *data, size_t size)
{
    int fd = open(path, O_WRONLY);
    if (fd < 0 || pwrite(fd, data, size, at) != (ssize_t)size || close(fd))
        BUG("cannot write to %s", path);
}

static off_t size_of(const char *path)
{
    struct stat info;
    return stat(path, &info) ? -1 : info.st_size;
}

static void check_made(const char *folder)
{
    bool from_file = true;
    ok(embed_as_expected(folder, &from_file) && !from_file, "the first text makes the file");
    ok(file_is_whole(), "which is whole");
    ok(embed_as_expected(folder, &from_file) && from_file, "the second uses it");
}

/* Whatever was done to the file, the next text has the right vector and leaves a sound file. */
static bool recovers(const char *folder)
{
    bool from_file = false;
    bool good = embed_as_expected(folder, &from_file) && !from_file && file_is_whole();
    return good && embed_as_expected(folder, &from_file) && from_file;
}

static void check_truncated(const char *folder)
{
    AUTO_FREE char *path = find_file();
    off_t whole = size_of(path), sizes[] = {0, 1, 100, READY_HEAD_BYTES, 0, 0};
    sizes[4] = whole - 1;
    sizes[5] = whole + 1;
    for (int i = 0; i < 6; i++) {
        if (truncate(path, sizes[i]))
            BUG("cannot cut %s", path);
        ok(recovers(folder), "a file of %lld bytes instead of %lld", (long long)sizes[i],
           (long long)whole);
    }
}

/* Each field of the head, in turn. */
static void check_flipped(const char *folder)
{
    AUTO_FREE char *path = find_file();
    const size_t at[] = {0,  16,  20,  24,  32,  40,  48,
                         80, 112, 120, 128, 200, 300, offsetof(struct ready_head, digest)};
    bool good = true;
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        write_at(path, (off_t)at[i], "\x55\xaa\x55", 3);
        if (!recovers(folder)) {
            good = false;
            diag("byte %zu", at[i]);
        }
    }
    ok(good, "a head with wrong bytes anywhere");
}

/* Sections that do not match their digests: weights that are no numbers are noticed when they are
 * used, a tokenizer that points outside when it is opened. */
static void check_content(const char *folder)
{
    static uint8_t ones[2048];
    memset(ones, 0xff, sizeof ones);
    AUTO_FREE char *path = find_file();
    struct ready_head head;
    struct file file;
    if (file_read(path, LIMIT_TOWER_BYTES, &file, NULL))
        BUG("cannot read %s", path);
    memcpy(&head, file.data, sizeof head);
    file_release(&file);
    off_t text = (off_t)head.sections[READY_TEXT].offset;
    off_t tokens = (off_t)head.sections[READY_TOKENIZER].offset;
    write_at(path, text, ones, sizeof ones);
    ok(!file_is_whole(), "changed weights are found by their digest");
    bool from_file = false;
    ok(embed_as_expected(folder, &from_file) && from_file && file_is_whole(),
       "weights that are no numbers are made again immediately");
    write_at(path, tokens, ones, sizeof ones);
    ok(recovers(folder), "a damaged tokenizer");
    write_at(path, size_of(path) - (off_t)sizeof ones, ones, sizeof ones);
    ok(recovers(folder), "a table that points outside");
}

static enum clip_cache examine(const char *folder)
{
    struct error err = ERROR_INIT;
    enum clip_cache cache = CLIP_CACHE_NONE;
    AUTO(clip) *clip = open_clip(folder, CLIP_PRECISION_F32, 1);
    if (!clip || clip_examine_cache(clip, &cache, &err))
        BUG("%s", err.message);
    return cache;
}

/* One bit of one weight, which only the digest shows. */
static void check_examined(const char *folder)
{
    AUTO_FREE char *path = find_file();
    is_int(examine(folder), CLIP_CACHE_GOOD, "a sound file is found sound");
    struct file file;
    if (file_read(path, LIMIT_TOWER_BYTES, &file, NULL))
        BUG("cannot read %s", path);
    uint8_t changed = file.data[file.size / 2] ^ 1;
    write_at(path, (off_t)file.size / 2, &changed, 1);
    file_release(&file);
    is_int(examine(folder), CLIP_CACHE_DAMAGED, "a changed weight is found");
    ok(recovers(folder), "... and its file was deleted");
    setenv("XDG_CACHE_HOME", "/dev/null/cache", 1);
    is_int(examine(folder), CLIP_CACHE_NONE, "a folder that cannot be made is reported");
    setenv("XDG_CACHE_HOME", test_cache, 1);
}

/* The same bytes in a new file, as a model that is pulled again. */
static void renew(const char *folder, const char *name)
{
    AUTO_FREE char *path = file_join(folder, name);
    AUTO_FREE char *command =
        xasprintf("cp -L '%s' '%s.new' && mv '%s.new' '%s'", path, path, path, path);
    if (system(command))
        BUG("cannot renew %s", path);
}

static void check_stale(const char *folder)
{
    static const char *const names[] = {"model.safetensors", "vocab.json", "merges.txt"};
    for (int i = 0; i < 3; i++) {
        renew(folder, names[i]);
        ok(recovers(folder), "another %s", names[i]);
    }
    is_int(count_files(), 1, "there is one file all the time");
}

/* Without a cache, with one that cannot be written to, and on a full disk. */
static void check_no_cache(const char *folder)
{
    bool from_file = true;
    struct rlimit before, small = {100000, 100000};
    setenv("XDG_CACHE_HOME", "/dev/null/cache", 1);
    ok(embed_as_expected(folder, &from_file) && !from_file, "a cache folder that cannot be made");
    setenv("XDG_CACHE_HOME", test_cache, 1);
    remove_file();
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small);
    ok(embed_as_expected(folder, &from_file) && !from_file, "a file that cannot be written");
    setrlimit(RLIMIT_FSIZE, &before);
    is_int(count_files(), 0, "a failed pack leaves nothing");
}

/* Processes that all find no file. */
static void check_at_once(const char *folder)
{
    enum { PROCESSES = 4 };
    pid_t children[PROCESSES];
    int failed = 0, status, go[2];
    char byte;
    if (pipe(go))
        BUG("no pipe");
    for (int i = 0; i < PROCESSES; i++)
        if ((children[i] = fork()) == 0) {
            bool from_file;
            close(go[1]);
            if (read(go[0], &byte, 1) != 0) /* until all are there */
                _exit(2);
            _exit(!embed_as_expected(folder, &from_file));
        }
    close(go[0]);
    close(go[1]);
    for (int i = 0; i < PROCESSES; i++)
        failed += waitpid(children[i], &status, 0) < 0 || status != 0;
    is_int(failed, 0, "processes that start at the same time");
    is_int(count_files(), 1, "leave one file");
    ok(file_is_whole(), "which is whole");
}

/* `other` is the folder of a model; the file of a folder that is gone makes way for its own. */
static void check_prune(char *folder, const char *other)
{
    bool from_file;
    remove_model(folder);
    ok(embed_as_expected(other, &from_file), "another folder of the same model");
    is_int(count_files(), 1, "the file of a folder that is gone is deleted");
}

int main(void)
{
    char *folder = make_tiny_model(true), *other = make_tiny_model(true);
    if (!folder) {
        skip("the reference model is not here");
        return done_testing();
    }
    check_made(folder);
    check_truncated(folder);
    check_flipped(folder);
    check_content(folder);
    check_examined(folder);
    check_stale(folder);
    check_no_cache(folder);
    check_at_once(folder);
    check_prune(folder, other);
    remove_model(other);
    return done_testing();
}
