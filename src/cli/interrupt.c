#include "cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

#define EXIT_INTERRUPTED 130

static volatile sig_atomic_t requested;

static void on_signal(int number)
{
    (void)number;
    if (requested)
        _exit(EXIT_INTERRUPTED);
    requested = 1;
}

void interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool interrupt_requested(void)
{
    return requested;
}
