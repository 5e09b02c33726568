/* SPDX-License-Identifier: MIT */
/* Parses and checks the JSON header of a safetensors file. */
#include "nn/safetensors_header.h"

#include <limits.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

/* The dtypes of version 0.6 of the format's library. */
static const struct tensor_dtype dtypes[] = {
    {"F32", 32},    {"F16", 16},    {"BF16", 16},   {"F64", 64},    {"I64", 64},
    {"I32", 32},    {"I16", 16},    {"I8", 8},      {"U64", 64},    {"U32", 32},
    {"U16", 16},    {"U8", 8},      {"BOOL", 8},    {"C64", 64},    {"F8_E5M2", 8},
    {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"F4", 4},
};

/* An error about a tensor, whose name may be any text. */
static int bad_tensor(struct error *err, int code, const char *where, const char *name,
                      const char *problem)
{
    AUTO_FREE char *shown = text_printable(name, strnlen(name, 200));
    return error_set(err, code, "%s: tensor %s %s", where, shown, problem);
}

/* Parsed JSON is many times larger than its text ("{}," takes hundreds of bytes), so the parts are
 * counted before any is built. A tensor has one brace, two brackets and one comma per number. */
static int check_amount(const char *json, size_t length, const char *where, struct error *err)
{
    size_t objects = 0, values = 0;
    bool quoted = false;
    for (size_t i = 0; i < length; i++) {
        if (quoted && json[i] == '\\')
            i++;
        else if (json[i] == '"')
            quoted = !quoted;
        else if (!quoted) {
            objects += json[i] == '{';
            values += json[i] == '[' || json[i] == ',';
        }
    }
    if (objects > LIMIT_TENSOR_COUNT + 2 || values > (size_t)16 * LIMIT_TENSOR_COUNT)
        return error_set(err, ERR_LIMIT, "%s lists more than %d tensors", where,
                         LIMIT_TENSOR_COUNT);
    return 0;
}

/* A non-negative whole number. */
static bool read_size(const json_t *value, size_t *ret_size)
{
    json_int_t n = json_is_integer(value) ? json_integer_value(value) : -1;
    if (n < 0)
        return false;
    *ret_size = (size_t)n;
    return true;
}

static const char *read_dtype(const json_t *info, struct tensor_entry *entry)
{
    const json_t *text = json_object_get(info, "dtype");
    if (!json_is_string(text))
        return "has no dtype";
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
        if (strcmp(json_string_value(text), dtypes[i].name) == 0)
            entry->dtype = &dtypes[i];
    return NULL;
}

static const char *read_shape(const json_t *info, struct tensor_entry *entry)
{
    const json_t *shape = json_object_get(info, "shape");
    if (!json_is_array(shape) || json_array_size(shape) > INT_MAX)
        return "has no shape";
    entry->rank = (int)json_array_size(shape);
    entry->count = 1;
    for (int i = 0; i < entry->rank; i++) {
        size_t side;
        if (!read_size(json_array_get(shape, (size_t)i), &side))
            return "has a shape that is not made of whole numbers";
        if (__builtin_mul_overflow(entry->count, side, &entry->count))
            return "has a shape too large for any memory";
        if (i < TENSOR_MAX_RANK)
            entry->shape[i] = side;
    }
    return NULL;
}

static const char *read_range(const json_t *info, size_t data_size, struct tensor_entry *entry)
{
    const json_t *offsets = json_object_get(info, "data_offsets");
    if (!json_is_array(offsets) || json_array_size(offsets) != 2 ||
        !read_size(json_array_get(offsets, 0), &entry->begin) ||
        !read_size(json_array_get(offsets, 1), &entry->end))
        return "has no data_offsets of two whole numbers";
    if (entry->begin > entry->end)
        return "ends before it begins";
    if (entry->end > data_size)
        return "reaches past the end of the file: was the file cut off?";
    return NULL;
}

static const char *check_length(const struct tensor_entry *entry)
{
    size_t bits;
    if (__builtin_mul_overflow(entry->count, (size_t)entry->dtype->bits, &bits))
        return "has a shape too large for any memory";
    if (bits % 8 != 0 || entry->end - entry->begin != bits / 8)
        return "has data of another length than its shape and dtype ask for";
    return NULL;
}

static int read_entry(const char *name, const json_t *info, size_t data_size, const char *where,
                      struct tensor_entry *ret_entry, struct error *err)
{
    struct tensor_entry entry = {.name = name};
    if (!json_is_object(info))
        return bad_tensor(err, ERR_CORRUPT, where, name, "is not described by an object");
    const char *problem = read_dtype(info, &entry);
    if (!problem && !entry.dtype)
        return bad_tensor(err, ERR_UNSUPPORTED, where, name, "has an unknown dtype");
    if (!problem)
        problem = read_shape(info, &entry);
    if (!problem)
        problem = read_range(info, data_size, &entry);
    if (!problem)
        problem = check_length(&entry);
    if (problem)
        return bad_tensor(err, ERR_CORRUPT, where, name, problem);
    *ret_entry = entry;
    return 0;
}

static int check_metadata(const json_t *metadata, const char *where, struct error *err)
{
    const char *key;
    json_t *value;
    bool good = json_is_object(metadata);
    json_object_foreach((json_t *)(uintptr_t)metadata, key, value) good &= json_is_string(value);
    return good
               ? 0
               : error_set(err, ERR_CORRUPT, "%s: __metadata__ is not an object of strings", where);
}

static int read_entries(struct tensor_table *table, size_t data_size, const char *where,
                        struct error *err)
{
    const char *name;
    json_t *info;
    json_object_foreach(table->root, name, info)
    {
        int rc;
        if (strcmp(name, "__metadata__") == 0)
            rc = check_metadata(info, where, err);
        else
            rc = read_entry(name, info, data_size, where, &table->entries[table->count++], err);
        if (rc)
            return rc;
    }
    return 0;
}

static int compare_begin(const void *a, const void *b)
{
    const struct tensor_entry *left = a, *right = b;
    if (left->begin != right->begin)
        return left->begin < right->begin ? -1 : 1;
    return (left->end > right->end) - (left->end < right->end);
}

static int compare_name(const void *a, const void *b)
{
    const struct tensor_entry *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

/* The entries are sorted by begin. */
static int check_cover(const struct tensor_table *table, size_t data_size, const char *where,
                       struct error *err)
{
    size_t at = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct tensor_entry *entry = &table->entries[i];
        if (entry->begin < at)
            return bad_tensor(err, ERR_CORRUPT, where, entry->name, "overlaps another tensor");
        if (entry->begin > at)
            return bad_tensor(err, ERR_CORRUPT, where, entry->name,
                              "begins after bytes that belong to no tensor");
        at = entry->end;
    }
    if (at != data_size)
        return error_set(err, ERR_CORRUPT, "%s has %zu bytes after its last tensor", where,
                         data_size - at);
    return 0;
}

static int allocate_table(struct tensor_table *table, const char *where, struct error *err)
{
    size_t count = json_object_size(table->root) + 1; /* one more, so that it is never empty */
    size_t limit = (LIMIT_TENSOR_COUNT + 2) * sizeof *table->entries;
    void *entries = NULL, *by_name = NULL;
    int rc = try_alloc(count, sizeof *table->entries, limit, &entries, err);
    if (!rc)
        rc = try_alloc(count, sizeof *table->by_name, limit, &by_name, err);
    table->entries = entries;
    table->by_name = by_name;
    return rc ? error_add(err, "%s", where) : 0;
}

static int fill_table(struct tensor_table *table, size_t data_size, const char *where,
                      struct error *err)
{
    if (!json_is_object(table->root))
        return error_set(err, ERR_CORRUPT, "%s: the header is not a JSON object", where);
    int rc = allocate_table(table, where, err);
    if (!rc)
        rc = read_entries(table, data_size, where, err);
    if (rc)
        return rc;
    qsort(table->entries, table->count, sizeof *table->entries, compare_begin);
    for (size_t i = 0; i < table->count; i++)
        table->by_name[i] = &table->entries[i];
    qsort(table->by_name, table->count, sizeof *table->by_name, compare_name);
    return check_cover(table, data_size, where, err);
}

int tensor_table_read(const char *json, size_t length, size_t data_size, const char *where,
                      struct tensor_table *ret_table, struct error *err)
{
    struct tensor_table table = {0};
    if (length == 0 || json[0] != '{')
        return error_set(err, ERR_CORRUPT,
                         "%s is not a safetensors file: its header does not begin with a brace",
                         where);
    int rc = check_amount(json, length, where, err);
    if (!rc)
        rc = json_read_bytes(json, length, where, &table.root, err);
    if (!rc)
        rc = fill_table(&table, data_size, where, err);
    if (rc) {
        tensor_table_release(&table);
        return rc;
    }
    *ret_table = table;
    return 0;
}

void tensor_table_release(struct tensor_table *table)
{
    json_decref(table->root);
    free(table->entries);
    free(table->by_name);
    *table = (struct tensor_table){0};
}

const struct tensor_entry *tensor_table_find(const struct tensor_table *table, const char *name)
{
    struct tensor_entry wanted = {.name = name}, *key = &wanted;
    struct tensor_entry **found =
        bsearch(&key, table->by_name, table->count, sizeof *table->by_name, compare_name);
    return found ? *found : NULL;
}
