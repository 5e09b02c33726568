/* SPDX-License-Identifier: MIT */
#include "base/secrecy.h"
#include "cli/cli.h"

int main(int argc, char **argv)
{
    secrecy_begin();
    return cli_main(argc, argv);
}
