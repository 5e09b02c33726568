/* SPDX-License-Identifier: MIT */
/* Reads the JSON that Google Takeout writes beside each photo of Google Photos. */
#pragma once

#include "metadata/metadata.h"

/* Adds date, place, altitude, description, and people, who have no boxes. A JSON file of another
 * program adds nothing. Returns false if it is not JSON. */
bool takeout_add(const uint8_t *data, size_t size, struct metadata *metadata);

/* Opens what the JSON library needs, so that takeout_add opens no file. */
void takeout_prepare(void);
