/* SPDX-License-Identifier: MIT */
/* The ledger, and records that come from another gallery, on any kind of store. */
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <time.h>

#include "store/ledger.h"
#include "store/records.h"
#include "store_fixture.h"

static struct error err;

static struct ledger_entry sent(const char *request)
{
    return (struct ledger_entry){
        .request = request,
        .event = LEDGER_SENT,
        .purpose = "ask",
        .provider = "anthropic",
        .host = "api.anthropic.com",
        .model = "claude-sonnet-5-5",
        .photos = "[{\"id\":3,\"path\":\"/a \xC3\xA9.jpg\"}]",
        .bytes = 123456,
        .input_tokens = 1500,
        .output_tokens = 4096,
        .cache_read_tokens = 7,
        .cache_write_tokens = 8,
        .cost_usd = 0.0123456789012345,
        .detail = "",
    };
}

struct listed {
    struct ledger_entry entries[16];
    char texts[16][512];
    size_t count, stop_after;
};

static int note(void *context, const struct ledger_entry *e)
{
    struct listed *l = context;
    if (l->count < 16) {
        snprintf(l->texts[l->count], sizeof l->texts[0], "%s|%d|%s|%s|%s|%s|%s|%s", e->request,
                 (int)e->event, e->purpose, e->provider, e->host, e->model, e->photos, e->detail);
        l->entries[l->count] = *e;
    }
    return ++l->count == l->stop_after ? 19 : 0;
}

static struct listed list(struct store *store, int64_t since)
{
    struct listed l = {.count = 0};
    if (store_ledger_list(store, since, note, &l, &err))
        ok(false, "%s", err.message);
    return l;
}

static void test_entries(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    int64_t before = (int64_t)time(NULL);
    struct ledger_entry entry = sent("r1");
    is_int((long long)list(store, 0).count, 0, "a new gallery has an empty ledger");
    is_int(store_ledger_add(store, &entry, &err), 0, "adds what was sent");
    struct ledger_entry failed = {.request = "r1",
                                  .event = LEDGER_FAILED,
                                  .purpose = "ask",
                                  .provider = "anthropic",
                                  .host = "h",
                                  .model = "m",
                                  .cost_usd = (double)NAN,
                                  .detail = "cut off \xff after 3 bytes"};
    is_int(store_ledger_add(store, &failed, &err), 0, "... and how it ended");
    is_int(store_ledger_add(store, &failed, &err), 0, "... even twice");
    struct listed l = list(store, before - 2);
    is_int((long long)l.count, 3, "all are listed");
    is_str(l.texts[0],
           "r1|0|ask|anthropic|api.anthropic.com|claude-sonnet-5-5|"
           "[{\"id\":3,\"path\":\"/a \xC3\xA9.jpg\"}]|",
           "... the first first, with its texts");
    is_str(l.texts[1], "r1|2|ask|anthropic|h|m|[]|cut off \xEF\xBF\xBD after 3 bytes",
           "... no photos in the second, and a sentence that can be read");
    const struct ledger_entry *e = &l.entries[0];
    ok(e->bytes == 123456 && e->input_tokens == 1500 && e->output_tokens == 4096 &&
           e->cache_read_tokens == 7 && e->cache_write_tokens == 8 && e->cost_usd == entry.cost_usd,
       "... numbers as given, the price to the bit");
    ok(isnan(l.entries[1].cost_usd), "... and one that is not known");
    ok(e->id < l.entries[1].id && l.entries[1].id < l.entries[2].id, "... ids grow");
    ok(e->at >= before - 2 && e->at <= (int64_t)time(NULL) + 2, "... with the time");
    is_int((long long)list(store, e->at + 100).count, 0, "none after a time to come");
    struct listed two = {.stop_after = 2};
    is_int(store_ledger_list(store, 0, note, &two, &err), 19, "a list can be stopped");
    struct store_status status;
    ok(store_status(store, &status, &err) == 0 && status.ledger_entries == 3, "status counts them");
}

/* ---- the newest ---- */

static atomic_int steps; /* of SQLite statements */

__attribute__((visibility("default"))) int sqlite3_step(sqlite3_stmt *statement)
{
    int (*real)(sqlite3_stmt *) = (int (*)(sqlite3_stmt *))dlsym(RTLD_NEXT, "sqlite3_step");
    atomic_fetch_add(&steps, 1);
    return real(statement);
}

enum { MANY = 1250 }; /* more than the pages in which they are read */

struct order {
    int64_t ids[MANY];
    size_t count, stop_after;
};

static int note_id(void *context, const struct ledger_entry *e)
{
    struct order *o = context;
    if (o->count < MANY)
        o->ids[o->count] = e->id;
    return ++o->count == o->stop_after ? 21 : 0;
}

static void put_many(struct store *store)
{
    static struct store_record records[MANY];
    for (int i = 0; i < MANY; i++)
        records[i] = (struct store_record){
            .kind = STORE_RECORD_ENTRY,
            .entry = {.at = 1000 + i / 3, .request = "r", .detail = i % 2 ? "odd" : "even"}};
    for (int i = 0; i < MANY; i++) /* those of one second differ, or would be one */
        records[i].entry.request = i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "c";
    is_int(store_put_records(store, records, MANY, &err), 0, "a long ledger");
}

static void test_newest(void)
{
    static struct order forth, back, late, few = {.stop_after = 3};
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    put_many(store);
    is_int(store_ledger_list(store, 0, note_id, &forth, &err), 0, "is listed");
    is_int(store_ledger_newest(store, 0, note_id, &back, &err), 0, "and from its end");
    ok(forth.count == MANY && back.count == MANY, "the ledger is whole");
    size_t wrong = 0;
    for (size_t i = 0; i < MANY; i++)
        wrong += forth.ids[i] != back.ids[MANY - 1 - i];
    is_int((long long)wrong, 0, "in the opposite order");
    is_int(store_ledger_newest(store, 1400, note_id, &late, &err), 0, "from a time on");
    ok(late.count == MANY - 3 * 400 && late.ids[0] == back.ids[0], "the newest first, too");
    int before = atomic_load(&steps);
    is_int(store_ledger_newest(store, 0, note_id, &few, &err), 21, "and can be stopped");
    int taken = atomic_load(&steps) - before;
    ok(few.count == 3 && few.ids[2] == back.ids[2], "after three");
    ok(taken < 20, "without reading all the others: %d steps", taken);
}

/* ---- from another gallery ---- */

static struct store_record label_record(uint64_t seed, const char *name)
{
    struct store_record r = {.kind = STORE_RECORD_LABEL, .label = {.name = name}};
    memset(r.label.hash, (int)(seed & 0xff), HASH_BYTES);
    memcpy(r.label.hash, &seed, sizeof seed);
    return r;
}

struct dumped {
    size_t kinds[STORE_RECORD_ENTRY + 1];
    int64_t oldest;
};

static int note_record(void *context, const struct store_record *r)
{
    struct dumped *d = context;
    d->kinds[r->kind]++;
    if (r->kind == STORE_RECORD_ENTRY && (!d->oldest || r->entry.at < d->oldest))
        d->oldest = r->entry.at;
    return 0;
}

static int count_label(void *context, const struct store_label *label)
{
    *(int64_t *)context = label->photo;
    return 0;
}

static void test_records(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    struct ledger_entry now = sent("now");
    is_int(store_ledger_add(store, &now, &err), 0, "an entry of its own");
    struct store_record records[6] = {
        label_record(5, "Mia"),
        label_record(6, "Ben"),
        {.kind = STORE_RECORD_RULE, .rule = {STORE_RULE_FOLDER, "/private"}},
        {.kind = STORE_RECORD_RULE, .rule = {STORE_RULE_LABEL, "Mia"}},
        {.kind = STORE_RECORD_ENTRY, .entry = sent("old")},
        {.kind = STORE_RECORD_ENTRY, .entry = sent("older")},
    };
    records[1].label.has_box = true;
    records[1].label.box = (struct store_box){0.1, 0.2, 0.3, 0.4};
    records[4].entry.at = 2000000;
    records[5].entry.at = 1000000;
    is_int(store_put_records(store, records, 6, &err), 0, "records of another gallery");
    is_int(store_put_records(store, records, 6, &err), 0, "... a second time");
    struct dumped d = {.oldest = 0};
    is_int(store_dump_records(store, note_record, &d, &err), 0, "all are read");
    ok(d.kinds[STORE_RECORD_LABEL] == 2 && d.kinds[STORE_RECORD_RULE] == 2 &&
           d.kinds[STORE_RECORD_ENTRY] == 3,
       "... each is there once");
    is_int(d.oldest, 1000000, "... entries with their time");
    struct listed l = list(store, 0);
    ok(l.entries[0].at == 1000000 && l.entries[1].at == 2000000, "... and in its order");
    is_int((long long)list(store, 1500000).count, 2, "... also from a time on");
    int64_t photo = -1;
    is_int(store_list_labels(store, 0, "mia", count_label, &photo, &err), 0, "a label");
    is_int(photo, 0, "... whose photo is not there yet");
    fixture_put(store, "/a", 5);
    is_int(store_list_labels(store, 0, "mia", count_label, &photo, &err), 0, "... and then");
    is_int(photo, fixture_id(store, "/a"), "... it is");
    struct store_record bad[2] = {label_record(9, "Good"), label_record(9, "")};
    is_int(store_put_records(store, bad, 2, &err), ERR_INVALID, "one that is none");
    d = (struct dumped){.oldest = 0};
    ok(!store_dump_records(store, note_record, &d, &err) && d.kinds[STORE_RECORD_LABEL] == 2,
       "... changes nothing");
    is_int(store_put_records(store, NULL, 0, &err), 0, "none at all");
}

/* ---- a reader beside a writer ---- */

enum { ENTRIES = 150 };

static int write_entries(void *context)
{
    AUTO(store) *store = fixture_open(context);
    int64_t id;
    for (int i = 0; i < ENTRIES; i++) {
        char name[32];
        struct ledger_entry entry = sent("busy");
        snprintf(name, sizeof name, "name %d", i % 10);
        if (store_ledger_add(store, &entry, &err) ||
            store_add_label(store, fixture_id(store, "/a"), name, NULL, &id, &err))
            return 1;
    }
    return 0;
}

static void test_at_once(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    struct store *first = fixture_open(gallery);
    fixture_put(first, "/a", 1);
    store_close(first);
    AUTO(store) *reader = NULL;
    if (store_open(gallery, STORE_READ, &reader, &err))
        ok(false, "%s", err.message);
    fflush(stdout);
    pid_t writers[2];
    for (int i = 0; i < 2; i++)
        if ((writers[i] = fork()) == 0)
            _exit(write_entries(gallery));
    size_t before = 0, shrunk = 0, failed = 0, reads = 0;
    int status[2] = {-1, -1};
    for (int done = 0; done < 2;) {
        struct listed l = {.count = 0};
        int64_t photo;
        failed += store_ledger_list(reader, 0, note, &l, &err) != 0 ||
                  store_list_labels(reader, 0, "name 3", count_label, &photo, &err) != 0;
        shrunk += l.count < before;
        before = l.count;
        reads++;
        if (waitpid(writers[done], &status[done], WNOHANG) == writers[done])
            done++;
    }
    ok(status[0] == 0 && status[1] == 0, "two processes write entries and labels at once");
    ok(failed == 0 && shrunk == 0, "... a third reads meanwhile (%zu times)", reads);
    is_int((long long)list(reader, 0).count, 2 * ENTRIES, "... every entry is there");
    struct store_status now;
    ok(store_status(reader, &now, &err) == 0 && now.labels == 10, "... and each label once");
}

int main(void)
{
    fixture_start();
    test_entries();
    test_newest();
    test_records();
    test_at_once();
    fixture_cleanup();
    return done_testing();
}
