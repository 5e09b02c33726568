/* SPDX-License-Identifier: MIT */
/* Prints the API's own document, as a server sends it: what tools/lint-web takes types from. */
#include <stdio.h>

#include "server/openapi.h"

int main(void)
{
    return puts(openapi_text()) < 0 || fflush(stdout) != 0;
}
