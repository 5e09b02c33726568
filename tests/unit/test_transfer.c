/* SPDX-License-Identifier: MIT */
/* Galleries copied into others: nothing is lost, and FILE is whole or not there.
 * KEEPSAKE_TEST_POSTGRES names a server's gallery (NUMBER in it becomes a number, another for every
 * test), which is then one of the stops. */
#include "transfer/transfer.h"

#include "base/file.h"
#include "sqlite_fixture.h"
#include "store/records.h"
#include "store/signals.h"
#include "transfer_signals.h"

/* All that a dump gives, as one number. */
struct digest {
    struct hash *running;
    size_t photos, failures, records, models, signals;
    bool ids; /* count, too */
    char hex[HASH_HEX_SIZE];
    size_t dim;
};

static void add_text(struct hash *h, const char *text)
{
    hash_add(h, text, strlen(text) + 1);
}

static int digest_change(void *context, const struct store_change *c)
{
    struct digest *d = context;
    hash_add(d->running, &c->kind, sizeof c->kind);
    hash_add(d->running, &c->id, d->ids ? sizeof c->id : 0);
    hash_add(d->running, &c->size, sizeof c->size);
    hash_add(d->running, &c->mtime_ns, sizeof c->mtime_ns);
    add_text(d->running, c->path);
    hash_add(d->running, c->hash ? (const void *)c->hash : "none",
             c->hash ? (size_t)HASH_BYTES : 4);
    if (c->kind == STORE_FAIL) {
        add_text(d->running, c->reason);
        d->failures++;
        return 0;
    }
    const struct photo_facts *f = c->facts;
    add_text(d->running, f->format);
    add_text(d->running, f->taken);
    add_text(d->running, f->make);
    add_text(d->running, f->model);
    add_text(d->running, f->lens);
    add_text(d->running, f->damage);
    hash_add(d->running, &f->width, sizeof f->width);
    hash_add(d->running, &f->height, sizeof f->height);
    hash_add(d->running, &f->has_place, sizeof f->has_place);
    hash_add(d->running, &f->latitude, sizeof f->latitude);
    hash_add(d->running, &f->longitude, sizeof f->longitude);
    hash_add(d->running, c->vector, c->vector ? d->dim * sizeof *c->vector : 0);
    d->photos++;
    return 0;
}

static int digest_record(void *context, const struct store_record *r)
{
    struct digest *d = context;
    const struct ledger_entry *e = &r->entry;
    d->records++;
    hash_add(d->running, &r->kind, sizeof r->kind);
    if (r->kind == STORE_RECORD_LABEL) {
        add_text(d->running, r->label.name);
        hash_add(d->running, r->label.hash, HASH_BYTES);
        hash_add(d->running, &r->label.has_box, sizeof r->label.has_box);
        hash_add(d->running, &r->label.box, r->label.has_box ? sizeof r->label.box : 0);
    } else if (r->kind == STORE_RECORD_RULE) {
        hash_add(d->running, &r->rule.kind, sizeof r->rule.kind);
        add_text(d->running, r->rule.value);
    } else if (r->kind == STORE_RECORD_ALBUM) {
        add_text(d->running, r->album.name);
        add_text(d->running, r->album.query);
    } else if (r->kind == STORE_RECORD_MEMBER) {
        add_text(d->running, r->member.album);
        hash_add(d->running, r->member.hash, HASH_BYTES);
        hash_add(d->running, &r->member.put_in, sizeof r->member.put_in);
    } else {
        const char *texts[] = {e->request, e->purpose, e->provider, e->host,
                               e->model,   e->photos,  e->detail};
        const int64_t counts[] = {e->at,
                                  e->event,
                                  e->bytes,
                                  e->input_tokens,
                                  e->output_tokens,
                                  e->cache_read_tokens,
                                  e->cache_write_tokens};
        for (size_t i = 0; i < 7; i++)
            add_text(d->running, texts[i]);
        hash_add(d->running, counts, sizeof counts);
        hash_add(d->running, &e->cost_usd, isnan(e->cost_usd) ? 0 : sizeof e->cost_usd);
    }
    return 0;
}

static int digest_model(void *context, const struct store_model *model, int64_t vectors)
{
    struct digest *d = context;
    add_text(d->running, model->id);
    add_text(d->running, model->arithmetic);
    hash_add(d->running, &vectors, sizeof vectors);
    d->models++;
    return 0;
}

static int digest_signal(void *context, const struct store_signal *s)
{
    struct digest *d = context;
    add_text(d->running, s->kind.kind);
    add_text(d->running, s->kind.model);
    add_text(d->running, s->reason ? s->reason : "");
    hash_add(d->running, &s->kind.version, sizeof s->kind.version);
    hash_add(d->running, s->hash, HASH_BYTES);
    hash_add(d->running, s->payload ? s->payload : "", s->size);
    d->signals++;
    return 0;
}

static struct digest digest_of(const char *gallery, bool ids)
{
    struct digest d = {.running = hash_new(), .ids = ids};
    uint8_t bytes[HASH_BYTES];
    AUTO(store) *store = NULL;
    struct store_model model;
    if (store_open(gallery, STORE_READ, &store, &err) || store_get_model(store, &model, &err))
        ok(false, "%s: %s", gallery, err.message);
    d.dim = (size_t)model.dim;
    add_text(d.running, model.id);
    add_text(d.running, model.fingerprint);
    hash_add(d.running, &model.preprocessing, sizeof model.preprocessing);
    if (store_dump(store, digest_change, &d, &err) ||
        store_dump_records(store, digest_record, &d, &err) ||
        store_list_models(store, digest_model, &d, &err) ||
        store_list_signals(store, NULL, NULL, digest_signal, &d, &err))
        ok(false, "%s: %s", gallery, err.message);
    hash_finish(d.running, bytes);
    hash_hex(bytes, d.hex);
    return d;
}

static int copy(const char *from, const char *to, const struct transfer_options *options,
                struct transfer_report *ret_report)
{
    AUTO(store) *source = NULL;
    AUTO(store) *target = NULL;
    int rc = store_open(from, STORE_READ, &source, &err);
    if (!rc)
        rc = store_open(to, STORE_WRITE, &target, &err);
    return rc ? rc : transfer_copy(source, target, options, ret_report, &err);
}

static int export(const char *from, const char *file, bool replace,
                  const struct transfer_options *options, struct transfer_report *ret_report)
{
    AUTO(store) *source = NULL;
    int rc = store_open(from, STORE_READ, &source, &err);
    return rc ? rc : transfer_export(source, file, replace, options, ret_report, &err);
}

static char *server_gallery(void)
{
    const char *given = getenv("KEEPSAKE_TEST_POSTGRES");
    const char *number = given ? strstr(given, "NUMBER") : NULL;
    if (!number)
        return NULL;
    return xasprintf("%.*s%d_%d%s", (int)(number - given), given, (int)getpid(), ++fixture_number,
                     number + strlen("NUMBER"));
}

/* from -> file -> file's gallery, and where there is a server: file -> server -> file. */
static void round_trip(const char *from, const char *name)
{
    struct transfer_report r = {0};
    AUTO_FREE char *file = xasprintf("%s/%d.keepsake", fixture_folder, ++fixture_number);
    AUTO_FREE char *back = xasprintf("%s/%d.db", fixture_folder, ++fixture_number);
    struct digest first = digest_of(from, true);
    is_int(export(from, file, false, NULL, &r), 0, name);
    ok(r.photos == (int64_t)first.photos && r.failures == (int64_t)first.failures && !r.left_out,
       "... %zu photos and %zu failures exported", first.photos, first.failures);
    is_int(copy(file, back, NULL, &r), 0, "... imported");
    is_str(digest_of(back, true).hex, first.hex, "... everything is as it was, ids too");
    AUTO_FREE char *server = server_gallery();
    AUTO_FREE char *again = xasprintf("%s.again", file);
    if (!server) {
        skip("KEEPSAKE_TEST_POSTGRES names no server (tests/store/transfer_postgres.t does)");
        return;
    }
    ok(copy(file, server, NULL, &r) == 0, "... into a server: %s", err.message);
    is_str(digest_of(server, true).hex, first.hex, "... everything is as it was");
    ok(export(server, again, false, NULL, &r) == 0, "... out of it: %s", err.message);
    is_str(digest_of(again, true).hex, first.hex, "... and still");
}

/* ---- real vectors ---- */

static char *real_gallery(const struct file *images, size_t dim)
{
    char *gallery = xasprintf("%s/real.db", fixture_folder);
    AUTO(store) *store = NULL;
    struct store_model model = fixture_model();
    model.dim = (int)dim;
    if (store_open(gallery, STORE_WRITE, &store, &err) || store_bind_model(store, &model, &err))
        ok(false, "%s", err.message);
    size_t n = images->size / (dim * sizeof(float));
    AUTO_FREE struct fixture_photo *photos = xcalloc(n, sizeof *photos);
    AUTO_FREE struct store_change *changes = xcalloc(n, sizeof *changes);
    for (size_t i = 0; i < n; i++) {
        char path[64];
        snprintf(path, sizeof path, "/photos/%05zu\xff.jpg", n - i);
        changes[i] = *fixture_add(&photos[i], path, i);
        changes[i].vector = (const float *)(const void *)images->data + i * dim;
    }
    if (store_apply(store, changes, n, &err))
        ok(false, "%s", err.message);
    return gallery;
}

static void test_real(void)
{
    enum { DIM = 512 };
    const char *shared = getenv("KEEPSAKE_SHARED");
    AUTO_FREE char *path =
        xasprintf("%s/reference/real-clip-vectors/images.f32", shared ? shared : "../shared");
    struct file images;
    if (file_read(path, 64 << 20, &images, &err)) {
        skip("no real vectors here");
        return;
    }
    AUTO_FREE char *gallery = real_gallery(&images, DIM);
    AUTO_FREE char *back = xasprintf("%s/real-back.db", fixture_folder);
    struct transfer_report r = {0};
    round_trip(gallery, "real vectors there and back");
    is_int(copy(gallery, back, NULL, &r), 0, "and copied");
    AUTO(store) *store = NULL;
    float vector[DIM];
    size_t n = images.size / sizeof vector, same = 0;
    if (store_open(back, STORE_READ, &store, &err))
        ok(false, "%s", err.message);
    for (size_t i = 0; i < n; i++) {
        snprintf((char *)vector, sizeof vector, "/photos/%05zu\xff.jpg", n - i);
        int64_t id = fixture_id(store, (char *)vector);
        same += store_get_vector(store, id, vector, &err) == 0 &&
                memcmp(vector, images.data + i * sizeof vector, sizeof vector) == 0;
    }
    ok(same == n && n == 1168, "... %zu of %zu vectors have the bits of images.f32", same, n);
    file_release(&images);
}

/* ---- everything that a photo can have ---- */

static void fill(struct store *store)
{
    struct fixture_photo photo;
    struct store_change *change = fixture_add(&photo, "/photos/a.jpg", 7);
    photo.facts = fixture_full_facts;
    change->mtime_ns = -1;
    if (store_apply(store, change, 1, &err))
        ok(false, "%s", err.message);
    for (uint64_t i = 0; i < 1500; i++) {
        char path[64];
        snprintf(path, sizeof path, "/photos/%c\xff\x01/%llu", (int)('a' + i % 7),
                 (unsigned long long)i);
        fixture_put(store, path, i);
    }
    uint8_t hash[HASH_BYTES] = {9};
    struct store_change changes[] = {
        {.kind = STORE_FAIL, .path = "/photos/b\xff.jpg", .reason = "no picture", .size = 4},
        {.kind = STORE_FAIL, .path = "/photos/c.jpg", .reason = "cut off é", .hash = hash},
        {.kind = STORE_REMOVE, .path = "/photos/b\xff\x01/1"},
    };
    if (store_apply(store, changes, 3, &err))
        ok(false, "%s", err.message);
    fill_signals(store);
}

enum { ENTRIES = 600 }; /* several batches */

/* Labels of photos that are there and of one that is not, rules, a ledger. */
static void fill_records(struct store *store)
{
    static struct store_record records[ENTRIES + 9];
    static char requests[ENTRIES][16];
    size_t n = 0;
    for (; n < ENTRIES; n++) {
        snprintf(requests[n], sizeof requests[n], "r%zu", n / 2);
        records[n] =
            (struct store_record){.kind = STORE_RECORD_ENTRY,
                                  .entry = {.at = 1000 + (int64_t)n / 3,
                                            .request = requests[n],
                                            .event = n % 2 ? LEDGER_ANSWERED : LEDGER_SENT,
                                            .photos = "[{\"id\":1,\"path\":\"/\\u00e9\"}]",
                                            .bytes = (int64_t)n,
                                            .cost_usd = n % 5 ? 1.0 / (double)(n + 1) : (double)NAN,
                                            .detail = "end_turn"}};
    }
    for (uint64_t i = 0; i < 3; i++) {
        struct fixture_photo photo;
        struct store_record *r = &records[n++];
        fixture_add(&photo, "/", i < 2 ? 5 + i : 4711);
        r->kind = STORE_RECORD_LABEL;
        r->label = (struct store_label){.name = "Zo\xC3\xAB", .has_box = i == 1};
        r->label.box = (struct store_box){1.0 / 3, 0.1, 0.2, 1.0 / 7};
        memcpy(r->label.hash, photo.hash, HASH_BYTES);
    }
    records[n++] = (struct store_record){.kind = STORE_RECORD_RULE,
                                         .rule = {STORE_RULE_FOLDER, "/photos/b\xff"}};
    records[n++] =
        (struct store_record){.kind = STORE_RECORD_RULE, .rule = {STORE_RULE_LABEL, "Zo\xC3\xAB"}};
    records[n++] = (struct store_record){
        .kind = STORE_RECORD_ALBUM, .album = {.name = "Zo\xC3\xAB's", .query = "label:Zo\xC3\xAB"}};
    records[n++] =
        (struct store_record){.kind = STORE_RECORD_ALBUM, .album = {.name = "a", .query = ""}};
    for (int i = 0; i < 2; i++) {
        records[n] = (struct store_record){.kind = STORE_RECORD_MEMBER,
                                           .member = {.album = "ZO\xC3\x8B'S", .put_in = i == 1}};
        memset(records[n++].member.hash, 7 + i, HASH_BYTES);
    }
    if (store_put_records(store, records, n, &err))
        ok(false, "%s", err.message);
}

static void test_records(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO_FREE char *other = fixture_gallery();
    struct store *store = fixture_open(gallery);
    struct transfer_report r = {0};
    fill(store);
    fill_records(store);
    store_close(store);
    struct digest first = digest_of(gallery, true);
    is_int((long long)first.records, ENTRIES + 9, "labels, rules, albums and a ledger");
    round_trip(gallery, "... go through");
    is_int(copy(gallery, other, NULL, &r), 0, "... into another file");
    ok(r.labels == 3 && r.rules == 2 && r.albums == 2 && r.entries == ENTRIES, "... counted");
    is_int(copy(gallery, other, NULL, &r), 0, "... a second time");
    is_str(digest_of(other, true).hex, first.hex, "... nothing is there twice");
}

static void test_all_facts(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    struct store *store = fixture_open(gallery);
    fill(store);
    store_close(store);
    struct digest all = digest_of(gallery, true);
    ok(all.models == 2 && all.signals == 3, "a gallery of two models and three signals");
    round_trip(gallery, "all facts, gaps in the ids, names that are not UTF-8");
}

static void test_empty(void)
{
    AUTO_FREE char *bound = fixture_gallery();
    AUTO_FREE char *unbound = fixture_gallery();
    AUTO_FREE char *file = in_folder("empty.keepsake");
    struct transfer_report r = {.photos = 9};
    struct store *store = fixture_open(bound);
    store_close(store);
    is_int(store_open(unbound, STORE_WRITE, &store, &err), 0, "a gallery of no model");
    store_close(store);
    is_int(export(unbound, file, false, NULL, &r), 0, "is exported");
    is_int(copy(file, bound, NULL, &r), 0, "... and imported into another");
    is_int(r.photos, 0, "... without photos");
    is_int(export(bound, file, true, NULL, &r), 0, "an empty one of a model");
    is_int(copy(file, unbound, NULL, &r), 0, "... binds the one without");
    is_str(digest_of(unbound, true).hex, digest_of(bound, true).hex, "... to the same");
}

/* ---- into a gallery with photos ---- */

static void test_merge(void)
{
    AUTO_FREE char *from = fixture_gallery();
    AUTO_FREE char *to = fixture_gallery();
    struct transfer_report r = {0};
    struct store *source = fixture_open(from), *target = fixture_open(to);
    struct store_change fail = {.kind = STORE_FAIL, .path = "/failed-here", .reason = "x"};
    fixture_put(target, "/only-there", 1);
    fixture_put(target, "/both", 2);
    fixture_put(target, "/photo-there", 3);
    fixture_put(target, "/photo-there/below", 4);
    is_int(store_apply(target, &fail, 1, &err), 0, "a failure in the target");
    fixture_put(source, "/new", 11);
    fixture_put(source, "/both", 12);
    fixture_put(source, "/failed-here", 13);
    fail.path = "/photo-there";
    is_int(store_apply(source, &fail, 1, &err), 0, "failures in the source");
    fail.path = "/photo";
    is_int(store_apply(source, &fail, 1, &err), 0, "... another");
    int64_t both = fixture_id(target, "/both");
    is_int(transfer_copy(source, target, NULL, &r, &err), 0, "the galleries are merged");
    ok(r.photos == 3 && r.failures == 1 && r.kept == 1 && r.left_out == 0, "... and counts");
    struct fixture_found found = fixture_find(target, "/both");
    ok(found.file.id == both && found.file.size == 1012, "known path: new content, id kept");
    ok(fixture_find(target, "/only-there").file.size == 1001, "others stay");
    ok(!fixture_find(target, "/failed-here").file.failed, "a photo replaces a failure");
    ok(!fixture_find(target, "/photo-there").file.failed, "a failure replaces no photo");
    ok(fixture_find(target, "/photo").file.failed, "but is taken over elsewhere");
    ok(fixture_id(target, "/new") > fixture_id(target, "/photo-there/below"), "new id");
    is_int(transfer_copy(source, target, NULL, &r, &err), 0, "a second time");
    struct store_status status;
    ok(store_status(target, &status, &err) == 0 && status.photos == 6 && status.failed == 1,
       "... nothing is doubled");
    store_close(source);
    store_close(target);

    AUTO_FREE char *other = fixture_gallery();
    AUTO(store) *stranger = NULL;
    struct store_model model = fixture_model();
    model.fingerprint[0] = 'b';
    if (store_open(other, STORE_WRITE, &stranger, &err) || store_bind_model(stranger, &model, &err))
        ok(false, "%s", err.message);
    is_int(copy(from, other, NULL, &r), ERR_MISMATCH, "a gallery of other weights");
    ok(says("other weights"), "... is refused");
    ok(store_status(stranger, &status, &err) == 0 && status.photos == 0, "... unchanged");
}

/* ---- damage, interruption, files in the way ---- */

struct notes {
    int count, batches, stop_after;
    char last[256];
};

static void on_note(void *context, const char *path, const char *sentence)
{
    struct notes *n = context;
    n->count++;
    snprintf(n->last, sizeof n->last, "%s: %s", path, sentence);
}

static void on_progress(void *context, int64_t done, int64_t total)
{
    struct notes *n = context;
    n->batches++;
    if (done > total)
        ok(false, "progress past its end");
}

static bool on_cancelled(void *context)
{
    struct notes *n = context;
    return n->stop_after && n->batches >= n->stop_after;
}

static void test_damage(void)
{
    AUTO_FREE char *gallery = filled(5);
    AUTO_FREE char *file = in_folder("damaged.keepsake");
    struct notes n = {0};
    struct transfer_options options = {.note = on_note, .context = &n};
    struct transfer_report r = {0};
    run_sql(gallery, "DELETE FROM vector WHERE photo = 2;"
                     "UPDATE vector SET vector = substr(vector, 1, 12) WHERE photo = 3;"
                     "UPDATE vector SET vector = zeroblob(128) WHERE photo = 4");
    is_int(export(gallery, file, false, &options, &r), 0, "a damaged gallery is exported");
    ok(r.photos == 2 && r.left_out == 3 && n.count == 3, "... without what is damaged");
    is_str(n.last, "/photos/3.jpg: its vector is not of length 1", "... which is told");
    is_int(count_photos(file), 2, "... the rest is there");
}

static bool exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

/* Files in the folder whose names end so. */
static int count_partial(void)
{
    AUTO_FREE char *command = xasprintf("ls -A %s | grep -c partial", fixture_folder);
    FILE *pipe = popen(command, "r");
    int count = -1;
    if (!pipe || fscanf(pipe, "%d", &count) != 1)
        ok(false, "cannot count the records");
    if (pipe)
        pclose(pipe);
    return count;
}

static void test_interruption(void)
{
    AUTO_FREE char *gallery = filled(1200);
    AUTO_FREE char *file = in_folder("half.keepsake");
    AUTO_FREE char *to = in_folder("half.db");
    struct notes n = {.stop_after = 1};
    struct transfer_options options = {
        .progress = on_progress, .cancelled = on_cancelled, .context = &n};
    struct transfer_report r = {0};
    is_int(export(gallery, file, false, &options, &r), ERR_CANCELLED, "an export is interrupted");
    ok(!exists(file) && count_partial() == 0, "... and leaves nothing");
    n = (struct notes){.stop_after = 2};
    is_int(copy(gallery, to, &options, &r), ERR_CANCELLED, "an import is interrupted");
    ok(r.photos > 0 && r.photos < 1200 && count_photos(to) == r.photos, "... keeps %d photos",
       (int)r.photos);
    is_int(copy(gallery, to, NULL, &r), 0, "... again");
    is_str(digest_of(to, true).hex, digest_of(gallery, true).hex, "... everything is there");
}

static void test_files(void)
{
    AUTO_FREE char *gallery = filled(3);
    AUTO_FREE char *file = in_folder("there.keepsake");
    AUTO_FREE char *link = in_folder("link.keepsake");
    AUTO_FREE char *parent = in_folder("nowhere");
    AUTO_FREE char *nowhere = file_join(parent, "x.keepsake");
    AUTO_FREE char *wal = xasprintf("%s-wal", file);
    struct transfer_report r = {0};
    write_file(file, "mine", 4);
    is_int(export(gallery, file, false, NULL, &r), ERR_INVALID, "a file in the way");
    ok(says(" exists: give another name") && says("--force"), "... is not replaced");
    ok(count_photos(file) == -1 && count_partial() == 0, "... nor touched");
    is_int(export(gallery, file, true, NULL, &r), 0, "unless asked to");
    is_int(count_photos(file), 3, "... then it is an export");
    ok(!exists(wal) && count_partial() == 0, "one file, with nothing beside it");
    ok(symlink(file, link) == 0, "a link");
    is_int(export(gallery, link, true, NULL, &r), ERR_INVALID, "... is not replaced");
    is_int(export(gallery, fixture_folder, true, NULL, &r), ERR_INVALID, "nor a folder");
    is_int(export(gallery, nowhere, false, NULL, &r), ERR_NOT_FOUND, "a folder that is not there");
    ok(!exists(parent), "... is not made");
}

/* ---- while another process writes ---- */

struct writing {
    const char *gallery;
    int go;
};

static int write_on(void *context)
{
    struct writing *w = context;
    AUTO(store) *store = fixture_open(w->gallery);
    for (uint64_t i = 0; i < 400; i++) {
        struct fixture_photo pair[2];
        struct store_change changes[2];
        char path[64];
        for (uint64_t j = 0; j < 2; j++) {
            snprintf(path, sizeof path, "/pairs/%03llu-%llu", (unsigned long long)i,
                     (unsigned long long)j);
            changes[j] = *fixture_add(&pair[j], path, 2 * i + j);
        }
        if (store_apply(store, changes, 2, &err))
            return 1;
        if (i == 20 && write(w->go, "go", 2) != 2)
            return 2;
    }
    return 0;
}

static void test_writer(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO_FREE char *file = in_folder("moment.keepsake");
    int ends[2];
    char word[2];
    struct transfer_report r = {0};
    if (pipe(ends))
        ok(false, "no pipe");
    struct writing w = {gallery, ends[1]};
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(write_on(&w));
    if (read(ends[0], word, 2) != 2)
        ok(false, "no word from the writer");
    int odd = 0, failed = 0, status = 0, while_writing = 0;
    for (int i = 0; i < 5; i++) {
        failed += export(gallery, file, true, NULL, &r) != 0;
        odd += r.photos % 2 != 0 || count_photos(file) != r.photos;
        while_writing += r.photos < 800;
    }
    ok(waitpid(child, &status, 0) == child && status == 0, "the writer was not disturbed");
    ok(failed == 0 && odd == 0, "five exports meanwhile (%d before its end): whole transactions",
       while_writing);
    is_int(export(gallery, file, true, NULL, &r), 0, "and one afterwards");
    is_int(r.photos, 800, "... has all");
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    fixture_start();
    test_real();
    test_all_facts();
    test_records();
    test_empty();
    test_merge();
    test_damage();
    test_interruption();
    test_files();
    test_writer();
    fixture_cleanup();
    return done_testing();
}
