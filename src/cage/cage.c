/* SPDX-License-Identifier: MIT */
/* Decodes one picture with a worker: grants memory, waits for the result, and explains failures. */
#include "cage/cage.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "cage/cage_workers.h"
#include "cage/decode_budget.h"
#include "cage/sanitized.h"

/* Granted before anything is known about the picture: enough for a JPEG that is decoded at reduced
 * size, so that no question is needed. */
#define FIRST_NEED SEGMENT_KEPT_OUTPUT
#define SHRINKING_MOST ((size_t)64 << 20)
#define BYTES_PER_SECOND ((size_t)32 << 20)
#define MEGAPIXELS_PER_SECOND 10.0 /* of the slowest codec on legitimate files */
#define CLOCK_FACTOR 6             /* of wall-clock time, on a busy machine */
#define MEGAPIXELS_MOST (LIMIT_PHOTO_PIXELS / 1000000)
#define MOST_WAITS 10
#define LEAST_PROGRESS 0.01 /* processor time per wall-clock time: less means that it hangs */
#define SANITIZED_FACTOR (SANITIZED ? 6 : 1)
#define NEAR_LIMIT ((uint64_t)64 << 20)
#define MOST_ROUNDS 8 /* a decoder discovers a larger need two or three times */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct cage_settings settings;
static struct budget *budget; /* created once, never freed */

/* ---- the budget ---- */

static size_t default_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    size_t half = pages > 0 && page > 0 ? (size_t)pages / 2 * (size_t)page : CAGE_MEMORY_DEFAULT;
    if (half < CAGE_MEMORY_LEAST)
        return CAGE_MEMORY_LEAST;
    return half < CAGE_MEMORY_DEFAULT ? half : CAGE_MEMORY_DEFAULT;
}

void cage_configure(const struct cage_settings *given)
{
    pthread_mutex_lock(&lock);
    settings = *given;
    pthread_mutex_unlock(&lock);
}

static struct budget *shared_budget(void)
{
    pthread_mutex_lock(&lock);
    if (!budget)
        budget = budget_new(settings.memory_bytes ? settings.memory_bytes : default_memory());
    pthread_mutex_unlock(&lock);
    return budget;
}

size_t cage_memory(void)
{
    return budget_bytes(shared_budget());
}

/* The worker's need plus what this process takes to shrink the result: rows of the new width and
 * the old height, at most half of it. */
static size_t share_of(size_t need, size_t file_bytes)
{
    size_t shrinking = need / 2 < SHRINKING_MOST ? need / 2 : SHRINKING_MOST;
    return need + shrinking + 2 * file_bytes; /* the file is held here and in the worker's input */
}

/* The largest need whose share, with an empty file, is at most `bytes`; at least FIRST_NEED. */
static size_t need_within(size_t bytes)
{
    size_t need = bytes > 3 * SHRINKING_MOST ? bytes - SHRINKING_MOST : bytes / 3 * 2;
    return need > FIRST_NEED ? need : FIRST_NEED;
}

size_t cage_least_share(size_t file_bytes)
{
    return share_of(FIRST_NEED, file_bytes < LIMIT_PHOTO_FILE_BYTES ? file_bytes : 0);
}

void cage_share_take(struct cage_share *ret_share, size_t bytes)
{
    *ret_share = (struct cage_share){.taken = budget_take(shared_budget(), bytes)};
}

void cage_share_give(struct cage_share *share)
{
    budget_give(shared_budget(), share->taken);
    share->taken = 0;
}

/* ---- one attempt ---- */

struct attempt {
    const void *data;
    size_t picture; /* bytes of the file */
    size_t size;    /* and of its sidecars */
    const struct decode_options *options;
    struct cage_share *share;
    struct worker *worker;
    size_t need;         /* bytes that the worker may hold */
    uint32_t megapixels; /* that the worker said it has to decode */
    struct wire_answer answer;
    bool may_be_worker; /* an earlier picture may have caused the worker's end */
};

static int set_too_large(size_t bytes, struct error *err)
{
    return error_set(err, ERR_LIMIT,
                     "decoding this picture would take %zu MiB of memory, more than the total "
                     "of %zu MiB for decoding (--decode-memory)",
                     bytes >> 20, cage_memory() >> 20);
}

/* By the memory it holds, or by its pixels when these are processed in small parts. */
static double seconds_for(const struct attempt *a)
{
    int base = settings.seconds > 0 ? settings.seconds : CAGE_SECONDS_DEFAULT;
    double by_need = (double)a->need / (double)BYTES_PER_SECOND;
    double by_pixels = a->megapixels / MEGAPIXELS_PER_SECOND;
    return SANITIZED_FACTOR * (base + (by_need > by_pixels ? by_need : by_pixels));
}

/* Sets the limits and makes room for the pixels before the worker may hold `need`. */
static int allow_need(struct attempt *a, size_t need, bool keep_output, struct error *err)
{
    struct worker *w = a->worker;
    int rc = keep_output ? 0 : segment_make(&w->output, need, err);
    if (rc)
        return rc;
    a->need = need;
    worker_limit(w, seconds_for(a), w->input.room + w->output.room + need);
    return 0;
}

static bool send_order(struct attempt *a, enum wire_kind kind)
{
    struct wire_order order = {.kind = kind,
                               .input_bytes = a->picture,
                               .granted = a->need,
                               .short_edge_px = a->options->short_edge_px,
                               .n_sidecars = (uint32_t)a->options->n_sidecars};
    for (size_t i = 0; i < a->options->n_sidecars; i++) {
        order.sidecars[i].kind = a->options->sidecars[i].kind;
        order.sidecars[i].bytes = (uint32_t)a->options->sidecars[i].size;
    }
    return worker_send(a->worker, &order);
}

/* The worker asks to hold more. False when it has ended. */
static bool answer_question(struct attempt *a)
{
    uint64_t wanted = a->answer.bytes;
    size_t need = wanted < LIMIT_DECODE_BYTES * 2 ? (size_t)wanted : LIMIT_DECODE_BYTES * 2;
    size_t whole = share_of(need, a->size);
    uint32_t megapixels = a->answer.megapixels;
    a->megapixels = megapixels < MEGAPIXELS_MOST ? megapixels : MEGAPIXELS_MOST;
    size_t more = whole > a->share->taken ? whole - a->share->taken : 0;
    if (!budget_try(shared_budget(), more)) {
        a->share->wanted = whole;
        return send_order(a, WIRE_LATER);
    }
    a->share->taken += more;
    if (allow_need(a, need, a->answer.offset > 0, NULL)) {
        a->share->wanted = whole; /* the next try may find the memory */
        return send_order(a, WIRE_LATER);
    }
    return send_order(a, WIRE_GRANT);
}

/* Explains how a worker has ended. */
static int explain_end(struct attempt *a, struct error *err)
{
    int status;
    uint64_t most_bytes, allowed = a->need + NEAR_LIMIT;
    workers_drop(a->worker, &status, &most_bytes);
    a->worker = NULL;
    if (!WIFSIGNALED(status))
        return error_set(err, ERR_CORRUPT, "the decoder crashed on it: exit status %d",
                         WEXITSTATUS(status));
    int number = WTERMSIG(status);
    if (number == SIGXCPU)
        return error_set(err, ERR_LIMIT,
                         "decoding was stopped: it took more than %.0f s of processor time",
                         seconds_for(a));
    if (number == SIGSYS)
        return error_set(err, ERR_CORRUPT,
                         "the decoder was stopped: this file made it try a system call that its "
                         "sandbox forbids");
    if (number == SIGKILL)
        return error_set(err, ERR_NO_MEMORY,
                         "the system killed the decoder, probably because it ran out of memory");
    if (!SANITIZED && most_bytes > allowed && (number == SIGABRT || number == SIGSEGV))
        return error_set(err, ERR_LIMIT,
                         "the decoder needed more memory than the %zu MiB that this picture may "
                         "take: signal %d",
                         a->need >> 20, number);
    return error_set(err, ERR_CORRUPT, "the decoder crashed on it: signal %d", number);
}

static int end_hanging(struct attempt *a, double seconds, struct error *err)
{
    workers_drop(a->worker, NULL, NULL);
    a->worker = NULL;
    return error_set(err, ERR_LIMIT, "decoding was stopped: it did not finish within %.0f s",
                     seconds);
}

static int end_liar(struct attempt *a, const struct error *lie, struct error *err)
{
    workers_drop(a->worker, NULL, NULL);
    a->worker = NULL;
    return error_set(err, ERR_CORRUPT, "%s", lie->message);
}

/* As worker_receive, but waits longer for a worker that makes progress on a busy machine: its
 * processor time is limited anyway. */
static int receive_patiently(struct attempt *a, double seconds, struct error *err)
{
    double used = worker_used_seconds(a->worker->pid);
    int rc = ERR_LIMIT;
    for (int i = 0; i < MOST_WAITS && rc == ERR_LIMIT; i++) {
        rc = worker_receive(a->worker, seconds, &a->answer, err);
        double now = worker_used_seconds(a->worker->pid);
        if (now - used < seconds * LEAST_PROGRESS)
            break;
        used = now;
    }
    return rc;
}

/* Answers the worker's questions until there is a result. */
static int await_result(struct attempt *a, struct error *err)
{
    for (int round = 0; round < MOST_ROUNDS; round++) {
        struct error problem = ERROR_INIT;
        double seconds = CLOCK_FACTOR * seconds_for(a);
        int rc = receive_patiently(a, seconds, &problem);
        if (rc == ERR_LIMIT)
            return end_hanging(a, seconds, err);
        if (rc == ERR_CORRUPT)
            return end_liar(a, &problem, err);
        if (rc)
            return explain_end(a, err);
        if (a->answer.kind != WIRE_ASK)
            return 0;
        if (!answer_question(a))
            return explain_end(a, err);
    }
    return end_liar(a, &(struct error){ERR_CORRUPT, "the decoder requests unlimited memory"}, err);
}

static int refuse_walls(unsigned walls, struct error *err)
{
    AUTO_FREE char *missing = cage_missing_walls(walls);
    return error_set(err, ERR_DENIED,
                     "cannot decode pictures: --require-cage needs a fully confined decoder, "
                     "but on this machine it would have %s",
                     missing);
}

static int run_attempt(struct attempt *a, bool fresh, struct error *err)
{
    a->share->wanted = 0;
    int rc = workers_take(fresh, &a->worker, err);
    if (rc)
        return rc;
    struct worker *w = a->worker;
    if (settings.required && w->walls != CAGE_ALL) {
        rc = refuse_walls(w->walls, err);
        workers_drop(w, NULL, NULL);
        a->worker = NULL;
        return rc;
    }
    a->may_be_worker = w->decodes++ > 0;
    rc = segment_make(&w->input, a->size, err);
    if (!rc)
        rc = allow_need(a, need_within(a->share->taken - share_of(0, a->size)), false, err);
    if (rc) {
        workers_give(w);
        a->worker = NULL;
        return rc;
    }
    uint8_t *at = mempcpy(w->input.data, a->data, a->picture);
    for (size_t i = 0; i < a->options->n_sidecars; i++)
        at = mempcpy(at, a->options->sidecars[i].data, a->options->sidecars[i].size);
    return send_order(a, WIRE_DECODE) ? await_result(a, err) : explain_end(a, err);
}

/* ---- the result ---- */

struct loan {
    struct worker *worker;
    struct cage_share share; /* taken is 0 when the share is the caller's */
};

static void end_loan(void *context)
{
    struct loan *loan = context;
    workers_give(loan->worker);
    if (loan->share.taken)
        cage_share_give(&loan->share);
    free(loan);
}

static void lend_image(const struct attempt *a, struct image **ret_image)
{
    struct loan *loan = xcalloc(1, sizeof *loan);
    struct image *image = xcalloc(1, sizeof *image);
    loan->worker = a->worker;
    *image = (struct image){.width = a->answer.width,
                            .height = a->answer.height,
                            .rgb = a->worker->output.data + a->answer.offset,
                            .end_loan = end_loan,
                            .loan = loan};
    *ret_image = image;
}

static int take_result(struct attempt *a, struct image **ret_image, struct photo_facts *ret_facts,
                       struct error *err)
{
    switch (a->answer.kind) {
    case WIRE_PICTURE:
        if (ret_facts)
            wire_read_facts(&a->answer.facts, ret_facts);
        if (a->options->extras)
            wire_read_extras(&a->answer.extras, a->options->extras);
        lend_image(a, ret_image);
        return 0;
    case WIRE_FAILURE:
        workers_give(a->worker);
        return error_set(err, a->answer.code, "%s", a->answer.message);
    case WIRE_PUT_DOWN:
        workers_give(a->worker);
        return a->share->wanted
                   ? error_set(err, ERR_NO_MEMORY, "not enough memory for this picture")
                   : error_set(err, ERR_CORRUPT, "the decoder gave up without a reason");
    default:
        return end_liar(a, &(struct error){ERR_CORRUPT, "the decoder sent an invalid answer"}, err);
    }
}

int cage_decode_with(struct cage_share *share, const void *data, size_t size,
                     const struct decode_options *options, struct image **ret_image,
                     struct photo_facts *ret_facts, struct error *err)
{
    share->wanted = 0;
    int rc = image_check_file(size, err);
    if (rc)
        return rc;
    if (cage_bench_here && cage_bench_here())
        return cage_bench_decode(data, size, options, ret_image, ret_facts, err);
    if (cage_least_share(size) > cage_memory())
        return set_too_large(cage_least_share(size), err);
    static const struct decode_options none;
    struct attempt a = {.data = data,
                        .picture = size,
                        .size = size,
                        .options = options ? options : &none,
                        .share = share};
    for (size_t i = 0; i < a.options->n_sidecars; i++)
        a.size += a.options->sidecars[i].size;
    rc = run_attempt(&a, false, err);
    /* An earlier picture may have damaged the worker, or the worker ended while it was idle. */
    if (rc && !a.worker && a.may_be_worker && rc != ERR_LIMIT)
        rc = run_attempt(&a, true, err);
    if (!rc)
        rc = take_result(&a, ret_image, ret_facts, err);
    if (rc && share->wanted > cage_memory()) {
        size_t wanted = share->wanted;
        share->wanted = 0;
        return set_too_large(wanted, err);
    }
    return rc;
}

int cage_decode(const void *data, size_t size, const struct decode_options *options,
                struct image **ret_image, struct photo_facts *ret_facts, struct error *err)
{
    struct cage_share share;
    int rc;
    size_t bytes = cage_least_share(size);
    do {
        cage_share_take(&share, bytes);
        rc = cage_decode_with(&share, data, size, options, ret_image, ret_facts, err);
        bytes = share.wanted;
        if (rc)
            cage_share_give(&share);
    } while (rc && bytes);
    if (!rc && (*ret_image)->end_loan == end_loan)
        ((struct loan *)(*ret_image)->loan)->share = share;
    else if (!rc)
        cage_share_give(&share);
    return rc;
}

int cage_examine(unsigned *ret_walls, struct error *err)
{
    struct worker *worker;
    int rc = workers_take(false, &worker, err);
    if (rc)
        return rc;
    *ret_walls = worker->walls;
    workers_give(worker);
    return 0;
}

int cage_check_required(struct error *err)
{
    unsigned walls = 0;
    int rc = settings.required ? cage_examine(&walls, err) : 0;
    return rc || !settings.required || walls == CAGE_ALL ? rc : refuse_walls(walls, err);
}

char *cage_missing_walls(unsigned walls)
{
    static const char *const names[] = {"no protection against gaining privileges", "no Landlock",
                                        "no filter of system calls (seccomp)"};
    char *text = xstrdup("");
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (walls & 1u << i)
            continue;
        AUTO_FREE char *before = text;
        text = xasprintf("%s%s%s", before, before[0] ? ", " : "", names[i]);
    }
    return text;
}

void cage_release_idle(void)
{
    workers_release_idle();
}
