/* SPDX-License-Identifier: MIT */
/* A fair mutex: threads get it in the order in which they asked. */
#include "base/fair_mutex.h"

void fair_mutex_init(struct fair_mutex *mutex)
{
    pthread_mutex_init(&mutex->lock, NULL);
    pthread_cond_init(&mutex->changed, NULL);
    mutex->next_ticket = mutex->serving = 0;
}

void fair_mutex_release(struct fair_mutex *mutex)
{
    pthread_cond_destroy(&mutex->changed);
    pthread_mutex_destroy(&mutex->lock);
}

void fair_mutex_lock(struct fair_mutex *mutex)
{
    pthread_mutex_lock(&mutex->lock);
    uint64_t ticket = mutex->next_ticket++;
    while (mutex->serving != ticket)
        pthread_cond_wait(&mutex->changed, &mutex->lock);
    pthread_mutex_unlock(&mutex->lock);
}

void fair_mutex_unlock(struct fair_mutex *mutex)
{
    pthread_mutex_lock(&mutex->lock);
    mutex->serving++;
    pthread_cond_broadcast(&mutex->changed);
    pthread_mutex_unlock(&mutex->lock);
}
