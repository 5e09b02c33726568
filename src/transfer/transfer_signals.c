/* SPDX-License-Identifier: MIT */
/* Copies models and signals in batches. */
#include "transfer/transfer_signals.h"

#include <string.h>

#include "base/memory.h"
#include "store/signals.h"

/* Signals per transaction. */
#define BATCH 256

struct copying {
    struct store *to;
    const struct transfer_options *options;
    struct transfer_report *report;
    bool without_vectors; /* the target has one model only */
    size_t models;
    struct store_signal signals[BATCH];
    char *texts[BATCH][3]; /* kind, model, reason */
    void *payloads[BATCH];
    size_t n;
    struct error why; /* the error that stopped the copy */
};

static void empty_batch(struct copying *c)
{
    for (size_t i = 0; i < c->n; i++) {
        for (size_t j = 0; j < 3; j++)
            free(c->texts[i][j]);
        free(c->payloads[i]);
    }
    c->n = 0;
}

static int put_batch(struct copying *c)
{
    int rc = store_put_signals(c->to, c->signals, c->n, &c->why);
    if (!rc)
        c->report->signals += (int64_t)c->n;
    empty_batch(c);
    if (!rc && c->options->cancelled && c->options->cancelled(c->options->context))
        return error_set(&c->why, ERR_CANCELLED, "interrupted");
    return rc;
}

/* Everything that a signal points to must live until the batch is stored. */
static int take_signal(void *context, const struct store_signal *signal)
{
    struct copying *c = context;
    if (c->without_vectors && strcmp(signal->kind.kind, STORE_SIGNAL_VECTOR) == 0)
        return 0;
    struct store_signal *own = &c->signals[c->n];
    char **texts = c->texts[c->n];
    texts[0] = xstrdup(signal->kind.kind);
    texts[1] = xstrdup(signal->kind.model);
    texts[2] = signal->reason ? xstrdup(signal->reason) : NULL;
    c->payloads[c->n] =
        signal->size ? memcpy(xmalloc(signal->size), signal->payload, signal->size) : NULL;
    *own = *signal;
    own->kind.kind = texts[0];
    own->kind.model = texts[1];
    own->reason = texts[2];
    own->payload = c->payloads[c->n];
    return ++c->n == BATCH ? put_batch(c) : 0;
}

static int copy_model(void *context, const struct store_model *model, int64_t vectors)
{
    struct copying *c = context;
    char before[sizeof model->arithmetic];
    (void)vectors;
    if (c->models++ == 0) /* the one in use */
        return 0;
    int rc = store_add_model(c->to, model, &c->why);
    if (rc == ERR_UNSUPPORTED) {
        c->without_vectors = true;
        return 0;
    }
    if (!rc && model->arithmetic[0])
        rc = store_add_arithmetic(c->to, model, before, &c->why);
    return rc;
}

int transfer_signals(struct store *from, struct store *to, const struct transfer_options *options,
                     struct transfer_report *report, struct error *err)
{
    struct copying *c = xcalloc(1, sizeof *c);
    c->to = to;
    c->options = options;
    c->report = report;
    int rc = store_list_models(from, copy_model, c, &c->why);
    if (!rc)
        rc = store_list_signals(from, NULL, NULL, take_signal, c, &c->why);
    if (!rc)
        rc = put_batch(c);
    if (rc)
        error_set(err, rc, "%s", c->why.message);
    empty_batch(c);
    free(c);
    return rc;
}
