/* SPDX-License-Identifier: MIT */
/* Files that lie are refused when opened; what is found can be read to its end. */
#include <stdint.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/limits.h"
#include "nn/safetensors.h"
#include "tap.h"

/* A file in memory, in a block of exactly its size, so that a sanitizer sees a byte too many. */
struct bytes {
    uint8_t *data;
    size_t size;
};

static struct bytes build(const char *header, size_t data_size)
{
    uint64_t length = strlen(header);
    struct bytes b = {NULL, 8 + length + data_size};
    b.data = xmalloc(b.size);
    memcpy(b.data, &length, 8);
    memcpy(b.data + 8, header, length);
    for (size_t i = 0; i < data_size; i++)
        b.data[8 + length + i] = (uint8_t)(i * 7 + 1);
    return b;
}

static int open_bytes(struct bytes b, struct error *err)
{
    AUTO(safetensors) *file = NULL;
    return safetensors_parse(b.data, b.size, "FILE", &file, err);
}

/* The file is refused with `code` and a sentence that contains `text`. */
static void refuse_bytes(struct bytes b, int code, const char *text, const char *name)
{
    struct error err = ERROR_INIT;
    int rc = open_bytes(b, &err);
    if (!ok(rc == code && strstr(err.message, text) && strstr(err.message, "FILE"), "%s", name))
        diag("code %d (want %d): '%s' (want '%s')", rc, code, err.message, text);
    free(b.data);
}

static void refuse(const char *header, size_t data_size, int code, const char *text,
                   const char *name)
{
    refuse_bytes(build(header, data_size), code, text, name);
}

static void accept(const char *header, size_t data_size, const char *name)
{
    struct error err = ERROR_INIT;
    struct bytes b = build(header, data_size);
    if (!ok(open_bytes(b, &err) == 0, "%s", name))
        diag("%s", err.message);
    free(b.data);
}

#define T(type, shape, begin, end) \
    "{\"dtype\":\"" type "\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]}"

static void test_accepted(void)
{
    accept("{}", 0, "no tensors, no data");
    accept("{\"__metadata__\":{\"format\":\"pt\"}}   ", 0, "metadata alone, padded");
    accept("{\"a\":" T("F32", "[2]", "0", "8") "}", 8, "one tensor");
    accept("{\"b\":" T("F16", "[2,2]", "8", "16") ",\"a\":" T("F32", "[2]", "0", "8") "}", 16,
           "two, named out of order");
    accept("{\"a\":" T("I64", "[1,2]", "0", "16") ",\"b\":" T("F32", "[]", "16", "20") "}", 20,
           "position ids and a single number");
    accept("{\"e\":" T("F32", "[0,3]", "0", "0") ",\"a\":" T("U8", "[3]", "0", "3") "}", 3,
           "an empty tensor");
    accept("{\"a\":" T("F4", "[3,2]", "0", "3") "}", 3, "half bytes");
    accept("{\"a\":" T("F32", "[1,1,1,1,1,1]", "0", "4") "}", 4, "six dimensions");
    accept("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"extra\":[]}}", 1,
           "a key more than the format knows");
}

static void test_ranges(void)
{
    refuse("{\"a\":" T("F32", "[2]", "0", "8") "}", 7, ERR_CORRUPT, "past the end", "cut off");
    refuse("{\"a\":" T("F32", "[2]", "8", "16") "}", 8, ERR_CORRUPT, "past the end",
           "wholly outside");
    refuse("{\"a\":" T("F32", "[2]", "8", "0") "}", 8, ERR_CORRUPT, "ends before", "backwards");
    refuse("{\"a\":" T("F32", "[2]", "-8", "0") "}", 8, ERR_CORRUPT, "data_offsets", "negative");
    refuse("{\"a\":" T("F32", "[2]", "0.0", "8.0") "}", 8, ERR_CORRUPT, "data_offsets",
           "fractions");
    refuse("{\"a\":" T("F32", "[2]", "\"0\"", "\"8\"") "}", 8, ERR_CORRUPT, "data_offsets",
           "texts");
    refuse("{\"a\":" T("F32", "[2]", "0", "9223372036854775807") "}", 8, ERR_CORRUPT,
           "past the end", "an end near 2^63");
    refuse("{\"a\":" T("F32", "[2]", "0", "18446744073709551624") "}", 8, ERR_CORRUPT, "JSON",
           "an end that wraps around 2^64 to 8");
    refuse("{\"a\":" T("F32", "[2]", "0", "4,8") "}", 8, ERR_CORRUPT, "data_offsets",
           "three offsets");
    refuse("{\"a\":" T("F32", "[1]", "0", "4") ",\"b\":" T("F32", "[2]", "0", "8") "}", 8,
           ERR_CORRUPT, "overlaps", "same start");
    refuse("{\"a\":" T("F32", "[2]", "0", "8") ",\"b\":" T("F32", "[2]", "4", "12") "}", 12,
           ERR_CORRUPT, "tensor b overlaps", "overlap by half");
    refuse("{\"a\":" T("F32", "[1]", "0", "4") ",\"b\":" T("F32", "[1]", "8", "12") "}", 12,
           ERR_CORRUPT, "tensor b begins after", "a hole");
    refuse("{\"a\":" T("F32", "[1]", "4", "8") "}", 8, ERR_CORRUPT, "begins after",
           "a hole at the start");
    refuse("{\"a\":" T("F32", "[1]", "0", "4") "}", 9, ERR_CORRUPT, "5 bytes after",
           "bytes after the last tensor");
    refuse("{}", 1, ERR_CORRUPT, "1 bytes after", "data without tensors");
}

static void test_shapes(void)
{
    refuse("{\"a\":" T("F32", "[3]", "0", "8") "}", 8, ERR_CORRUPT, "another length", "too short");
    refuse("{\"a\":" T("F32", "[1]", "0", "8") "}", 8, ERR_CORRUPT, "another length", "too long");
    refuse("{\"a\":" T("F32", "[0]", "0", "8") "}", 8, ERR_CORRUPT, "another length",
           "a zero side with data");
    refuse("{\"a\":" T("F4", "[3]", "0", "1") "}", 1, ERR_CORRUPT, "another length",
           "a half byte over");
    refuse("{\"a\":" T("F32", "[-2,-1]", "0", "8") "}", 8, ERR_CORRUPT, "whole numbers",
           "negative sides");
    refuse("{\"a\":" T("F32", "[2.0]", "0", "8") "}", 8, ERR_CORRUPT, "whole numbers",
           "a fraction");
    refuse("{\"a\":" T("F32", "2", "0", "8") "}", 8, ERR_CORRUPT, "no shape", "not a list");
    refuse("{\"a\":" T("F32", "[4294967296,4294967296,2]", "0", "8") "}", 8, ERR_CORRUPT,
           "too large", "a product past 2^64 (0 when wrapped)");
    refuse("{\"a\":" T("F32", "[4611686018427387906]", "0", "8") "}", 8, ERR_CORRUPT, "too large",
           "bytes past 2^64 (8 when wrapped)");
}

static void test_entries(void)
{
    refuse("{\"a\":" T("Q5", "[8]", "0", "8") "}", 8, ERR_UNSUPPORTED, "dtype", "unknown dtype");
    refuse("{\"a\":{\"shape\":[8],\"data_offsets\":[0,8]}}", 8, ERR_CORRUPT, "no dtype", "none");
    refuse("{\"a\":{\"dtype\":7,\"shape\":[8],\"data_offsets\":[0,8]}}", 8, ERR_CORRUPT, "dtype",
           "a number as dtype");
    refuse("{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,8]}}", 8, ERR_CORRUPT, "shape",
           "no shape");
    refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[8]}}", 8, ERR_CORRUPT, "data_offsets",
           "no offsets");
    refuse("{\"a\":[0,8]}", 8, ERR_CORRUPT, "object", "a list as entry");
    refuse("{\"a\":null}", 0, ERR_CORRUPT, "object", "null as entry");
    refuse("{\"a\":" T("U8", "[4]", "0", "4") ",\"a\":" T("U8", "[4]", "4", "8") "}", 8,
           ERR_CORRUPT, "duplicate", "a name twice");
    refuse("{\"a\":" T("U8", "[4]", "0", "4") ",\"\\u0061\":" T("U8", "[4]", "4", "8") "}", 8,
           ERR_CORRUPT, "duplicate", "a name twice, once escaped");
    refuse("{\"a\\u0000b\":" T("U8", "[4]", "0", "4") "}", 4, ERR_CORRUPT, "JSON", "NUL in a name");
    refuse("{\"a\\u001b[31m\":7}", 0, ERR_CORRUPT, "a?[31m", "an escape code is not printed");
    refuse("{\"__metadata__\":{\"n\":1}}", 0, ERR_CORRUPT, "__metadata__", "a number in metadata");
    refuse("{\"__metadata__\":[]}", 0, ERR_CORRUPT, "__metadata__", "a list as metadata");
}

static void test_headers(void)
{
    refuse("", 0, ERR_CORRUPT, "brace", "an empty header");
    refuse("[]", 0, ERR_CORRUPT, "brace", "a list");
    refuse(" {}", 0, ERR_CORRUPT, "brace", "space before the brace");
    refuse("{", 0, ERR_CORRUPT, "JSON", "half a header");
    refuse("{}{}", 0, ERR_CORRUPT, "JSON", "two headers");
    refuse("{\"a\":\"\xff\"}", 0, ERR_CORRUPT, "JSON", "not UTF-8");
    refuse_bytes((struct bytes){xcalloc(1, 7), 7}, ERR_CORRUPT, "too short", "seven bytes");
    refuse_bytes((struct bytes){xcalloc(1, 1), 0}, ERR_CORRUPT, "too short", "no bytes");
    char *pointer = xstrdup("version https://git-lfs.github.com/spec/v1\nsize 605157884\n");
    refuse_bytes((struct bytes){(uint8_t *)pointer, strlen(pointer)}, ERR_CORRUPT, "git lfs pull",
                 "a Git LFS pointer");

    struct bytes b = build("{}", 0);
    b.data[0] = 3;
    refuse_bytes(b, ERR_CORRUPT, "past the end", "a header one byte longer than the file");
    b = build("{}", 0);
    memset(b.data, 0xff, 8);
    refuse_bytes(b, ERR_CORRUPT, "past the end", "a header of 2^64 - 1 bytes");
    b = build("{}", 0);
    b.data[7] = 0x80;
    refuse_bytes(b, ERR_CORRUPT, "past the end", "a header of 2^63 + 2 bytes");
}

/* `count` times `part` between the ends. */
static char *repeat(const char *start, const char *part, size_t count, const char *end)
{
    size_t n = strlen(part), head = strlen(start), tail = strlen(end);
    char *text = xmalloc(head + n * count + tail + 1);
    memcpy(text, start, head);
    for (size_t i = 0; i < count; i++)
        memcpy(text + head + i * n, part, n);
    memcpy(text + head + n * count, end, tail + 1);
    return text;
}

static void test_amounts(void)
{
    AUTO_FREE char *deep = repeat("{\"a\":", "[", 100000, "");
    refuse(deep, 0, ERR_CORRUPT, "JSON", "lists 100,000 deep");
    AUTO_FREE char *objects = repeat("{\"a\":[", "{},", 70000, "{}]}");
    refuse(objects, 0, ERR_LIMIT, "more than 65536", "70,000 objects");
    AUTO_FREE char *commas = repeat("{\"a\":[0", ",0", 1100000, "]}");
    refuse(commas, 0, ERR_LIMIT, "more than 65536", "a million sides");
    AUTO_FREE char *quoted = repeat("{\"__metadata__\":{\"a\":\"", "{,\\\"", 100000, "\"}}");
    accept(quoted, 0, "as many in a text are fine");
    AUTO_FREE char *spaces = repeat("{", " ", LIMIT_SAFETENSORS_HEADER_BYTES - 1, "}");
    refuse(spaces, 0, ERR_LIMIT, "limit", "a header past the limit");
}

static void test_get(void)
{
    struct error err = ERROR_INIT;
    struct bytes b = build("{\"h\":" T("F16", "[2,3]", "1", "13") ",\"i\":" T(
                               "U8", "[1]", "0", "1") ",\"s\":" T("F32", "[]", "13", "17") "}",
                           17);
    AUTO(safetensors) *file = NULL;
    struct tensor t = {0};
    const size_t shape[] = {2, 3}, turned[] = {3, 2}, flat[] = {6}, one[] = {1};
    is_int(safetensors_parse(b.data, b.size, "FILE", &file, &err), 0, "a file of three");
    is_int(safetensors_get(file, "h", 2, shape, &t, &err), 0, "h is found");
    ok(t.type == TENSOR_F16 && t.rank == 2 && t.shape[0] == 2 && t.shape[1] == 3 && t.count == 6,
       "as it is described");
    ok(t.data == b.data + b.size - 16, "in place, at an odd address");
    float all[6], two[2];
    tensor_to_f32(&t, 0, 6, all);
    tensor_to_f32(&t, 4, 2, two);
    ok(memcmp(all + 4, two, sizeof two) == 0, "from any element on");
    is_int(safetensors_get(file, "s", 0, NULL, &t, &err), 0, "a single number");
    struct tensor kept = t;
    is_int(safetensors_get(file, "x", 2, shape, &t, &err), ERR_CORRUPT, "x is missing");
    is_str(err.message, "FILE: tensor x is missing", "and it says so");
    is_int(safetensors_get(file, "h", 2, turned, &t, &err), ERR_CORRUPT, "a turned matrix is read");
    ok(strstr(err.message, "FILE: tensor h has shape [2][3], expected [3][2]"), "%s", err.message);
    is_int(safetensors_get(file, "h", 1, flat, &t, &err), ERR_CORRUPT, "a flat tensor is read");
    is_int(safetensors_get(file, "s", 1, one, &t, &err), ERR_CORRUPT, "a number as vector");
    ok(strstr(err.message, "has shape [], expected [1]"), "%s", err.message);
    is_int(safetensors_get(file, "i", 1, one, &t, &err), ERR_UNSUPPORTED, "U8 is no weight");
    ok(strstr(err.message, "type U8"), "%s", err.message);
    ok(memcmp(&kept, &t, sizeof t) == 0, "a refusal leaves the output alone");
    free(b.data);
}

static void fingerprint(struct bytes b, uint8_t ret_digest[32])
{
    AUTO(safetensors) *file = NULL;
    if (safetensors_parse(b.data, b.size, "FILE", &file, NULL))
        memset(ret_digest, 0, 32);
    else
        safetensors_fingerprint(file, ret_digest);
}

/* Changes one byte of the data and tells whether the fingerprint changed. */
static bool noticed(struct bytes b, size_t data_start, size_t at)
{
    uint8_t before[32], after[32];
    fingerprint(b, before);
    b.data[data_start + at] ^= 1;
    fingerprint(b, after);
    b.data[data_start + at] ^= 1;
    return memcmp(before, after, 32) != 0;
}

static void test_fingerprint(void)
{
    /* The definition, by hand: header, all of the small one, three samples of the large one. */
    const char *header = "{\"large\":" T("U8", "[20000]", "0", "20000") ",\"small\":" T(
        "U8", "[100]", "20000", "20100") "}";
    struct bytes b = build(header, 20100);
    size_t start = 8 + strlen(header);
    uint8_t got[32], want[32];
    struct hash *h = hash_new();
    hash_add(h, b.data, start + 4096);
    hash_add(h, b.data + start + (20000 - 4096) / 2, 4096);
    hash_add(h, b.data + start + 20000 - 4096, 4096 + 100);
    hash_finish(h, want);
    fingerprint(b, got);
    ok(memcmp(got, want, 32) == 0, "header, first, middle and last 4096 of each tensor");
    ok(noticed(b, start, 0) && noticed(b, start, 10000) && noticed(b, start, 19999) &&
           noticed(b, start, 20050),
       "a change of a sampled byte is noticed");
    ok(!noticed(b, start, 5000), "one between the samples is not: reading all would cost too much");
    free(b.data);
    struct bytes first = build("{\"a\":" T("U8", "[4]", "0", "4") "}", 4);
    struct bytes second = build("{\"b\":" T("U8", "[4]", "0", "4") "}", 4);
    fingerprint(first, got);
    fingerprint(second, want);
    ok(memcmp(got, want, 32) != 0, "a name is noticed");
    free(first.data);
    free(second.data);
}

static void test_types(void)
{
    /* 1.5, -2 and the smallest number of each type, by the formats' definitions. */
    static const struct {
        enum tensor_type type;
        uint8_t bytes[12];
        float smallest;
    } cases[] = {
        {TENSOR_F32, {0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0, 1, 0, 0, 0}, 0x1p-149f},
        {TENSOR_F16, {0, 0x3e, 0, 0xc0, 1, 0}, 0x1p-24f},
        {TENSOR_BF16, {0xc0, 0x3f, 0, 0xc0, 1, 0}, 0x1p-133f},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t unaligned[13];
        float values[3] = {0};
        memcpy(unaligned + 1, cases[i].bytes, 12);
        struct tensor t = {cases[i].type, 1, {3}, 3, unaligned + 1};
        tensor_to_f32(&t, 0, 3, values);
        ok(values[0] == 1.5f && values[1] == -2 && values[2] == cases[i].smallest,
           "type %zu: 1.5, -2 and %g", i, (double)cases[i].smallest);
    }
}

static void test_open(void)
{
    struct error err = ERROR_INIT;
    AUTO(safetensors) *file = NULL;
    is_int(safetensors_open("models/no-such-file", &file, &err), ERR_NOT_FOUND, "no such file");
    is_int(safetensors_open("models", &file, &err), ERR_INVALID, "a folder");
    is_int(safetensors_open("models/mini/config.json", &file, &err), ERR_CORRUPT,
           "a header of odd JSON");
    ok(strstr(err.message, "models/mini/config.json is not a safetensors file"), "%s", err.message);
    ok(file == NULL, "no file comes of a refusal");
    is_int(safetensors_open("models/mini/model.safetensors", &file, &err), 0, "a real file");
}

int main(void)
{
    test_accepted();
    test_ranges();
    test_shapes();
    test_entries();
    test_headers();
    test_amounts();
    test_get();
    test_fingerprint();
    test_types();
    test_open();
    return done_testing();
}
