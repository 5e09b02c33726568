/* SPDX-License-Identifier: MIT */
/* The embedded page: files that the build makes from web/ and writes into the table web_assets
 * (build/MODE/web/assets.c). Without npm at build time the table is empty, and `/` says that the
 * page was left out. */
#pragma once

#include <stdint.h>

struct asset {
    const char *path;    /* "/", "/app-4f2a91.js"; begins with a slash; NULL ends the table */
    const char *type;    /* "text/html; charset=utf-8" */
    const uint8_t *data; /* for clients that do not accept gzip */
    uint32_t size;
    const uint8_t *gzip; /* compressed; NULL when that is no smaller */
    uint32_t gzip_size;
    const char *etag; /* first 16 digits of the SHA-256 of data, without quotes */
    int immutable;    /* the name changes with the content: may be cached for a year */
};

extern const struct asset web_assets[]; /* ends with path == NULL */
