/* SPDX-License-Identifier: MIT */
/* Colour profiles, which Little CMS reads: any bytes leave the pixels as they are or convert them.
 * The first byte chooses where they come from: a bare profile for RGB or CMYK, a JPEG's segments, a
 * PNG's chunks. */
#include <stdlib.h>
#include <string.h>

#include "image/colour.h"
#include "image/colour_jpeg.h"
#include "image/colour_png.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { N_PX = 16 };
    uint8_t pixels[N_PX * 4];
    struct colour colour = {0};
    if (size == 0)
        return 0;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 37);
    switch (data[0] & 3) {
    case 0:
    case 1:
        colour_set_icc(&colour, data + 1, size - 1);
        break;
    case 2:
        colour_jpeg_read(data + 1, size - 1, &colour);
        break;
    default:
        colour_png_read(data + 1, size - 1, &colour);
    }
    if (!colour.icc != !colour.icc_size)
        abort();
    if ((data[0] & 3) == 1)
        (void)colour_convert_cmyk(&colour, pixels, N_PX);
    else
        colour_convert(&colour, pixels, N_PX);
    colour_release(&colour);
    return 0;
}
