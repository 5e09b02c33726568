/* SPDX-License-Identifier: MIT */
/* Turns SIGINT and SIGTERM into a flag; the second signal ends the program. */
#include "cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

#define EXIT_INTERRUPTED 130

static volatile sig_atomic_t requested;
static volatile sig_atomic_t on_terminal;

static void on_signal(int number)
{
    (void)number;
    if (requested && on_terminal) { /* the prompt must not appear inside a progress line */
        ssize_t written = write(STDERR_FILENO, "\n", 1);
        (void)written;
    }
    if (requested)
        _exit(EXIT_INTERRUPTED);
    requested = 1;
}

void interrupt_catch(void)
{
    on_terminal = isatty(STDERR_FILENO);
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void interrupt_forget(void)
{
    requested = 0;
}

bool interrupt_requested(void)
{
    return requested;
}
