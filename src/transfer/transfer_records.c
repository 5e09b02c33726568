/* SPDX-License-Identifier: MIT */
/* Copies labels, rules, albums and ledger entries in batches. */
#include <string.h>

#include "base/memory.h"
#include "store/records.h"
#include "transfer/transfer_records.h"

/* Records per transaction. */
#define BATCH 256
/* Strings of a ledger entry; other records have fewer. */
#define TEXTS 8

struct copying {
    struct store *to;
    const struct transfer_options *options;
    struct transfer_report *report;
    struct store_record records[BATCH];
    char *texts[BATCH][TEXTS];
    size_t n;
    struct error why; /* the error that stopped the copy */
};

static void empty_batch(struct copying *c)
{
    for (size_t i = 0; i < c->n; i++)
        for (size_t j = 0; j < TEXTS; j++)
            free(c->texts[i][j]);
    c->n = 0;
}

static void count_record(struct transfer_report *report, enum store_record_kind kind)
{
    report->labels += kind == STORE_RECORD_LABEL;
    report->rules += kind == STORE_RECORD_RULE;
    report->albums += kind == STORE_RECORD_ALBUM;
    report->entries += kind == STORE_RECORD_ENTRY;
}

static int put_batch(struct copying *c)
{
    int rc = store_put_records(c->to, c->records, c->n, &c->why);
    for (size_t i = 0; !rc && i < c->n; i++)
        count_record(c->report, c->records[i].kind);
    empty_batch(c);
    if (!rc && c->options->cancelled && c->options->cancelled(c->options->context))
        return error_set(&c->why, ERR_CANCELLED, "interrupted");
    return rc;
}

/* Sets the strings of a record that is not an entry, and returns their number. */
static size_t name_fields(struct store_record *record, const char **ret_fields[TEXTS])
{
    switch (record->kind) {
    case STORE_RECORD_LABEL:
        ret_fields[0] = &record->label.name;
        return 1;
    case STORE_RECORD_RULE:
        ret_fields[0] = &record->rule.value;
        return 1;
    case STORE_RECORD_ALBUM:
        ret_fields[0] = &record->album.name;
        ret_fields[1] = &record->album.query;
        return 2;
    default:
        ret_fields[0] = &record->member.album;
        return 1;
    }
}

/* Everything that a record points to must live until the batch is stored. */
static int take_record(void *context, const struct store_record *record)
{
    struct copying *c = context;
    struct store_record *own = &c->records[c->n];
    struct ledger_entry *e = &own->entry;
    *own = *record;
    const char **fields[TEXTS] = {&e->request, &e->purpose, &e->provider, &e->host,
                                  &e->model,   &e->photos,  &e->detail,   &e->facts};
    size_t n = TEXTS;
    if (record->kind != STORE_RECORD_ENTRY)
        n = name_fields(own, fields);
    for (size_t i = 0; i < TEXTS; i++) {
        c->texts[c->n][i] = i < n && *fields[i] ? xstrdup(*fields[i]) : NULL;
        if (i < n)
            *fields[i] = c->texts[c->n][i];
    }
    return ++c->n == BATCH ? put_batch(c) : 0;
}

int transfer_records(struct store *from, struct store *to, const struct transfer_options *options,
                     struct transfer_report *report, struct error *err)
{
    struct copying *c = xcalloc(1, sizeof *c);
    c->to = to;
    c->options = options;
    c->report = report;
    int rc = store_dump_records(from, take_record, c, &c->why);
    if (!rc)
        rc = put_batch(c);
    if (rc)
        error_set(err, rc, "%s", c->why.message);
    empty_batch(c);
    free(c);
    return rc;
}

int transfer_copy_records(struct store *from, struct store *to,
                          const struct transfer_options *options,
                          struct transfer_report *ret_report, struct error *err)
{
    static const struct transfer_options defaults;
    struct transfer_report report = {0};
    int rc = transfer_records(from, to, options ? options : &defaults, &report, err);
    if (!rc || rc == ERR_CANCELLED)
        *ret_report = report;
    return rc;
}
