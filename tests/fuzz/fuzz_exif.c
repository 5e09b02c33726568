/* Our own readers of containers (EXIF, JPEG markers, PNG chunks and texts, HEIF boxes): bounded
 * reads, possible values.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "image/exif.h"
#include "image/heif_coded.h"
#include "image/jpeg_facts.h"
#include "image/jpeg_outline.h"
#include "image/png_facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct exif exif = {0};
    struct jpeg_outline outline;
    exif_add(data, size, &exif);
    jpeg_facts_add(data, size, &exif);
    png_facts_add(data, size, &exif);
    if (exif.orientation < 0 || exif.orientation > 8 ||
        (exif.has_place && !(fabs(exif.latitude) <= 90 && fabs(exif.longitude) <= 180)) ||
        !text_is_utf8(exif.make, strlen(exif.make)) || !text_is_utf8(exif.lens, strlen(exif.lens)))
        abort();
    jpeg_outline_read(data, size, &outline);
    (void)heif_coded_pixels(data, size);
    return 0;
}
