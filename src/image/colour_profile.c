/* SPDX-License-Identifier: MIT */
/* Makes profiles from ICC bytes, code points of ITU-T H.273, and PNG's gamma and chromaticity. */
#include "image/colour_profile.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

#define CURVE_POINTS 4096
#define SDR_WHITE_NITS 203.0 /* of white paper in HDR pictures, from ITU-R BT.2408 */
#define HLG_PEAK_NITS 1000.0
#define NEAR_CHROMATICITY 0.003
#define NEAR_GAMMA 0.01

enum transfer { /* ITU-T H.273, table 3 */
                TRANSFER_GAMMA_22 = 4,
                TRANSFER_GAMMA_28 = 5,
                TRANSFER_LINEAR = 8,
                TRANSFER_PQ = 16,
                TRANSFER_HLG = 18,
};

#define D65 0.3127, 0.3290
enum { BT709_PRIMARIES = 1, BT2020_PRIMARIES = 9 };

/* ITU-T H.273, table 2. */
static const struct {
    int code;
    double chromaticity[8]; /* white, red, green, blue */
} primaries_table[] = {
    {BT709_PRIMARIES, {D65, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060}},
    {4, {0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08}}, /* BT.470 M */
    {5, {D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06}},          /* BT.601, 625 lines */
    {6, {D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070}},    /* BT.601, 525 lines */
    {7, {D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070}},    /* SMPTE 240M */
    {BT2020_PRIMARIES, {D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046}},
    {11, {0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060}}, /* DCI-P3 */
    {12, {D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060}},          /* Display P3 */
};

static const double *find_primaries(int code)
{
    for (size_t i = 0; i < sizeof primaries_table / sizeof *primaries_table; i++)
        if (primaries_table[i].code == code)
            return primaries_table[i].chromaticity;
    return NULL;
}

static bool is_hdr(int transfer)
{
    return transfer == TRANSFER_PQ || transfer == TRANSFER_HLG;
}

static bool has_code_points(const struct colour *colour)
{
    return find_primaries(colour->primaries) || (colour->transfer > 0 && colour->transfer != 2);
}

/* Returns the usual primaries of a curve, if only the curve is given. */
static int likely_primaries(const struct colour *colour)
{
    if (find_primaries(colour->primaries))
        return colour->primaries;
    return is_hdr(colour->transfer) ? BT2020_PRIMARIES : BT709_PRIMARIES;
}

/* Cameras encode with the curves of television; screens display them with sRGB's. */
static bool is_srgb_transfer(int transfer)
{
    switch (transfer) {
    case TRANSFER_GAMMA_22:
    case TRANSFER_GAMMA_28:
    case TRANSFER_LINEAR:
        return false;
    default:
        return !is_hdr(transfer);
    }
}

static bool is_srgb_gamma(double gamma)
{
    return fabs(gamma - 1 / 2.2) < NEAR_GAMMA;
}

static bool is_srgb_chromaticity(const double chromaticity[8])
{
    const double *srgb = find_primaries(BT709_PRIMARIES);
    for (int i = 0; i < 8; i++)
        if (fabs(chromaticity[i] - srgb[i]) > NEAR_CHROMATICITY)
            return false;
    return true;
}

bool colour_profile_is_needed(const struct colour *colour)
{
    if (has_code_points(colour))
        return likely_primaries(colour) != BT709_PRIMARIES || !is_srgb_transfer(colour->transfer);
    if (colour->icc)
        return true;
    return colour->has_chromaticity && (!is_srgb_chromaticity(colour->chromaticity) ||
                                        (colour->gamma > 0 && !is_srgb_gamma(colour->gamma)));
}

/* ---- curves: from a pixel value, 0 to 1, to light, where 1 is white ---- */

/* Compresses light beyond white into the upper half, so that HDR pictures keep their highlights. */
static double press_highlights(double light)
{
    const double knee = 0.5;
    return light <= knee ? light : knee + (1 - knee) * (1 - exp((knee - light) / (1 - knee)));
}

/* SMPTE ST 2084, equation 4.1. */
static double light_of_pq(double value)
{
    const double m1 = 2610.0 / 16384, m2 = 2523.0 / 32, c1 = 3424.0 / 4096, c2 = 2413.0 / 128,
                 c3 = 2392.0 / 128;
    double root = pow(value, 1 / m2);
    double above = root > c1 ? root - c1 : 0;
    return 10000 * pow(above / (c2 - c3 * root), 1 / m1) / SDR_WHITE_NITS;
}

/* ITU-R BT.2100, table 5, with the system gamma of a screen of 1000 nits. */
static double light_of_hlg(double value)
{
    const double a = 0.17883277, b = 0.28466892, c = 0.55991073;
    double scene = value <= 0.5 ? value * value / 3 : (exp((value - c) / a) + b) / 12;
    return HLG_PEAK_NITS * pow(scene, 1.2) / SDR_WHITE_NITS;
}

static cmsToneCurve *make_hdr_curve(cmsContext context, int transfer)
{
    AUTO_FREE cmsFloat32Number *points = xmalloc(CURVE_POINTS * sizeof *points);
    for (int i = 0; i < CURVE_POINTS; i++) {
        double value = (double)i / (CURVE_POINTS - 1);
        double light = transfer == TRANSFER_PQ ? light_of_pq(value) : light_of_hlg(value);
        points[i] = (cmsFloat32Number)press_highlights(light);
    }
    return cmsBuildTabulatedToneCurveFloat(context, CURVE_POINTS, points);
}

static cmsToneCurve *make_srgb_curve(cmsContext context)
{
    const cmsFloat64Number srgb[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
    return cmsBuildParametricToneCurve(context, 4, srgb); /* IEC 61966-2-1 */
}

static cmsToneCurve *make_curve(cmsContext context, int transfer)
{
    switch (transfer) {
    case TRANSFER_PQ:
    case TRANSFER_HLG:
        return make_hdr_curve(context, transfer);
    case TRANSFER_GAMMA_22:
        return cmsBuildGamma(context, 2.2);
    case TRANSFER_GAMMA_28:
        return cmsBuildGamma(context, 2.8);
    case TRANSFER_LINEAR:
        return cmsBuildGamma(context, 1.0);
    default:
        return make_srgb_curve(context);
    }
}

/* ---- profiles ---- */

static bool is_chromaticity(const double chromaticity[8])
{
    for (int i = 0; i < 8; i += 2)
        if (!(chromaticity[i] >= 0 && chromaticity[i + 1] > 0.001 &&
              chromaticity[i] + chromaticity[i + 1] <= 1.001))
            return false;
    return true;
}

/* Takes ownership of the curve. */
static cmsHPROFILE make_profile(cmsContext context, const double c[8], cmsToneCurve *curve)
{
    cmsHPROFILE profile = NULL;
    cmsToneCurve *curves[] = {curve, curve, curve};
    const cmsCIExyY white = {c[0], c[1], 1};
    const cmsCIExyYTRIPLE primaries = {{c[2], c[3], 1}, {c[4], c[5], 1}, {c[6], c[7], 1}};
    if (curve && is_chromaticity(c))
        profile = cmsCreateRGBProfileTHR(context, &white, &primaries, curves);
    if (curve)
        cmsFreeToneCurve(curve);
    return profile;
}

/* A gamma outside this range is a mistake in the file; the most common one is 1, although eight
 * bits of linear light would show steps. */
static bool is_gamma(double gamma)
{
    return gamma >= 0.3 && gamma <= 0.8;
}

static cmsHPROFILE make_png_profile(cmsContext context, const struct colour *colour)
{
    if (colour->gamma > 0 && !is_gamma(colour->gamma))
        return NULL;
    bool is_plain = colour->gamma <= 0 || is_srgb_gamma(colour->gamma);
    return make_profile(context, colour->chromaticity,
                        is_plain ? make_srgb_curve(context)
                                 : cmsBuildGamma(context, 1 / colour->gamma));
}

/* The ICC's own profile has perceptual tables that re-render the picture; pixels with it are sRGB.
 */
static bool is_srgb_by_name(cmsHPROFILE profile)
{
    char name[64] = "";
    cmsGetProfileInfoASCII(profile, cmsInfoDescription, "en", "US", name, sizeof name - 1);
    return strncmp(name, "sRGB v4 ICC preference", 22) == 0 ||
           strncmp(name, "sRGB_v4_ICC_preference", 22) == 0;
}

static bool describes_pixels(cmsHPROFILE profile)
{
    switch (cmsGetDeviceClass(profile)) {
    case cmsSigInputClass:
    case cmsSigDisplayClass:
    case cmsSigOutputClass:
    case cmsSigColorSpaceClass:
        return !is_srgb_by_name(profile);
    default:
        return false;
    }
}

static cmsHPROFILE open_icc(cmsContext context, const struct colour *colour)
{
    cmsHPROFILE profile =
        cmsOpenProfileFromMemTHR(context, colour->icc, (cmsUInt32Number)colour->icc_size);
    if (profile && !describes_pixels(profile)) {
        cmsCloseProfile(profile);
        return NULL;
    }
    return profile;
}

cmsHPROFILE colour_profile_open(cmsContext context, const struct colour *colour)
{
    if (has_code_points(colour))
        return make_profile(context, find_primaries(likely_primaries(colour)),
                            make_curve(context, colour->transfer));
    return colour->icc ? open_icc(context, colour) : make_png_profile(context, colour);
}
