/* SPDX-License-Identifier: MIT */
/* Runs libjpeg-turbo on one picture and records the missing parts. */
#include "image/jpeg_codec.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h> /* after stdio.h, which it needs */

#include "base/text.h"

/* The codec's messages by name, as its header lists them; its macros use banned calls. */
#define JMESSAGE(code, string) code,
#define JERROR_H
enum jpeg_message {
#include <jerror.h>
    JPEG_MESSAGES
};

#define GREY 128          /* the codec's value for missing data */
#define MOST_PADDING 64   /* meaningless bytes after the data of a scan */
#define MOST_READ_AHEAD 8 /* bytes that the codec had already taken */
#define ROWS_AT_ONCE 16
#define MARKER_END JPEG_EOI

/* libjpeg reports errors by longjmp: everything that must survive is stored here, not in locals of
 * the function that calls setjmp. */
struct reader {
    struct jpeg_decompress_struct codec;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    jmp_buf failed;
    const struct jpeg_request *request;
    struct jpeg_result result;
    uint8_t *pixels;
    bool is_scanning;    /* the header has been read */
    bool is_behind;      /* the picture is complete */
    bool ran_out;        /* the source has no more bytes */
    bool stopped;        /* the data ended in the middle of a scan, at the next two */
    unsigned end_row;    /* of MCUs, as libjpeg's iMCU rows */
    bool rows_above_all; /* above it every coefficient that matters is known */
    bool rows_below_all; /* from it on, every coefficient that matters is also known */
};

/* ---- the known coefficients of a progressive picture ---- */

/* Whether the current scan is the first to contain the coefficient. */
static bool is_told_now(const struct jpeg_decompress_struct *codec, int component, int coefficient)
{
    if (codec->Ah != 0 || coefficient < codec->Ss || coefficient > codec->Se)
        return false;
    for (int i = 0; i < codec->comps_in_scan; i++)
        if (codec->cur_comp_info[i]->component_index == component)
            return true;
    return false;
}

/* The picture is complete, if coarse, once the mean of every block is known, and every detail of
 * the first component (brightness). */
static bool knows_enough(const struct jpeg_decompress_struct *codec, bool without_this_scan)
{
    for (int c = 0; c < codec->num_components; c++)
        for (int k = 0; k < (c == 0 ? DCTSIZE2 : 1); k++)
            if (codec->coef_bits[c][k] < 0 || (without_this_scan && is_told_now(codec, c, k)))
                return false;
    return true;
}

static bool knows_roughly(const struct jpeg_decompress_struct *codec)
{
    for (int c = 0; c < codec->num_components; c++)
        for (int k = 0; k < DCTSIZE2; k++)
            if (codec->coef_bits[c][k] != 0)
                return true;
    return false;
}

/* ---- the end of the data ---- */

static void note_end(struct reader *r)
{
    const struct jpeg_decompress_struct *codec = &r->codec;
    if (r->stopped)
        return;
    r->stopped = true;
    r->end_row = codec->input_iMCU_row;
    r->rows_above_all = true;
    if (codec->coef_bits) {
        r->rows_above_all = knows_enough(codec, false);
        r->rows_below_all = knows_enough(codec, true);
    } else if (codec->comps_in_scan < codec->num_components) {
        r->rows_above_all = codec->input_scan_number >= codec->num_components;
    }
}

/* The number of pixels at the end of a row of blocks that the data did not reach. */
static unsigned count_grey(const struct reader *r, unsigned top, unsigned bottom)
{
    unsigned width = r->codec.output_width, channels = (unsigned)r->request->channels;
    size_t stride = (size_t)width * channels;
    for (unsigned n = 0; n < width; n++)
        for (unsigned y = top; y < bottom; y++)
            for (unsigned c = 0; c < channels; c++)
                if (r->pixels[y * stride + (width - 1 - n) * channels + c] != GREY)
                    return n;
    return width;
}

/* In the rows of blocks in which the data ended, only the part that it did not reach counts. */
static double share_from(const struct reader *r, bool is_partly_decoded)
{
    const struct jpeg_decompress_struct *codec = &r->codec;
    unsigned rows = (unsigned)(codec->max_v_samp_factor * codec->min_DCT_scaled_size);
    unsigned top = r->end_row * rows, height = codec->output_height;
    if (top >= height)
        return 0;
    unsigned bottom = top + rows < height ? top + rows : height;
    double lost = height - top;
    if (codec->arith_code) {
        lost = height - bottom;
    } else if (is_partly_decoded) {
        double grey = count_grey(r, top, bottom);
        lost = height - bottom + (bottom - top) * grey / codec->output_width;
    }
    return lost / height;
}

/* Counts rows at the bottom of the picture, or all of it. */
static double share_lost(const struct reader *r)
{
    const struct jpeg_decompress_struct *codec = &r->codec;
    if (r->stopped) {
        if (!r->rows_above_all)
            return 1;
        if (codec->coef_bits)
            return r->rows_below_all ? 0 : share_from(r, false);
        return share_from(r, codec->comps_in_scan == codec->num_components);
    }
    if (r->ran_out && codec->coef_bits && !knows_enough(codec, false))
        return 1;
    return 0;
}

/* ---- callbacks for libjpeg ---- */

static _Noreturn void on_error(j_common_ptr codec)
{
    struct reader *r = codec->client_data;
    longjmp(r->failed, 1);
}

/* Whether the bytes skipped in search of a marker are padding: a few, or the same one repeated, as
 * some cameras write them. */
static bool is_padding(const struct reader *r, int passed)
{
    const uint8_t *end = r->source.next_input_byte, *start = end - passed + MOST_READ_AHEAD;
    if (passed < MOST_PADDING)
        return true;
    if (start < r->request->data || end > r->request->data + r->request->size)
        return false;
    for (const uint8_t *at = start; at < end; at++)
        if (*at != *start)
            return false;
    return true;
}

/* Inside the data of a scan, the codec resynchronizes after a restart marker; after any other
 * marker it gives up the rest. */
static void note_marker(struct reader *r, int marker)
{
    if (marker != MARKER_END)
        r->result.damaged = true;
    if (marker < JPEG_RST0 || marker > JPEG_RST0 + 7)
        note_end(r);
}

static void on_message(j_common_ptr codec, int level)
{
    struct reader *r = codec->client_data;
    if (level >= 0)
        return;
    switch (codec->err->msg_code) {
    case JWRN_HIT_MARKER:
        note_marker(r, r->codec.unread_marker);
        break;
    case JWRN_MUST_RESYNC:
        note_marker(r, codec->err->msg_parm.i[0]);
        r->result.damaged |= codec->err->msg_parm.i[0] != MARKER_END;
        break;
    case JWRN_EXTRANEOUS_DATA:
        r->result.damaged |= !is_padding(r, codec->err->msg_parm.i[0]);
        break;
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
        r->result.damaged = true;
        break;
    default: /* irregularities of the header */
        break;
    }
}

static void on_start(j_decompress_ptr codec)
{
    (void)codec;
}

/* Supplies an end marker if the codec requests more bytes than there are. */
static boolean on_fill(j_decompress_ptr codec)
{
    static const JOCTET end[] = {0xFF, MARKER_END};
    struct reader *r = codec->client_data;
    r->ran_out = true;
    if (codec->arith_code && r->is_scanning) /* it silently reads zeros from now on */
        note_end(r);
    codec->src->next_input_byte = end;
    codec->src->bytes_in_buffer = sizeof end;
    return TRUE;
}

static void on_skip(j_decompress_ptr codec, long n)
{
    struct jpeg_source_mgr *source = codec->src;
    if (n <= 0)
        return;
    if ((size_t)n > source->bytes_in_buffer) {
        on_fill(codec);
        return;
    }
    source->next_input_byte += n;
    source->bytes_in_buffer -= (size_t)n;
}

/* ---- the decode ---- */

static void prepare_codec(struct reader *r)
{
    r->codec.err = jpeg_std_error(&r->errors);
    r->codec.client_data = r;
    r->errors.error_exit = on_error;
    r->errors.emit_message = on_message;
}

static void set_source(struct reader *r)
{
    r->source = (struct jpeg_source_mgr){.next_input_byte = r->request->data,
                                         .bytes_in_buffer = r->request->size,
                                         .init_source = on_start,
                                         .fill_input_buffer = on_fill,
                                         .skip_input_data = on_skip,
                                         .resync_to_restart = jpeg_resync_to_restart,
                                         .term_source = on_start};
    r->codec.src = &r->source;
}

static bool is_hopeless(const struct reader *r)
{
    return r->stopped && share_lost(r) > r->request->most_lost;
}

static void read_rows(struct reader *r)
{
    struct jpeg_decompress_struct *codec = &r->codec;
    size_t stride = (size_t)codec->output_width * (unsigned)r->request->channels;
    while (codec->output_scanline < codec->output_height && !is_hopeless(r)) {
        JSAMPROW rows[ROWS_AT_ONCE];
        for (unsigned i = 0; i < ROWS_AT_ONCE; i++) {
            size_t y = codec->output_scanline + i;
            rows[i] = r->pixels + (y < codec->output_height ? y * stride : 0);
        }
        unsigned left = codec->output_height - codec->output_scanline;
        jpeg_read_scanlines(codec, rows, left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE);
    }
}

/* False if the codec reads the header differently from jpeg_outline, on whose sizes the caller
 * relied. */
static bool start_codec(struct reader *r)
{
    const struct jpeg_request *q = r->request;
    struct jpeg_decompress_struct *codec = &r->codec;
    jpeg_create_decompress(codec);
    set_source(r);
    jpeg_read_header(codec, TRUE);
    codec->scale_num = 1;
    codec->scale_denom = (unsigned)q->scale;
    codec->out_color_space = q->channels == 4 ? JCS_CMYK : JCS_RGB;
    codec->dct_method = JDCT_ISLOW;
    jpeg_calc_output_dimensions(codec);
    unsigned scale = (unsigned)q->scale;
    return codec->image_width == (unsigned)q->width && codec->image_height == (unsigned)q->height &&
           codec->output_width == (codec->image_width + scale - 1) / scale &&
           codec->output_height == (codec->image_height + scale - 1) / scale &&
           codec->out_color_components == q->channels;
}

/* Examines picture data that remains after the picture was complete. */
static void look_behind(struct reader *r)
{
    if (r->stopped || r->ran_out || r->codec.output_scanline < r->codec.output_height ||
        jpeg_has_multiple_scans(&r->codec))
        return;
    r->is_behind = true;
    jpeg_finish_decompress(&r->codec);
}

static int set_failure(struct reader *r, struct error *err)
{
    char message[JMSG_LENGTH_MAX];
    r->errors.format_message((j_common_ptr)&r->codec, message);
    switch (r->errors.msg_code) {
    case JERR_OUT_OF_MEMORY:
        return error_set(err, ERR_NO_MEMORY, "not enough memory to decode the JPEG picture");
    case JERR_IMAGE_TOO_BIG:
        return error_set(err, ERR_LIMIT, "the JPEG picture is too large for the codec: %s",
                         message);
    case JERR_SOF_UNSUPPORTED:
    case JERR_BAD_PRECISION:
    case JERR_COMPONENT_COUNT:
    case JERR_ARITH_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
        return error_set(err, ERR_UNSUPPORTED, "this kind of JPEG picture is not supported: %s",
                         message);
    default:
        return error_set(err, ERR_CORRUPT, "the JPEG data is broken: %s", message);
    }
}

/* Handles a codec failure. If the picture is read once, from top to bottom, its rows so far are
 * kept. */
static int keep_rows(struct reader *r, struct error *err)
{
    struct jpeg_decompress_struct *codec = &r->codec;
    int rc = set_failure(r, err);
    if (rc != ERR_CORRUPT || !codec->output_scanline)
        return rc;
    size_t stride = (size_t)codec->output_width * (unsigned)r->request->channels;
    unsigned left = codec->output_height - codec->output_scanline;
    memset(r->pixels + codec->output_scanline * stride, GREY, left * stride);
    r->result.damaged = true;
    r->result.lost = (double)left / codec->output_height;
    return 0;
}

static int run_codec(struct reader *r, struct error *err)
{
    if (setjmp(r->failed))
        return r->is_behind ? 0 : keep_rows(r, err);
    if (!start_codec(r))
        return error_set(err, ERR_CORRUPT, "the JPEG header contradicts itself");
    r->is_scanning = true;
    jpeg_start_decompress(&r->codec);
    read_rows(r);
    look_behind(r);
    r->result.lost = share_lost(r);
    bool coarse = r->ran_out && r->codec.coef_bits && knows_roughly(&r->codec);
    bool stopped = r->stopped && !r->codec.arith_code; /* which does not report its last bytes */
    r->result.incomplete = r->result.lost > 0 || coarse || stopped;
    r->result.cut = r->ran_out;
    return 0;
}

int jpeg_codec_decode(const struct jpeg_request *request, uint8_t *pixels,
                      struct jpeg_result *ret_result, struct error *err)
{
    struct reader r = {.request = request, .pixels = pixels};
    prepare_codec(&r);
    int rc = run_codec(&r, err);
    jpeg_destroy_decompress(&r.codec);
    if (!rc)
        *ret_result = r.result;
    return rc;
}

const char *jpeg_codec_version(void)
{
#define QUOTED(token) #token
#define VALUE_QUOTED(macro) QUOTED(macro)
    return "libjpeg-turbo " VALUE_QUOTED(LIBJPEG_TURBO_VERSION);
#undef VALUE_QUOTED
#undef QUOTED
}
