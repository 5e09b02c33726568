/* SPDX-License-Identifier: MIT */
/* Prints a picture in kitty's graphics protocol. */
#include <string.h>

#include "base/base64.h"
#include "cli/preview_print.h"
#include "image/encode.h"

#define CHUNK 4096 /* the maximum of the protocol */

int preview_print_kitty(FILE *stream, const struct image *image, struct error *err)
{
    AUTO_FREE uint8_t *png = NULL;
    size_t size;
    int rc = image_encode_png(image, &png, &size, err);
    if (rc)
        return rc;
    AUTO_FREE char *text = base64_encode(png, size);
    size_t left = strlen(text);
    const char *keys = "a=T,f=100,q=2,"; /* display now, a PNG, no response */
    for (const char *at = text; left > 0; keys = "") {
        size_t n = left < CHUNK ? left : CHUNK;
        left -= n;
        fprintf(stream, "\033_G%sm=%d;%.*s\033\\", keys, left > 0, (int)n, at);
        at += n;
    }
    return 0;
}
