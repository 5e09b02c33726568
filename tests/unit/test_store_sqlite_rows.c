/* SPDX-License-Identifier: MIT */
/* A gallery in a file reads what is asked for and nothing else: the index in memory what changed,
 * lists what they show. Rows that statements return are counted, not time. */
#include "sqlite_fixture.h"
#include "store/ledger.h"
#include "store/sqlite/sqlite_index.h"

enum { PHOTOS = 3000, K = 20, FEW_ROWS = 3 * K };

static int64_t rows;

static int count_row(unsigned type, void *context, void *statement, void *unused)
{
    (void)type, (void)context, (void)statement, (void)unused;
    rows++;
    return 0;
}

static struct sqlite *open_counted(const char *gallery)
{
    struct sqlite *s = NULL;
    if (sqlite_open(gallery, STORE_READ, &s, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    sqlite3_trace_v2(s->db, SQLITE_TRACE_ROW, count_row, NULL);
    return s;
}

/* The rows that a search reads; -1 when it does not find `best` (0: whatever) first among K. */
static int64_t rows_of_search(struct sqlite *s, uint64_t seed, int64_t best)
{
    float query[FIXTURE_DIM];
    struct store_hit hits[K];
    size_t count = 0;
    fixture_vector(seed, FIXTURE_DIM, query);
    rows = 0;
    if (sqlite_search(&s->store, query, 0, K, true, NULL, hits, &count, &err)) {
        diag("%s", err.message);
        return -1;
    }
    return count == K && (!best || hits[0].id == best) ? rows : -1;
}

static bool is_few(int64_t n)
{
    if (n < 0 || n > FEW_ROWS)
        diag("%lld rows", (long long)n);
    return n >= 0 && n <= FEW_ROWS;
}

/* The photo at filled's path number `at` gets the content of another number. */
static void put_photo(struct store *store, int at, uint64_t seed)
{
    char path[32];
    struct fixture_photo photo;
    snprintf(path, sizeof path, "/photos/%d.jpg", at);
    if (store_apply(store, fixture_add(&photo, path, seed), 1, &err))
        ok(false, "%s", err.message);
}

static void forget_photo(struct store *store, int at)
{
    char path[32];
    int64_t count = 0;
    snprintf(path, sizeof path, "/photos/%d.jpg", at);
    if (store_forget(store, path, &count, &err) || count != 1)
        ok(false, "%s: %lld forgotten", path, (long long)count);
}

static bool is_all_read(int64_t n)
{
    return n >= PHOTOS - 10;
}

static void test_following(const char *gallery, struct store *writer)
{
    struct sqlite *s = open_counted(gallery);
    ok(is_all_read(rows_of_search(s, 5, 6)), "the first search reads all codes");
    ok(is_few(rows_of_search(s, 5, 6)), "the second reads what it shows");
    forget_photo(writer, 5);
    ok(is_few(rows_of_search(s, 5, 0)), "after one was forgotten no more than that");
    ok(rows_of_search(s, 5, 6) < 0, "... and it is not found");
    put_photo(writer, 8, 5);
    ok(is_few(rows_of_search(s, 5, 9)), "a photo that was replaced is read anew");
    ok(is_few(rows_of_search(s, 8, 0)) && rows_of_search(s, 8, 9) < 0,
       "... its old vector is gone");
    put_photo(writer, PHOTOS, 8);
    ok(is_few(rows_of_search(s, 8, PHOTOS + 1)), "one that was added is read");
    put_photo(writer, PHOTOS + 1, 90000);
    forget_photo(writer, PHOTOS + 1);
    put_photo(writer, PHOTOS + 2, 90001);
    put_photo(writer, PHOTOS + 2, 90002);
    ok(is_few(rows_of_search(s, 90002, PHOTOS + 3)), "several changes between two searches");
    ok(rows_of_search(s, 90000, PHOTOS + 2) < 0 && rows_of_search(s, 90001, PHOTOS + 3) < 0,
       "... what came and went is not found");
    sqlite_close(s);
}

static int64_t rows_of_page(struct sqlite *s, size_t skip)
{
    float query[FIXTURE_DIM];
    struct store_hit hits[K];
    size_t count = 0;
    fixture_vector(5, FIXTURE_DIM, query);
    rows = 0;
    if (sqlite_search(&s->store, query, skip, skip + K, true, NULL, hits, &count, &err))
        ok(false, "%s", err.message);
    return count == skip + K ? rows : -1;
}

/* All pages of a list read each of its vectors a few times; that of one who reads along, none. */
static void test_pages(const char *gallery)
{
    enum { END = 2000 };
    struct sqlite *s = open_counted(gallery), *other = open_counted(gallery);
    int64_t sum = 0, again = 0;
    for (size_t skip = 0; skip < END; skip += K)
        sum += rows_of_page(s, skip);
    for (size_t skip = K; skip < END; skip += K)
        again += rows_of_page(other, skip);
    ok(sum < 8 * PHOTOS, "pages to number %d: %lld rows, though each is after all before it", END,
       (long long)sum);
    ok(again < 3 * END / K, "pages that another connection has read: %lld rows", (long long)again);
    sqlite_close(s);
    sqlite_close(other);
}

/* The state that a search has is exact for its moment, whatever others prepare meanwhile. */
static void test_states(const char *gallery, struct store *writer)
{
    struct sqlite *s = open_counted(gallery);
    ok(rows_of_search(s, 20, 21) >= 0, "a search");
    struct index_state *before = sqlite_index_get(s->index);
    size_t count = vectors_count(before->vectors);
    forget_photo(writer, 20);
    ok(is_few(rows_of_search(s, 20, 0)), "another, after a photo was forgotten");
    struct index_state *after = sqlite_index_get(s->index);
    is_int((long long)vectors_count(before->vectors), (long long)count,
           "the state before still has all");
    is_int((long long)vectors_count(after->vectors), (long long)count - 1, "the new one has not");
    sqlite_index_put(before);
    sqlite_index_put(after);
    sqlite_close(s);
}

/* What cannot be known is read: a writer without notes, notes that were lost or are too old. */
static void test_without_notes(const char *gallery, struct store *writer)
{
    static const struct {
        const char *sql, *what;
    } losses[] = {
        {"UPDATE vector SET vector = (SELECT vector FROM vector WHERE photo = 31) WHERE photo = 41;"
         "UPDATE code SET code = (SELECT code FROM code WHERE photo = 31) WHERE photo = 41;"
         "UPDATE gallery SET change = change + 1, rewrite = change + 1",
         "vectors changed without a note"},
        {"UPDATE gallery SET change = change + 1; DROP TABLE rewritten", "there are no notes"},
        {"UPDATE gallery SET change = change + 1; DELETE FROM rewritten", "the notes are gone"},
        {"UPDATE gallery SET change = change + 70000", "the notes are too old"},
    };
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        int at = 100 + 10 * (int)i;
        struct sqlite *s = open_counted(gallery);
        ok(rows_of_search(s, 33, 34) >= 0, "a search before %s", losses[i].what);
        run_sql(gallery, losses[i].sql);
        forget_photo(writer, at);
        put_photo(writer, at + 1, 95000 + i);
        ok(is_all_read(rows_of_search(s, 95000 + i, at + 2)), "... all is read");
        ok(rows_of_search(s, (uint64_t)at, at + 1) < 0, "... what was forgotten is not found");
        forget_photo(writer, at + 2);
        ok(is_few(rows_of_search(s, 33, 34)), "... then only what changes");
        sqlite_close(s);
    }
}

static void test_trimmed(const char *gallery, struct store *writer)
{
    run_sql(gallery, "UPDATE gallery SET change = change + 70000");
    forget_photo(writer, 51);
    AUTO_FREE char *left = ask_sql(gallery, "SELECT count(*) FROM rewritten");
    is_str(left, "2", "old notes are forgotten");
}

/* ---- lists ---- */

static int count_entry(void *context, const struct ledger_entry *entry)
{
    (void)entry;
    return ++*(int *)context == 5;
}

static int count_folder(void *context, const char *folder)
{
    (void)folder;
    ++*(int *)context;
    return 0;
}

/* Of the statements that were run: whether each finds its rows by an index, in their order. */
static bool is_unsorted(struct sqlite *s)
{
    int sorts = 0;
    for (sqlite3_stmt *q = NULL; (q = sqlite3_next_stmt(s->db, q));)
        sorts += sqlite3_stmt_status(q, SQLITE_STMTSTATUS_SORT, 0);
    return sorts == 0;
}

/* Of the plan of a query: that of its table only an index is read. */
static bool is_by_covering_index(struct sqlite *s, const char *sql)
{
    sqlite3_stmt *plan = NULL;
    AUTO_FREE char *explain = xasprintf("EXPLAIN QUERY PLAN %s", sql);
    bool found = sqlite3_prepare_v2(s->db, explain, -1, &plan, NULL) == SQLITE_OK &&
                 sqlite3_step(plan) == SQLITE_ROW &&
                 strstr((const char *)sqlite3_column_text(plan, 3), "USING COVERING INDEX");
    sqlite3_finalize(plan);
    return found;
}

/* The statement that was run and names the path of photos alone. */
static const char *path_statement(struct sqlite *s)
{
    for (sqlite3_stmt *q = NULL; (q = sqlite3_next_stmt(s->db, q));)
        if (strncmp(sqlite3_sql(q), "SELECT path FROM photo", 22) == 0)
            return sqlite3_sql(q);
    return "";
}

static void test_lists(const char *gallery)
{
    run_sql(gallery,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
            " INSERT INTO ledger (at, request, event, purpose, provider, host, model,"
            " photos, bytes, input_tokens, output_tokens, cache_read_tokens,"
            " cache_write_tokens, detail) SELECT i / 3, i, 'sent', '', '', '', '', '[]', 0,"
            " 0, 0, 0, 0, '' FROM n");
    struct store *store;
    if (store_open(gallery, STORE_READ, &store, &err)) {
        ok(false, "%s", err.message);
        return;
    }
    struct sqlite *s = sqlite_of(store);
    int entries = 0, folders = 0;
    sqlite3_trace_v2(s->db, SQLITE_TRACE_ROW, count_row, NULL);
    rows = 0;
    ok(store_ledger_newest(store, 0, count_entry, &entries, &err) == 1 && entries == 5,
       "the five newest of 2,000 entries of the ledger");
    ok(rows < 10 && is_unsorted(s), "... no other is read (%lld rows)", (long long)rows);
    ok(!store_list_parents(store, NULL, count_folder, &folders, &err) && folders == 1,
       "the folder of all photos is listed once");
    ok(is_by_covering_index(s, path_statement(s)), "... by the index of paths alone");
    rows = folders = 0;
    ok(!store_list_parents(store, NULL, count_folder, &folders, &err) && folders == 1 && rows < 5,
       "folders that were listed before are listed without reading paths (%lld rows)",
       (long long)rows);
    run_sql(gallery, "UPDATE photo SET path = '/elsewhere/1.jpg' WHERE path = '/photos/1.jpg';"
                     "UPDATE gallery SET change = change + 1");
    folders = 0;
    ok(!store_list_parents(store, NULL, count_folder, &folders, &err) && folders == 2,
       "folders are read again after the gallery has changed");
    store_close(store);
}

/* A code that is lost or damaged costs the reading of one vector. */
static void test_lost_codes(const char *gallery)
{
    run_sql(gallery, "DELETE FROM code WHERE photo = 61; UPDATE code SET code = x'00' WHERE photo ="
                     " 62");
    struct sqlite *s = open_counted(gallery);
    int64_t n = rows_of_search(s, 60, 61);
    ok(n >= PHOTOS - 20 && n < PHOTOS + FEW_ROWS, "without some codes: their vectors are read");
    ok(is_few(rows_of_search(s, 61, 62)), "... and both photos are found");
    sqlite_close(s);
}

int main(void)
{
    fixture_start();
    AUTO_FREE char *gallery = filled(PHOTOS);
    struct store *writer = fixture_open(gallery);
    test_pages(gallery);
    test_following(gallery, writer);
    test_states(gallery, writer);
    test_without_notes(gallery, writer);
    test_trimmed(gallery, writer);
    test_lost_codes(gallery);
    test_lists(gallery);
    store_close(writer);
    fixture_cleanup();
    return done_testing();
}
