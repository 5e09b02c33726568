/* SPDX-License-Identifier: MIT */
/* Converts between result columns and C values. */
#include <endian.h>
#include <string.h>

#include "base/text.h"
#include "store/postgres/postgres_internal.h"

/* libpq returns NULL if there is no such row or column. */
const char *value_bytes(const PGresult *result, int row, int column)
{
    const char *value = PQgetvalue(result, row, column);
    return value ? value : "";
}

int64_t value_int(const PGresult *result, int row, int column)
{
    const char *value = value_bytes(result, row, column);
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (PQgetlength(result, row, column)) {
    case 1:
        return value[0];
    case 2:
        memcpy(&two, value, 2);
        return (int16_t)be16toh(two);
    case 4:
        memcpy(&four, value, 4);
        return (int32_t)be32toh(four);
    case 8:
        memcpy(&eight, value, 8);
        return (int64_t)be64toh(eight);
    default:
        return 0;
    }
}

double value_double(const PGresult *result, int row, int column)
{
    if (PQgetlength(result, row, column) != 8)
        return 0;
    int64_t bits = value_int(result, row, column);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void value_text(const PGresult *result, int row, int column, char *ret_text, size_t size)
{
    text_copy(ret_text, size, value_bytes(result, row, column));
}

char *value_copy(const PGresult *result, int row, int column)
{
    return xstrndup(value_bytes(result, row, column), (size_t)PQgetlength(result, row, column));
}

void value_hash(const PGresult *result, int row, int column, uint8_t ret_hash[HASH_BYTES])
{
    memset(ret_hash, 0, HASH_BYTES);
    if (PQgetlength(result, row, column) == HASH_BYTES)
        memcpy(ret_hash, value_bytes(result, row, column), HASH_BYTES);
}

/* More than any number with its comma needs. */
enum { NUMBER_BYTES = 24 };

char *array_of_ids(const int64_t *ids, size_t n)
{
    struct strbuf text = STRBUF_INIT(2 + n * NUMBER_BYTES);
    int rc = strbuf_addf(&text, NULL, "{");
    for (size_t i = 0; !rc && i < n; i++)
        rc = strbuf_addf(&text, NULL, "%s%lld", i ? "," : "", (long long)ids[i]);
    if (rc || strbuf_addf(&text, NULL, "}"))
        BUG("%zu numbers do not fit", n);
    return strbuf_take(&text);
}

char *array_of_hashes(const uint8_t (*hashes)[HASH_BYTES], size_t n)
{
    struct strbuf text = STRBUF_INIT(2 + n * (HASH_HEX_SIZE + 8));
    int rc = strbuf_addf(&text, NULL, "{");
    for (size_t i = 0; !rc && i < n; i++) {
        char hex[HASH_HEX_SIZE];
        rc = strbuf_addf(&text, NULL, "%s\"\\\\x%s\"", i ? "," : "", hash_hex(hashes[i], hex));
    }
    if (rc || strbuf_addf(&text, NULL, "}"))
        BUG("%zu hashes do not fit", n);
    return strbuf_take(&text);
}

size_t vector_bytes(size_t dim)
{
    return 4 + 4 * dim;
}

void vector_write(const float *vector, size_t dim, void *ret_bytes)
{
    uint8_t *to = ret_bytes;
    uint16_t head[2] = {htobe16((uint16_t)dim), 0};
    memcpy(to, head, sizeof head);
    for (size_t i = 0; i < dim; i++) {
        uint32_t bits;
        memcpy(&bits, &vector[i], 4);
        bits = htobe32(bits);
        memcpy(to + 4 + 4 * i, &bits, 4);
    }
}

int value_vector(struct postgres *p, const PGresult *result, int row, int column, float *ret_vector,
                 struct error *err)
{
    const char *value = value_bytes(result, row, column);
    if ((size_t)PQgetlength(result, row, column) != vector_bytes(p->dim))
        return error_set(err, ERR_CORRUPT,
                         "a vector in the gallery %s has not %zu numbers: the column embedding was "
                         "changed by another program; restore a backup of the table",
                         p->store.name, p->dim);
    for (size_t i = 0; i < p->dim; i++) {
        uint32_t bits;
        memcpy(&bits, value + 4 + 4 * i, 4);
        bits = be32toh(bits);
        memcpy(&ret_vector[i], &bits, 4);
    }
    return 0;
}
