/* SPDX-License-Identifier: MIT */
/* Queries the terminal's attributes, to determine whether it shows sixels. */
#include "cli/terminal_query.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/terminal.h"

#define PATIENCE_S 1.0 /* for a slow line; a local terminal answers within milliseconds */
#define ANSWER_MAX 256
#define SIXEL_ATTRIBUTE 4

bool terminal_answer_has_sixel(const char *answer, size_t size)
{
    const char *at = memmem(answer, size, "\033[?", 3), *end = answer + size;
    if (!at)
        return false;
    unsigned value = 0;
    bool first = true; /* the terminal's class, which is not an attribute */
    for (at += 3; at < end; at++) {
        if (*at >= '0' && *at <= '9') {
            value = value < 1000 ? value * 10 + (unsigned)(*at - '0') : value;
            continue;
        }
        if (*at != ';' && *at != 'c')
            return false;
        if (!first && value == SIXEL_ATTRIBUTE)
            return true;
        if (*at == 'c')
            return false;
        first = false;
        value = 0;
    }
    return false;
}

static bool is_readable(int fd, double seconds)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    return poll(&wait, 1, seconds > 0 ? (int)(seconds * 1000) : 0) == 1 && wait.revents & POLLIN;
}

/* Reads up to the final character of the answer, until the timeout or until the buffer is full. */
static size_t read_answer(int fd, char answer[ANSWER_MAX])
{
    size_t size = 0;
    double until = clock_seconds() + PATIENCE_S;
    while (size < ANSWER_MAX && is_readable(fd, until - clock_seconds())) {
        ssize_t n = read(fd, answer + size, 1);
        if (n <= 0)
            break;
        size++;
        if (answer[size - 1] == 'c')
            break;
    }
    return size;
}

static bool send_query(int in, FILE *stream)
{
    static const char question[] = "\033[c";
    char answer[ANSWER_MAX];
    size_t size = 0;
    struct termios before, quiet;
    if (tcgetattr(in, &before) != 0)
        return false;
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    if (tcsetattr(in, TCSANOW, &quiet) != 0)
        return false;
    if (!is_readable(in, 0) && /* pending input is not ours to read */
        write(fileno(stream), question, sizeof question - 1) == sizeof question - 1)
        size = read_answer(in, answer);
    tcsetattr(in, TCSANOW, &before);
    return terminal_answer_has_sixel(answer, size);
}

bool terminal_shows_sixel(FILE *stream)
{
    int in = STDIN_FILENO;
    if (!terminal_is(stdin) || !terminal_obeys(stream) || tcgetpgrp(in) != getpgrp())
        return false;
    fflush(stream);
    sigset_t signals, before;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGTSTP);
    if (pthread_sigmask(SIG_BLOCK, &signals, &before) != 0)
        return false;
    bool shows = send_query(in, stream);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return shows;
}
