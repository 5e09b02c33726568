/* SPDX-License-Identifier: MIT */
/* keepsake with a decoder that has faults: tests/cage_hook.h. */
#include "cage_hook.h"
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
