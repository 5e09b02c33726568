/* SPDX-License-Identifier: MIT */
/* Photos with all the names of a query come first, however far down in the list of each name. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "search/rank.h"
#include "store/records.h"
#include "store_fixture.h"

#define PHOTOS (LIMIT_RESULTS + 40)
#define BATCH 512

static struct error err;

/* Photo i leans away from the query with i: the last one is the farthest. */
static void make_vector(size_t i, float *ret_vector)
{
    double angle = 1.5 * (double)i / PHOTOS;
    memset(ret_vector, 0, FIXTURE_DIM * sizeof *ret_vector);
    ret_vector[0] = (float)cos(angle);
    ret_vector[1] = (float)sin(angle);
}

static void make_hash(size_t i, uint8_t ret_hash[HASH_BYTES])
{
    memset(ret_hash, 1, HASH_BYTES);
    memcpy(ret_hash, &i, sizeof i);
}

static bool put_photos(struct store *store)
{
    static const struct photo_facts facts = {.format = "jpeg", .width = 1, .height = 1};
    static float vectors[BATCH][FIXTURE_DIM];
    static uint8_t hashes[BATCH][HASH_BYTES];
    static char paths[BATCH][32];
    struct store_change changes[BATCH];
    for (size_t i = 0; i < PHOTOS;) {
        size_t n = 0;
        for (; n < BATCH && i < PHOTOS; n++, i++) {
            make_vector(i, vectors[n]);
            make_hash(i, hashes[n]);
            snprintf(paths[n], sizeof paths[n], "/p/%06zu.jpg", i);
            changes[n] = (struct store_change){.kind = STORE_ADD,
                                               .path = paths[n],
                                               .size = 1,
                                               .mtime_ns = 1,
                                               .hash = hashes[n],
                                               .facts = &facts,
                                               .vector = vectors[n]};
        }
        if (store_apply(store, changes, n, &err))
            return false;
    }
    return true;
}

/* "ana" is in all photos, "bo" in the last one alone. */
static bool put_labels(struct store *store)
{
    static struct store_record records[BATCH];
    for (size_t i = 0; i <= PHOTOS;) {
        size_t n = 0;
        for (; n < BATCH && i <= PHOTOS; n++, i++) {
            records[n] = (struct store_record){.kind = STORE_RECORD_LABEL,
                                               .label = {.name = i < PHOTOS ? "Ana" : "Bo"}};
            make_hash(i < PHOTOS ? i : PHOTOS - 1, records[n].label.hash);
        }
        if (store_put_records(store, records, n, &err))
            return false;
    }
    return true;
}

static void check_first(struct store *store, const struct names *names,
                        const struct store_filter *filter, size_t want_names, const char *what)
{
    float query[FIXTURE_DIM];
    struct ranked photos[5];
    size_t count = 0;
    struct search_request request = {.text = "ana and bo", .k = 5, .filter = filter};
    make_vector(0, query);
    is_int(rank_photos(store, query, &request, names, NULL, photos, &count, &err), 0, what);
    ok(count > 0 && photos[0].id == fixture_id(store, "/p/010039.jpg") &&
           photos[0].names == want_names,
       "%s: the farthest photo of all comes first, with %zu names", what,
       count ? photos[0].names : 0);
}

int main(void)
{
    static char ana[] = "ana", bo[] = "bo";
    char *both[] = {ana, bo};
    fixture_start();
    AUTO_FREE char *gallery = fixture_gallery();
    struct store *store = fixture_open(gallery);
    if (!put_photos(store) || !put_labels(store)) {
        printf("Bail out! %s\n", err.message);
        return 1;
    }
    check_first(store, &(struct names){both, 2, 2, NULL, 2, true}, NULL, 2, "two names");
    check_first(store, &(struct names){both, 1, 1, NULL, 1, true},
                &(struct store_filter){.label = "Bo"}, 1, "a name, and a label to filter by");
    store_close(store);
    fixture_cleanup();
    return done_testing();
}
