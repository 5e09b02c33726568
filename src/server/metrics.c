/* SPDX-License-Identifier: MIT */
/* Counts requests, and writes the counters in Prometheus' text format. */
#include "server/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/memory.h"
#include "server/router.h"

#define ROUTES_MAX 64
#define CLASSES 6 /* 1xx to 5xx by the first digit; 0: no reply was sent */

static const double bounds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                0.25,  0.5,    1,     2.5,  5,     10};
enum { BOUND_COUNT = sizeof bounds / sizeof *bounds };

struct series {
    atomic_uint_fast64_t by_class[CLASSES];
    atomic_uint_fast64_t below[BOUND_COUNT + 1]; /* not cumulative; the last: above all bounds */
    atomic_uint_fast64_t microseconds;
};

struct metrics {
    struct series series[ROUTES_MAX + 1]; /* the last: requests without a route */
};

struct metrics *metrics_new(void)
{
    return xcalloc(1, sizeof(struct metrics));
}

void metrics_free(struct metrics *m)
{
    free(m);
}

void metrics_count(struct metrics *m, int route, int status, double seconds)
{
    struct series *s = &m->series[route >= 0 && route < ROUTES_MAX ? route : ROUTES_MAX];
    size_t bound = 0;
    while (bound < BOUND_COUNT && seconds > bounds[bound])
        bound++;
    atomic_fetch_add(&s->by_class[status / 100 % CLASSES], 1);
    atomic_fetch_add(&s->below[bound], 1);
    atomic_fetch_add(&s->microseconds, (uint_fast64_t)(seconds * 1e6));
}

static int write_counts(const char *labels, const struct series *s, struct strbuf *text,
                        struct error *err)
{
    int rc = 0;
    for (int c = 0; !rc && c < CLASSES; c++) {
        uint64_t count = atomic_load(&s->by_class[c]);
        if (count > 0)
            rc = strbuf_addf(text, err, "keepsake_requests_total{%s,status=\"%dxx\"} %" PRIu64 "\n",
                             labels, c, count);
    }
    return rc;
}

static int write_times(const char *labels, const struct series *s, struct strbuf *text,
                       struct error *err)
{
    uint64_t sum = 0;
    int rc = 0;
    for (int b = 0; b <= BOUND_COUNT; b++)
        sum += atomic_load(&s->below[b]);
    if (sum == 0)
        return 0;
    sum = 0;
    for (int b = 0; !rc && b < BOUND_COUNT; b++) {
        sum += atomic_load(&s->below[b]);
        rc = strbuf_addf(text, err, "keepsake_request_seconds_bucket{%s,le=\"%g\"} %" PRIu64 "\n",
                         labels, bounds[b], sum);
    }
    sum += atomic_load(&s->below[BOUND_COUNT]);
    if (!rc)
        rc = strbuf_addf(text, err,
                         "keepsake_request_seconds_bucket{%s,le=\"+Inf\"} %" PRIu64 "\n"
                         "keepsake_request_seconds_sum{%s} %.6f\n"
                         "keepsake_request_seconds_count{%s} %" PRIu64 "\n",
                         labels, sum, labels, (double)atomic_load(&s->microseconds) / 1e6, labels,
                         sum);
    return rc;
}

typedef int write_function(const char *labels, const struct series *s, struct strbuf *text,
                           struct error *err);

static int write_all(const struct metrics *m, write_function *write, struct strbuf *text,
                     struct error *err)
{
    int rc = 0, i = 0;
    for (; !rc && routes[i].method; i++) {
        AUTO_FREE char *labels =
            xasprintf("method=\"%s\",route=\"%s\"", routes[i].method, routes[i].pattern);
        rc = write(labels, &m->series[i], text, err);
    }
    return rc ? rc : write("method=\"\",route=\"\"", &m->series[ROUTES_MAX], text, err);
}

int metrics_write(struct metrics *m, struct strbuf *text, struct error *err)
{
    int rc = strbuf_addf(text, err,
                         "# HELP keepsake_requests_total Completed requests, by route and "
                         "status; 0xx: the client disconnected.\n# TYPE keepsake_requests_total "
                         "counter\n");
    if (!rc)
        rc = write_all(m, write_counts, text, err);
    if (!rc)
        rc = strbuf_addf(text, err,
                         "# HELP keepsake_request_seconds From a request's headers to the end of "
                         "its reply.\n"
                         "# TYPE keepsake_request_seconds histogram\n");
    return rc ? rc : write_all(m, write_times, text, err);
}

int metrics_gauge(struct strbuf *text, const char *name, const char *help, double value,
                  struct error *err)
{
    return strbuf_addf(text, err, "# HELP %s %s\n# TYPE %s gauge\n%s %.15g\n", name, help, name,
                       name, value);
}
