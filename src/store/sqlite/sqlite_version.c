/* SPDX-License-Identifier: MIT */
/* Returns the version of SQLite. */
#include <sqlite3.h>

#include "store/store.h"

const char *store_engine_version(void)
{
    return sqlite3_libversion();
}
