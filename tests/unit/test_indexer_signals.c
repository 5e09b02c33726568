/* SPDX-License-Identifier: MIT */
/* The signals that index runs compute: for new photos, and for those of the gallery that lack one.
 */
#include "base/omp_reexec.h"
#include "indexing.h"
#include "signals/perceptual_hash.h"
#include "store/signals.h"

static struct error err = ERROR_INIT;

static const struct store_signal_kind phash = {PERCEPTUAL_HASH_KIND, "", PERCEPTUAL_HASH_VERSION};

static struct store *open_gallery(const char *db)
{
    struct store *store;
    TREE_CHECK(store_open(db, STORE_WRITE, &store, NULL) == 0);
    return store;
}

struct kept {
    struct store_signal signals[16];
    uint8_t payloads[16][PERCEPTUAL_HASH_BYTES];
    char reasons[16][128];
    size_t n;
};

static int keep_signal(void *context, const struct store_signal *signal)
{
    struct kept *kept = context;
    size_t i = kept->n++ % 16;
    kept->signals[i] = *signal;
    kept->signals[i].kind = phash;
    snprintf(kept->reasons[i], sizeof kept->reasons[i], "%s", signal->reason ? signal->reason : "");
    if (signal->size == PERCEPTUAL_HASH_BYTES)
        memcpy(kept->payloads[i], signal->payload, PERCEPTUAL_HASH_BYTES);
    return 0;
}

static struct kept signals_of(const char *db)
{
    struct kept kept = {.n = 0};
    AUTO(store) *store = open_gallery(db);
    TREE_CHECK(store_list_signals(store, &phash, NULL, keep_signal, &kept, &err) == 0);
    return kept;
}

static bool same_signals(const struct kept *a, const struct kept *b)
{
    return a->n == b->n && memcmp(a->payloads, b->payloads, sizeof a->payloads) == 0;
}

static int make_older(struct store *store, const struct kept *kept)
{
    struct store_signal signals[16];
    for (size_t i = 0; i < kept->n; i++) {
        signals[i] = kept->signals[i];
        signals[i].kind.version = PERCEPTUAL_HASH_VERSION + 1;
        signals[i].payload = "older";
        signals[i].size = 5;
        signals[i].reason = NULL;
    }
    return store_put_signals(store, signals, kept->n, &err);
}

static void make_all_lack(const char *db, const struct kept *kept)
{
    AUTO(store) *store = open_gallery(db);
    TREE_CHECK(make_older(store, kept) == 0);
}

static int64_t run_index(const struct fixture *f, const struct index_options *options,
                         struct index_report *ret_report)
{
    const char *path = f->photos;
    *ret_report = (struct index_report){0};
    TREE_CHECK(gallery_index_paths(f->db, &path, 1, options, ret_report, &err) == 0);
    return ret_report->signals;
}

static void test_lacking(void)
{
    struct fixture f = fixture_new();
    struct index_report report;
    picture_write(f.photos, "a.png", 1);
    picture_write(f.photos, "b.png", 2);
    picture_write(f.photos, "sub/copy.png", 2);
    picture_write(f.photos, "sub/c.png", 3);
    is_int(run_index(&f, NULL, &report), 0, "new photos lack no signal");
    struct kept first = signals_of(f.db);
    is_int((long long)first.n, 3, "each new content has its signal");
    is_int(report.decoded, 3, "new photos are decoded once for model and signals");

    make_all_lack(f.db, &first);
    is_int((long long)signals_of(f.db).n, 0, "another version takes the place of a signal");
    is_int(run_index(&f, NULL, &report), 3, "photos that lack a signal get it");
    struct kept again = signals_of(f.db);
    ok(same_signals(&first, &again), "a signal of a photo is what it was when it was new");
    is_int(run_index(&f, NULL, &report), 0, "a signal is computed once");

    make_all_lack(f.db, &first);
    const char *folder = f.photos;
    AUTO_FREE char *sub = file_join(f.photos, "sub");
    folder = sub;
    is_int(gallery_index_paths(f.db, &folder, 1, NULL, &report, &err), 0, "a run of one folder");
    is_int(report.signals, 2, "a run computes the signals of photos, and copies, in its folders");
    tree_delete(f.photos, "a.png");
    is_int(run_index(&f, NULL, &report), 0, "a photo that is gone lacks its signal no more");
    is_int((long long)signals_of(f.db).n, 2, "the signals of the others stay");
    fixture_release(&f);
}

/* A photo of the gallery whose file no decoder reads. */
static void add_undecodable(const struct fixture *f, const char *name)
{
    static const char content[] = "not a picture";
    float *vector = xcalloc(clip_dim(test_clip), sizeof *vector);
    uint8_t hash[HASH_BYTES];
    struct stat info;
    struct photo_facts facts = {.width = 1, .height = 1};
    tree_write(f->photos, name, content, sizeof content);
    AUTO_FREE char *path = file_join(f->photos, name);
    TREE_CHECK(stat(path, &info) == 0);
    hash_bytes(content, sizeof content, hash);
    vector[0] = 1;
    struct store_change add = {.kind = STORE_ADD,
                               .path = path,
                               .size = info.st_size,
                               .mtime_ns =
                                   (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec,
                               .hash = hash,
                               .facts = &facts,
                               .vector = vector};
    AUTO(store) *store = open_gallery(f->db);
    TREE_CHECK(store_apply(store, &add, 1, &err) == 0);
    free(vector);
}

static int count_notes(void *context, const char *sentence)
{
    *(int *)context += strstr(sentence, "its signal \"phash\" cannot be computed") != NULL;
    return 0;
}

static void on_note(void *context, const char *path, const char *sentence)
{
    (void)path;
    count_notes(context, sentence);
}

static void test_failing(void)
{
    struct fixture f = fixture_new();
    struct index_report report;
    int notes = 0;
    struct index_options options = {.note = on_note, .context = &notes};
    picture_write(f.photos, "a.png", 1);
    run_index(&f, &options, &report);
    add_undecodable(&f, "b.png");
    run_index(&f, &options, &report);
    ok(report.signals_failed == 1 && notes == 1 && report.failed == 0,
       "a signal that cannot be computed is told, and is no failure of the photo");
    struct kept kept = signals_of(f.db);
    ok(kept.n == 2 && (kept.reasons[0][0] || kept.reasons[1][0]), "the reason is recorded: %s",
       kept.reasons[0][0] ? kept.reasons[0] : kept.reasons[1]);
    run_index(&f, &options, &report);
    ok(report.signals_failed == 0 && notes == 1, "the next run does not try it again");
    options.retry_failed = true;
    run_index(&f, &options, &report);
    ok(report.signals_failed == 1 && notes == 2, "a run that retries failures tries it again");
    fixture_release(&f);
}

/* Another process computes the signals of all pictures. */
static void test_claimed(void)
{
    struct fixture f = fixture_new();
    struct index_report report;
    picture_write(f.photos, "a.png", 1);
    picture_write(f.photos, "b.png", 2);
    run_index(&f, NULL, &report);
    struct kept kept = signals_of(f.db);
    make_all_lack(f.db, &kept);
    AUTO(store) *other = open_gallery(f.db);
    struct store_lacking pictures[2] = {{.photo = 0}, {.photo = 0}};
    enum store_claim claims[2];
    for (size_t i = 0; i < 2; i++)
        memcpy(pictures[i].hash, kept.signals[i].hash, HASH_BYTES);
    is_int(store_claim_signals(other, &phash, pictures, 1, 600, claims, &err), 0,
           "another process computes one of two signals");
    is_int(run_index(&f, NULL, &report), 1, "a run leaves it the claimed one");
    is_int(store_unclaim(other, &err), 0, "the other process gives up");
    is_int(run_index(&f, NULL, &report), 1, "the next run computes what the other left");
    fixture_release(&f);
}

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    omp_reexec_passive();
    test_clip_open(1);
    test_lacking();
    test_failing();
    test_claimed();
    clip_close(test_clip);
    return done_testing();
}
