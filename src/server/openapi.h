/* SPDX-License-Identifier: MIT */
/* openapi.json, embedded. */
#pragma once

#include <stddef.h>

extern const char openapi_text[];
size_t openapi_size(void);
const char *openapi_etag(void); /* without quotes */
