/* SPDX-License-Identifier: MIT */
/* The gallery by date, in pages and months, against sorting all of it: on any kind of store. */
#include "base/strbuf.h"
#include "base/text.h"
#include "store/fact_values.h"
#include "store/labels.h"
#include "store/listing.h"
#include "store_fixture.h"

static struct error err;

enum { N = 900, SEEN = N + 8 };

struct known {
    int64_t id;
    char path[64], taken[32];
    bool labelled;
};

static size_t pick(uint64_t *state, size_t n)
{
    return (size_t)(fixture_random(state) % n);
}

static int note_id(void *context, const struct store_file *file)
{
    struct known *photos = context;
    for (size_t i = 0; i < N; i++)
        if (strcmp(photos[i].path, file->path) == 0)
            photos[i].id = file->id;
    return 0;
}

/* Few different dates, so that many are equal; some with a zone, some none. */
static void fill(struct store *store, struct known *photos)
{
    uint64_t state = 3;
    AUTO_FREE struct fixture_photo *rows = xcalloc(N, sizeof *rows);
    AUTO_FREE struct store_change *changes = xcalloc(N, sizeof *changes);
    for (size_t i = 0; i < N; i++) {
        struct known *p = &photos[i];
        snprintf(p->path, sizeof p->path, "/%s/%zu.jpg", pick(&state, 4) ? "many" : "few", i);
        if (pick(&state, 5))
            snprintf(p->taken, sizeof p->taken, "%d-%02d-%02dT12:00:0%d%s",
                     2000 + (int)pick(&state, 20), 1 + (int)pick(&state, 12),
                     1 + (int)pick(&state, 3), (int)pick(&state, 2),
                     pick(&state, 4) ? "" : "-05:00");
        changes[i] = *fixture_add(&rows[i], p->path, i + 1);
        snprintf(rows[i].facts.taken, sizeof rows[i].facts.taken, "%s", p->taken);
    }
    if (store_apply(store, changes, N, &err) ||
        store_list_files(store, NULL, note_id, photos, &err))
        ok(false, "fill: %s", err.message);
    for (size_t i = 0; i < N; i += 7) {
        int64_t id;
        photos[i].labelled = true;
        if (store_add_label(store, photos[i].id, "Mia", NULL, &id, &err))
            ok(false, "%s", err.message);
    }
}

static bool matches(const struct known *p, const struct store_filter *f)
{
    char last[32];
    if (!f)
        return true;
    if (f->folder && strncmp(p->path, f->folder, strlen(f->folder)) != 0)
        return false;
    if (f->label && !p->labelled)
        return false;
    if ((f->from || f->until) && !p->taken[0])
        return false;
    /* As many characters of the date as the bound has. */
    snprintf(last, sizeof last, "%.*s", f->until ? (int)strlen(f->until) : 0, p->taken);
    return (!f->from || strncmp(p->taken, f->from, strlen(f->from)) >= 0) &&
           (!f->until || strcmp(last, f->until) <= 0);
}

static int newest_first(const void *a, const void *b)
{
    const struct known *x = *(const struct known *const *)a, *y = *(const struct known *const *)b;
    int order = strcmp(y->taken, x->taken); /* "" comes last */
    return order ? order : (y->id > x->id) - (y->id < x->id);
}

static size_t sorted(const struct known *photos, const struct store_filter *f,
                     const struct known **ret_sorted)
{
    size_t n = 0;
    for (size_t i = 0; i < N; i++)
        if (photos[i].id && matches(&photos[i], f))
            ret_sorted[n++] = &photos[i];
    qsort(ret_sorted, n, sizeof *ret_sorted, newest_first);
    return n;
}

/* ---- pages ---- */

struct seen {
    struct store *store;
    size_t count, wrong, page;
    const struct known **want;
    size_t n;
    struct store_place last;
};

static int note_photo(void *context, const struct store_photo *photo)
{
    struct seen *s = context;
    const struct known *want = s->count < s->n ? s->want[s->count] : NULL;
    struct store_photo again;
    s->wrong += !want || want->id != photo->id || strcmp(want->path, photo->path) != 0 ||
                strcmp(want->taken, photo->facts.taken) != 0 || photo->facts.width != 640;
    if (s->count % 100 == 0) { /* the store may be used meanwhile */
        s->wrong += store_get_photo(s->store, photo->id, &again, &err) != 0 ||
                    memcmp(again.hash, photo->hash, HASH_BYTES) != 0;
        store_photo_release(&again);
    }
    s->count++;
    s->page++;
    s->last.id = photo->id;
    snprintf(s->last.taken, sizeof s->last.taken, "%s", photo->facts.taken);
    return 0;
}

static void test_pages(struct store *store, const struct known *photos,
                       const struct store_filter *f, size_t limit, const char *name)
{
    static const struct known *want[N];
    struct seen s = {.store = store, .want = want, .n = sorted(photos, f, want)};
    struct store_place after;
    int rc = 0;
    do {
        after = s.last;
        bool begun = s.count > 0;
        s.page = 0;
        rc = store_list_photos(store, f, begun ? &after : NULL, 0, limit, note_photo, &s, &err);
    } while (!rc && s.page == limit && s.count < SEEN);
    if (rc)
        diag("%s", err.message);
    if (!ok(!rc && s.count == s.n && s.wrong == 0, "%s, %zu photos a page", name, limit))
        diag("%zu of %zu, %zu wrong", s.count, s.n, s.wrong);
}

/* Pages from anywhere in the list. */
static void test_jumps(struct store *store, const struct known *photos,
                       const struct store_filter *f, const char *name)
{
    static const struct known *want[N];
    uint64_t state = 8;
    size_t n = sorted(photos, f, want), wrong = 0;
    for (int i = 0; i < 40; i++) {
        size_t from = i % 3 ? pick(&state, n + 1) : 0, skip = pick(&state, n + 10), limit = 7;
        struct store_place after = {.id = from ? want[from - 1]->id : 0};
        snprintf(after.taken, sizeof after.taken, "%s", from ? want[from - 1]->taken : "");
        size_t first = from + skip < n ? from + skip : n;
        struct seen s = {.store = store, .want = want + first, .n = n - first};
        int rc =
            store_list_photos(store, f, from ? &after : NULL, skip, limit, note_photo, &s, &err);
        size_t should = s.n < limit ? s.n : limit;
        wrong += rc != 0 || s.count != should || s.wrong != 0;
    }
    ok(wrong == 0, "%s, pages that jump (%zu wrong)", name, wrong);
}

/* ---- months ---- */

struct months {
    char text[8192];
    size_t length, count, stop_after;
};

static int note_month(void *context, const struct store_month *month)
{
    struct months *m = context;
    m->length += (size_t)snprintf(m->text + m->length, sizeof m->text - m->length, "%s:%lld ",
                                  month->month, (long long)month->photos);
    return ++m->count == m->stop_after ? 29 : 0;
}

static void test_months(struct store *store, const struct known *photos,
                        const struct store_filter *f, const char *name)
{
    static const struct known *want[N];
    struct months got = {.length = 0}, should = {.length = 0};
    size_t n = sorted(photos, f, want);
    for (size_t i = 0, same; i < n; i += same) {
        char month[8];
        snprintf(month, sizeof month, "%.7s", want[i]->taken);
        for (same = 1; i + same < n && strncmp(want[i + same]->taken, want[i]->taken, 7) == 0;)
            same++;
        note_month(&should, &(struct store_month){month, (int64_t)same});
    }
    if (store_list_months(store, f, note_month, &got, &err))
        diag("%s", err.message);
    is_str(got.text, should.text, name);
}

static void test_all(struct store *store, const struct known *photos)
{
    static const struct {
        const char *name;
        struct store_filter filter;
    } cases[] = {
        {"all", {0}},
        {"a large folder", {.folder = "/many"}},
        {"a small one", {.folder = "/few"}},
        {"an empty one", {.folder = "/none"}},
        {"a name", {.label = "mia"}},
        {"from", {.from = "2011-03"}},
        {"until", {.until = "2004-02-02"}},
        {"between", {.from = "2003-05-02", .until = "2007"}},
        {"a folder and dates", {.folder = "/few", .from = "2009", .until = "2012-06"}},
        {"everything", {.folder = "/many", .from = "2001", .until = "2018", .label = "MIA"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_FREE char *months = xasprintf("months of %s", cases[i].name);
        test_pages(store, photos, &cases[i].filter, 1000, cases[i].name);
        test_pages(store, photos, &cases[i].filter, 13, cases[i].name);
        test_jumps(store, photos, &cases[i].filter, cases[i].name);
        test_months(store, photos, &cases[i].filter, months);
    }
    test_pages(store, photos, NULL, 50, "no filter");
    test_months(store, photos, NULL, "months without a filter");
}

static int stop(void *context, const struct store_photo *photo)
{
    (void)photo;
    return ++*(int *)context == 3 ? 31 : 0;
}

static void test_edges(struct store *store)
{
    int count = 0;
    is_int(store_list_photos(store, NULL, NULL, 0, 10, stop, &count, &err), 31, "can be stopped");
    is_int(count, 3, "... there");
    count = 0;
    is_int(store_list_photos(store, NULL, NULL, 0, 0, stop, &count, &err), 0, "no photos wanted");
    is_int(count, 0, "... none given");
    struct months m = {.stop_after = 2};
    is_int(store_list_months(store, NULL, note_month, &m, &err), 29, "months can be stopped");
    struct store_filter bad = {.from = "never"};
    is_int(store_list_photos(store, &bad, NULL, 0, 1, stop, &count, &err), ERR_INVALID,
           "a bad date");
    is_int(store_list_months(store, &bad, note_month, &m, &err), ERR_INVALID, "... for months");
    struct store_place past = {.id = 0};
    is_int(store_list_photos(store, NULL, &past, 0, 10, stop, &count, &err), 0, "after the last");
    is_int(count, 0, "... none");
    struct store_place odd = {.taken = "2010-07-15T00:00:00", .id = -5};
    struct store_filter old = {.until = "2003"};
    count = 0;
    is_int(store_list_photos(store, &old, &odd, 0, 2, stop, &count, &err), 0,
           "after a place that the filter leaves out");
    is_int(count, 2, "... the list begins with the filter's first");
}

static void test_removed(struct store *store, struct known *photos)
{
    static const struct known *want[N];
    sorted(photos, NULL, want);
    for (size_t i = 10; i < 20; i++) {
        struct store_change removal = {.kind = STORE_REMOVE, .path = want[i]->path};
        if (store_apply(store, &removal, 1, &err))
            ok(false, "%s", err.message);
        photos[want[i] - photos].id = 0;
    }
    test_pages(store, photos, NULL, 17, "after some were removed");
    test_months(store, photos, NULL, "... and months");
}

/* ---- values ---- */

static int print_value(void *context, const struct store_value *value)
{
    return strbuf_addf(context, NULL, "%s=%d ", value->text, (int)value->photos);
}

static int stop_at_value(void *context, const struct store_value *value)
{
    (void)context;
    (void)value;
    return 7;
}

static void test_value_list(struct store *store, const char *fact, const char *expected)
{
    struct strbuf printed = STRBUF_INIT(4096);
    is_int(store_list_values(store, fact ? fact_find(fact) : NULL, print_value, &printed, &err), 0,
           "the values of a fact are listed");
    is_str(printed.data ? printed.data : "", expected, "... each with its photos");
    strbuf_release(&printed);
}

/* Three photos, which are removed again. */
static void test_values(struct store *store)
{
    static const char *const paths[] = {"/v/a/1.jpg", "/v/a/2.jpg", "/v/3.jpg"};
    static const char *const keywords[] = {"sea\nsun", "sea\nsea", "S\u00fcd"};
    struct fixture_photo rows[3];
    struct store_change changes[3];
    for (size_t i = 0; i < 3; i++) {
        changes[i] = *fixture_add(&rows[i], paths[i], 5000 + i);
        text_copy(rows[i].facts.keywords, sizeof rows[i].facts.keywords, keywords[i]);
        text_copy(rows[i].facts.lens, sizeof rows[i].facts.lens, i ? "50mm" : "");
    }
    test_value_list(store, "lens", "");
    is_int(store_apply(store, changes, 3, &err), 0, "photos with keywords");
    test_value_list(store, "lens", "50mm=2 ");
    test_value_list(store, "keywords", "sea=2 S\u00fcd=1 sun=1 ");
    test_value_list(store, NULL, "/v/a=2 /v=1 ");
    is_int(store_list_values(store, NULL, stop_at_value, NULL, &err), 7, "values: can be stopped");
    is_int(store_list_values(store, fact_find("width"), stop_at_value, NULL, &err), ERR_INVALID,
           "values: none of a number");
    int64_t removed;
    is_int(store_forget(store, "/v", &removed, &err), 0, "photos with keywords are forgotten");
    test_value_list(store, "keywords", "");
}

int main(void)
{
    fixture_start();
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    AUTO_FREE struct known *photos = xcalloc(N, sizeof *photos);
    int count = 0;
    is_int(store_list_photos(store, NULL, NULL, 0, 10, stop, &count, &err), 0, "an empty gallery");
    is_int(count, 0, "... has no photos");
    test_months(store, photos, NULL, "... nor months");
    test_values(store);
    fill(store, photos);
    test_all(store, photos);
    test_edges(store);
    test_removed(store, photos);
    fixture_cleanup();
    return done_testing();
}
