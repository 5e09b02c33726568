/* SPDX-License-Identifier: MIT */
/* Prints the address of a server's page on stdout, and opens it in the browser. */
#pragma once

#include <stdbool.h>

#include "cli/context.h"
#include "cli/serve_secrets.h"

struct serve_page {
    const char *bind;
    int port;
    const char *base_path; /* NULL: none */
    const struct serve_secrets *secrets;
    bool open; /* also open the page */
};

/* Prints the address. A generated token is included if the output is read immediately, on a
 * terminal or by the program at the other end of a pipe; it is not written to files or the
 * journal. Returns the path of the file that was used to open the page, which the caller removes
 * and frees at the end, or NULL. */
char *serve_page_announce(const struct context *context, const struct serve_page *page);
