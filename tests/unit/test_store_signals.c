/* SPDX-License-Identifier: MIT */
/* Signals, items and vectors of several models, in whatever store KEEPSAKE_TEST_GALLERY names. */
#include "store/signals.h"
#include "store_fixture.h"

static struct error err = ERROR_INIT;

static const struct store_signal_kind dummy = {"dummy", "", 2}, older = {"dummy", "", 1};

struct seen {
    size_t n;
    uint8_t first; /* byte of its payload */
    int position;
    int64_t photo;
    struct store_lacking lacking[8];
};

static int see_signal(void *context, const struct store_signal *signal)
{
    struct seen *seen = context;
    seen->first = *(const uint8_t *)signal->payload;
    seen->n++;
    return 0;
}

static int see_lacking(void *context, const struct store_lacking *lacking)
{
    struct seen *seen = context;
    seen->lacking[seen->n % 8] = *lacking;
    seen->photo = lacking->photo;
    seen->n++;
    return 0;
}

static size_t count_lacking(struct store *store, const struct store_signal_kind *kind,
                            struct seen *seen)
{
    *seen = (struct seen){.n = 0};
    if (store_list_lacking(store, kind, 0, 8, see_lacking, seen, &err))
        diag("%s", err.message);
    return seen->n;
}

static size_t count_signals(struct store *store, const struct store_signal_kind *kind)
{
    struct seen seen = {.n = 0};
    if (store_list_signals(store, kind, NULL, see_signal, &seen, &err))
        diag("%s", err.message);
    return seen.n;
}

static struct store_signal signal_of(const struct store_lacking *picture,
                                     const struct store_signal_kind *kind, const void *payload,
                                     size_t size)
{
    struct store_signal signal = {
        .position = picture->position, .kind = *kind, .payload = payload, .size = size};
    memcpy(signal.hash, picture->hash, HASH_BYTES);
    return signal;
}

static void test_signals(struct store *store)
{
    struct seen seen;
    struct store_change copy = {.kind = STORE_COPY,
                                .path = "/photos/copy.jpg",
                                .id = fixture_id(store, "/photos/0.jpg"),
                                .size = 1};
    is_int(store_apply(store, &copy, 1, &err), 0, "three photos and a copy");
    is_int((long long)count_lacking(store, &dummy, &seen), 3, "lack a signal: each content once");
    enum store_claim claims[3];
    is_int(store_claim_signals(store, &dummy, seen.lacking, 3, 60, claims, &err), 0,
           "the files are claimed");
    ok(claims[0] == STORE_CLAIM_MINE && claims[2] == STORE_CLAIM_MINE, "... by this store");
    struct store_signal signals[3];
    for (size_t i = 0; i < 3; i++)
        signals[i] = signal_of(&seen.lacking[i], &older, "old", 3);
    is_int(store_put_signals(store, signals, 3, &err), 0, "an older version of it");
    is_int((long long)count_lacking(store, &dummy, &seen), 3, "... is not what they lack");
    for (size_t i = 0; i < 3; i++)
        signals[i] = signal_of(&seen.lacking[i], &dummy, "new", 3);
    is_int(store_put_signals(store, signals, 2, &err), 0, "two get it");
    is_int((long long)count_lacking(store, &dummy, &seen), 1, "... one lacks it");
    ok(count_signals(store, &dummy) == 2 && count_signals(store, &older) == 1 &&
           count_signals(store, NULL) == 3,
       "... the older version went where the newer came");
    memset(signals[2].hash, 77, HASH_BYTES);
    is_int(store_put_signals(store, &signals[2], 1, &err), 0, "of a content that no photo has");
    is_int((long long)count_signals(store, NULL), 3, "... it is not kept");
    signals[2].size = 0;
    is_int(store_put_signals(store, &signals[2], 1, &err), ERR_INVALID, "an empty one");
}

static int see_failure(void *context, const struct store_signal *signal)
{
    size_t *failures = context;
    *failures += signal->size == 0 && store_signal_failed(signal) &&
                 strcmp(signal->reason, "no pixels") == 0;
    return 0;
}

static int see_count(void *context, const struct store_signal_count *count)
{
    int64_t *counts = context;
    if (strcmp(count->kind.kind, dummy.kind) == 0 && count->kind.version == dummy.version) {
        counts[0] = count->pictures;
        counts[1] = count->failed;
    }
    return 0;
}

static bool has_counts(struct store *store, int64_t have, int64_t failed)
{
    int64_t counts[2] = {-1, -1}, pictures = 0;
    if (store_count_signals(store, see_count, counts, &pictures, &err))
        diag("%s", err.message);
    return counts[0] == have && counts[1] == failed && pictures == 3;
}

/* Of three pictures, two have the signal dummy. */
static void test_failures(struct store *store)
{
    struct seen seen;
    size_t failures = 0;
    ok(has_counts(store, 2, 0), "two of three pictures are counted");
    count_lacking(store, &dummy, &seen);
    struct store_signal failure = signal_of(&seen.lacking[0], &dummy, NULL, 0);
    failure.reason = "no pixels";
    is_int(store_put_signals(store, &failure, 1, &err), 0, "a signal that could not be computed");
    is_int((long long)count_lacking(store, &dummy, &seen), 0, "no picture lacks it any more");
    ok(!store_list_signals(store, &dummy, NULL, see_failure, &failures, &err) && failures == 1,
       "a failure is listed with its reason");
    ok(has_counts(store, 2, 1), "a failure is counted as one");
    is_int(store_retry_signals(store, &err), 0, "failures are to be tried again");
    is_int((long long)count_lacking(store, &dummy, &seen), 1, "the picture lacks its signal again");
    ok(has_counts(store, 2, 0), "a failure that was forgotten is not counted");
    is_int(store_put_signals(store, &failure, 1, &err), 0, "it fails again");
    failure = signal_of(&seen.lacking[0], &dummy, "new", 3);
    is_int(store_put_signals(store, &failure, 1, &err), 0, "a result replaces a failure");
    ok(has_counts(store, 3, 0), "three of three pictures are counted");
}

static void test_forgotten(struct store *store)
{
    int64_t count;
    is_int(store_forget(store, "/photos/0.jpg", &count, &err), 0, "a photo with a copy forgotten");
    is_int((long long)count_signals(store, &dummy), 3, "... keeps its signal");
    is_int(store_forget(store, "/photos/copy.jpg", &count, &err), 0, "the copy too");
    is_int((long long)count_signals(store, &dummy), 2, "... and it is gone");
    struct store_change gone = {.kind = STORE_REMOVE, .path = "/photos/1.jpg"};
    is_int(store_apply(store, &gone, 1, &err), 0, "a photo removed");
    is_int((long long)count_signals(store, &dummy), 1, "... with its signal");
}

static int see_item(void *context, const struct store_change *change)
{
    struct seen *seen = context;
    seen->n += strcmp(change->path, "/film") == 0;
    seen->position += change->position;
    return 0;
}

static void test_items(struct store *store)
{
    struct fixture_photo photos[2];
    struct store_change changes[2] = {*fixture_add(&photos[0], "/film", 50),
                                      *fixture_add(&photos[1], "/film", 50)};
    struct seen seen = {.n = 0};
    changes[1].position = 3;
    is_int(store_apply(store, changes, 2, &err), 0, "two pictures of a file");
    ok(!store_dump(store, see_item, &seen, &err) && seen.n == 2 && seen.position == 3,
       "... are dumped with their positions");
    struct fixture_found found = fixture_find(store, "/film");
    ok(found.found, "... are one file");
    struct store_photo photo;
    ok(!store_get_photo(store, found.file.id + 1, &photo, &err) && photo.position == 3,
       "... the second has its position");
    store_photo_release(&photo);
    struct store_change gone = {.kind = STORE_REMOVE, .path = "/film"};
    seen = (struct seen){.n = 0};
    ok(!store_apply(store, &gone, 1, &err) && !store_dump(store, see_item, &seen, &err) &&
           seen.n == 0,
       "... and go with it");
}

struct models {
    size_t n;
    char ids[4][16];
    int64_t vectors[4];
};

static int see_model(void *context, const struct store_model *model, int64_t vectors)
{
    struct models *m = context;
    snprintf(m->ids[m->n % 4], sizeof *m->ids, "%.15s", model->id);
    m->vectors[m->n++ % 4] = vectors;
    return 0;
}

static size_t found_photos(struct store *store)
{
    float query[2 * FIXTURE_DIM] = {1};
    struct store_hit hits[8];
    size_t count = 0;
    if (store_search(store, query, 8, NULL, hits, &count, &err))
        diag("%s", err.message);
    return count;
}

static void test_models(const char *gallery, struct store *store)
{
    struct store_model first = fixture_model(), second = first;
    AUTO(store) *other = fixture_open(gallery);
    snprintf(second.id, sizeof second.id, "second");
    memset(second.fingerprint, 'b', 64);
    second.dim = 2 * FIXTURE_DIM;
    int64_t id = fixture_id(store, "/photos/2.jpg");
    float before[FIXTURE_DIM], after[FIXTURE_DIM];
    size_t photos = found_photos(store);
    ok(photos == 1 && !store_get_vector(store, id, before, &err), "one photo of the first model");
    is_int(store_use_model(store, &second, &err), 0, "another model in use");
    struct models models = {0};
    ok(!store_list_models(store, see_model, &models, &err) && models.n == 2 &&
           strcmp(models.ids[0], "second") == 0 && models.vectors[0] == 0 && models.vectors[1] == 1,
       "... the vectors of the first are kept");
    is_int((long long)found_photos(store), 0, "... and not searched");
    struct fixture_photo photo;
    is_int(store_apply(other, fixture_add(&photo, "/photos/9.jpg", 9), 1, &err), ERR_MISMATCH,
           "a program that goes on with the first model");
    ok(strstr(err.message, "switched from the model test to second") != NULL, "... %s",
       err.message);
    float query[FIXTURE_DIM] = {1};
    struct store_hit hit;
    size_t count = 0;
    is_int(store_search(other, query, 1, NULL, &hit, &count, &err), ERR_MISMATCH,
           "... or searches with it");
    float foreign[2 * FIXTURE_DIM];
    struct store_photo unread;
    is_int(store_get_vector(other, id, foreign, &err), ERR_MISMATCH,
           "a vector of the second model is not given to a program of the first");
    is_int(store_get_photos(other, &id, 1, &unread, foreign, &err), ERR_MISMATCH,
           "photos with vectors of the second model are not given to a program of the first");
    is_int(store_use_model(store, &first, &err), 0, "back to the first");
    ok(!store_get_vector(store, id, after, &err) && memcmp(before, after, sizeof after) == 0 &&
           found_photos(store) == 1,
       "... its vectors are what they were, and are searched");
    models = (struct models){0};
    ok(!store_list_models(store, see_model, &models, &err) && models.n == 2 &&
           models.vectors[0] == 1 && models.vectors[1] == 0,
       "... the second has none");
    is_int(store_apply(other, fixture_add(&photo, "/photos/9.jpg", 9), 1, &err), 0,
           "the other program goes on");
}

int main(void)
{
    fixture_start();
    AUTO_FREE char *gallery = fixture_gallery();
    struct store *store = fixture_open(gallery);
    for (size_t i = 0; i < 3; i++) {
        char path[32];
        snprintf(path, sizeof path, "/photos/%zu.jpg", i);
        fixture_put(store, path, i + 1); /* content 0 is one that is not known */
    }
    test_signals(store);
    test_failures(store);
    test_forgotten(store);
    test_items(store);
    test_models(gallery, store);
    store_close(store);
    fixture_cleanup();
    return done_testing();
}
