#include "base/waiting.h"
#include "cli/cli.h"

int main(int argc, char **argv)
{
    waiting_make_passive(argv);
    return cli_main(argc, argv);
}
