/* SPDX-License-Identifier: MIT */
/* Files of metadata that lie beside a photo, in the formats that are read. */
#pragma once

#include "metadata/metadata.h"

enum sidecar_kind { SIDECAR_XMP, SIDECAR_TAKEOUT, SIDECAR_KINDS };

/* The content of such a file. */
struct sidecar {
    enum sidecar_kind kind;
    const uint8_t *data;
    size_t size; /* at most LIMIT_SIDECAR_BYTES */
};

/* Adds its facts. Returns false if the bytes are not in its format; what could be read counts. */
bool sidecar_add(const struct sidecar *sidecar, struct metadata *metadata);
