/* SPDX-License-Identifier: MIT */
/* Our own readers of containers (EXIF, JPEG markers, PNG chunks and texts, HEIF boxes): bounded
 * reads, possible values.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "image/heif_coded.h"
#include "image/heif_mend.h"
#include "image/heif_plan.h"
#include "image/jpeg_facts.h"
#include "image/jpeg_outline.h"
#include "image/png_facts.h"
#include "metadata/exif.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A crop lies within its picture. */
static void plan_heif(const uint8_t *data, size_t size)
{
    struct heif_boxes boxes;
    struct heif_plan plan;
    struct heif_crop crop;
    if (!heif_boxes_read(data, size, &boxes) || !heif_plan_read(&boxes, &plan))
        return;
    if (heif_plan_crop(&plan, 100, 50, &crop) &&
        (crop.left < 0 || crop.top < 0 || crop.width < 1 || crop.height < 1 ||
         crop.left + crop.width > 100 || crop.top + crop.height > 50))
        abort();
    heif_plan_release(&plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct metadata exif = {0};
    struct jpeg_outline outline;
    exif_add(data, size, &exif);
    jpeg_facts_add(data, size, &exif);
    png_facts_add(data, size, &exif);
    if (exif.orientation < 0 || exif.orientation > 8 ||
        (exif.facts.has_place &&
         !(fabs(exif.facts.latitude) <= 90 && fabs(exif.facts.longitude) <= 180)) ||
        !text_is_utf8(exif.facts.make, strlen(exif.facts.make)) ||
        !text_is_utf8(exif.facts.lens, strlen(exif.facts.lens)))
        abort();
    jpeg_outline_read(data, size, false, &outline);
    jpeg_outline_read(data, size, true, &outline);
    (void)heif_coded_pixels(data, size);
    uint8_t *mended = heif_mend(data, size);
    plan_heif(data, size);
    if (mended)
        plan_heif(mended, size);
    free(mended);
    return 0;
}
