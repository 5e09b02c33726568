/* SPDX-License-Identifier: MIT */
/* Returns the version of PostgreSQL's client library. */
#include <libpq-fe.h>
#include <stdio.h>

#include "store/store.h"

/* Since version 10 the last four digits are the minor version. */
void store_client_version(char *ret_version, size_t size)
{
    int version = PQlibVersion();
    snprintf(ret_version, size, "%d.%d", version / 10000, version % 10000);
}
