/* SPDX-License-Identifier: MIT */
/* Decodes TIFF strip by strip or tile by tile, using libtiff. */
#include "image/decode.h"

#include <stdio.h>
#include <string.h>
#include <tiffio.h>

#include "base/limits.h"
#include "base/text.h"
#include "image/decode_shrink.h"
#include "metadata/exif.h"

#define GREY 128
#define MOST_DIRECTORIES 64

static bool is_tiff(const uint8_t *data, size_t size)
{
    return size >= 4 && (memcmp(data, "II*\0", 4) == 0 || memcmp(data, "MM\0*", 4) == 0 ||
                         memcmp(data, "II+\0", 4) == 0 || memcmp(data, "MM\0+", 4) == 0);
}

/* The file in memory as libtiff sees it, and libtiff's first error message. */
struct source {
    const uint8_t *data;
    size_t size;
    size_t true_size; /* the bytes after it replace a missing end */
    uint64_t at;
    char message[256];
    int errors;
};

static tmsize_t on_read(thandle_t handle, void *out, tmsize_t n)
{
    struct source *s = handle;
    uint64_t left = s->at < s->size ? s->size - s->at : 0;
    uint64_t take = n < 0 ? 0 : (uint64_t)n < left ? (uint64_t)n : left;
    memcpy(out, s->data + (take ? s->at : 0), take);
    s->at += take;
    return (tmsize_t)take;
}

static tmsize_t on_write(thandle_t handle, void *data, tmsize_t n)
{
    (void)handle;
    (void)data;
    (void)n;
    return -1;
}

static toff_t on_seek(thandle_t handle, toff_t offset, int whence)
{
    struct source *s = handle;
    s->at = offset + (whence == SEEK_CUR ? s->at : whence == SEEK_END ? s->size : 0);
    return s->at;
}

static toff_t on_size(thandle_t handle)
{
    return ((struct source *)handle)->size;
}

static int on_close(thandle_t handle)
{
    (void)handle;
    return 0;
}

static int on_map(thandle_t handle, void **ret_base, toff_t *ret_size)
{
    struct source *s = handle;
    *ret_base = (void *)(uintptr_t)s->data;
    *ret_size = s->size;
    return 1;
}

static void on_unmap(thandle_t handle, void *base, toff_t size)
{
    (void)handle;
    (void)base;
    (void)size;
}

__attribute__((format(printf, 4, 0))) static int
on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list args)
{
    struct source *s = user;
    (void)tiff;
    (void)module;
    s->errors++;
    if (!s->message[0])
        vsnprintf(s->message, sizeof s->message, format, args);
    return 1;
}

__attribute__((format(printf, 4, 0))) static int
on_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list args)
{
    (void)tiff;
    (void)user;
    (void)module;
    (void)format;
    (void)args;
    return 1;
}

static TIFF *open_tiff(struct source *source)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options)
        return NULL;
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)LIMIT_DECODE_BYTES);
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, source);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, source);
    TIFF *tiff = TIFFClientOpenExt("picture", "r", source, on_read, on_write, on_seek, on_close,
                                   on_size, on_map, on_unmap, options);
    TIFFOpenOptionsFree(options);
    return tiff;
}

static int refuse_unsupported(const char *reason, struct error *err)
{
    return error_set(err, ERR_UNSUPPORTED, "this kind of TIFF picture is not supported: %s",
                     reason);
}

static int fail_tiff(const struct source *source, struct error *err)
{
    if (!source->message[0])
        return error_set(err, ERR_CORRUPT, "the TIFF data is broken");
    if (strncmp(source->message, "Sorry", 5) == 0) /* libtiff's "not supported" */
        return refuse_unsupported(source->message, err);
    return error_set(err, ERR_CORRUPT, "the TIFF data is broken: %s", source->message);
}

/* ---- the pieces that a picture is stored in: strips or tiles ---- */

struct layout {
    int width, height;
    int piece_width, piece_height; /* of a tile, or of a strip */
    bool is_tiled;
    unsigned planes; /* number of planes with their own pieces */
};

static struct layout read_layout(TIFF *tiff)
{
    uint32_t width = 0, height = 0, piece_width, piece_height;
    uint16_t planar = PLANARCONFIG_CONTIG, samples = 1;
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
    piece_width = width;
    piece_height = height;
    if (TIFFIsTiled(tiff)) {
        TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &piece_width);
        TIFFGetField(tiff, TIFFTAG_TILELENGTH, &piece_height);
    } else {
        TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &piece_height);
    }
    piece_width = piece_width && piece_width < width ? piece_width : width;
    piece_height = piece_height && piece_height < height ? piece_height : height;
    return (struct layout){
        .width = (int)(width < INT32_MAX ? width : INT32_MAX),
        .height = (int)(height < INT32_MAX ? height : INT32_MAX),
        .piece_width = (int)(piece_width < INT32_MAX ? piece_width : INT32_MAX),
        .piece_height = (int)(piece_height < INT32_MAX ? piece_height : INT32_MAX),
        .is_tiled = TIFFIsTiled(tiff),
        .planes = planar == PLANARCONFIG_SEPARATE ? samples : 1,
    };
}

/* libtiff's own buffer is a strip or tile at its stored depth, up to four planes of it; it unpacks
 * the whole piece, however little of it lies inside the picture. */
static int check_pieces(TIFF *tiff, const struct layout *layout, uint64_t *ret_held,
                        struct error *err)
{
    uint64_t piece = layout->is_tiled ? TIFFTileSize64(tiff) : TIFFStripSize64(tiff);
    uint64_t pieces = layout->is_tiled ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
    int rc = decode_check_sides((uint64_t)layout->width, (uint64_t)layout->height, err);
    if (rc)
        return rc;
    if (piece > 0 && pieces > LIMIT_TIFF_STORED_BYTES / piece)
        return error_set(err, ERR_LIMIT,
                         "the TIFF picture unpacks to more than the limit of %d MiB",
                         (int)(LIMIT_TIFF_STORED_BYTES >> 20));
    *ret_held = piece * (layout->planes > 1 ? 4 : 1);
    return 0;
}

/* The end that the file would need to contain all pieces. */
static uint64_t find_end(TIFF *tiff, const struct layout *layout)
{
    uint64_t end = 0;
    uint32_t n = layout->is_tiled ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t offset = TIFFGetStrileOffset(tiff, i), size = TIFFGetStrileByteCount(tiff, i), sum;
        if (!__builtin_add_overflow(offset, size, &sum) && sum > end)
            end = sum;
    }
    return end;
}

/* Whether a plane of the piece that contains the pixel x, y extends past the end of the file. */
static bool is_cut(TIFF *tiff, const struct source *source, const struct layout *layout, int x,
                   int y)
{
    if (source->size == source->true_size)
        return false;
    for (unsigned plane = 0; plane < layout->planes; plane++) {
        uint32_t i = layout->is_tiled
                         ? TIFFComputeTile(tiff, (uint32_t)x, (uint32_t)y, 0, (uint16_t)plane)
                         : TIFFComputeStrip(tiff, (uint32_t)y, (uint16_t)plane);
        if (TIFFGetStrileOffset(tiff, i) + TIFFGetStrileByteCount(tiff, i) > source->true_size)
            return true;
    }
    return false;
}

/* ---- pixels ---- */

static void drop_fourth(uint8_t *pixels, size_t n_px)
{
    for (size_t i = 0; i < n_px; i++)
        memmove(pixels + 3 * i, pixels + 4 * i, 3);
}

/* Interprets the fourth byte of libtiff's pixels. If the file declares alpha, libtiff returns
 * premultiplied colours; if it declares a channel without a meaning, viewers ignore it; if it has
 * four channels and declares nothing, they treat the fourth as alpha. */
static void flatten_alpha(TIFF *tiff, uint8_t *pixels, size_t n_px)
{
    uint16_t n = 0, *kinds = NULL, samples = 1, photometric = PHOTOMETRIC_MINISBLACK;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &n, &kinds);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
    if (n > 0 && kinds && kinds[0] != EXTRASAMPLE_UNSPECIFIED)
        decode_flatten_premultiplied(pixels, n_px);
    else if (n == 0 && samples == 4 && photometric == PHOTOMETRIC_RGB)
        decode_flatten(pixels, n_px);
    else
        drop_fourth(pixels, n_px);
}

/* libtiff returns words of A, B, G, R from the highest byte down: R, G, B, A in memory on a
 * little-endian machine. */
static void order_bytes(uint8_t *pixels, size_t n_px)
{
    const uint32_t one = 1;
    if (*(const uint8_t *)&one == 1)
        return;
    for (size_t i = 0; i < n_px; i++, pixels += 4)
        *(uint32_t *)(void *)pixels = __builtin_bswap32(*(uint32_t *)(void *)pixels);
}

struct tiff_reader {
    TIFF *tiff;
    struct source *source;
    struct layout layout;
    TIFFRGBAImage codec;
    uint8_t *piece; /* [piece_height][piece_width][4] */
    uint8_t *band;  /* tiles: [piece_height][width][3] */
    struct decode_shrink *shrink;
    uint64_t end; /* end of all pieces: the minimum size of the file */
    double lost_px;
};

/* The number of identical rows at the end, which libtiff leaves in a piece that it cannot read. */
static int count_blank_rows(const uint8_t *pixels, int width, int height)
{
    size_t n = (size_t)width * (size_t)height;
    const uint8_t *last = pixels + 4 * (n - 1);
    while (n > 0 && memcmp(pixels + 4 * (n - 1), last, 4) == 0)
        n--;
    return height - (int)((n + (size_t)width - 1) / (size_t)width);
}

/* Reads one piece into r->piece as RGB. */
static void read_piece(struct tiff_reader *r, int x, int y, int width, int height)
{
    size_t n_px = (size_t)width * (size_t)height;
    int errors = r->source->errors;
    memset(r->piece, GREY, 4 * n_px);
    r->codec.row_offset = y;
    r->codec.col_offset = x;
    bool good = TIFFRGBAImageGet(&r->codec, (uint32_t *)(void *)r->piece, (uint32_t)width,
                                 (uint32_t)height);
    if (!good || r->source->errors > errors || is_cut(r->tiff, r->source, &r->layout, x, y))
        r->lost_px += (double)count_blank_rows(r->piece, width, height) * width;
    order_bytes(r->piece, n_px);
    flatten_alpha(r->tiff, r->piece, n_px);
}

/* Reads the rows of all pieces that begin at row y. */
static void read_band(struct tiff_reader *r, int y)
{
    const struct layout *l = &r->layout;
    int height = l->height - y < l->piece_height ? l->height - y : l->piece_height;
    size_t stride = (size_t)l->width * 3;
    for (int x = 0; x < l->width; x += l->piece_width) {
        int width = l->width - x < l->piece_width ? l->width - x : l->piece_width;
        read_piece(r, x, y, width, height);
        for (int row = 0; r->band && row < height; row++)
            memcpy(r->band + (size_t)row * stride + (size_t)x * 3,
                   r->piece + (size_t)row * (size_t)width * 3, (size_t)width * 3);
    }
    const uint8_t *rows = r->band ? r->band : r->piece;
    for (int row = 0; row < height; row++)
        decode_shrink_row(r->shrink, rows + (size_t)row * stride);
}

/* A picture in one piece is unpacked in place. */
static int read_whole(struct tiff_reader *r, uint64_t held, struct decoded *ret, struct error *err)
{
    const struct layout *l = &r->layout;
    int rc = decode_check_size((uint64_t)l->width, (uint64_t)l->height, 4, held, err);
    if (!rc)
        rc = decode_alloc(l->width, l->height, 4, &r->piece, err);
    if (rc)
        return rc;
    read_piece(r, 0, 0, l->width, l->height);
    ret->image = decode_image_take(l->width, l->height, r->piece);
    r->piece = NULL;
    return 0;
}

static int read_pieces(struct tiff_reader *r, int short_edge_px, uint64_t held, struct decoded *ret,
                       struct error *err)
{
    const struct layout *l = &r->layout;
    uint64_t piece = (uint64_t)l->piece_width * (uint64_t)l->piece_height * 4;
    uint64_t band = l->is_tiled ? (uint64_t)l->width * (uint64_t)l->piece_height * 3 : 0;
    void *block = NULL;
    int rc = piece + band > LIMIT_DECODE_BYTES || held > LIMIT_DECODE_BYTES
                 ? decode_check_memory((uint64_t)l->width, (uint64_t)l->height,
                                       (uint64_t)LIMIT_DECODE_BYTES + 1, err)
                 : decode_shrink_new(l->width, l->height, short_edge_px,
                                     (size_t)(piece + band + held), &r->shrink, err);
    if (!rc)
        rc = decode_alloc(l->piece_width, l->piece_height, 4, &r->piece, err);
    if (!rc && band)
        rc = try_alloc(band, 1, LIMIT_DECODE_BYTES, &block, err);
    if (rc)
        return rc;
    r->band = block;
    for (int y = 0; y < l->height; y += l->piece_height)
        read_band(r, y);
    ret->image = decode_shrink_take(r->shrink);
    return 0;
}

/* Reads pixels in stored order: libtiff supports only four of the eight orientations, so it is
 * told that the picture is upright, and image_orient turns it. */
static int read_pixels(struct tiff_reader *r, int short_edge_px, struct decoded *ret,
                       struct error *err)
{
    char reason[1024] = "";
    const struct layout *l = &r->layout;
    uint64_t held = 0;
    int rc = check_pieces(r->tiff, l, &held, err);
    if (rc)
        return rc;
    TIFFSetField(r->tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    if (!TIFFRGBAImageOK(r->tiff, reason) || !TIFFRGBAImageBegin(&r->codec, r->tiff, 0, reason))
        return refuse_unsupported(reason, err);
    r->codec.req_orientation = ORIENTATION_TOPLEFT;
    r->source->errors = 0;
    bool whole = l->piece_width == l->width && l->piece_height == l->height;
    rc = whole ? read_whole(r, held, ret, err) : read_pieces(r, short_edge_px, held, ret, err);
    TIFFRGBAImageEnd(&r->codec);
    return rc;
}

static int judge_rows(const struct tiff_reader *r, struct decoded *ret, struct error *err)
{
    const struct source *source = r->source;
    double lost = r->lost_px / ((double)r->layout.width * r->layout.height);
    char reason[112] = "the TIFF data ends early";
    if (r->end > source->true_size)
        return decode_note_loss(ret, reason, lost, err);
    if (!source->errors)
        return 0;
    if (lost >= 1)
        return fail_tiff(source, err);
    snprintf(reason, sizeof reason, "the TIFF data is broken (%.80s)", source->message);
    return decode_note_loss(ret, reason, lost, err);
}

/* ---- the main picture of the file ---- */

/* Whether the picture is a smaller copy, or a mask. */
static bool is_secondary(TIFF *tiff)
{
    uint32_t kinds = 0;
    uint16_t old_kind = 0;
    if (TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &kinds))
        return kinds & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK);
    return TIFFGetField(tiff, TIFFTAG_OSUBFILETYPE, &old_kind) &&
           old_kind == OFILETYPE_REDUCEDIMAGE;
}

/* Searches the directories below the first one, where raw converters put the picture. */
static bool find_below(TIFF *tiff)
{
    uint16_t n = 0;
    uint64_t *offsets = NULL, copy[MOST_DIRECTORIES];
    if (!TIFFGetField(tiff, TIFFTAG_SUBIFD, &n, &offsets) || !offsets)
        return false;
    n = n < MOST_DIRECTORIES ? n : MOST_DIRECTORIES;
    memcpy(copy, offsets, n * sizeof *copy);
    for (uint16_t i = 0; i < n; i++) {
        char reason[1024];
        if (TIFFSetSubDirectory(tiff, copy[i]) && !is_secondary(tiff) &&
            TIFFRGBAImageOK(tiff, reason))
            return true;
    }
    return false;
}

/* Finds the first picture that is not a smaller copy of another one; the first one if all are. */
static bool find_picture(TIFF *tiff, struct source *source)
{
    for (int i = 0; i < MOST_DIRECTORIES; i++) {
        if (!is_secondary(tiff))
            return true;
        if (!TIFFReadDirectory(tiff))
            break;
    }
    if (!TIFFSetDirectory(tiff, 0))
        return false;
    if (find_below(tiff))
        return true;
    source->message[0] = '\0';
    return TIFFSetDirectory(tiff, 0);
}

/* Pixels that libtiff converted by its own rule no longer match their profile. */
static void find_colour(TIFF *tiff, struct colour *colour)
{
    uint16_t photometric = PHOTOMETRIC_MINISBLACK;
    uint32_t size = 0;
    void *icc = NULL;
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
    if (photometric <= PHOTOMETRIC_PALETTE || photometric == PHOTOMETRIC_YCBCR)
        if (TIFFGetField(tiff, TIFFTAG_ICCPROFILE, &size, &icc) && icc)
            colour_set_icc(colour, icc, size);
}

/* ---- a truncated file ---- */

/* Completes a copy of the file with zeros. */
static int complete_source(const struct source *source, uint64_t end, uint8_t **ret_copy,
                           struct error *err)
{
    void *block;
    int rc = try_alloc((size_t)end, 1, LIMIT_PHOTO_FILE_BYTES * 2, &block, err);
    if (rc)
        return rc;
    memcpy(block, source->data, source->size);
    memset((uint8_t *)block + source->size, 0, (size_t)end - source->size);
    *ret_copy = block;
    return 0;
}

static bool may_be_completed(const struct source *source, uint64_t end)
{
    return source->size == source->true_size && end > source->size &&
           end - source->size <= source->size / 4 + 1024;
}

/* Whether the offset of the first directory lies past the end of the file. */
static bool lacks_directory(const struct source *source)
{
    const uint8_t *d = source->data;
    if (source->size < 8 || (d[2] != 42 && d[3] != 42))
        return false;
    uint32_t at = d[0] == 'I' ? d[4] | d[5] << 8 | d[6] << 16 | (uint32_t)d[7] << 24
                              : (uint32_t)d[4] << 24 | d[5] << 16 | d[6] << 8 | d[7];
    return at >= source->size;
}

static int decode_source(struct source *source, int short_edge_px, uint64_t *ret_end,
                         struct decoded *ret, struct error *err)
{
    struct tiff_reader r = {.tiff = open_tiff(source), .source = source};
    uint16_t orientation = 0;
    *ret_end = 0;
    if (!r.tiff)
        return lacks_directory(source)
                   ? error_set(err, ERR_CORRUPT,
                               "the TIFF data ends early: the list of what is in it is missing")
                   : fail_tiff(source, err);
    TIFFGetField(r.tiff, TIFFTAG_ORIENTATION, &orientation);
    int rc = find_picture(r.tiff, source) ? 0 : fail_tiff(source, err);
    if (!rc) {
        TIFFGetField(r.tiff, TIFFTAG_ORIENTATION, &orientation);
        r.layout = read_layout(r.tiff);
        *ret_end = r.end = find_end(r.tiff, &r.layout);
        if (!may_be_completed(source, *ret_end))
            rc = read_pixels(&r, short_edge_px, ret, err);
        else
            rc = ERR_CORRUPT; /* not yet */
    }
    if (!rc)
        rc = judge_rows(&r, ret, err);
    if (!rc)
        find_colour(r.tiff, &ret->colour);
    if (orientation >= 1 && orientation <= 8)
        ret->metadata.orientation = orientation;
    ret->width = r.layout.width;
    ret->height = r.layout.height;
    TIFFClose(r.tiff);
    decode_shrink_free(r.shrink);
    decode_memory_free(r.piece);
    free(r.band);
    return rc;
}

static int decode_file(const uint8_t *data, size_t size, int short_edge_px, struct decoded *ret,
                       struct error *err)
{
    struct source source = {.data = data, .size = size, .true_size = size};
    AUTO_FREE uint8_t *copy = NULL;
    uint64_t end;
    exif_add(data, size, &ret->metadata);
    int rc = decode_source(&source, short_edge_px, &end, ret, err);
    if (rc && may_be_completed(&source, end)) {
        rc = complete_source(&source, end, &copy, err);
        source = (struct source){.data = copy, .size = (size_t)end, .true_size = size};
        if (!rc)
            rc = decode_source(&source, short_edge_px, &end, ret, err);
    }
    text_copy(ret->format, sizeof ret->format, "tiff");
    return rc;
}

static void describe_libtiff(char *text, size_t size)
{
    /* "LIBTIFF, Version 4.5.0", and more lines. */
    const char *version = TIFFGetVersion(), *number = strpbrk(version, "0123456789\n");
    number = number ? number : "of an unknown version";
    snprintf(text, size, "libtiff %.*s", (int)strcspn(number, "\n"), number);
}

const struct decoder decode_tiff = {
    .name = "TIFF",
    .formats = {{"tiff", "TIFF", "image/tiff"}},
    .extensions = {"tif", "tiff"},
    .packages = {"libtiff-dev"},
    .sniff = is_tiff,
    .decode = decode_file,
    .describe = describe_libtiff,
};
