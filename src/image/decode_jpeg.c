/* SPDX-License-Identifier: MIT */
/* Decodes JPEG, using libjpeg-turbo, scaled down in the codec if that suffices. */
#include "image/decode.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "image/colour_jpeg.h"
#include "image/jpeg_codec.h"
#include "image/jpeg_facts.h"
#include "image/jpeg_outline.h"

#define LEAST_ZERO_TAIL 64 /* bytes: a file that was created at its full size and never filled */

static bool is_jpeg(const uint8_t *data, size_t size)
{
    return size >= 3 && memcmp(data, "\xFF\xD8\xFF", 3) == 0;
}

/* One picture to decode: its bytes, or a repaired copy of them. */
struct job {
    const uint8_t *data;
    size_t size;
    uint8_t *copy;
    struct jpeg_outline outline;
    int scale;
    int width, height; /* after scaling */
    int channels;      /* 3: RGB, 4: CMYK as stored */
    uint8_t *pixels;
    struct jpeg_result result;
};

/* Halves the size as long as the short edge stays at least twice the caller's target. The codec's
 * inverse transform is fast for these sizes, which Pillow's draft mode also uses. */
static void choose_target(struct job *job, int short_edge_px)
{
    const struct jpeg_outline *outline = &job->outline;
    int edge = outline->width < outline->height ? outline->width : outline->height;
    job->scale = 1;
    while (short_edge_px && job->scale < 8 && edge / (2 * job->scale) >= 2 * short_edge_px)
        job->scale *= 2;
    job->width = (outline->width + job->scale - 1) / job->scale;
    job->height = (outline->height + job->scale - 1) / job->scale;
    job->channels = outline->components == 4 ? 4 : 3;
}

static int check_outline(const struct job *job, struct error *err)
{
    const struct jpeg_outline *outline = &job->outline;
    if (!outline->width || !outline->scans)
        return error_set(err, ERR_CORRUPT, "the JPEG data ends before the picture begins");
    uint64_t pixels = (uint64_t)outline->width * (uint64_t)outline->height;
    if (outline->scans > LIMIT_JPEG_SCANS ||
        pixels * (uint64_t)outline->scans > LIMIT_JPEG_SCANNED_PIXELS)
        return error_set(err, ERR_LIMIT,
                         "the JPEG picture of %d x %d pixels is stored in %d scans, which would "
                         "take too long to decode",
                         outline->width, outline->height, outline->scans);
    uint64_t more = (uint64_t)job->width * (uint64_t)job->height * (unsigned)job->channels;
    if (outline->progressive ||
        outline->scans > 1) /* the codec keeps all coefficients, 2 bytes each */
        more += 2 * outline->samples;
    if (job->copy)
        more += job->size;
    return decode_check_memory((uint64_t)outline->width, (uint64_t)outline->height, more, err);
}

/* ---- a copy without misleading markers ---- */

static int repair_copy(struct job *job, bool skip_ends, struct error *err)
{
    if (!job->copy) {
        void *block;
        int rc = try_alloc(job->size, 1, LIMIT_PHOTO_FILE_BYTES, &block, err);
        if (rc)
            return rc;
        job->copy = memcpy(block, job->data, job->size);
    }
    jpeg_outline_mend(job->copy, job->size, skip_ends);
    job->data = job->copy;
    jpeg_outline_read(job->data, job->size, skip_ends, &job->outline);
    return 0;
}

/* Without an end marker, zeros at the end are not data. */
static void leave_out_zeros(struct job *job)
{
    size_t size = job->size;
    while (size > 0 && job->data[size - 1] == 0)
        size--;
    if (!job->outline.ended && job->size - size >= LEAST_ZERO_TAIL)
        job->size = size;
}

/* ---- the decode ---- */

/* Converts CMYK as Adobe and Pillow store it, inverted, to RGB: by its profile, or as Pillow does.
 * In place. */
static void convert_cmyk(const struct colour *colour, uint8_t *pixels, size_t n_px)
{
    if (colour_convert_cmyk(colour, pixels, n_px))
        return;
    const uint8_t *in = pixels;
    for (size_t i = 0; i < n_px; i++, in += 4, pixels += 3) {
        int light = in[3];
        for (int c = 0; c < 3; c++) {
            int value = light - decode_scale255(255u - in[c], (unsigned)light);
            pixels[c] = (uint8_t)(value < 0 ? 0 : value);
        }
    }
}

static int decode_once(struct job *job, struct error *err)
{
    struct jpeg_request request = {.data = job->data,
                                   .size = job->size,
                                   .width = job->outline.width,
                                   .height = job->outline.height,
                                   .scale = job->scale,
                                   .channels = job->channels,
                                   .most_lost = DECODE_MOST_LOST};
    return jpeg_codec_decode(&request, job->pixels, &job->result, err);
}

/* An end marker in the middle of the data is damage, so the data is decoded without it. */
static int decode_past_end(struct job *job, struct error *err)
{
    int rc = repair_copy(job, true, err);
    if (!rc)
        rc = decode_once(job, err);
    if (!rc)
        job->result.damaged = true;
    return rc;
}

static int judge_data(const struct job *job, struct decoded *ret, struct error *err)
{
    const struct jpeg_result *result = &job->result;
    bool damaged = result->damaged || job->outline.strays > job->outline.cut_segment;
    if (!damaged && !result->incomplete)
        return 0;
    bool coarse = job->outline.progressive && result->lost <= 0;
    const char *reason = damaged        ? "a part of the JPEG data is damaged"
                         : !result->cut ? "a part of the JPEG data is damaged or missing"
                         : coarse       ? "the JPEG data ends early: fine detail is missing"
                                        : "the JPEG data ends early";
    return decode_note_loss(ret, reason, result->lost, err);
}

static int decode_job(struct job *job, struct decoded *ret, struct error *err)
{
    int rc = decode_alloc(job->width, job->height, job->channels, &job->pixels, err);
    if (!rc)
        rc = decode_once(job, err);
    if (!rc && job->result.lost > DECODE_MOST_LOST && job->outline.doubtful_end)
        rc = decode_past_end(job, err);
    if (!rc)
        rc = judge_data(job, ret, err);
    if (rc)
        return rc;
    if (job->channels == 4) {
        convert_cmyk(&ret->colour, job->pixels, (size_t)job->width * (size_t)job->height);
        colour_release(&ret->colour);
    }
    ret->image = decode_image_take(job->width, job->height, job->pixels);
    job->pixels = NULL;
    return 0;
}

static int decode_file(const uint8_t *data, size_t size, int short_edge_px, struct decoded *ret,
                       struct error *err)
{
    size_t start = jpeg_find_start(data, size);
    struct job job = {.data = data + start, .size = size - start};
    jpeg_outline_read(job.data, job.size, false, &job.outline);
    leave_out_zeros(&job);
    struct jpeg_outline outline = job.outline;
    int rc = outline.strays || outline.height_at_end ? repair_copy(&job, false, err) : 0;
    choose_target(&job, short_edge_px);
    if (!rc)
        rc = check_outline(&job, err);
    if (!rc) {
        job.outline.strays = outline.strays;
        job.outline.cut_segment = outline.cut_segment;
        jpeg_facts_add(data + start, size - start, &ret->metadata);
        colour_jpeg_read(data + start, size - start, &ret->colour);
        text_copy(ret->format, sizeof ret->format, "jpeg");
        ret->width = outline.width;
        ret->height = outline.height;
        rc = decode_job(&job, ret, err);
    }
    if (!rc && start && !ret->damage[0])
        snprintf(ret->damage, sizeof ret->damage, "%zu foreign bytes precede the JPEG data", start);
    decode_memory_free(job.pixels);
    free(job.copy);
    return rc;
}

static void describe_libjpeg(char *text, size_t size)
{
    text_copy(text, size, jpeg_codec_version());
}

const struct decoder decode_jpeg = {
    .name = "JPEG",
    .formats = {{"jpeg", "JPEG", "image/jpeg"}},
    .extensions = {"jpg", "jpeg", "jpe", "jfif", "jfi", "jif", "pjpeg", "pjpg", "pjp", "mpo", "jps",
                   "insp"},
    .packages = {"libjpeg-dev", "libturbojpeg0-dev"},
    .sniff = is_jpeg,
    .decode = decode_file,
    .describe = describe_libjpeg,
};
