/* SPDX-License-Identifier: MIT */
/* Reference files outside the repository: ../shared, or the folder KEEPSAKE_SHARED names. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* "SHARED/relative" into ret_path; returns ret_path. */
__attribute__((unused)) static char *shared_path(char *ret_path, size_t size, const char *relative)
{
    const char *shared = getenv("KEEPSAKE_SHARED");
    snprintf(ret_path, size, "%s/%s", shared && *shared ? shared : "../shared", relative);
    return ret_path;
}

__attribute__((unused)) static bool shared_exists(const char *relative)
{
    char path[4096];
    return access(shared_path(path, sizeof path, relative), R_OK) == 0;
}
