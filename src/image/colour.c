/* SPDX-License-Identifier: MIT */
/* Converts pixels to sRGB by Little CMS, and detects when there is nothing to convert. */
#include "image/colour.h"

#include <lcms2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "image/colour_profile.h"

#define CHUNK_PX ((size_t)1 << 16)
#define SAME_LEVELS 2 /* of 255, between sRGB and an equivalent profile */
#define STEPS 11      /* per side of the cube of colours that tests a transform */
#define CUBE_PX (STEPS * STEPS * STEPS)

void colour_release(struct colour *colour)
{
    free(colour->icc);
    *colour = (struct colour){0};
}

void colour_set_icc(struct colour *colour, const void *icc, size_t size)
{
    if (size == 0 || size > LIMIT_ICC_BYTES)
        return;
    free(colour->icc);
    colour->icc = xmalloc(size);
    memcpy(colour->icc, icc, size);
    colour->icc_size = size;
}

/* Returns NULL if the profile does not fit the pixels, which have `format`. */
static cmsHTRANSFORM make_transform(cmsContext context, cmsHPROFILE profile, cmsUInt32Number format)
{
    cmsHPROFILE srgb = cmsCreate_sRGBProfileTHR(context);
    cmsHTRANSFORM transform = NULL;
    if (srgb)
        transform =
            cmsCreateTransformTHR(context, profile, format, srgb, TYPE_RGB_8, INTENT_PERCEPTUAL, 0);
    if (srgb)
        cmsCloseProfile(srgb);
    return transform;
}

static bool are_near(const uint8_t *a, const uint8_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (abs(a[i] - b[i]) > SAME_LEVELS)
            return false;
    return true;
}

/* Whether the transform leaves a cube of colours, and the greys, unchanged. */
static bool changes_nothing(cmsHTRANSFORM transform)
{
    uint8_t before[(CUBE_PX + 256) * 3], after[sizeof before], *at = before;
    for (int i = 0; i < CUBE_PX; i++) {
        *at++ = (uint8_t)(i % STEPS * 255 / (STEPS - 1));
        *at++ = (uint8_t)(i / STEPS % STEPS * 255 / (STEPS - 1));
        *at++ = (uint8_t)(i / STEPS / STEPS * 255 / (STEPS - 1));
    }
    for (int grey = 0; grey < 256; grey++, at += 3)
        memset(at, grey, 3);
    cmsDoTransform(transform, before, after, sizeof before / 3);
    return are_near(before, after, sizeof before);
}

static void transform_rgb(cmsHTRANSFORM transform, uint8_t *rgb, size_t n_px)
{
    while (n_px > 0) {
        size_t n = n_px < CHUNK_PX ? n_px : CHUNK_PX;
        cmsDoTransform(transform, rgb, rgb, (cmsUInt32Number)n);
        rgb += 3 * n;
        n_px -= n;
    }
}

static void convert_rgb(cmsContext context, cmsHPROFILE profile, uint8_t *rgb, size_t n_px)
{
    cmsHTRANSFORM transform = make_transform(context, profile, TYPE_RGB_8);
    if (!transform)
        return;
    if (!changes_nothing(transform))
        transform_rgb(transform, rgb, n_px);
    cmsDeleteTransform(transform);
}

static bool is_grey(const uint8_t *rgb, size_t n_px)
{
    for (size_t i = 0; i < n_px; i++, rgb += 3)
        if (rgb[0] != rgb[1] || rgb[0] != rgb[2])
            return false;
    return true;
}

/* For a profile of one channel, which has only 256 greys. */
static void convert_grey(cmsContext context, cmsHPROFILE profile, uint8_t *rgb, size_t n_px)
{
    uint8_t greys[256], same[256 * 3], table[256 * 3];
    cmsHTRANSFORM transform = make_transform(context, profile, TYPE_GRAY_8);
    if (!transform)
        return;
    for (int i = 0; i < 256; i++) {
        greys[i] = (uint8_t)i;
        memset(same + 3 * i, i, 3);
    }
    cmsDoTransform(transform, greys, table, 256);
    cmsDeleteTransform(transform);
    if (are_near(same, table, sizeof table) || !is_grey(rgb, n_px))
        return;
    for (size_t i = 0; i < n_px; i++, rgb += 3)
        memcpy(rgb, table + 3 * *rgb, 3);
}

void colour_convert(const struct colour *colour, uint8_t *rgb, size_t n_px)
{
    if (!colour_profile_is_needed(colour))
        return;
    cmsContext context = cmsCreateContext(NULL, NULL);
    cmsHPROFILE profile = context ? colour_profile_open(context, colour) : NULL;
    if (profile && cmsGetColorSpace(profile) == cmsSigRgbData)
        convert_rgb(context, profile, rgb, n_px);
    else if (profile && cmsGetColorSpace(profile) == cmsSigGrayData)
        convert_grey(context, profile, rgb, n_px);
    if (profile)
        cmsCloseProfile(profile);
    if (context)
        cmsDeleteContext(context);
}

static void transform_cmyk(cmsHTRANSFORM transform, uint8_t *pixels, size_t n_px)
{
    uint8_t rgb[3 * 1024];
    uint8_t *out = pixels;
    for (size_t done = 0, n; done < n_px; done += n, out += 3 * n) {
        n = n_px - done < 1024 ? n_px - done : 1024;
        cmsDoTransform(transform, pixels + 4 * done, rgb, (cmsUInt32Number)n);
        memcpy(out, rgb, 3 * n);
    }
}

bool colour_convert_cmyk(const struct colour *colour, uint8_t *pixels, size_t n_px)
{
    if (!colour->icc)
        return false;
    cmsContext context = cmsCreateContext(NULL, NULL);
    cmsHPROFILE profile = context ? colour_profile_open(context, colour) : NULL;
    cmsHTRANSFORM transform = NULL;
    if (profile && cmsGetColorSpace(profile) == cmsSigCmykData)
        transform = make_transform(context, profile, TYPE_CMYK_8_REV);
    if (transform) {
        transform_cmyk(transform, pixels, n_px);
        cmsDeleteTransform(transform);
    }
    if (profile)
        cmsCloseProfile(profile);
    if (context)
        cmsDeleteContext(context);
    return transform != NULL;
}

void colour_engine_version(char *text, size_t size)
{
    /* 2140 is 2.14; 2131 is 2.13.1. */
    int version = cmsGetEncodedCMMversion(), patch = version % 10;
    snprintf(text, size, patch ? "%d.%d.%d" : "%d.%d", version / 1000, version % 1000 / 10, patch);
}
