/* SPDX-License-Identifier: MIT */
/* Computes the values of many photos, each thread those of a share. */
#include "search/tree_block.h"

#include <unistd.h>

#include "base/thread.h"

enum {
    MOST_THREADS = 8,
    LEAST_SHARE = 256, /* photos; fewer take no longer than to start a thread */
};

struct share {
    const struct tree_grader *grader;
    const uint64_t *held;
    const float *vectors;
    size_t n;
    double *values;
};

static void *grade_share(void *context)
{
    const struct share *s = context;
    for (size_t i = 0; i < s->n; i++) {
        const float *vector = s->vectors + i * s->grader->dim;
        s->values[i] = isnan(vector[0]) ? TREE_NO : tree_grade(s->grader, s->held[i], vector);
    }
    return NULL;
}

static size_t count_shares(size_t n)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t most = processors < 1              ? 1
                  : processors > MOST_THREADS ? MOST_THREADS
                                              : (size_t)processors;
    size_t shares = n / LEAST_SHARE;
    return shares < 1 ? 1 : shares > most ? most : shares;
}

void tree_grade_block(const struct tree_grader *grader, const uint64_t *held, const float *vectors,
                      size_t n, double *ret_values)
{
    struct share shares[MOST_THREADS];
    pthread_t threads[MOST_THREADS];
    bool started[MOST_THREADS] = {false};
    size_t count = count_shares(n);
    for (size_t i = 0; i < count; i++) {
        size_t first = n * i / count, end = n * (i + 1) / count;
        shares[i] = (struct share){grader, held + first, vectors + first * grader->dim, end - first,
                                   ret_values + first};
        /* Without a thread, the caller does the share. */
        started[i] = i > 0 && thread_start(&threads[i], grade_share, &shares[i], NULL) == 0;
    }
    for (size_t i = 0; i < count; i++)
        if (!started[i])
            grade_share(&shares[i]);
    for (size_t i = 0; i < count; i++)
        if (started[i])
            pthread_join(threads[i], NULL);
}
