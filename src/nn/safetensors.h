/* SPDX-License-Identifier: MIT */
/* safetensors: named tensors in one mapped file.
 *
 * Layout: 8 bytes little-endian header length N; N bytes of JSON {"name": {"dtype", "shape",
 * "data_offsets": [begin, end]}, "__metadata__": {...}}; then the data, to which offsets are
 * relative. Source: the format's description in its own repository (safetensors/README.md).
 *
 * Nothing in the file is trusted: a header that is wrong (ranges outside the file, overlapping,
 * with a gap, of the wrong length for shape and dtype, duplicate names, too large) is refused on
 * opening, so that every tensor found can be read to its end. Tensors of other types than the three
 * below may be present (position ids are I64): they are checked, but cannot be read.
 *
 * If another program truncates the file while it is mapped, this one ends with SIGBUS; models are
 * therefore replaced by renaming, never rewritten in place. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"

enum tensor_type { TENSOR_F32, TENSOR_F16, TENSOR_BF16 };

#define TENSOR_MAX_RANK 4

/* A view into the mapping, valid until safetensors_close. data may be unaligned. */
struct tensor {
    enum tensor_type type;
    int rank;
    size_t shape[TENSOR_MAX_RANK];
    size_t count; /* product of the shape; 0: no such tensor */
    const void *data;
};

struct safetensors;

/* `path` is mapped. ERR_NOT_FOUND, ERR_IO, ERR_CORRUPT, ERR_LIMIT, ERR_NO_MEMORY, ERR_UNSUPPORTED
 * (a dtype added to the format later); the error names the file and tensor. */
int safetensors_open(const char *path, struct safetensors **ret_file, struct error *err) MUST_CHECK;
/* As safetensors_open, over bytes that outlive it (tests, fuzzing); `where` names them in errors.
 */
int safetensors_parse(const void *data, size_t size, const char *where,
                      struct safetensors **ret_file, struct error *err) MUST_CHECK;
void safetensors_close(struct safetensors *file); /* NULL is fine */
DEFINE_AUTO(safetensors, safetensors_close)

/* Finds a tensor and checks its shape [rank], rank <= TENSOR_MAX_RANK: ERR_CORRUPT "FILE: tensor
 * NAME is missing" or "... has shape [3], expected [2][2] ...". ERR_UNSUPPORTED when it is of
 * another type than the three above. */
int safetensors_get(const struct safetensors *file, const char *name, int rank, const size_t *shape,
                    struct tensor *ret_tensor, struct error *err) MUST_CHECK;

/* The place of a tensor's data in the file. */
size_t safetensors_offset(const struct safetensors *file, const struct tensor *tensor);

/* SHA-256 over the file up to the data (length field and header) and then, in the order of the
 * data, the first, middle and last 4096 bytes of each tensor (all of its bytes up to 3 * 4096). */
void safetensors_fingerprint(const struct safetensors *file, uint8_t ret_digest[32]);

/* Converts elements [first, first + n) to float32. */
void tensor_to_f32(const struct tensor *tensor, size_t first, size_t n, float *ret_values);
