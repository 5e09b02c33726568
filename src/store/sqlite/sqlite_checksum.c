/* SPDX-License-Identifier: MIT */
/* Computes the checksum of each rule, label and ledger entry. */
#include <string.h>

#include "base/hash.h"
#include "store/sqlite/sqlite_internal.h"

static void add_number(struct hash *h, uint64_t number)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(number >> 8 * i);
    hash_add(h, bytes, sizeof bytes);
}

/* Hashes type, length and bytes, so that different rows never give the same input. */
static void add_value(struct hash *h, sqlite3_value *value)
{
    int type = sqlite3_value_type(value);
    uint8_t mark = (uint8_t)type;
    double real;
    uint64_t bits;
    hash_add(h, &mark, sizeof mark);
    switch (type) {
    case SQLITE_NULL:
        break;
    case SQLITE_INTEGER:
        add_number(h, (uint64_t)sqlite3_value_int64(value));
        break;
    case SQLITE_FLOAT:
        real = sqlite3_value_double(value) + 0.0; /* a negative zero is stored as zero */
        memcpy(&bits, &real, sizeof bits);
        add_number(h, bits);
        break;
    default: {
        const void *data =
            type == SQLITE_TEXT ? sqlite3_value_text(value) : sqlite3_value_blob(value);
        size_t size = data ? (size_t)sqlite3_value_bytes(value) : 0;
        add_number(h, size);
        hash_add(h, data ? data : "", size);
    }
    }
}

static void row_checksum(sqlite3_context *context, int count, sqlite3_value **values)
{
    uint8_t digest[HASH_BYTES];
    struct hash *h = hash_new();
    for (int i = 0; i < count; i++)
        add_value(h, values[i]);
    hash_finish(h, digest);
    sqlite3_result_blob(context, digest, SQLITE_CHECKSUM_BYTES, SQLITE_TRANSIENT);
}

int sqlite_checksum_install(struct sqlite *s)
{
    return sqlite3_create_function_v2(s->db, "row_checksum", -1,
                                      SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
                                      row_checksum, NULL, NULL, NULL);
}
