/* SPDX-License-Identifier: MIT */
/* Loaded with LD_PRELOAD: makes calls of a program fail, as FAULT_* of its environment says.
 *
 *     FAULT_KIND    "memory": allocations; "io": calls that read, write or change files
 *     FAULT_AT      the number of the call that fails, from 1 on, counted from main on; 0: none
 *     FAULT_EVER    when set, all later ones fail as well
 *     FAULT_ERRNO   of a failing call of files: EIO by default
 *     FAULT_BELOW   only files whose path begins with this, for "io"
 *     FAULT_COUNT   a file that gets the number of calls at the end
 *     FAULT_SCAN    runs the program again and again, FAULT_AT from 1 on in steps of this, until
 *                   nothing fails; FAULT_COUNT then gets "CALL SIGNAL" a line for each signal
 *     FAULT_FROM    with FAULT_SCAN: a file that is copied to FAULT_TO before each run
 *
 * A write that fails has written half of what it was given. What oneDNN and the C++ library
 * allocate never fails: they end the program by throwing, whatever it does. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum kind { NONE, MEMORY, IO };

static enum kind kind;
static long at;
static bool for_ever;
static int error_number = EIO;
static char below[4096], count_file[4096], scan_from[4096], scan_to[4096];
static long scan_step;
static size_t below_length;
static atomic_long count;
static atomic_bool counts; /* main has begun */
static bool *strikes;      /* set when a call failed; NULL: nobody asks */

static bool strikes_now(void)
{
    long call = atomic_fetch_add(&count, 1) + 1;
    bool now = at && (for_ever ? call >= at : call == at);
    if (now && strikes)
        *strikes = true;
    return now;
}

/* ---- from main on ---- */

static int (*real_main)(int, char **, char **);

static void copy_variable(char *to, size_t size, const char *name)
{
    const char *value = getenv(name);
    snprintf(to, size, "%s", value ? value : "");
}

static void read_environment(void)
{
    char text[64];
    copy_variable(text, sizeof text, "FAULT_KIND");
    kind = strcmp(text, "memory") == 0 ? MEMORY : strcmp(text, "io") == 0 ? IO : NONE;
    copy_variable(text, sizeof text, "FAULT_AT");
    at = atol(text);
    for_ever = getenv("FAULT_EVER") != NULL;
    copy_variable(text, sizeof text, "FAULT_ERRNO");
    error_number = text[0] ? atoi(text) : EIO;
    copy_variable(below, sizeof below, "FAULT_BELOW");
    below_length = strlen(below);
    copy_variable(count_file, sizeof count_file, "FAULT_COUNT");
    copy_variable(scan_from, sizeof scan_from, "FAULT_FROM");
    copy_variable(scan_to, sizeof scan_to, "FAULT_TO");
    copy_variable(text, sizeof text, "FAULT_SCAN");
    scan_step = atol(text);
    /* Programs that this one starts are left alone. */
    static const char *const names[] = {"LD_PRELOAD",  "FAULT_KIND",  "FAULT_AT",    "FAULT_EVER",
                                        "FAULT_ERRNO", "FAULT_BELOW", "FAULT_COUNT", "FAULT_SCAN",
                                        "FAULT_FROM",  "FAULT_TO"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
}

__attribute__((destructor)) static void write_count(void)
{
    atomic_store(&counts, false);
    char text[32];
    int fd = count_file[0] ? open(count_file, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (fd < 0)
        return;
    int n = snprintf(text, sizeof text, "%ld\n", atomic_load(&count));
    if (write(fd, text, (size_t)n) != n)
        abort();
    close(fd);
}

/* ---- a scan: forks instead of starting the program for each call ---- */

static void copy_content(const char *from, const char *to)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal"};
    char data[1 << 16], name[4200];
    ssize_t n;
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", to, endings[i]);
        unlink(name);
    }
    unlink(to);
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    while (in >= 0 && out >= 0 && (n = read(in, data, sizeof data)) > 0)
        if (write(out, data, (size_t)n) != n)
            abort();
    close(in);
    close(out);
}

static int scan_main(int argc, char **argv, char **envp)
{
    FILE *found = fopen(count_file, "w");
    count_file[0] = '\0';
    bool *struck = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (at = 1, *struck = true; *struck; at += scan_step) {
        int status = 0, quiet = open("/dev/null", O_WRONLY);
        if (scan_from[0])
            copy_content(scan_from, scan_to);
        *struck = false;
        pid_t child = fork();
        if (child == 0) {
            dup2(quiet, STDOUT_FILENO);
            dup2(quiet, STDERR_FILENO);
            strikes = struck;
            atomic_store(&counts, true);
            exit(real_main(argc, argv, envp));
        }
        if (waitpid(child, &status, 0) == child && WIFSIGNALED(status))
            fprintf(found, "%ld %d\n", at, WTERMSIG(status)), fflush(found);
        close(quiet);
    }
    fprintf(found, "end %ld\n", at);
    fclose(found);
    _exit(0);
}

static int note_library(struct dl_phdr_info *info, size_t size, void *context);

static int begin_main(int argc, char **argv, char **envp)
{
    read_environment();
    dl_iterate_phdr(note_library, NULL);
    if (scan_step)
        return scan_main(argc, argv, envp);
    atomic_store(&counts, true);
    return real_main(argc, argv, envp);
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end);

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    int (*real)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
                void (*)(void), void *) = dlsym(RTLD_NEXT, "__libc_start_main");
    real_main = main;
    return real(begin_main, argc, argv, init, fini, rtld_fini, stack_end);
}

/* ---- memory: over the names that glibc keeps for programs that bring their own malloc ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

/* The code of libraries that are spared. */
static struct {
    uintptr_t begin, end;
} spared[8];
static int n_spared;

static int note_library(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size, (void)context;
    if (!strstr(info->dlpi_name, "libdnnl") && !strstr(info->dlpi_name, "libstdc++"))
        return 0;
    for (int i = 0; i < info->dlpi_phnum && n_spared < 8; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X))
            continue;
        spared[n_spared].begin = info->dlpi_addr + part->p_vaddr;
        spared[n_spared].end = spared[n_spared].begin + part->p_memsz;
        n_spared++;
    }
    return 0;
}

static bool is_spared(const void *caller)
{
    for (int i = 0; i < n_spared; i++)
        if ((uintptr_t)caller >= spared[i].begin && (uintptr_t)caller < spared[i].end)
            return true;
    return false;
}

static bool memory_fails(const void *caller)
{
    return kind == MEMORY && atomic_load(&counts) && !is_spared(caller) && strikes_now();
}

void *malloc(size_t size)
{
    if (!memory_fails(__builtin_return_address(0)))
        return __libc_malloc(size);
    errno = ENOMEM;
    return NULL;
}

void *calloc(size_t n, size_t size)
{
    if (!memory_fails(__builtin_return_address(0)))
        return __libc_calloc(n, size);
    errno = ENOMEM;
    return NULL;
}

void *realloc(void *block, size_t size)
{
    if (!memory_fails(__builtin_return_address(0)))
        return __libc_realloc(block, size);
    errno = ENOMEM;
    return NULL;
}

static void *allocate_aligned(const void *caller, size_t alignment, size_t size)
{
    if (!memory_fails(caller))
        return __libc_memalign(alignment, size);
    errno = ENOMEM;
    return NULL;
}

void *memalign(size_t alignment, size_t size)
{
    return allocate_aligned(__builtin_return_address(0), alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return allocate_aligned(__builtin_return_address(0), alignment, size);
}

int posix_memalign(void **ret_block, size_t alignment, size_t size)
{
    void *block = allocate_aligned(__builtin_return_address(0), alignment, size);
    if (!block)
        return ENOMEM;
    *ret_block = block;
    return 0;
}

/* ---- files ---- */

static bool path_counts(const char *path)
{
    return kind == IO && atomic_load(&counts) && strncmp(path, below, below_length) == 0;
}

static bool path_fails(const char *path)
{
    if (!path_counts(path) || !strikes_now())
        return false;
    errno = error_number;
    return true;
}

static bool file_fails(int fd)
{
    char link[64], path[4096];
    if (kind != IO || !atomic_load(&counts))
        return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int saved = errno;
    ssize_t n = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (n < 0)
        return false;
    path[n] = '\0';
    return path_fails(path);
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

int open64(const char *path, int flags, ...)
{
    REAL(open64);
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return path_fails(path) ? -1 : real(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    REAL(open);
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return path_fails(path) ? -1 : real(path, flags, mode);
}

ssize_t read(int fd, void *data, size_t size)
{
    REAL(read);
    return file_fails(fd) ? -1 : real(fd, data, size);
}

ssize_t pread64(int fd, void *data, size_t size, off64_t offset)
{
    REAL(pread64);
    return file_fails(fd) ? -1 : real(fd, data, size, offset);
}

ssize_t pread(int fd, void *data, size_t size, off_t offset)
{
    return pread64(fd, data, size, offset);
}

ssize_t write(int fd, const void *data, size_t size)
{
    REAL(write);
    if (!file_fails(fd))
        return real(fd, data, size);
    if (size > 1 && real(fd, data, size / 2) < 0)
        return -1;
    errno = error_number;
    return -1;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    REAL(pwrite64);
    if (!file_fails(fd))
        return real(fd, data, size, offset);
    if (size > 1 && real(fd, data, size / 2, offset) < 0)
        return -1;
    errno = error_number;
    return -1;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    return pwrite64(fd, data, size, offset);
}

int fsync(int fd)
{
    REAL(fsync);
    return file_fails(fd) ? -1 : real(fd);
}

int fdatasync(int fd)
{
    REAL(fdatasync);
    return file_fails(fd) ? -1 : real(fd);
}

int ftruncate64(int fd, off64_t size)
{
    REAL(ftruncate64);
    return file_fails(fd) ? -1 : real(fd, size);
}

int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

int rename(const char *from, const char *to)
{
    REAL(rename);
    return path_fails(from) ? -1 : real(from, to);
}

int unlink(const char *path)
{
    REAL(unlink);
    return path_fails(path) ? -1 : real(path);
}

int mkdir(const char *path, mode_t mode)
{
    REAL(mkdir);
    return path_fails(path) ? -1 : real(path, mode);
}

int stat(const char *path, struct stat *info)
{
    REAL(stat);
    return path_fails(path) ? -1 : real(path, info);
}

int lstat(const char *path, struct stat *info)
{
    REAL(lstat);
    return path_fails(path) ? -1 : real(path, info);
}

int fstat(int fd, struct stat *info)
{
    REAL(fstat);
    return file_fails(fd) ? -1 : real(fd, info);
}
