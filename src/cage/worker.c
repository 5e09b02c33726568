/* SPDX-License-Identifier: MIT */
/* The main loop of a decoding worker: loads what codecs need, builds the walls, and decodes one
 * file after the other until its owner ends. */
#include "cage/worker.h"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/late_link.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "cage/segment.h"
#include "cage/walls.h"
#include "cage/wire.h"
#include "image/decode_memory.h"
#include "image/image.h"

#define PIXELS_ALIGNED 4096
#define THREAD_STACK_BYTES ((size_t)2 << 20) /* for codecs' threads: an eighth of the default */

static struct {
    struct segment input, output;
    size_t output_used;
    uint64_t granted;
    uint32_t megapixels; /* that the owner allows time for */
    bool put_down;       /* the owner has no memory for this picture at present */
} worker = {.input = SEGMENT_NONE, .output = SEGMENT_NONE};

static _Noreturn void end_worker(void)
{
    _exit(0); /* nothing needs to be flushed or freed */
}

static void send_answer(const struct wire_answer *answer)
{
    if (wire_send(WORKER_SOCKET, answer, sizeof *answer, NULL, 0))
        end_worker();
}

static void take_segments(const struct wire_order *order, const int fds[2])
{
    int next = 0;
    bool fine = true;
    if (order->segments & WIRE_INPUT)
        fine = !segment_receive(&worker.input, fds[next++], order->input_room, NULL);
    if (fine && order->segments & WIRE_OUTPUT)
        fine = !segment_receive(&worker.output, fds[next], order->output_room, NULL);
    if (!fine)
        _exit(1);
}

static void receive_order(struct wire_order *ret_order)
{
    int fds[2];
    if (wire_receive(WORKER_SOCKET, ret_order, sizeof *ret_order, fds) != sizeof *ret_order)
        end_worker();
    take_segments(ret_order, fds);
}

/* ---- struct decode_lender ---- */

/* Larger room for pixels comes with the grant, unless the present room is in use. */
static int reserve_bytes(uint64_t bytes, uint64_t n_px, struct error *err)
{
    uint32_t megapixels = n_px <= LIMIT_PHOTO_PIXELS ? (uint32_t)(n_px / 1000000) : 0;
    if (bytes <= worker.granted && megapixels <= worker.megapixels)
        return 0;
    worker.megapixels = megapixels > worker.megapixels ? megapixels : worker.megapixels;
    struct wire_answer ask = {.kind = WIRE_ASK,
                              .bytes = bytes > worker.granted ? bytes : worker.granted,
                              .offset = worker.output_used,
                              .megapixels = worker.megapixels};
    struct wire_order order;
    send_answer(&ask);
    receive_order(&order);
    worker.put_down = order.kind != WIRE_GRANT;
    if (worker.put_down)
        return error_set(err, ERR_NO_MEMORY, "postponed until there is memory for it");
    worker.granted = order.granted;
    return 0;
}

static void *take_pixels(size_t bytes)
{
    size_t at = worker.output_used;
    if (!worker.output.data || bytes > worker.output.room - at)
        return NULL;
    at = (at + bytes + PIXELS_ALIGNED - 1) / PIXELS_ALIGNED * PIXELS_ALIGNED;
    void *block = worker.output.data + worker.output_used;
    worker.output_used = at < worker.output.room ? at : worker.output.room;
    return block;
}

static bool owns_pixels(const void *block)
{
    const uint8_t *at = block, *start = worker.output.data;
    return start && at >= start && at < start + worker.output.room;
}

static const struct decode_lender lender = {reserve_bytes, take_pixels, owns_pixels};

/* ---- one file ---- */

static void fail_file(const struct error *error, struct wire_answer *ret_answer)
{
    ret_answer->kind = WIRE_FAILURE;
    ret_answer->code =
        error->code == ERR_LIMIT || error->code == ERR_UNSUPPORTED || error->code == ERR_NO_MEMORY
            ? error->code
            : ERR_CORRUPT;
    text_copy(ret_answer->message, sizeof ret_answer->message, error->message);
}

/* Copies pixels from the heap into the output. */
static int share_pixels(const struct image *image, struct wire_answer *ret_answer,
                        struct error *err)
{
    const uint8_t *at = image->rgb;
    size_t bytes = (size_t)image->width * (size_t)image->height * 3;
    if (!owns_pixels(at)) {
        worker.output_used = 0;
        int rc = bytes > worker.output.room ? reserve_bytes(worker.granted + bytes, 0, err) : 0;
        uint8_t *room = rc ? NULL : take_pixels(bytes);
        if (!room)
            return rc ? rc : error_set(err, ERR_NO_MEMORY, "no room for the decoded picture");
        memcpy(room, at, bytes);
        at = room;
    }
    ret_answer->kind = WIRE_PICTURE;
    ret_answer->offset = (uint64_t)(at - worker.output.data);
    ret_answer->width = image->width;
    ret_answer->height = image->height;
    return 0;
}

/* Finds the sidecars, which lie after the file. */
static void find_sidecars(const struct wire_order *order, struct sidecar ret_sidecars[])
{
    size_t at = order->input_bytes;
    if (at > worker.input.room || order->n_sidecars > LIMIT_SIDECARS)
        _exit(1);
    for (uint32_t i = 0; i < order->n_sidecars; i++) {
        size_t size = order->sidecars[i].bytes;
        if (order->sidecars[i].kind >= SIDECAR_KINDS || size > worker.input.room - at)
            _exit(1);
        ret_sidecars[i] = (struct sidecar){(enum sidecar_kind)order->sidecars[i].kind,
                                           worker.input.data + at, size};
        at += size;
    }
}

static void decode_file(const struct wire_order *order, struct wire_answer *ret_answer)
{
    struct error err = ERROR_INIT;
    struct sidecar sidecars[LIMIT_SIDECARS];
    struct decode_extras extras;
    struct decode_options options = {.short_edge_px = order->short_edge_px,
                                     .sidecars = sidecars,
                                     .n_sidecars = order->n_sidecars,
                                     .extras = &extras};
    struct photo_facts facts;
    AUTO(image) *image = NULL;
    find_sidecars(order, sidecars);
    if (worker_test_hook)
        worker_test_hook(worker.input.data, order->input_bytes);
    int rc = image_decode(worker.input.data, order->input_bytes, &options, &image, &facts, &err);
    if (!rc)
        rc = share_pixels(image, ret_answer, &err);
    if (!rc) {
        wire_write_facts(&facts, &ret_answer->facts);
        wire_write_extras(&extras, &ret_answer->extras);
    } else if (worker.put_down)
        ret_answer->kind = WIRE_PUT_DOWN;
    else
        fail_file(&err, ret_answer);
}

static uint64_t held_bytes(void)
{
    struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

static void serve_order(const struct wire_order *order)
{
    struct wire_answer answer = {0};
    worker.granted = order->granted;
    worker.megapixels = WIRE_MEGAPIXELS_USUAL;
    worker.output_used = 0;
    worker.put_down = false;
    decode_file(order, &answer);
    segment_trim(&worker.input, SEGMENT_KEPT_INPUT); /* as its owner does */
    segment_trim(&worker.output, SEGMENT_KEPT_OUTPUT);
    answer.bytes = held_bytes();
    send_answer(&answer);
}

/* ---- the start ---- */

/* The whole address space of this process, in bytes. */
static uint64_t own_size(void)
{
    struct file file;
    unsigned long long pages = 0;
    if (file_read_stream("/proc/self/statm", 4096, &file, NULL))
        return 0;
    if (sscanf((const char *)file.data, "%llu", &pages) != 1)
        pages = 0;
    file_release(&file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Asks the kernel to end this process with SIGIO when the other end of the lifeline closes, even in
 * the middle of a decode, and whichever thread of the owner started it. */
static void hold_lifeline(void)
{
    struct pollfd lifeline = {.fd = WORKER_LIFELINE};
    signal(SIGIO, SIG_DFL);
    if (fcntl(WORKER_LIFELINE, F_SETOWN, getpid()) < 0 ||
        fcntl(WORKER_LIFELINE, F_SETFL, fcntl(WORKER_LIFELINE, F_GETFL) | O_ASYNC) < 0)
        _exit(1);
    if (poll(&lifeline, 1, 0) != 0) /* it closed before it was registered */
        end_worker();
}

static void tune_memory(void)
{
    pthread_attr_t attributes;
    mallopt(M_ARENA_MAX, 1);
    memory_return_large();
    if (pthread_attr_init(&attributes))
        return;
    pthread_attr_setstacksize(&attributes, THREAD_STACK_BYTES);
    pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
}

static _Noreturn void run_worker(void)
{
    struct wire_answer ready = {.kind = WIRE_READY};
    hold_lifeline();
    tune_memory();
    decode_memory_use(&lender);
    if (late_link_codecs)
        late_link_codecs();
    image_decode_prepare();
    ready.bytes = own_size();
    ready.walls = walls_close(WORKER_LIFELINE + 1);
    send_answer(&ready);
    for (;;) {
        struct wire_order order;
        receive_order(&order);
        serve_order(&order);
    }
}

/* A user who types the argument gets an error message. */
static bool has_owner(void)
{
    struct stat socket, pipe;
    return fstat(WORKER_SOCKET, &socket) == 0 && S_ISSOCK(socket.st_mode) &&
           fstat(WORKER_LIFELINE, &pipe) == 0 && S_ISFIFO(pipe.st_mode);
}

__attribute__((constructor)) static void become_worker(int argc, char **argv)
{
    if (argc != 2 || strcmp(argv[1], WORKER_ARGUMENT) != 0)
        return;
    if (has_owner())
        run_worker();
    static const char sentence[] =
        "keepsake: " WORKER_ARGUMENT " is only for keepsake itself, which decodes pictures with "
        "it\n";
    ssize_t written = write(STDERR_FILENO, sentence, sizeof sentence - 1);
    _exit(written < 0 ? 1 : 2);
}

void worker_link(void)
{
}
