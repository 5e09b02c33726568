/* SPDX-License-Identifier: MIT */
/* The version of libmicrohttpd. */
#include <microhttpd.h>

#include "server/server.h"

const char *server_engine_version(void)
{
    return MHD_get_version();
}
