/* SPDX-License-Identifier: MIT */
/* The cage around decoders: every wall stands, every fault costs one file, and what comes out is
 * what decoding in this process gives. */
#include <dirent.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "cage/cage.h"
#include "cage/sanitized.h"
#include "cage_hook.h"
#include "tap.h"

#define CORPUS "tests/fuzz/corpus/image"

static struct error err;

static struct file good; /* a JPEG */

static void read_corpus(const char *name, struct file *ret_file)
{
    AUTO_FREE char *path = file_join(CORPUS, name);
    if (file_read(path, LIMIT_PHOTO_FILE_BYTES, ret_file, &err))
        BUG("%s", err.message);
    memmove(ret_file->data, ret_file->data + 1, --ret_file->size); /* the fuzz target's own byte */
}

/* Decodes a file that makes the worker do `word`. */
static int try_word(const char *word)
{
    AUTO_FREE char *text = xasprintf("GIF89 " HOOK_MARK "%s\n", word);
    AUTO(image) *image = NULL;
    return cage_decode(text, strlen(text), NULL, &image, NULL, &err);
}

static bool decodes_good(void)
{
    AUTO(image) *image = NULL;
    struct photo_facts facts;
    return !cage_decode(good.data, good.size, NULL, &image, &facts, &err) &&
           strcmp(facts.format, "jpeg") == 0 && image->width == facts.width;
}

/* ---- walls ---- */

static void test_walls(void)
{
    unsigned walls = 0;
    if (UNDER_THREAD_SANITIZER) {
        skip("ThreadSanitizer does not live with the filter");
        return;
    }
    ok(!cage_examine(&walls, &err) && walls == CAGE_ALL, "all walls stand on this machine");
    for (size_t i = 0; i < HOOK_COUNT(hook_walls); i++) {
        const char *word = hook_walls[i].word;
        int rc = try_word(word);
        bool killed = rc == ERR_CORRUPT && strstr(err.message, "its sandbox forbids");
        if (!ok(killed || rc == ERR_UNSUPPORTED, "%s: %s", word, killed ? "killed" : "refused"))
            diag("%d %s", rc, err.message);
    }
    ok(decodes_good(), "and the next picture is decoded");
}

/* ---- faults ---- */

static const struct {
    const char *word, *sentence;
    int code;
} faults[] = {
    {"crash", "the decoder crashed on it: signal 11", ERR_CORRUPT},
    {"abort", "the decoder crashed on it: signal 6", ERR_CORRUPT},
    {"exit", "the decoder crashed on it: exit status 5", ERR_CORRUPT},
    {"lie", "the decoder sent an invalid answer: pixels outside of its memory", ERR_CORRUPT},
    {"babble", "the decoder sent an invalid answer: it has a wrong length", ERR_CORRUPT},
    {"beg", "the decoder requests unlimited memory", ERR_CORRUPT},
    {"spin", "decoding was stopped: it took more than 1 s of processor time", ERR_LIMIT},
    {"sleep", "decoding was stopped: it did not finish within 8 s", ERR_LIMIT},
    {"bomb", "the decoder needed more memory than the 12 MiB that this picture may take: signal 6",
     ERR_LIMIT},
};

static void test_faults(void)
{
    for (size_t i = 0; i < HOOK_COUNT(faults); i++) {
        bool slow = faults[i].code == ERR_LIMIT;
        if (SANITIZED && slow) {
            skip("%s: sanitizers have other limits", faults[i].word);
            continue;
        }
        ok(decodes_good(), "a worker has decoded a picture before it meets %s", faults[i].word);
        int rc = try_word(faults[i].word);
        is_str(err.message, faults[i].sentence, faults[i].word);
        is_int(rc, faults[i].code, "with its code");
    }
    ok(decodes_good(), "the next picture is decoded");
    is_int(try_word("leak"), ERR_UNSUPPORTED, "a leak costs nothing");
    ok(decodes_good(), "and the next picture has a fresh worker");
}

/* ---- the same as in this process ---- */

static bool same_pixels(const struct image *a, const struct image *b)
{
    return a->width == b->width && a->height == b->height &&
           memcmp(a->rgb, b->rgb, (size_t)a->width * (size_t)a->height * 3) == 0;
}

static bool same_facts(const struct photo_facts *a, const struct photo_facts *b)
{
    return a->width == b->width && a->height == b->height && a->has_place == b->has_place &&
           a->latitude == b->latitude && a->longitude == b->longitude &&
           strcmp(a->format, b->format) == 0 && strcmp(a->taken, b->taken) == 0 &&
           strcmp(a->make, b->make) == 0 && strcmp(a->model, b->model) == 0 &&
           strcmp(a->lens, b->lens) == 0;
}

static void compare_file(const char *name, int short_edge_px)
{
    struct file file;
    struct decode_options options = {.short_edge_px = short_edge_px};
    struct photo_facts facts, caged_facts;
    struct error caged_err = ERROR_INIT;
    AUTO(image) *image = NULL;
    AUTO(image) *caged = NULL;
    read_corpus(name, &file);
    int rc = image_decode(file.data, file.size, &options, &image, &facts, &err);
    int caged_rc = cage_decode(file.data, file.size, &options, &caged, &caged_facts, &caged_err);
    if (rc)
        ok(rc == caged_rc && strcmp(err.message, caged_err.message) == 0, "%s: %s", name,
           caged_err.message);
    else
        ok(!caged_rc && same_pixels(image, caged) && same_facts(&facts, &caged_facts),
           "%s, edge %d: the same pixels and facts", name, short_edge_px);
    file_release(&file);
}

static void test_same(void)
{
    DIR *dir = opendir(CORPUS);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        compare_file(entry->d_name, 0);
        compare_file(entry->d_name, 16);
    }
    if (dir)
        closedir(dir);
    int rc = cage_decode("", 0, NULL, &(struct image *){NULL}, NULL, &err);
    ok(rc == ERR_CORRUPT && strcmp(err.message, "the file is empty") == 0, "%s", err.message);
}

/* ---- the owner's end is the workers' end ---- */

/* The worker of process `owner`, or 0. */
static pid_t find_worker(pid_t owner)
{
    pid_t found = 0;
    AUTO_FREE char *path = xasprintf("/proc/%d/task/%d/children", (int)owner, (int)owner);
    struct file list;
    if (file_read_stream(path, 65536, &list, NULL))
        return 0;
    found = (pid_t)strtol((const char *)list.data, NULL, 10);
    file_release(&list);
    return found;
}

static void test_orphans(void)
{
    pid_t child = fork();
    if (child == 0) {
        int rc = try_word("sleep");
        _exit(rc != 0);
    }
    struct timespec moment = {0, 10000000};
    pid_t worker = 0;
    while (!(worker = find_worker(child)) && kill(child, 0) == 0)
        nanosleep(&moment, NULL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    int waits = 0;
    while (kill(worker, 0) == 0 && ++waits < 6000) {
        AUTO_FREE char *path = xasprintf("/proc/%d/stat", (int)worker);
        struct file stat;
        bool is_zombie =
            !file_read_stream(path, 4096, &stat, NULL) && strstr((const char *)stat.data, ") Z ");
        file_release(&stat);
        if (is_zombie) /* nobody here waits for orphans */
            break;
        nanosleep(&moment, NULL);
    }
    ok(worker > 0 && waits < 6000, "a worker in the middle of a file ends with its owner");
}

/* ---- kernels without a wall ---- */

static void deny_call(scmp_filter_ctx filter, int number, int call)
{
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint32_t)number), call, 0))
        BUG("cannot make a filter");
}

/* In a child: 0 when the walls are `want`, "open" is refused by what stands, and a cage that is
 * required is refused. */
static int check_without(int call, unsigned want)
{
    unsigned walls = 0;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    deny_call(filter, ENOSYS, call);
    if (call == SCMP_SYS(seccomp) &&
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
                         SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0)))
        return 1;
    if (seccomp_load(filter))
        return 2;
    seccomp_release(filter);
    if (cage_examine(&walls, &err) || walls != want)
        return 3;
    if (try_word("open") != ERR_UNSUPPORTED || !decodes_good())
        return 4;
    cage_configure(&(struct cage_settings){.required = true});
    if (cage_check_required(&err) != ERR_DENIED || decodes_good() || err.code != ERR_DENIED)
        return 5;
    return 0;
}

static void test_without(int call, unsigned want, const char *name)
{
    if (SANITIZED) {
        skip("%s: sanitizers see to processes of their own", name);
        return;
    }
    cage_release_idle();
    pid_t child = fork();
    if (child == 0)
        _exit(check_without(call, want));
    int status = 0;
    waitpid(child, &status, 0);
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s", name) ||
        (diag("step %d", WEXITSTATUS(status)), false);
}

/* ---- memory ---- */

static void test_shares(void)
{
    struct cage_share all, more;
    AUTO(image) *image = NULL;
    is_int((long long)cage_memory(), 64 << 20, "the budget is what was set");
    cage_share_take(&all, cage_memory() - cage_least_share(good.size));
    ok(decodes_good(), "the least share is left: a small picture is decoded");
    cage_share_take(&more, cage_least_share(good.size));
    ok(!cage_decode_with(&more, good.data, good.size, NULL, &image, NULL, &err) && !more.wanted,
       "with a share of its own");
    image_free(image);
    image = NULL;
    cage_share_give(&more);
    cage_share_give(&all);
}

int main(void)
{
    cage_configure(&(struct cage_settings){.memory_bytes = 64 << 20, .seconds = 1});
    read_corpus("baseline.jpg", &good);
    test_orphans();
    test_walls();
    test_faults();
    test_same();
    test_shares();
    test_without(SCMP_SYS(seccomp), CAGE_PRIVILEGES | CAGE_LANDLOCK,
                 "without seccomp, Landlock still keeps files away; a required cage is refused");
    test_without(444, CAGE_PRIVILEGES | CAGE_SECCOMP,
                 "without Landlock, the filter does; a required cage is refused");
    file_release(&good);
    return done_testing();
}
