/* SPDX-License-Identifier: MIT */
/* The page, as it is embedded in the program: files that the build makes of web/ and writes into
 * the table web_assets (build/MODE/web/assets.c). Without npm at build time the table is empty, and
 * `/` says that the page was left out. */
#pragma once

#include <stdint.h>

struct asset {
    const char *path;    /* "/", "/app-4f2a91.js"; begins with a slash; NULL ends the table */
    const char *type;    /* "text/html; charset=utf-8" */
    const uint8_t *data; /* as it is sent to who takes no gzip */
    uint32_t size;
    const uint8_t *gzip; /* the same, compressed; NULL where that is no smaller */
    uint32_t gzip_size;
    const char *etag; /* first 16 digits of the SHA-256 of data, without quotes */
    int immutable;    /* the name changes with the content: may be kept for a year */
};

extern const struct asset web_assets[]; /* ends with path == NULL */
