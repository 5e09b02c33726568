/* SPDX-License-Identifier: MIT */
/* Prints a picture in iTerm2's inline image protocol. */
#include "base/base64.h"
#include "cli/preview_print.h"
#include "image/encode.h"

#define QUALITY 90

int preview_print_iterm(FILE *stream, const struct image *image, struct error *err)
{
    AUTO_FREE uint8_t *jpeg = NULL;
    size_t size;
    int rc = image_encode_jpeg(image, QUALITY, &jpeg, &size, err);
    if (rc)
        return rc;
    AUTO_FREE char *text = base64_encode(jpeg, size);
    fprintf(stream, "\033]1337;File=inline=1;size=%zu;width=%dpx;height=%dpx:%s\a", size,
            image->width, image->height, text);
    return 0;
}
