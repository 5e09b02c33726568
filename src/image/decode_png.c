/* SPDX-License-Identifier: MIT */
/* Decodes PNG, using libpng, row by row; a damaged file gives the rows before the damage. */
#include "image/decode.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "image/colour_png.h"
#include "image/decode_shrink.h"
#include "image/png_facts.h"

static bool is_png(const uint8_t *data, size_t size)
{
    return size >= 8 && memcmp(data, "\x89PNG\r\n\x1A\n", 8) == 0;
}

/* The file as presented to libpng: a truncated file gets an end. */
struct png_stream {
    struct png_piece {
        const uint8_t *data;
        size_t size;
    } pieces[4];
    size_t piece, at; /* the next byte is pieces[piece].data[at] */
    uint8_t header[8];
    bool is_cut;
};

/* libpng reports errors by longjmp: everything that must survive is stored here, not in locals of
 * the function that calls setjmp. */
struct png_reader {
    struct png_stream stream;
    png_structp png;
    png_infop info;
    jmp_buf failed;
    bool is_reading; /* it is reading the rows */
    bool bad_checksum;
    char message[128];
    struct error *err;
    int short_edge_px;
    int width, height, channels;
    int passes;                   /* 7 if interlaced */
    int pass, row;                /* the next to be read */
    uint8_t *line;                /* a row from libpng, if the picture is not interlaced */
    uint8_t *pixels;              /* the result; if interlaced, the whole picture from libpng */
    struct decode_shrink *shrink; /* for a picture that is too large to keep whole; or NULL */
};

/* ---- callbacks for libpng ---- */

static _Noreturn void on_error(png_structp png, png_const_charp message)
{
    struct png_reader *r = png_get_error_ptr(png);
    text_copy(r->message, sizeof r->message, message);
    longjmp(r->failed, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    struct png_reader *r = png_get_error_ptr(png);
    r->bad_checksum |= strstr(message, "CRC error") || strstr(message, "incorrect data check");
}

static void on_read(png_structp png, png_bytep out, size_t n)
{
    struct png_stream *s = png_get_io_ptr(png);
    while (n > 0) {
        if (s->piece == sizeof s->pieces / sizeof *s->pieces)
            png_error(png, "the data ends early");
        const struct png_piece *piece = &s->pieces[s->piece];
        size_t left = piece->size - s->at, take = n < left ? n : left;
        if (take > 0)
            memcpy(out, piece->data + s->at, take);
        s->at += take;
        out += take;
        n -= take;
        if (s->at == piece->size) {
            s->piece++;
            s->at = 0;
        }
    }
}

/* A truncated chunk of picture data keeps its available bytes, with a corrected length; any other
 * truncated chunk is dropped. Then follows the chunk that ends a picture. */
static void open_stream(const uint8_t *data, size_t size, struct png_stream *ret)
{
    /* Preceded by a checksum. */
    static const uint8_t end[] = "\0\0\0\0\0\0\0\0IEND\xAE\x42\x60\x82";
    size_t at = 8;
    bool ended = false;
    while (!ended && size - at >= 12 && png_get_uint_32(data + at) <= size - at - 12) {
        ended = memcmp(data + at + 4, "IEND", 4) == 0;
        at += 12 + (size_t)png_get_uint_32(data + at);
    }
    *ret = (struct png_stream){.is_cut = !ended};
    ret->pieces[0] = (struct png_piece){data, at};
    if (ended)
        return;
    if (size - at >= 8 && memcmp(data + at + 4, "IDAT", 4) == 0) {
        size_t length = png_get_uint_32(data + at), there = size - at - 8;
        length = length < there ? length : there;
        png_save_uint_32(ret->header, (png_uint_32)length);
        memcpy(ret->header + 4, "IDAT", 4);
        ret->pieces[1] = (struct png_piece){ret->header, sizeof ret->header};
        ret->pieces[2] = (struct png_piece){data + at + 8, length};
        ret->pieces[3] = (struct png_piece){end, 16};
    } else {
        ret->pieces[3] = (struct png_piece){end + 4, 12};
    }
}

/* ---- rows ---- */

/* Converts to 8-bit RGB or RGBA whatever is stored; 16 bits lose their low byte, as in Pillow. */
static void set_transforms(struct png_reader *r)
{
    png_set_expand(r->png);
    png_set_strip_16(r->png);
    png_set_gray_to_rgb(r->png);
    r->passes = png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
    r->channels = png_get_channels(r->png, r->info);
}

static int allocate_rows(struct png_reader *r)
{
    size_t stride = (size_t)r->width * (size_t)r->channels;
    if ((r->channels != 3 && r->channels != 4) || png_get_rowbytes(r->png, r->info) != stride)
        return error_set(r->err, ERR_CORRUPT, "the PNG picture cannot be decoded");
    if (r->passes > 1) {
        int rc = decode_check_size((uint64_t)r->width, (uint64_t)r->height, (unsigned)r->channels,
                                   0, r->err);
        return rc ? rc : decode_alloc(r->width, r->height, r->channels, &r->pixels, r->err);
    }
    void *line;
    int rc = decode_shrink_new(r->width, r->height, r->short_edge_px, stride, &r->shrink, r->err);
    if (!rc)
        rc = try_alloc(stride, 1, LIMIT_DECODE_BYTES, &line, r->err);
    if (!rc)
        r->line = line;
    return rc;
}

static void keep_line(struct png_reader *r)
{
    if (r->channels == 4)
        decode_flatten(r->line, (size_t)r->width);
    decode_shrink_row(r->shrink, r->line);
}

static void read_rows(struct png_reader *r)
{
    size_t stride = (size_t)r->width * (size_t)r->channels;
    r->is_reading = true;
    for (; r->pass < r->passes; r->pass++, r->row = 0)
        for (; r->row < r->height; r->row++) {
            if (r->passes > 1) { /* unread pixels copy those to the left and above */
                png_read_row(r->png, NULL, r->pixels + (size_t)r->row * stride);
            } else {
                png_read_row(r->png, r->line, NULL);
                keep_line(r);
            }
        }
}

/* Ends the rows after libpng failed. If it failed after the last row, that row is complete. */
static void finish_rows(struct png_reader *r)
{
    bool complete = r->passes > 1 ? png_get_current_pass_number(r->png) >= 7
                                  : png_get_current_row_number(r->png) >= (unsigned)r->height;
    if (complete && r->passes == 1 && r->row < r->height)
        keep_line(r);
    if (complete)
        r->pass = r->passes;
}

/* The share of the pixels missing after the passes (7, or 1). */
static double share_lost(const struct png_reader *r)
{
    static const double shares[] = {1 / 64., 1 / 64., 1 / 32., 1 / 16., 1 / 8., 1 / 4., 1 / 2.};
    double lost = 0;
    if (r->passes == 1)
        return r->pass == 1 ? 0 : (double)(r->height - r->row) / r->height;
    for (int pass = r->pass; pass < r->passes; pass++)
        lost += shares[pass] * (pass == r->pass ? (double)(r->height - r->row) / r->height : 1);
    return lost;
}

static int set_failure(struct png_reader *r)
{
    if (r->stream.is_cut)
        return error_set(r->err, ERR_CORRUPT, "the PNG data ends early");
    return error_set(r->err, ERR_CORRUPT, "the PNG data is broken: %s", r->message);
}

static int run_libpng(struct png_reader *r)
{
    if (setjmp(r->failed)) {
        if (!r->is_reading)
            return set_failure(r);
        finish_rows(r);
        return 0;
    }
    png_set_read_fn(r->png, &r->stream, on_read);
    png_set_user_limits(r->png, LIMIT_PHOTO_SIDE_PX, LIMIT_PHOTO_SIDE_PX);
    png_set_chunk_malloc_max(r->png, LIMIT_PNG_CHUNK_BYTES);
    png_set_crc_action(r->png, PNG_CRC_WARN_USE, PNG_CRC_QUIET_USE);
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER,
                                (png_const_bytep) "iCCP\0zTXt\0iTXt\0tEXt\0sPLT\0eXIf", 6);
    png_read_info(r->png, r->info);
    r->width = (int)png_get_image_width(r->png, r->info);
    r->height = (int)png_get_image_height(r->png, r->info);
    set_transforms(r);
    int rc = allocate_rows(r);
    if (!rc)
        read_rows(r);
    return rc;
}

static int judge_rows(const struct png_reader *r, struct decoded *ret)
{
    char reason[160];
    double lost = share_lost(r);
    if (r->stream.is_cut)
        return decode_note_loss(ret, "the PNG data ends early", lost, r->err);
    if (lost > 0) {
        snprintf(reason, sizeof reason, "the PNG data is broken (%.60s)", r->message);
        return decode_note_loss(ret, reason, lost, r->err);
    }
    if (r->bad_checksum)
        return decode_note_loss(ret, "a checksum of the PNG data is wrong", 0, r->err);
    return 0;
}

static void take_image(struct png_reader *r, struct decoded *ret)
{
    ret->width = r->width;
    ret->height = r->height;
    if (r->shrink) {
        ret->image = decode_shrink_take(r->shrink);
        return;
    }
    if (r->channels == 4)
        decode_flatten(r->pixels, (size_t)r->width * (size_t)r->height);
    ret->image = decode_image_take(r->width, r->height, r->pixels);
    r->pixels = NULL;
}

/* ---- before libpng sees the file ---- */

static unsigned samples_of(uint8_t colour_type)
{
    return (colour_type & PNG_COLOR_MASK_COLOR && !(colour_type & PNG_COLOR_MASK_PALETTE) ? 3 : 1) +
           (colour_type & PNG_COLOR_MASK_ALPHA ? 1 : 0);
}

/* Checks the first chunk: width, height, bits, colour type. */
static int check_header(const uint8_t *data, size_t size, struct error *err)
{
    if (size < 33)
        return error_set(err, ERR_CORRUPT, "the PNG data ends early");
    if (memcmp(data + 12, "CgBI", 4) == 0)
        return error_set(
            err, ERR_UNSUPPORTED,
            "PNG files of iPhone apps (CgBI) are not supported: convert it with Xcode's "
            "pngcrush -revert-iphone-optimizations");
    if (memcmp(data + 12, "IHDR", 4) != 0)
        return error_set(err, ERR_CORRUPT, "the PNG data does not begin with its header (IHDR)");
    uint64_t width = png_get_uint_32(data + 16), height = png_get_uint_32(data + 20);
    int rc = decode_check_sides(width, height, err);
    if (rc)
        return rc;
    if (width * height * data[24] * samples_of(data[25]) / 8 > LIMIT_PNG_STORED_BYTES)
        return error_set(err, ERR_LIMIT, "the PNG picture unpacks to more than the limit of %d MiB",
                         (int)(LIMIT_PNG_STORED_BYTES >> 20));
    return 0;
}

static int decode_file(const uint8_t *data, size_t size, int short_edge_px, struct decoded *ret,
                       struct error *err)
{
    int rc = check_header(data, size, err);
    if (rc)
        return rc;
    struct png_reader r = {.err = err, .short_edge_px = short_edge_px};
    open_stream(data, size, &r.stream);
    r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, on_error, on_warning);
    if (!r.png)
        return error_set(err, ERR_NO_MEMORY, "cannot start the PNG decoder");
    r.info = png_create_info_struct(r.png);
    rc = r.info ? run_libpng(&r) : error_set(err, ERR_NO_MEMORY, "cannot start the PNG decoder");
    png_destroy_read_struct(&r.png, &r.info, NULL);
    if (!rc)
        rc = judge_rows(&r, ret);
    if (!rc) {
        png_facts_add(data, size, &ret->metadata);
        colour_png_read(data, size, &ret->colour);
        text_copy(ret->format, sizeof ret->format, "png");
        take_image(&r, ret);
    }
    decode_shrink_free(r.shrink);
    decode_memory_free(r.pixels);
    free(r.line);
    return rc;
}

static void describe_libpng(char *text, size_t size)
{
    snprintf(text, size, "libpng %s", png_get_libpng_ver(NULL));
}

const struct decoder decode_png = {
    .name = "PNG",
    .formats = {{"png", "PNG", "image/png"}},
    .extensions = {"png", "apng", "pns"},
    .packages = {"libpng-dev"},
    .sniff = is_png,
    .decode = decode_file,
    .describe = describe_libpng,
};
