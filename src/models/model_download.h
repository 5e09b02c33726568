/* SPDX-License-Identifier: MIT */
/* One HTTPS request that brings a file, or the rest of one.
 *
 * Certificates are verified, and every step of a redirection must be https. The bearer token goes
 * to the first address's host and port only (the client drops it when a redirection leaves them).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct download {
    const char *url;
    const char *bearer;  /* token; NULL: none */
    const char *ca_file; /* NULL: the system's */
    const char *sha256;  /* the file's, when known: a server that announces another is refused */
    double stall_s;      /* seconds without a byte after which the connection is closed */
    int fd;              /* receives the file by positioned writes */
    uint64_t offset;     /* bytes that it already holds: only the rest is requested */
    uint64_t size;       /* of the whole file; 0: unknown */
    uint64_t limit;      /* the maximum size */
    /* Called periodically; false stops the download. `total` is 0 when unknown. */
    bool (*proceed)(void *context, uint64_t done, uint64_t total);
    void *context;
};

struct download_result {
    uint64_t done;        /* bytes that the file now holds */
    bool reached;         /* a server answered */
    bool again;           /* a retry may help: cut off, stalled, overloaded */
    bool from_start;      /* the server cannot continue from the offset */
    double retry_after_s; /* the server's Retry-After; 0: none */
};

/* *ret_result is always written. 0: everything that the server announced is in the file.
 * ERR_NETWORK, ERR_CORRUPT (the server offers another file), ERR_IO, ERR_CANCELLED. */
int download_run(const struct download *d, struct download_result *ret_result,
                 struct error *err) MUST_CHECK;
