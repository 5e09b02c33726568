/* SPDX-License-Identifier: MIT */
/* The config file's text: any bytes are settings or a sentence. */
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "cli/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = xstrndup((const char *)data, size);
    struct settings settings = {0};
    struct error problem = ERROR_INIT;
    int rc = settings_read(&settings, text, "config", &problem);
    if (rc != problem.code || (rc && !problem.message[0]))
        BUG("an error without its sentence");
    settings_release(&settings);
    return 0;
}
