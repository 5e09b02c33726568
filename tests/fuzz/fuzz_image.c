/* SPDX-License-Identifier: MIT */
/* The whole decode path: any bytes give a picture or an error, never a crash. The first byte
 * chooses full size or a short edge of 16; what follows is the file. */
#include <stdlib.h>

#include "image/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libheif 1.15 loses its decoder (28 KB) or its picture when an AVIF stream is broken; these are
 * not ours to free. Whole stacks, so that the leak sanitizer sees which library it was; that what
 * we own is freed, the unit tests show under the same sanitizer. */
#define SANITIZER_HOOK __attribute__((visibility("default"))) const char *
SANITIZER_HOOK __lsan_default_suppressions(void);
SANITIZER_HOOK __asan_default_options(void);

SANITIZER_HOOK __lsan_default_suppressions(void)
{
    return "leak:libdav1d\nleak:libheif";
}

SANITIZER_HOOK __asan_default_options(void)
{
    return "fast_unwind_on_malloc=0";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image *image = NULL;
    struct photo_facts facts;
    struct error err = ERROR_INIT;
    if (size == 0)
        return 0;
    struct decode_options options = {.short_edge_px = data[0] & 1 ? 16 : 0};
    int rc = image_decode(data + 1, size - 1, &options, &image, &facts, &err);
    if (rc ? image || err.code != rc || !err.message[0] : !image || facts.width < 1)
        abort();
    image_free(image);
    return 0;
}
