#include <stdio.h>

#include "cli/command.h"
#include "cli/output.h"
#include "kernels/cpu.h"

static int run(struct context *context, const void *options, const struct argument_list *operands,
               struct error *err)
{
    (void)options;
    (void)err;
    if (operands->count > 0)
        return command_misuse(&command_version, "version takes no arguments");
    const char *cpu = cpu_level_name(cpu_level());
    if (context->settings.json)
        output_json(json_pack("{ss ss ss}", "version", KEEPSAKE_VERSION, "cpu", cpu, "sqlite",
                              store_engine_version()));
    else
        printf("keepsake %s\nCPU level %s, SQLite %s\n", KEEPSAKE_VERSION, cpu,
               store_engine_version());
    return STATUS_DONE;
}

const struct command command_version = {
    .name = "version",
    .summary = "print the version, and what it runs on",
    .usage = "",
    .description = "The CPU level is the instruction set that the fast paths use: scalar, avx2 or "
                   "avx512.",
    .without_settings = true,
    .run = run,
};
