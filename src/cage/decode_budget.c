/* SPDX-License-Identifier: MIT */
/* A counting semaphore over bytes. */
#include "cage/decode_budget.h"

#include <pthread.h>
#include <stdint.h>

struct budget {
    pthread_mutex_t lock;
    pthread_cond_t given;
    size_t bytes, left;
    uint64_t next_ticket,
        served; /* requests are served in order, so that large ones do not starve */
};

struct budget *budget_new(size_t bytes)
{
    struct budget *budget = xcalloc(1, sizeof *budget);
    pthread_mutex_init(&budget->lock, NULL);
    pthread_cond_init(&budget->given, NULL);
    budget->bytes = budget->left = bytes;
    return budget;
}

void budget_free(struct budget *budget)
{
    if (!budget)
        return;
    pthread_mutex_destroy(&budget->lock);
    pthread_cond_destroy(&budget->given);
    free(budget);
}

size_t budget_take(struct budget *budget, size_t bytes)
{
    if (bytes > budget->bytes)
        bytes = budget->bytes;
    pthread_mutex_lock(&budget->lock);
    uint64_t ticket = budget->next_ticket++;
    while (ticket != budget->served || budget->left < bytes)
        pthread_cond_wait(&budget->given, &budget->lock);
    budget->served++;
    budget->left -= bytes;
    pthread_cond_broadcast(&budget->given);
    pthread_mutex_unlock(&budget->lock);
    return bytes;
}

bool budget_try(struct budget *budget, size_t bytes)
{
    pthread_mutex_lock(&budget->lock);
    bool there = budget->left >= bytes;
    if (there)
        budget->left -= bytes;
    pthread_mutex_unlock(&budget->lock);
    return there;
}

size_t budget_bytes(const struct budget *budget)
{
    return budget->bytes;
}

void budget_give(struct budget *budget, size_t taken)
{
    pthread_mutex_lock(&budget->lock);
    budget->left += taken;
    pthread_cond_broadcast(&budget->given);
    pthread_mutex_unlock(&budget->lock);
}
