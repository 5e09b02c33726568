/* SPDX-License-Identifier: MIT */
/* Reads a line without echo. Signals are recorded while the terminal is changed, and sent again to
 * this process after it is restored. */
#include "cli/password_prompt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/memory.h"

#define LINE_BYTES 2048

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
#define ENDING_COUNT (sizeof ending / sizeof *ending)

static volatile sig_atomic_t noted; /* the signal that arrived, 0: none */

static void note_signal(int number)
{
    noted = number;
}

struct guard {
    struct termios shown;
    struct sigaction actions[ENDING_COUNT];
    sigset_t mask; /* the original mask: signals can arrive only while we wait */
};

static bool hide_input(struct guard *guard)
{
    struct sigaction action = {.sa_handler = note_signal};
    sigset_t blocked;
    if (tcgetattr(STDIN_FILENO, &guard->shown) != 0)
        return false;
    sigemptyset(&action.sa_mask);
    sigemptyset(&blocked);
    for (size_t i = 0; i < ENDING_COUNT; i++)
        sigaddset(&blocked, ending[i]);
    pthread_sigmask(SIG_BLOCK, &blocked, &guard->mask);
    for (size_t i = 0; i < ENDING_COUNT; i++)
        sigaction(ending[i], &action, &guard->actions[i]);
    struct termios hidden = guard->shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    return true;
}

static void show_input(const struct guard *guard)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &guard->shown);
    fputc('\n', stderr);
    for (size_t i = 0; i < ENDING_COUNT; i++)
        sigaction(ending[i], &guard->actions[i], NULL);
    pthread_sigmask(SIG_SETMASK, &guard->mask, NULL);
}

/* Reads the next byte: returns 1, 0 at the end, or -1 with errno; EINTR if a signal was recorded.
 */
static ssize_t next_byte(const struct guard *guard, char *ret_byte)
{
    struct pollfd wait = {.fd = STDIN_FILENO, .events = POLLIN};
    int rc = guard ? ppoll(&wait, 1, NULL, &guard->mask) : 1;
    return rc < 0 ? rc : read(STDIN_FILENO, ret_byte, 1);
}

/* Returns true with the line in ret_line, false at the end of stdin or on a signal. */
static bool read_bytes(const struct guard *guard, char ret_line[LINE_BYTES])
{
    size_t length = 0;
    char byte = 0;
    ssize_t n = 1;
    while (length + 1 < LINE_BYTES) {
        n = next_byte(guard, &byte);
        if (n < 0 && errno == EINTR && !noted)
            continue;
        if (n <= 0 || byte == '\n')
            break;
        ret_line[length++] = byte;
    }
    while (length > 0 && ret_line[length - 1] == '\r')
        length--;
    ret_line[length] = '\0';
    return n > 0 || (n == 0 && length > 0);
}

/* Asks again after the program was stopped and continued. */
static bool ask_line(const char *prompt, char ret_line[LINE_BYTES])
{
    struct guard guard;
    bool got;
    do {
        noted = 0;
        fputs(prompt, stderr);
        if (!hide_input(&guard))
            return read_bytes(NULL, ret_line);
        got = read_bytes(&guard, ret_line);
        show_input(&guard);
        if (noted)
            raise(noted);
    } while (noted == SIGTSTP || noted == SIGTTIN || noted == SIGTTOU);
    return got && !noted;
}

int password_prompt(const char *prompt, char **ret_line, struct error *err)
{
    char line[LINE_BYTES];
    bool got = isatty(STDIN_FILENO) ? ask_line(prompt, line) : read_bytes(NULL, line);
    if (got)
        *ret_line = xstrdup(line);
    explicit_bzero(line, sizeof line);
    return got ? 0
               : error_set(err, ERR_INVALID,
                           "no password was given: type it, or write it "
                           "to standard input");
}
