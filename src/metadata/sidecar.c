/* SPDX-License-Identifier: MIT */
/* Reads a sidecar by its kind. */
#include "metadata/sidecar.h"

#include "metadata/takeout.h"
#include "metadata/xmp.h"

bool sidecar_add(const struct sidecar *sidecar, struct metadata *metadata)
{
    return sidecar->kind == SIDECAR_XMP ? xmp_add_sidecar(sidecar->data, sidecar->size, metadata)
                                        : takeout_add(sidecar->data, sidecar->size, metadata);
}
