/* SPDX-License-Identifier: MIT */
/* The program's main(). */
#include "base/secrecy.h"
#include "base/thread.h"
#include "cli/cli.h"

int main(int argc, char **argv)
{
    secrecy_begin();
    thread_load_unwinder();
    return cli_main(argc, argv);
}
