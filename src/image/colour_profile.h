/* SPDX-License-Identifier: MIT */
/* Makes a profile for Little CMS from the colour information of a file; private to colour.c. */
#pragma once

#include <lcms2.h>

#include "image/colour.h"

/* False if it is clear without a profile that the pixels are sRGB, or that nothing is known. */
bool colour_profile_is_needed(const struct colour *colour);

/* Opens a profile of RGB, CMYK or grey; NULL if the file's information is damaged or unusable.
 * Close it with cmsCloseProfile. */
cmsHPROFILE colour_profile_open(cmsContext context, const struct colour *colour);
