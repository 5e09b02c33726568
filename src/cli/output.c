/* SPDX-License-Identifier: MIT */
/* Writes results to stdout and messages to stderr, and detects a closed stdout. */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

static int write_errno; /* of the first failed write to stdout */

void output_init(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        /* Opened in the wrong direction for 0 and 1, so that using it still is an error. */
        int opened = open("/dev/null", fd == 1 ? O_RDONLY : O_WRONLY);
        if (opened != fd)
            _exit(1);
    }
    signal(SIGPIPE, SIG_IGN);
}

void output_verror(const char *format, va_list args)
{
    AUTO_FREE char *text = xvasprintf(format, args);
    AUTO_FREE char *printable = text_printable(text, strlen(text));
    fprintf(stderr, "keepsake: %s\n", printable);
}

void output_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    output_verror(format, args);
    va_end(args);
}

static void note_failure(bool failed)
{
    if (failed && !write_errno && errno)
        write_errno = errno;
}

void output_text(const char *text)
{
    AUTO_FREE char *printable = text_printable(text, strlen(text));
    note_failure(fputs(printable, stdout) < 0);
}

void output_prose(const char *text, size_t size)
{
    errno = 0;
    for (size_t at = 0; at < size;) {
        size_t n = 0;
        while (at + n < size && text[at + n] != '\n' && text[at + n] != '\t')
            n++;
        AUTO_FREE char *printable = text_printable(text + at, n);
        note_failure(fputs(printable, stdout) < 0);
        at += n;
        if (at < size)
            note_failure(fputc(text[at++], stdout) == EOF);
    }
}

void output_flush(void)
{
    errno = 0;
    note_failure(fflush(stdout) != 0);
}

void output_bytes(const void *data, size_t size)
{
    errno = 0;
    note_failure(fwrite(data, 1, size, stdout) != size);
}

/* jansson does not escape DEL and C1; in JSON they can only occur inside strings. */
static void put_escaped(const char *text, FILE *stream)
{
    size_t length = strlen(text), start = 0;
    for (size_t at = 0; at < length;) {
        uint32_t code = 0;
        size_t n = text_decode(text + at, length - at, &code);
        if (code >= 0x7F && code < 0xA0) {
            fwrite(text + start, 1, at - start, stream);
            fprintf(stream, "\\u%04x", (unsigned)code);
            start = at + n;
        }
        at += n ? n : 1;
    }
    fwrite(text + start, 1, length - start, stream);
}

void output_json(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(9));
    if (!text)
        BUG("an object that is not JSON");
    errno = 0;
    put_escaped(text, stdout);
    note_failure(fputc('\n', stdout) == EOF || fflush(stdout) != 0);
    free(text);
    json_decref(object);
}

void output_error_json(const struct error *problem)
{
    json_t *object = json_object();
    json_object_set_new(object, "error", json_string(error_name(problem->code)));
    json_set_text(object, "message", problem->message);
    AUTO_FREE char *text = json_dumps(object, JSON_COMPACT);
    put_escaped(text, stderr);
    fputc('\n', stderr);
    json_decref(object);
}

bool output_is_broken(void)
{
    return write_errno || ferror(stdout);
}

/* Determines the reason of a failed write that left no errno, because its result was not checked.
 */
static void ask_the_pipe(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    bool closed = poll(&out, 1, 0) > 0 && (out.revents & POLLERR);
    write_errno = closed ? EPIPE : EIO;
}

int output_finish(struct error *err)
{
    errno = 0;
    note_failure(fflush(stdout) != 0);
    if (ferror(stdout) && !write_errno)
        ask_the_pipe();
    if (!write_errno || write_errno == EPIPE)
        return 0;
    return error_errno(err, write_errno, "cannot write the output");
}

void output_set_text(json_t *object, const char *key, const char *text)
{
    json_set_text(object, key, text);
}
