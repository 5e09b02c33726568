/* SPDX-License-Identifier: MIT */
/* A profile for Little CMS out of what a file says of its colours; private to colour.c. */
#pragma once

#include <lcms2.h>

#include "image/colour.h"

/* False when it is plain without a profile that the pixels are sRGB, or that nothing is known. */
bool colour_profile_is_needed(const struct colour *colour);

/* Of RGB, CMYK or grey; NULL when what the file says is broken or of no use. Closed with
 * cmsCloseProfile. */
cmsHPROFILE colour_profile_open(cmsContext context, const struct colour *colour);
