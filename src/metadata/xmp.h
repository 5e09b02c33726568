/* SPDX-License-Identifier: MIT */
/* Reads facts from XMP packets (ISO 16684-1), inside picture files and in sidecar files beside
 * them. */
#pragma once

#include "metadata/metadata.h"

/* Adds the facts of a packet. Anything that is not well-formed XML ends the reading there; what was
 * read before counts. Documents with a DTD are refused, since XMP has none. */
void xmp_add(const uint8_t *data, size_t size, struct metadata *metadata);

/* The same for a sidecar file, whose facts are ranked as such. Returns false if it is not XML to
 * its end. */
bool xmp_add_sidecar(const uint8_t *data, size_t size, struct metadata *metadata);
