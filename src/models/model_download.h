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
    const char *sha256;  /* the file's, where known: a server that announces another is refused */
    double stall_s;      /* seconds without a byte after which the connection is given up */
    int fd;              /* receives the file; positioned writes */
    uint64_t offset;     /* bytes it holds already: only what follows is asked for */
    uint64_t size;       /* the whole file's; 0: not known */
    uint64_t limit;      /* the most it may have */
    /* Called now and then; false stops the download. `total` 0: not known yet. */
    bool (*proceed)(void *context, uint64_t done, uint64_t total);
    void *context;
};

struct download_result {
    uint64_t done;        /* bytes the file holds now */
    bool reached;         /* a server answered */
    bool again;           /* worth another try: cut off, stalled, overloaded */
    bool from_start;      /* the server cannot continue from the offset */
    double retry_after_s; /* what the server asked for; 0: nothing */
};

/* *ret_result is written in any case. 0: everything that the server announced is in the file.
 * ERR_NETWORK, ERR_CORRUPT (the server offers another file), ERR_IO, ERR_CANCELLED. */
int download_run(const struct download *d, struct download_result *ret_result,
                 struct error *err) MUST_CHECK;
