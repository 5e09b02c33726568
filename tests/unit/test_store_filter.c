/* SPDX-License-Identifier: MIT */
/* Filtered searches against brute force, on any kind of store. */
#include "store_fixture.h"

static struct error err;

enum { N = 1200, QUERIES = 60 };

/* A photo as the test itself knows it. */
struct known {
    char path[64];
    char taken[32]; /* or "" */
    int date;       /* 20190704; 0: none */
    float vector[FIXTURE_DIM];
    int64_t id;
    double score;
};

/* Folders that begin alike, one with a byte after '/' in it, one that is no UTF-8. */
static const char *const folders[] = {
    "/p",    "/p/trip", "/p/trip/day one", "/p/trip2", "/p/trip-old", "/p/trip0",
    "/p/tr", "/q",      "/p/trip\xff",     "/p/Trip",
};
enum { FOLDERS = sizeof folders / sizeof *folders };

static size_t pick(uint64_t *state, size_t n)
{
    return (size_t)(fixture_random(state) % n);
}

static void make(struct known *photo, size_t i, uint64_t *state)
{
    snprintf(photo->path, sizeof photo->path, "%s/%zu.jpg", folders[pick(state, FOLDERS)], i);
    fixture_vector(i, FIXTURE_DIM, photo->vector);
    if (pick(state, 6) == 0)
        return;
    int year = 2018 + (int)pick(state, 3), month = 1 + (int)pick(state, 12);
    int day = 1 + (int)pick(state, 28);
    photo->date = year * 10000 + month * 100 + day;
    snprintf(photo->taken, sizeof photo->taken, "%04d-%02d-%02dT%02d:30:00%s", year, month, day,
             (int)pick(state, 24), pick(state, 2) ? "+02:00" : "");
}

static int note_id(void *context, const struct store_file *file)
{
    struct known *photos = context;
    for (size_t i = 0; i < N; i++)
        if (strcmp(photos[i].path, file->path) == 0)
            photos[i].id = file->id;
    return 0;
}

static void fill(struct store *store, struct known *photos)
{
    uint64_t state = 5;
    AUTO_FREE struct fixture_photo *rows = xcalloc(N, sizeof *rows);
    AUTO_FREE struct store_change *changes = xcalloc(N, sizeof *changes);
    for (size_t i = 0; i < N; i++) {
        make(&photos[i], i, &state);
        changes[i] = *fixture_add(&rows[i], photos[i].path, i);
        snprintf(rows[i].facts.taken, sizeof rows[i].facts.taken, "%s", photos[i].taken);
    }
    if (store_apply(store, changes, N, &err) || store_tend_index(store, &err) ||
        store_list_files(store, NULL, note_id, photos, &err))
        ok(false, "fill: %s", err.message);
}

/* ---- the same answers, computed otherwise ---- */

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    while (length && folder[length - 1] == '/')
        length--;
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* The first or last day of "2019", "2019-07" or "2019-07-04" as 20190704. */
static int day_of(const char *text, bool last)
{
    int year = 0, month = 0, day = 0, parts = sscanf(text, "%d-%d-%d", &year, &month, &day);
    if (parts < 2)
        month = last ? 12 : 1;
    if (parts < 3)
        day = last ? 31 : 1;
    return year * 10000 + month * 100 + day;
}

static bool matches(const struct known *photo, const struct store_filter *f)
{
    if (f->folder && !is_below(photo->path, f->folder))
        return false;
    if ((f->from || f->until) && !photo->date)
        return false;
    return (!f->from || photo->date >= day_of(f->from, false)) &&
           (!f->until || photo->date <= day_of(f->until, true));
}

static int by_rank(const void *a, const void *b)
{
    const struct known *x = *(const struct known *const *)a, *y = *(const struct known *const *)b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return strcmp(x->path, y->path);
}

static size_t rank(struct known *photos, const struct store_filter *f, const float *query,
                   struct known **ret_ranked)
{
    size_t n = 0;
    for (size_t i = 0; i < N; i++) {
        photos[i].score = 0;
        for (size_t j = 0; j < FIXTURE_DIM; j++)
            photos[i].score += (double)photos[i].vector[j] * query[j];
        if (matches(&photos[i], f))
            ret_ranked[n++] = &photos[i];
    }
    qsort(ret_ranked, n, sizeof *ret_ranked, by_rank);
    return n;
}

/* ---- tests ---- */

static const char *show(const char *text)
{
    return text ? text : "-";
}

static bool equals_brute_force(struct store *store, struct known *photos,
                               const struct store_filter *f, uint64_t seed, size_t k)
{
    static struct known *ranked[N];
    static struct store_hit hits[N];
    float query[FIXTURE_DIM];
    size_t count = 0;
    fixture_vector(seed, FIXTURE_DIM, query);
    size_t n = rank(photos, f, query, ranked);
    if (store_search_exact(store, query, k, f, hits, &count, &err)) {
        diag("%s", err.message);
        return false;
    }
    bool good = count == (n < k ? n : k);
    for (size_t i = 0; good && i < count; i++)
        good = hits[i].id == ranked[i]->id && fabs(hits[i].score - ranked[i]->score) < 1e-12;
    if (!good)
        diag("%s from %s until %s: %zu of %zu", show(f->folder), show(f->from), show(f->until),
             count, n);
    return good;
}

/* Every photo found is one that matches, and as many as there are, also by an approximate index. */
static bool all_match(struct store *store, struct known *photos, const struct store_filter *f,
                      size_t k)
{
    static struct store_hit hits[N];
    float query[FIXTURE_DIM];
    size_t count = 0, n = 0, good = 0;
    fixture_vector(77, FIXTURE_DIM, query);
    if (store_search(store, query, k, f, hits, &count, &err)) {
        diag("%s", err.message);
        return false;
    }
    for (size_t i = 0; i < N; i++) {
        n += matches(&photos[i], f);
        for (size_t j = 0; j < count; j++)
            good += hits[j].id == photos[i].id && matches(&photos[i], f);
    }
    if (good != count || count != (n < k ? n : k))
        diag("%s: %zu found, %zu of them right, %zu there", show(f->folder), count, good, n);
    return good == count && count == (n < k ? n : k);
}

static void test_folders(struct store *store, struct known *photos)
{
    for (size_t i = 0; i < FOLDERS; i++) {
        struct store_filter f = {.folder = folders[i]};
        ok(equals_brute_force(store, photos, &f, i, N) &&
               equals_brute_force(store, photos, &f, i, 7),
           "folder %zu", i);
        ok(all_match(store, photos, &f, 40), "... as the gallery searches");
    }
    static const char *const others[] = {"/", "/p/trip/", "/p/trip//", "/nowhere", "/p/tri"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct store_filter f = {.folder = others[i]};
        ok(equals_brute_force(store, photos, &f, i, N), "folder %s", others[i]);
    }
    struct store_filter one = {.folder = photos[3].path};
    ok(equals_brute_force(store, photos, &one, 1, N), "a photo by its path");
}

static void test_dates(struct store *store, struct known *photos)
{
    static const struct store_filter filters[] = {
        {.from = "2019"},
        {.until = "2019"},
        {.from = "2019", .until = "2019"},
        {.from = "2019-07"},
        {.until = "2019-07"},
        {.from = "2019-02", .until = "2019-02"},
        {.from = "2019-02-28", .until = "2019-02-28"},
        {.from = "2018-11-05", .until = "2019-01"},
        {.from = "2017", .until = "2022"},
        {.from = "2021"},
        {.until = "2017-12-31"},
        {.from = "2020-02-29", .until = "2020"},
    };
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        ok(equals_brute_force(store, photos, &filters[i], i, N) &&
               equals_brute_force(store, photos, &filters[i], i, 5) &&
               all_match(store, photos, &filters[i], 9),
           "from %s until %s", show(filters[i].from), show(filters[i].until));
}

static void test_random(struct store *store, struct known *photos)
{
    uint64_t state = 99;
    size_t wrong = 0;
    for (size_t q = 0; q < QUERIES; q++) {
        char from[32], until[32];
        static const int lengths[] = {4, 7, 10};
        snprintf(from, sizeof from, "%04d-%02d-%02d", 2018 + (int)pick(&state, 2),
                 1 + (int)pick(&state, 12), 1 + (int)pick(&state, 28));
        snprintf(until, sizeof until, "%04d-%02d-%02d", 2020, 1 + (int)pick(&state, 12),
                 1 + (int)pick(&state, 28));
        from[lengths[pick(&state, 3)]] = until[lengths[pick(&state, 3)]] = '\0';
        struct store_filter f = {0};
        if (pick(&state, 3))
            f.folder = folders[pick(&state, FOLDERS)];
        if (pick(&state, 3))
            f.from = from;
        if (pick(&state, 3))
            f.until = until;
        wrong += !equals_brute_force(store, photos, &f, 500 + q, 1 + pick(&state, 30));
    }
    ok(wrong == 0, "%d random filters equal brute force (%zu do not)", QUERIES, wrong);
}

static void test_changes(struct store *store, const char *gallery, struct known *photos)
{
    struct store_filter f = {.folder = "/p/trip"};
    AUTO(store) *other = fixture_open(gallery);
    struct store_change remove = {.kind = STORE_REMOVE};
    size_t gone = 0;
    for (size_t i = 0; i < N && gone < 5; i++)
        if (matches(&photos[i], &f)) {
            remove.path = photos[i].path;
            if (store_apply(other, &remove, 1, &err))
                ok(false, "%s", err.message);
            snprintf(photos[i].path, sizeof photos[i].path, "gone");
            gone++;
        }
    ok(equals_brute_force(store, photos, &f, 3, N), "photos that another connection removed");
}

static void test_refusals(struct store *store)
{
    static const struct {
        struct store_filter filter;
        const char *part;
    } cases[] = {
        {{.folder = "photos"}, "not an absolute path"},
        {{.folder = ""}, "folder is empty"},
        {{.from = "19"}, "19 is not a date"},
        {{.from = ""}, "empty text is not a date"},
        {{.from = "2019-7"}, "not a date"},
        {{.from = "2019-13"}, "not a date"},
        {{.until = "2019-00"}, "not a date"},
        {{.until = "2019-02-29"}, "not a date"},
        {{.until = "1900-02-29"}, "not a date"},
        {{.until = "2019-04-31"}, "not a date"},
        {{.until = "2019-04-1x"}, "not a date"},
        {{.until = "2019/04/01"}, "not a date"},
        {{.until = "2019-04-01T10:00:00"}, "not a date"},
        {{.from = "2020", .until = "2019"}, "2020 comes after 2019"},
        {{.from = "2019-08", .until = "2019-07-30"}, "comes after"},
        {{.label = ""}, "name is empty"},
        {{.label = "  "}, "name is empty"},
        {{.label = "\xff"}, "invalid characters"},
        {{.label = "a\nb"}, "invalid characters"},
    };
    float query[FIXTURE_DIM];
    struct store_hit hit;
    size_t count;
    fixture_vector(1, FIXTURE_DIM, query);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int rc = store_search(store, query, 1, &cases[i].filter, &hit, &count, &err);
        ok(rc == ERR_INVALID && strstr(err.message, cases[i].part), "refused: %s",
           rc ? err.message : "it was not");
    }
    static const struct store_filter good[] = {{.until = "2000-02-29"}, {.from = "2400-02-29"}};
    for (size_t i = 0; i < 2; i++)
        is_int(store_search(store, query, 1, &good[i], &hit, &count, &err), 0, "a leap day");
}

int main(void)
{
    fixture_start();
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    AUTO_FREE struct known *photos = xcalloc(N, sizeof *photos);
    fill(store, photos);
    test_folders(store, photos);
    test_dates(store, photos);
    test_random(store, photos);
    test_refusals(store);
    test_changes(store, gallery, photos);
    fixture_cleanup();
    return done_testing();
}
