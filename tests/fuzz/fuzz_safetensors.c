/* SPDX-License-Identifier: MIT */
/* A safetensors file: whatever is accepted can be looked up and read to its end. */
#include <stdint.h>
#include <string.h>

#include "nn/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Rank and shape are the caller's to know; try those that a small file can have. */
static void read_all(const struct safetensors *file, const char *name)
{
    float values[64];
    for (size_t rows = 1; rows <= 8; rows++)
        for (size_t columns = 1; columns <= 8; columns++) {
            const size_t shape[] = {rows, columns};
            struct tensor t;
            if (safetensors_get(file, name, 2, shape, &t, NULL) == 0)
                tensor_to_f32(&t, 0, t.count, values);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = ERROR_INIT;
    AUTO(safetensors) *file = NULL;
    uint8_t digest[32];
    if (safetensors_parse(data, size, "input", &file, &err) == 0) {
        safetensors_fingerprint(file, digest);
        read_all(file, "a");
        read_all(file, "b");
    } else if (err.code >= 0 || err.message[0] == '\0')
        __builtin_trap(); /* a refusal says why */
    return 0;
}
