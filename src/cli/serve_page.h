/* SPDX-License-Identifier: MIT */
/* Where the page of a server is: said on stdout, and opened in the browser. */
#pragma once

#include <stdbool.h>

#include "cli/context.h"
#include "cli/serve_secrets.h"

struct serve_page {
    const char *bind;
    int port;
    const char *base_path; /* NULL: none */
    const struct serve_secrets *secrets;
    bool open; /* the page is opened, too */
};

/* Prints the address. A token that was made goes with it where it is read on the spot, on a
 * terminal or by the program at the other end of a pipe, and is not written into files or the
 * journal. Returns the path of the file by which the page was opened, to be removed and freed at
 * the end, or NULL. */
char *serve_page_announce(const struct context *context, const struct serve_page *page);
