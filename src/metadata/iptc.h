/* SPDX-License-Identifier: MIT */
/* Reads facts from IPTC-IIM records (Information Interchange Model 4.2), which older programs write
 * instead of XMP. */
#pragma once

#include "metadata/metadata.h"

/* Adds the facts of application records (record 2). Texts are UTF-8 if they are well-formed, else
 * Latin-1, which is what programs write that do not declare a character set. */
void iptc_add(const uint8_t *data, size_t size, struct metadata *metadata);

/* The same for a block of Photoshop's image resources ("8BIM"), with or without "Photoshop 3.0"
 * before it: resource 0x0404 holds the records. */
void iptc_add_resources(const uint8_t *data, size_t size, struct metadata *metadata);
