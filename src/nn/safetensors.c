/* SPDX-License-Identifier: MIT */
/* Maps a safetensors file and gives typed views of its tensors. */
#include "nn/safetensors.h"

#include <stdbool.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "kernels/convert.h"
#include "nn/safetensors_header.h"

enum { LENGTH_BYTES = 8, SAMPLE_BYTES = 4096 };

struct safetensors {
    char *where;
    struct file_map map; /* empty when the bytes are the caller's */
    const uint8_t *start;
    size_t header_size; /* bytes before the data, the length field included */
    struct tensor_table table;
};

/* Locates the JSON header and the data after it. */
static int split_file(const uint8_t *bytes, size_t size, const char *where, size_t *ret_length,
                      struct error *err)
{
    static const char lfs[] = "version https://git-lfs";
    if (size >= strlen(lfs) && memcmp(bytes, lfs, strlen(lfs)) == 0)
        return error_set(
            err, ERR_CORRUPT,
            "%s is a pointer of Git LFS, not the weights: run `git lfs pull` in the clone", where);
    if (size < LENGTH_BYTES)
        return error_set(err, ERR_CORRUPT, "%s is too short to be a safetensors file", where);
    uint64_t length = 0;
    for (int i = LENGTH_BYTES - 1; i >= 0; i--)
        length = length << 8 | bytes[i];
    if (length > size - LENGTH_BYTES)
        return error_set(err, ERR_CORRUPT,
                         "%s is not a safetensors file, or was cut off: its header ends past the "
                         "end of the file",
                         where);
    if (length > LIMIT_SAFETENSORS_HEADER_BYTES)
        return error_set(err, ERR_LIMIT, "%s has a header of %llu bytes; the limit is %zu", where,
                         (unsigned long long)length, LIMIT_SAFETENSORS_HEADER_BYTES);
    *ret_length = (size_t)length;
    return 0;
}

int safetensors_parse(const void *data, size_t size, const char *where,
                      struct safetensors **ret_file, struct error *err)
{
    const uint8_t *bytes = data;
    size_t length = 0;
    struct tensor_table table;
    int rc = split_file(bytes, size, where, &length, err);
    if (!rc)
        rc = tensor_table_read((const char *)bytes + LENGTH_BYTES, length,
                               size - LENGTH_BYTES - length, where, &table, err);
    if (rc)
        return rc;
    struct safetensors *file = xcalloc(1, sizeof *file);
    file->where = xstrdup(where);
    file->start = bytes;
    file->header_size = LENGTH_BYTES + length;
    file->table = table;
    *ret_file = file;
    return 0;
}

int safetensors_open(const char *path, struct safetensors **ret_file, struct error *err)
{
    struct file_map map;
    int rc = file_map_open(path, &map, err);
    if (rc)
        return rc;
    struct safetensors *file;
    rc = safetensors_parse(map.data, map.size, path, &file, err);
    if (rc) {
        file_map_close(&map);
        return rc;
    }
    file->map = map;
    *ret_file = file;
    return 0;
}

void safetensors_close(struct safetensors *file)
{
    if (!file)
        return;
    tensor_table_release(&file->table);
    file_map_close(&file->map);
    free(file->where);
    free(file);
}

/* "[768][3][32][32]", or "[]" for a single number. */
static void print_shape(char *ret_text, size_t size, int rank, const size_t *shape)
{
    size_t used = 0;
    ret_text[0] = '\0';
    if (rank == 0)
        text_copy(ret_text, size, "[]");
    for (int i = 0; i < rank && used < size; i++)
        used += (size_t)snprintf(ret_text + used, size - used, "[%zu]", shape[i]);
}

static int wrong_shape(const struct safetensors *file, const struct tensor_entry *entry, int rank,
                       const size_t *shape, struct error *err)
{
    char want[128], got[128];
    print_shape(want, sizeof want, rank, shape);
    if (entry->rank > TENSOR_MAX_RANK)
        snprintf(got, sizeof got, "of %d dimensions", entry->rank);
    else
        print_shape(got, sizeof got, entry->rank, entry->shape);
    return error_set(err, ERR_CORRUPT,
                     "%s: tensor %s has shape %s, expected %s: the file does not belong to the "
                     "config beside it",
                     file->where, entry->name, got, want);
}

static int type_of(const struct tensor_dtype *dtype, enum tensor_type *ret_type)
{
    static const struct {
        const char *name;
        enum tensor_type type;
    } types[] = {{"F32", TENSOR_F32}, {"F16", TENSOR_F16}, {"BF16", TENSOR_BF16}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, dtype->name) == 0) {
            *ret_type = types[i].type;
            return 0;
        }
    return ERR_UNSUPPORTED;
}

static bool has_shape(const struct tensor_entry *entry, int rank, const size_t *shape)
{
    bool same = entry->rank == rank;
    for (int i = 0; same && i < rank; i++)
        same = entry->shape[i] == shape[i];
    return same;
}

int safetensors_get(const struct safetensors *file, const char *name, int rank, const size_t *shape,
                    struct tensor *ret_tensor, struct error *err)
{
    if (rank < 0 || rank > TENSOR_MAX_RANK)
        BUG("tensor %s of rank %d asked for", name, rank);
    const struct tensor_entry *entry = tensor_table_find(&file->table, name);
    if (!entry)
        return error_set(err, ERR_CORRUPT, "%s: tensor %s is missing", file->where, name);
    if (!has_shape(entry, rank, shape))
        return wrong_shape(file, entry, rank, shape, err);
    struct tensor tensor = {.rank = rank, .count = entry->count};
    if (type_of(entry->dtype, &tensor.type))
        return error_set(err, ERR_UNSUPPORTED,
                         "%s: tensor %s has type %s; only F32, F16 and BF16 weights are "
                         "supported",
                         file->where, name, entry->dtype->name);
    memcpy(tensor.shape, entry->shape, sizeof tensor.shape);
    tensor.data = file->start + file->header_size + entry->begin;
    *ret_tensor = tensor;
    return 0;
}

size_t safetensors_offset(const struct safetensors *file, const struct tensor *tensor)
{
    return (size_t)((const uint8_t *)tensor->data - file->start);
}

static void hash_samples(struct hash *h, const uint8_t *data, size_t size)
{
    if (size <= 3 * SAMPLE_BYTES) {
        hash_add(h, data, size);
        return;
    }
    hash_add(h, data, SAMPLE_BYTES);
    hash_add(h, data + (size - SAMPLE_BYTES) / 2, SAMPLE_BYTES);
    hash_add(h, data + size - SAMPLE_BYTES, SAMPLE_BYTES);
}

void safetensors_fingerprint(const struct safetensors *file, uint8_t ret_digest[32])
{
    struct hash *h = hash_new();
    hash_add(h, file->start, file->header_size);
    for (size_t i = 0; i < file->table.count; i++) {
        const struct tensor_entry *entry = &file->table.entries[i];
        hash_samples(h, file->start + file->header_size + entry->begin, entry->end - entry->begin);
    }
    hash_finish(h, ret_digest);
}

void tensor_to_f32(const struct tensor *tensor, size_t first, size_t n, float *ret_values)
{
    const struct convert_kernels *kernels = convert_kernels(cpu_level());
    const char *data = tensor->data;
    switch (tensor->type) {
    case TENSOR_F32:
        memcpy(ret_values, data + 4 * first, n * sizeof *ret_values);
        break;
    case TENSOR_F16:
        kernels->f16_to_f32(data + 2 * first, n, ret_values);
        break;
    case TENSOR_BF16:
        kernels->bf16_to_f32(data + 2 * first, n, ret_values);
        break;
    }
}
