/* SPDX-License-Identifier: MIT */
/* Checks a gallery in a file: integrity, references, codes and free space. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/file.h"
#include "base/text.h"
#include "store/sqlite/sqlite_check.h"

/* Free disk space below which the check warns. */
#define LITTLE_ROOM_BYTES ((uint64_t)256 << 20)

void sqlite_find(const struct checking *c, const char *check, enum store_verdict verdict,
                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *text = xvasprintf(format, args);
    va_end(args);
    struct store_finding finding = {check, verdict, text};
    c->each(c->context, &finding);
}

bool sqlite_ask(const struct checking *c, const char *check, struct query q, int64_t *ret_answer)
{
    struct error why;
    int rc = query_get_int(&q, ret_answer, &why);
    if (rc)
        sqlite_find(c, check, STORE_BAD, "%s", why.message);
    return rc == 0;
}

static void tell_odd(void *context, const char *sentence)
{
    sqlite_find(context, "tables", STORE_BAD, "%s", sentence);
}

static void check_objects(struct checking *c)
{
    size_t count = 0;
    struct error why;
    if (sqlite_list_odd_objects(c->s, tell_odd, c, &count, &why))
        sqlite_find(c, "tables", STORE_BAD, "%s", why.message);
    else if (count == 0)
        sqlite_find(c, "tables", STORE_GOOD,
                    "all tables, indexes and triggers are as keepsake creates them");
}

static void check_integrity(const struct checking *c)
{
    struct error why;
    struct query q = query_start(c->s, "PRAGMA quick_check(1)");
    int rc = query_next(&q, &why);
    const char *said = rc > 0 ? (const char *)sqlite3_column_text(q.statement, 0) : NULL;
    if (rc < 0)
        sqlite_find(c, "integrity", STORE_BAD, "%s", why.message);
    else if (said && strcmp(said, "ok") == 0)
        sqlite_find(c, "integrity", STORE_GOOD, "SQLite's quick check found no errors");
    else
        sqlite_find(c, "integrity", STORE_BAD,
                    "the file is damaged (SQLite: %s): restore a backup, or move it away and index "
                    "again; your photos are not affected",
                    said ? said : "no answer");
    query_end(&q);
}

static void check_references(const struct checking *c)
{
    int64_t vectors, codes, doubles;
    if (!sqlite_ask(c, "references",
                    query_start(c->s, "SELECT count(*) FROM vector WHERE NOT EXISTS"
                                      " (SELECT 1 FROM photo WHERE id = vector.photo)"),
                    &vectors) ||
        !sqlite_ask(c, "references",
                    query_start(c->s, "SELECT count(*) FROM code WHERE NOT EXISTS"
                                      " (SELECT 1 FROM photo WHERE id = code.photo)"),
                    &codes) ||
        !sqlite_ask(c, "references",
                    query_start(c->s, "SELECT count(*) FROM photo JOIN failure USING (path)"),
                    &doubles))
        return;
    if (vectors + codes > 0)
        sqlite_find(
            c, "references", STORE_BAD,
            "%" PRId64 " vectors and %" PRId64 " codes are of photos that are gone: `keepsake "
            "export` leaves them out, and `keepsake import` makes a sound gallery of the rest",
            vectors, codes);
    if (doubles > 0)
        sqlite_find(c, "references", STORE_BAD,
                    "%" PRId64
                    " paths are both photos and failures: `keepsake forget` them and index "
                    "again",
                    doubles);
    if (vectors + codes + doubles == 0)
        sqlite_find(c, "references", STORE_GOOD, "every vector and code belongs to a photo");
}

struct code_counts {
    int64_t missing, stale;
};

/* Skips vectors of the wrong size, which have no code and are counted elsewhere. */
static int compare_codes(const struct checking *c, size_t dim, struct code_counts *counts,
                         struct error *err)
{
    size_t size = vectors_code_bytes(dim), bytes = dim * sizeof(float);
    AUTO_FREE void *code = xmalloc(size);
    AUTO_FREE float *vector = xmalloc(bytes);
    struct query q = query_start(c->s, "SELECT " SQLITE_VECTOR ", c.code FROM vector AS v"
                                       " LEFT JOIN code AS c USING (photo)");
    int rc;
    while ((rc = query_next(&q, err)) > 0) {
        size_t has = (size_t)sqlite3_column_bytes(q.statement, 1);
        if ((size_t)sqlite3_column_bytes(q.statement, 0) != bytes)
            continue;
        if (sqlite3_column_type(q.statement, 1) == SQLITE_NULL) {
            counts->missing++;
            continue;
        }
        memcpy(vector, sqlite3_column_blob(q.statement, 0), bytes);
        vectors_encode(vector, dim, code);
        counts->stale +=
            has != size || memcmp(sqlite3_column_blob(q.statement, 1), code, size) != 0;
    }
    query_end(&q);
    return rc;
}

static void check_codes(const struct checking *c)
{
    int64_t format;
    size_t dim;
    struct code_counts counts = {0, 0};
    struct error why;
    if (!sqlite_ask(c, "codes", query_start(c->s, "SELECT code_format FROM gallery"), &format))
        return;
    if (sqlite_get_dim(&c->s->store, &dim, &why)) /* unbound: the check of the model reports that */
        return;
    if (format != VECTORS_CODE_VERSION) {
        sqlite_find(c, "codes", STORE_WARNING,
                    "the codes of the first pass are of format %" PRId64
                    ", not %d: searches read the vectors instead until the next `keepsake index`",
                    format, VECTORS_CODE_VERSION);
    } else if (compare_codes(c, dim, &counts, &why)) {
        sqlite_find(c, "codes", STORE_BAD, "%s", why.message);
    } else if (counts.stale > 0) {
        sqlite_find(c, "codes", STORE_BAD,
                    "%" PRId64 " codes do not fit their vectors, so that searches may miss photos: "
                    "`keepsake export` and `import` into a new gallery make them again",
                    counts.stale);
    } else if (counts.missing > 0) {
        sqlite_find(c, "codes", STORE_WARNING,
                    "%" PRId64
                    " vectors have no code, so that the first search reads all vectors: `keepsake "
                    "export` and `import` into a new gallery make them again",
                    counts.missing);
    } else {
        sqlite_find(c, "codes", STORE_GOOD, "every code matches its vector");
    }
}

static void check_room(const struct checking *c)
{
    AUTO_FREE char *folder = file_parent(c->s->path);
    struct statvfs info;
    char room[32];
    if (statvfs(folder, &info) < 0)
        return;
    uint64_t bytes = (uint64_t)info.f_bavail * info.f_frsize;
    text_bytes(room, sizeof room, bytes);
    if (bytes < LITTLE_ROOM_BYTES)
        sqlite_find(
            c, "room", STORE_WARNING,
            "only %s are free where the gallery is: free some space before the next `keepsake "
            "index`",
            room);
    else
        sqlite_find(c, "room", STORE_GOOD, "%s are free where the gallery is", room);
}

void sqlite_check(struct store *store,
                  void (*each)(void *context, const struct store_finding *finding), void *context)
{
    struct sqlite *s = sqlite_of(store);
    struct checking c = {s, each, context};
    struct error why;
    int rc = sqlite_begin_read(s, &why);
    if (rc) {
        sqlite_find(&c, "integrity", STORE_BAD, "%s", why.message);
        return;
    }
    check_integrity(&c);
    check_objects(&c);
    check_references(&c);
    check_codes(&c);
    sqlite_check_all_records(&c);
    check_room(&c);
    rc = sqlite_finish(s, 0, &why);
    if (rc)
        sqlite_find(&c, "integrity", STORE_BAD, "%s", why.message);
}
