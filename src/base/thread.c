/* SPDX-License-Identifier: MIT */
/* Starts threads, and explains in one place what to do when there are no more. */
#include "base/thread.h"

#include <execinfo.h>
#include <string.h>

int thread_start(pthread_t *ret_thread, void *(*thread_main)(void *context), void *context,
                 struct error *err)
{
    int number = pthread_create(ret_thread, NULL, thread_main, context);
    if (!number)
        return 0;
    return error_set(err, ERR_LIMIT,
                     "cannot start a thread: %s; raise the limit on processes (ulimit -u, "
                     "TasksMax, a container's pids), or try again later",
                     strerror(number));
}

void thread_load_unwinder(void)
{
    void *frame;
    (void)backtrace(&frame, 1);
}
