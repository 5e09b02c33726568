/* SPDX-License-Identifier: MIT */
/* The API's own document: openapi.json, which is embedded, with the facts of photos. A schema that
 * says "x-facts": "brief" or "others" there gets what facts_schema describes. */
#pragma once

#include <stddef.h>

const char *openapi_text(void);
size_t openapi_size(void);
const char *openapi_etag(void); /* without quotes */
