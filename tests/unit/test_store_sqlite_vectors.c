/* SPDX-License-Identifier: MIT */
/* A vector that is damaged costs that photo, not the search. */
#include "sqlite_fixture.h"

enum { PHOTOS = 12 };

static const struct {
    const char *sql, *what;
} damages[] = {
    {"UPDATE vector SET vector = x'00' WHERE photo IN (3, 7)", "one byte"},
    {"UPDATE vector SET vector = cast(vector || x'00000000' AS blob) WHERE photo IN (3, 7)",
     "a number too many"},
    {"UPDATE vector SET vector = zeroblob(128) WHERE photo IN (3, 7)", "zeros"},
    {"UPDATE vector SET vector = zeroblob(5000000) WHERE photo IN (3, 7)", "megabytes"},
    {"UPDATE vector SET vector = cast(x'0000c07f' || substr(vector, 5) AS blob) WHERE photo IN"
     " (3, 7)",
     "NaN"},
    {"UPDATE vector SET vector = cast(x'0000807f' || substr(vector, 5) AS blob) WHERE photo IN"
     " (3, 7)",
     "infinity"},
    {"DELETE FROM vector WHERE photo IN (3, 7)", "none"},
    {"DELETE FROM vector WHERE photo IN (3, 7); DELETE FROM code WHERE photo IN (3, 7)",
     "none, and no code"},
    {"UPDATE vector SET vector = x'00' WHERE photo IN (3, 7); DELETE FROM code", "no codes left"},
    {"UPDATE vector SET vector = x'00' WHERE photo IN (3, 7); UPDATE code SET code = x'01' WHERE"
     " photo = 5",
     "a code, too"},
};

static int note_id(void *context, int64_t id)
{
    char *text = context;
    snprintf(text + strlen(text), 64 - strlen(text), "%lld ", (long long)id);
    return 0;
}

/* Whether `store` finds all photos but 3 and 7, best first as brute force has it. */
static bool finds_the_others(struct store *store, const struct store_filter *filter)
{
    float query[FIXTURE_DIM], vector[FIXTURE_DIM];
    struct store_hit hits[PHOTOS];
    size_t count = 0;
    fixture_vector(3, FIXTURE_DIM, query);
    if (store_search(store, query, PHOTOS, filter, hits, &count, &err)) {
        diag("%s", err.message);
        return false;
    }
    bool right = count == PHOTOS - 2;
    for (size_t i = 0; i < count; i++) {
        right = right && hits[i].id != 3 && hits[i].id != 7 &&
                (i == 0 || hits[i - 1].score >= hits[i].score);
        fixture_vector((uint64_t)hits[i].id - 1, FIXTURE_DIM, vector);
        double score = 0;
        for (size_t j = 0; j < FIXTURE_DIM; j++)
            score += (double)query[j] * vector[j];
        right = right && fabs(score - hits[i].score) < 1e-6;
    }
    if (!right)
        diag("%zu found", count);
    return right;
}

static void test_damage(const char *sql, const char *what)
{
    AUTO_FREE char *gallery = filled(PHOTOS);
    AUTO(store) *store = NULL;
    float vector[FIXTURE_DIM];
    struct store_filter below = {.folder = "/photos"};
    struct fixture_photo photo;
    char listed[64] = "";
    run_sql(gallery, sql);
    if (store_open(gallery, STORE_READ, &store, &err)) {
        ok(false, "%s: %s", what, err.message);
        return;
    }
    ok(finds_the_others(store, NULL), "%s: the others are found", what);
    ok(finds_the_others(store, &below), "... with a filter, too");
    ok(!store_list_unsound(store, note_id, listed, &err) && strcmp(listed, "3 7 ") == 0,
       "... those that are not sound are told: %s", listed);
    ok(store_get_vector(store, 3, vector, &err) != 0 && !store_get_vector(store, 4, vector, &err),
       "... one by one, too");
    struct store *writer = fixture_open(gallery);
    char path[32];
    for (int id = 3; id <= 7; id += 4) {
        snprintf(path, sizeof path, "/photos/%d.jpg", id - 1);
        if (store_apply(writer, fixture_add(&photo, path, (uint64_t)id - 1), 1, &err))
            ok(false, "%s", err.message);
    }
    listed[0] = '\0';
    ok(!store_list_unsound(writer, note_id, listed, &err) && !listed[0], "... made anew");
    size_t count = 0;
    struct store_hit hits[PHOTOS];
    ok(!store_search(store, vector, PHOTOS, NULL, hits, &count, &err) && count == PHOTOS,
       "... all are found again, also by who had met them");
    is_int(store_count_left_out(store), 0, "... and none is left out");
    store_close(writer);
}

/* No vectors of another model may come beside those that are there. */
static void test_lost_model(void)
{
    AUTO_FREE char *gallery = filled(3);
    AUTO(store) *store = NULL;
    struct store_model other = {.id = "other", .preprocessing = 1, .dim = FIXTURE_DIM};
    struct store_status status;
    struct store_hit hits[3];
    size_t count = 0;
    float query[FIXTURE_DIM];
    fixture_vector(1, FIXTURE_DIM, query);
    run_sql(gallery, "DELETE FROM model");
    is_int(store_open(gallery, STORE_WRITE, &store, &err), 0, "the row of the model is lost");
    is_int(store_bind_model(store, &other, &err), ERR_CORRUPT, "... no other is taken");
    ok(says("no record of their model"), "... %s", err.message);
    is_int(store_search(store, query, 3, NULL, hits, &count, &err), ERR_CORRUPT,
           "... searches say so, too");
    is_int(store_status(store, &status, &err), 0, "... status is told");
    ok(!status.bound && status.photos == 3, "... with photos of no model");
}

/* Texts of megabytes, as keepsake never writes them. */
static void test_long_texts(void)
{
    AUTO_FREE char *gallery = filled(3);
    AUTO(store) *store = NULL;
    struct store_photo photo;
    run_sql(gallery, "UPDATE photo SET path = '/' || hex(zeroblob(1500000)) WHERE id = 2");
    is_int(store_open(gallery, STORE_READ, &store, &err), 0, "a path of 3 MB");
    is_int(store_get_photo(store, 2, &photo, &err), ERR_CORRUPT, "... is not read");
    ok(says("more than a megabyte"), "... %s", err.message);
    is_int(store_get_photo(store, 3, &photo, &err), 0, "... others are");
    store_photo_release(&photo);
}

int main(void)
{
    fixture_start();
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++)
        test_damage(damages[i].sql, damages[i].what);
    test_lost_model();
    test_long_texts();
    fixture_cleanup();
    return done_testing();
}
