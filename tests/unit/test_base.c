/* SPDX-License-Identifier: MIT */
/* error, memory, strbuf, json, hash, file, clock. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/hash_table.h"
#include "base/json.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "tap.h"

static void check_error(void)
{
    struct error err = ERROR_INIT;
    is_int(error_set(&err, ERR_LIMIT, "%d is too many", 7), ERR_LIMIT,
           "error_set returns the code");
    is_int(error_add(&err, "photo %s", "a.jpg"), ERR_LIMIT, "error_add keeps the code");
    is_str(err.message, "photo a.jpg: 7 is too many", "error_add prefixes a message");
    is_int(error_set(NULL, ERR_IO, "nobody listens"), ERR_IO, "NULL is fine");
    is_int(error_errno(&err, ENOENT, "cannot open x"), ERR_NOT_FOUND, "ENOENT is not_found");
    is_int(error_errno(&err, EACCES, "cannot open x"), ERR_DENIED, "EACCES is denied");
    is_int(error_errno(&err, ENOSPC, "cannot write x"), ERR_IO, "others are io");
    is_str(error_name(ERR_MISMATCH), "mismatch", "codes have names");
    is_str(error_name(12345), "unknown", "others do not");
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    error_set(&err, ERR_IO, "%s", text);
    error_add(&err, "%s", text);
    ok(strlen(err.message) < sizeof err.message, "a long message is cut");
    for (size_t i = 0; i + 3 < sizeof text; i += 3)
        memcpy(text + i, "\xE2\x82\xAC", 3); /* the euro sign; 1023 is a multiple of 3 */
    error_set(&err, ERR_IO, "x%s", text);
    ok(text_is_utf8(err.message, strlen(err.message)), "at a character's boundary");
    error_errno(&err, ENOENT, "xx%s", text);
    ok(text_is_utf8(err.message, strlen(err.message)), "with an errno too");
    error_set(&err, ERR_IO, "no reason");
    error_add(&err, "xx%s", text);
    ok(text_is_utf8(err.message, strlen(err.message)), "and with a prefix");
}

static void check_memory(void)
{
    void *block = NULL;
    struct error err = ERROR_INIT;
    is_int(try_alloc(SIZE_MAX / 2, 3, SIZE_MAX, &block, &err), ERR_LIMIT, "overflow is refused");
    is_int(try_alloc(1000, 10, 9999, &block, &err), ERR_LIMIT, "past the limit is refused");
    ok(block == NULL, "nothing is returned on failure");
    is_int(try_alloc(1000, 10, 10000, &block, &err), 0, "at the limit is given");
    ok((uintptr_t)block % 64 == 0, "aligned to 64 bytes");
    free(block);
}

static void check_strbuf(void)
{
    struct strbuf s = STRBUF_INIT(8);
    is_int(strbuf_add(&s, "12345", 5, NULL), 0, "within the ceiling");
    is_int(strbuf_addf(&s, NULL, "%d", 6789), ERR_LIMIT, "past the ceiling is refused");
    is_str(s.data, "12345", "and leaves what was there");
    is_int(strbuf_addf(&s, NULL, "%d", 678), 0, "up to the ceiling is taken");
    char *text = strbuf_take(&s);
    is_str(text, "12345678", "strbuf_take hands over");
    free(text);
    text = strbuf_take(&s);
    is_str(text, "", "an empty one gives the empty string");
    free(text);
    strbuf_release(&s);
}

static void check_json(void)
{
    struct error err = ERROR_INIT;
    AUTO_JSON *root = NULL;
    static const char twice[] = "{\"a\": 1, \"a\": 2}";
    is_int(json_read_bytes(twice, strlen(twice), "x.json", &root, &err), ERR_CORRUPT,
           "a duplicate key is refused");
    ok(strstr(err.message, "x.json") != NULL, "the error names the source");
    static const char hostile[] = "{\"a\": \x1b[31m}";
    is_int(json_read_bytes(hostile, strlen(hostile), "x.json", &root, &err), ERR_CORRUPT,
           "what is no JSON is refused");
    ok(!strchr(err.message, '\x1b'), "without sending the terminal its bytes: %s", err.message);
    static const char good[] = "{\"n\": 5, \"s\": \"t\", \"o\": {}, \"r\": 0.5}";
    is_int(json_read_bytes(good, strlen(good), "y.json", &root, &err), 0, "good JSON is read");
    int64_t n = 0;
    double r = 0;
    const char *s = NULL;
    json_t *o = NULL;
    is_int(json_get_int(root, "n", 1, 5, "y", &n, &err), 0, "a number in range");
    is_int(n, 5, "json: the value is returned");
    is_int(json_get_int(root, "n", 1, 4, "y", &n, &err), ERR_CORRUPT, "out of range is refused");
    is_int(json_get_int(root, "s", 1, 4, "y", &n, &err), ERR_CORRUPT, "a string is no number");
    is_int(json_get_int(root, "none", 1, 4, "y", &n, &err), ERR_CORRUPT, "missing is refused");
    ok(!json_get_number(root, "r", "y", &r, &err) && r == 0.5, "a real number");
    ok(!json_get_string(root, "s", "y", &s, &err) && strcmp(s, "t") == 0, "json: a string is read");
    ok(!json_get_object(root, "o", "y", &o, &err) && o, "json: an object is read");
    is_int(json_get_object(root, "n", "y", &o, &err), ERR_CORRUPT, "a number is no object");
}

/* FIPS 180-4 example: SHA-256("abc"). */
static void check_hash(void)
{
    static const char want[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    uint8_t digest[HASH_BYTES];
    char hex[HASH_HEX_SIZE];
    hash_bytes("abc", 3, digest);
    is_str(hash_hex(digest, hex), want, "SHA-256 of abc");
    struct hash *h = hash_new();
    hash_add(h, "a", 1);
    hash_add(h, "bc", 2);
    hash_finish(h, digest);
    is_str(hash_hex(digest, hex), want, "SHA-256 in two pieces");
}

static void check_files(void)
{
    struct error err = ERROR_INIT;
    char folder[] = "/tmp/keepsake-base-XXXXXX";
    if (!ok(mkdtemp(folder) != NULL, "a temporary folder"))
        return;
    char *deep = file_join(folder, "a/b/c"), *path = file_join(deep, "f");
    is_int(file_make_folders(deep, &err), 0, "folders are made");
    is_int(file_make_folders(deep, &err), 0, "again is fine");
    FILE *f = fopen(path, "w");
    fputs("abc", f);
    fclose(f);
    struct file got = {NULL, 0};
    is_int(file_read(path, 3, &got, &err), 0, "a file at the limit is read");
    ok(got.size == 3 && memcmp(got.data, "abc", 4) == 0, "whole, with a NUL after it");
    file_release(&got);
    is_int(file_read(path, 2, &got, &err), ERR_LIMIT, "past the limit is refused");
    is_int(file_read(deep, 9, &got, &err), ERR_INVALID, "a folder is no regular file");
    is_int(file_read("/nonexistent/x", 9, &got, &err), ERR_NOT_FOUND, "a missing file");
    struct file_map map = {NULL, 0};
    is_int(file_map_open(path, &map, &err), 0, "a file is mapped");
    ok(map.size == 3 && memcmp(map.data, "abc", 3) == 0, "and has its bytes");
    file_map_close(&map);
    char *parent = file_parent(path);
    is_str(parent, deep, "the parent of a path");
    is_str(file_name(path), "f", "the name of a path");
    is_int(file_make_folders(path, &err), ERR_INVALID, "a file is in the way of a folder");
    is_int(file_read_stream(path, 3, &got, &err), 0, "a stream at the limit is read");
    ok(got.size == 3 && memcmp(got.data, "abc", 4) == 0, "whole, with a NUL after it");
    file_release(&got);
    is_int(file_read_stream(path, 2, &got, &err), ERR_LIMIT, "a stream past the limit is refused");
    unlink(path);
    for (char *at; rmdir(deep) == 0 && strcmp(deep, folder) != 0;)
        if ((at = strrchr(deep, '/')) != NULL)
            *at = '\0';
    free(parent);
    free(path);
    free(deep);
}

/* RFC 4648, section 10; the last by Python's base64. */
static void test_base64(void)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xff\xfe\x80\xfb\xef", "//6A++8="},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_FREE char *text = base64_encode(cases[i][0], strlen(cases[i][0]));
        is_str(text, cases[i][1], "base64 as in RFC 4648");
    }
}

enum { TABLE_ITEMS = 3000 };

static bool has_number(const void *items, size_t item, const void *key)
{
    return ((const uint64_t *)items)[item] == *(const uint64_t *)key;
}

static uint32_t bad_hash_of(const void *items, size_t item)
{
    return (uint32_t)(((const uint64_t *)items)[item] % 50);
}

static uint32_t good_hash_of(const void *items, size_t item)
{
    return hash_table_mix(((const uint64_t *)items)[item]);
}

/* Compared with a search through the array, also when nearly all hashes are the same. */
static void check_hash_table(const char *name, hash_table_hash_of *hash_of)
{
    uint64_t items[TABLE_ITEMS], number = 1;
    size_t n = 0, differ = 0;
    struct hash_table table = HASH_TABLE_INIT;
    for (size_t tries = 0; n < TABLE_ITEMS; tries++) {
        number = number * 6364136223846793005u + 1442695040888963407u; /* MMIX by Knuth */
        uint64_t key = number >> 52;
        size_t at = 0, found;
        while (at < n && items[at] != key)
            at++;
        found = hash_table_find(&table, hash_of(&key, 0), has_number, items, &key);
        differ += found != (at < n ? at : HASH_TABLE_NONE);
        if (at < n)
            continue;
        items[n] = key;
        hash_table_reserve(&table, n + 1, hash_of, items);
        hash_table_add(&table, hash_of(items, n), n);
        n++;
    }
    ok(differ == 0 && table.count == n, "hash table, %s: finds what a plain search does", name);
    uint32_t *slot = hash_table_slot(&table, hash_of(items, 9), has_number, items, &items[9]);
    ok(slot && *slot == 10, "hash table, %s: the slot of an item", name);
    hash_table_release(&table);
    ok(table.cap == 0 && !table.slots, "hash table, %s: released", name);
}

/* Names of files that differ in one digit spread like random ones: of 20,000 hashes of 32 bits,
 * 0.05 pairs are expected to be the same. */
static void check_hash_spread(void)
{
    enum { NAMES = 20000 };
    AUTO_FREE uint32_t *hashes = xmalloc(NAMES * sizeof *hashes);
    size_t same = 0, low = 0;
    AUTO_FREE uint8_t *seen = xcalloc(1 << 16, 1);
    for (size_t i = 0; i < NAMES; i++) {
        char name[64];
        int length = snprintf(name, sizeof name, "/home/x/photos/2019/IMG_%05zu.JPG", i);
        hashes[i] = hash_table_hash(name, (size_t)length);
        low += seen[hashes[i] & 0xFFFF]++ == 0;
    }
    for (size_t i = 0; i < NAMES; i += 100)
        for (size_t j = 0; j < NAMES; j++)
            same += j != i && hashes[i] == hashes[j];
    is_int((long long)same, 0, "hash table: hashes of similar names differ");
    /* 65536 (1 - exp(-20000 / 65536)) = 17,237 are expected, with a deviation of about 50. */
    ok(low > 16900, "hash table: so do their low bits (%zu of 17237)", low);
}

int main(void)
{
    check_hash_table("numbers", good_hash_of);
    check_hash_table("50 hashes", bad_hash_of);
    check_hash_spread();
    test_base64();
    check_error();
    check_memory();
    check_strbuf();
    check_json();
    check_hash();
    check_files();
    char text[32];
    is_str(clock_format_utc(text, sizeof text, 1562265000), "2019-07-04T18:30:00Z",
           "an instant as in RFC 3339");
    double before = clock_seconds();
    ok(clock_seconds() >= before, "the steady clock does not run back");
    return done_testing();
}
