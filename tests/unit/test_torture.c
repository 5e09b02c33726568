/* SPDX-License-Identifier: MIT */
/* Every file of ../shared/torture: a picture or one clear sentence. Through the decoding workers of
 * the cage, with its limits on memory and time; under the sanitizers without one, a batch in a
 * process that also looks for leaks, and each file of a batch that ended badly in a process of its
 * own.
 *
 *     build/release/tests/unit/test_torture [FILE...]     these files instead, with what each gave
 *
 * One check per folder, and one that enough of its known good files do decode. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "cage/cage.h"
#include "sanitized.h"
#include "shared.h"
#include "tap.h"

#define FOLDER "torture"
#define SECONDS 10
#define PROCESSES 2
#define BATCH 16
#define MAX_FILES 8192

/* What a child found, in memory shared with the parent. */
struct outcome {
    bool answered;
    int status; /* of waitpid; 0 in a batch that ended well */
    int rc, width, height;
    char message[1024]; /* as in struct error */
};

static char *files[MAX_FILES];
static int n_files;

static void collect(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));) {
        struct stat info;
        if (entry->d_name[0] == '.')
            continue;
        char *path = file_join(folder, entry->d_name);
        if (stat(path, &info) == 0 && S_ISREG(info.st_mode) && n_files < MAX_FILES) {
            files[n_files++] = path;
            continue;
        }
        if (S_ISDIR(info.st_mode))
            collect(path);
        free(path);
    }
    closedir(dir);
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void limit_resources(void)
{
    struct rlimit time = {10 * SECONDS, 10 * SECONDS + 1}; /* of the processor */
    struct rlimit core = {0, 0};
    if (setrlimit(RLIMIT_CPU, &time) || setrlimit(RLIMIT_CORE, &core))
        _exit(2);
}

/* Pixels are looked at, so that uninitialised or missing ones show under the sanitizers. */
static unsigned sum_pixels(const struct image *image)
{
    unsigned sum = 0;
    for (size_t i = 0; i < (size_t)image->width * (size_t)image->height * 3; i++)
        sum += image->rgb[i];
    return sum;
}

static void decode_one(const char *path, int short_edge_px, struct outcome *outcome)
{
    struct error err = ERROR_INIT;
    struct file file;
    struct image *image = NULL;
    struct photo_facts facts;
    struct decode_options options = {.short_edge_px = short_edge_px};
    int rc = file_read(path, LIMIT_PHOTO_FILE_BYTES, &file, &err);
    if (!rc) {
        rc = (UNDER_SANITIZER ? image_decode : cage_decode)(file.data, file.size, &options, &image,
                                                            &facts, &err);
        file_release(&file);
    }
    outcome->rc = rc;
    if (!rc) {
        volatile unsigned seen = sum_pixels(image);
        (void)seen;
        outcome->width = facts.width;
        outcome->height = facts.height;
        image_free(image);
    }
    snprintf(outcome->message, sizeof outcome->message, "%s", rc ? err.message : facts.format);
    outcome->answered = true;
}

/* Decodes files[from] to files[to - 1] in a process that looks for leaks at its end. */
static pid_t fork_decoder(int from, int to, int short_edge_px, struct outcome *outcomes)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    limit_resources();
    for (int i = from; i < to; i++)
        decode_one(files[i], short_edge_px, &outcomes[i]);
    exit(0); /* not _exit: the sanitizers' leak check runs */
}

struct batch {
    pid_t pid;
    int from, to;
};

/* Waits for one of the batches, which all run. When it ended badly, each of its files is decoded
 * again in a process of its own, which tells whose fault it was. Returns the batch's place. */
static int finish_batch(const struct batch *batches, int short_edge_px, struct outcome *outcomes)
{
    int status, at = 0;
    pid_t pid = wait(&status);
    while (at < PROCESSES - 1 && batches[at].pid != pid)
        at++;
    for (int i = batches[at].from; status != 0 && i < batches[at].to; i++) {
        outcomes[i] = (struct outcome){0};
        pid = fork_decoder(i, i + 1, short_edge_px, outcomes);
        waitpid(pid, &outcomes[i].status, 0);
    }
    return at;
}

static void run_forked(int short_edge_px, struct outcome *outcomes)
{
    struct batch batches[PROCESSES];
    int next = 0, running = 0;
    while (next < n_files || running > 0) {
        if (next < n_files && running < PROCESSES) {
            int to = next + BATCH < n_files ? next + BATCH : n_files;
            pid_t pid = fork_decoder(next, to, short_edge_px, outcomes);
            batches[running++] = (struct batch){pid, next, to};
            next = to;
            continue;
        }
        int at = finish_batch(batches, short_edge_px, outcomes);
        batches[at] = batches[--running];
    }
}

static struct outcome *run_all(int short_edge_px)
{
    struct outcome *outcomes = mmap(NULL, (size_t)n_files * sizeof *outcomes,
                                    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (outcomes == MAP_FAILED)
        exit(2);
    if (UNDER_SANITIZER)
        run_forked(short_edge_px, outcomes);
    for (int i = 0; !UNDER_SANITIZER && i < n_files; i++)
        decode_one(files[i], short_edge_px, &outcomes[i]);
    return outcomes;
}

/* NULL when the outcome is fit for a person, else what is wrong with it. */
static const char *find_fault(const struct outcome *o)
{
    if (WIFSIGNALED(o->status))
        return WTERMSIG(o->status) == SIGXCPU ? "took too long" : "crashed";
    if (!o->answered || WEXITSTATUS(o->status) != 0)
        return "ended without an answer";
    if (o->rc == 0)
        return o->width > 0 && o->height > 0 ? NULL : "a picture without pixels";
    if (strstr(o->message, "the decoder"))
        return "broke its decoder";
    if (o->rc == ERR_NO_MEMORY || o->rc == ERR_IO)
        return "ran out of memory";
    if (strlen(o->message) < 10 || strpbrk(o->message, "\n\r"))
        return "no clear sentence";
    return NULL;
}

static bool in_folder(const char *path, const char *folder)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "/" FOLDER "/%s/", folder);
    return strstr(path, prefix) != NULL;
}

static void check_folder(const char *folder, const struct outcome *outcomes)
{
    int n = 0, bad = 0, pictures = 0;
    for (int i = 0; i < n_files; i++) {
        if (!in_folder(files[i], folder))
            continue;
        const char *fault = find_fault(&outcomes[i]);
        if (fault) {
            diag("%s: %s (signal %d, %s)", files[i], fault,
                 WIFSIGNALED(outcomes[i].status) ? WTERMSIG(outcomes[i].status) : 0,
                 outcomes[i].message);
            bad++;
        }
        pictures += outcomes[i].answered && outcomes[i].rc == 0;
        n++;
    }
    ok(n > 0 && bad == 0, "%s: each of %d files is a picture (%d) or a clear error", folder, n,
       pictures);
}

/* Files known to be whole and of a kind that we read: how many of them decode. */
struct good {
    const char *folder, *part, *not_prefix; /* path contains part, name does not begin with ... */
};

static bool is_good_file(const struct good *good, const char *path)
{
    const char *name = file_name(path);
    return in_folder(path, good->folder) && strstr(path, good->part) &&
           !(good->not_prefix && strncmp(name, good->not_prefix, strlen(good->not_prefix)) == 0);
}

static void check_good(const struct good *good, const struct outcome *outcomes)
{
    int n = 0, decoded = 0;
    for (int i = 0; i < n_files; i++) {
        if (!is_good_file(good, files[i]))
            continue;
        n++;
        if (outcomes[i].answered && outcomes[i].rc == 0)
            decoded++;
        else
            diag("%s: %s", files[i], outcomes[i].message);
    }
    ok(n > 0 && decoded == n, "%s: all %d good *%s files decode", good->folder, n, good->part);
}

static bool is_jpeg(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (strcmp(dot, ".jpg") == 0 || strcmp(dot, ".jpeg") == 0);
}

/* JPEG has a second way to be decoded: scaled. */
static void check_scaled(void)
{
    int n = 0, bad = 0, pictures = 0;
    for (int i = 0; i < n_files; i++) {
        if (is_jpeg(files[i])) {
            char *kept = files[n];
            files[n++] = files[i];
            files[i] = kept;
        }
    }
    int n_all = n_files;
    n_files = n;
    struct outcome *outcomes = run_all(16);
    n_files = n_all;
    for (int i = 0; i < n; i++) {
        const char *fault = find_fault(&outcomes[i]);
        if (fault)
            diag("%s: %s (%s)", files[i], fault, outcomes[i].message);
        bad += fault != NULL;
        pictures += outcomes[i].answered && outcomes[i].rc == 0;
    }
    ok(n > 0 && bad == 0 && pictures > 0, "JPEG decoded scaled: %d files, %d pictures", n,
       pictures);
}

static void check_all(void)
{
    static const char *const folders[] = {"exif-orientation", "jpeg-decoder", "libheif",
                                          "libwebp",          "pillow",       "pngsuite"};
    static const struct good goods[] = {
        {"pngsuite", ".png", "x"}, /* names with x are the broken ones */
        {"exif-orientation", ".jpg", NULL},
        {"libwebp", ".webp", NULL},
        {"libheif", "examples/example.", NULL},
    };
    struct outcome *outcomes = run_all(0);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        check_folder(folders[i], outcomes);
    for (size_t i = 0; i < sizeof goods / sizeof *goods; i++)
        check_good(&goods[i], outcomes);
    check_scaled();
}

static int list_files(char **paths, int n)
{
    for (int i = 0; i < n && i < MAX_FILES; i++)
        files[n_files++] = paths[i];
    struct outcome *outcomes = run_all(getenv("SHORT_EDGE") ? 224 : 0);
    for (int i = 0; i < n_files; i++) {
        const char *fault = find_fault(&outcomes[i]);
        printf("%s\t%s\t%s\t%d x %d\t%s\n", files[i], fault ? fault : "fine",
               error_name(outcomes[i].rc), outcomes[i].width, outcomes[i].height,
               outcomes[i].message);
    }
    return 0;
}

int main(int argc, char **argv)
{
    char path[1024];
    if (argc > 1)
        return list_files(argv + 1, argc - 1);
    if (!shared_exists(FOLDER)) {
        skip("%s is not there", shared_path(path, sizeof path, FOLDER));
        return done_testing();
    }
    collect(shared_path(path, sizeof path, FOLDER));
    qsort(files, (size_t)n_files, sizeof *files, compare_paths);
    check_all();
    for (int i = 0; i < n_files; i++)
        free(files[i]);
    return done_testing();
}
