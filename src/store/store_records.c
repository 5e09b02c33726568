/* SPDX-License-Identifier: MIT */
/* Checks records and repairs their text before a backend stores them; dumps all records. */
#include "store/records.h"

#include <string.h>

#include "base/text.h"
#include "query/label_name.h"
#include "store/check.h"
#include "store/store_internal.h"

/* ---- adding ---- */

/* Number of strings of an entry. Strings that need a repair are copied. */
enum { ENTRY_TEXTS = 8 };

struct prepared {
    struct store_record *records; /* [n] */
    char **keys;                  /* [n] */
    char **made;                  /* [n][ENTRY_TEXTS] */
    size_t n;
};

static void release(struct prepared *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->keys[i]);
    for (size_t i = 0; i < p->n * ENTRY_TEXTS; i++)
        free(p->made[i]);
    free(p->records);
    free(p->keys);
    free(p->made);
}

static void mend(const char **text, const char *missing, char **ret_made)
{
    if (!*text)
        *text = missing;
    else if (!text_is_utf8(*text, strlen(*text)))
        *text = *ret_made = text_printable(*text, strlen(*text));
}

static void mend_entry(struct ledger_entry *e, char **made)
{
    const char **texts[ENTRY_TEXTS] = {&e->request, &e->purpose, &e->provider, &e->host,
                                       &e->model,   &e->photos,  &e->detail,   &e->facts};
    for (size_t i = 0; i < ENTRY_TEXTS; i++)
        mend(texts[i], texts[i] == &e->photos ? "[]" : "", &made[i]);
}

static int prepare_album(const struct store_album *album, char **ret_key, struct error *err)
{
    int rc = store_check_album_query(album->query, err);
    return rc ? rc : store_fold_album_name(album->name, ret_key, err);
}

static int prepare(struct prepared *p, size_t i, struct error *err)
{
    struct store_record *r = &p->records[i];
    switch (r->kind) {
    case STORE_RECORD_LABEL:
        p->made[i * ENTRY_TEXTS] = label_name_trim(r->label.name);
        r->label.name = p->made[i * ENTRY_TEXTS];
        return label_name_fold(r->label.name, &p->keys[i], err);
    case STORE_RECORD_RULE:
        if (r->rule.kind == STORE_RULE_LABEL)
            p->made[i * ENTRY_TEXTS] = label_name_trim(r->rule.value);
        if (r->rule.kind == STORE_RULE_LABEL)
            r->rule.value = p->made[i * ENTRY_TEXTS];
        return store_rule_key(r->rule.kind, r->rule.value, &p->keys[i], err);
    case STORE_RECORD_ALBUM:
        p->made[i * ENTRY_TEXTS] = label_name_trim(r->album.name);
        r->album.name = p->made[i * ENTRY_TEXTS];
        return prepare_album(&r->album, &p->keys[i], err);
    case STORE_RECORD_MEMBER:
        return store_fold_album_name(r->member.album, &p->keys[i], err);
    default:
        mend_entry(&r->entry, p->made + i * ENTRY_TEXTS);
        return 0;
    }
}

int store_put_records(struct store *store, const struct store_record *records, size_t n,
                      struct error *err)
{
    struct prepared p = {.n = n};
    int rc = 0;
    if (!n)
        return 0;
    p.records = xmalloc(n * sizeof *p.records);
    memcpy(p.records, records, n * sizeof *p.records);
    p.keys = xcalloc(n, sizeof *p.keys);
    p.made = xcalloc(n * ENTRY_TEXTS, sizeof *p.made);
    for (size_t i = 0; !rc && i < n; i++)
        rc = prepare(&p, i, err);
    if (!rc)
        rc = store->backend->put_records(store, p.records, p.keys, n, err);
    release(&p);
    return rc;
}

/* ---- dumping ---- */

struct dump {
    int (*each)(void *context, const struct store_record *record);
    void *context;
};

static int give_label(void *context, const struct store_label *label)
{
    const struct dump *d = context;
    return d->each(d->context, &(struct store_record){.kind = STORE_RECORD_LABEL, .label = *label});
}

static int give_rule(void *context, const struct store_rule *rule)
{
    const struct dump *d = context;
    return d->each(d->context, &(struct store_record){.kind = STORE_RECORD_RULE, .rule = *rule});
}

static int give_album(void *context, const struct store_album *album)
{
    const struct dump *d = context;
    return d->each(d->context, &(struct store_record){.kind = STORE_RECORD_ALBUM, .album = *album});
}

static int give_member(void *context, const struct store_member *member)
{
    const struct dump *d = context;
    return d->each(d->context,
                   &(struct store_record){.kind = STORE_RECORD_MEMBER, .member = *member});
}

static int give_entry(void *context, const struct ledger_entry *entry)
{
    const struct dump *d = context;
    return d->each(d->context, &(struct store_record){.kind = STORE_RECORD_ENTRY, .entry = *entry});
}

int store_dump_records(struct store *store,
                       int (*each)(void *context, const struct store_record *record), void *context,
                       struct error *err)
{
    struct dump d = {each, context};
    int rc = store->backend->check_records(store, true, err);
    if (!rc)
        rc = store_list_labels(store, 0, NULL, give_label, &d, err);
    if (!rc)
        rc = store_list_rules(store, give_rule, &d, err);
    if (!rc)
        rc = store_list_albums(store, give_album, &d, err);
    if (!rc)
        rc = store_list_members(store, give_member, &d, err);
    return rc ? rc : store_ledger_list(store, INT64_MIN, give_entry, &d, err);
}
