/* SPDX-License-Identifier: MIT */
/* Decodes the first frame of a GIF, using giflib. */
#include "image/decode.h"

#include <gif_lib.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static bool is_gif(const uint8_t *data, size_t size)
{
    return size >= 6 && (memcmp(data, "GIF87a", 6) == 0 || memcmp(data, "GIF89a", 6) == 0);
}

struct source {
    const uint8_t *data;
    size_t size, at;
    bool early_end;
};

static int on_read(GifFileType *gif, GifByteType *out, int n)
{
    struct source *s = gif->UserData;
    size_t left = s->size - s->at;
    size_t take = (size_t)n < left ? (size_t)n : left;
    s->early_end |= take < (size_t)n;
    memcpy(out, s->data + s->at, take);
    s->at += take;
    return (int)take;
}

static int fail_gif(const GifFileType *gif, int code, struct error *err)
{
    const struct source *s = gif ? gif->UserData : NULL;
    const char *message = GifErrorString(code);
    if ((s && s->early_end) || code == D_GIF_ERR_READ_FAILED || code == D_GIF_ERR_EOF_TOO_SOON)
        return error_set(err, ERR_CORRUPT, "the GIF data ends early");
    return error_set(err, ERR_CORRUPT, "the GIF data is broken: %s",
                     message ? message : "unknown error");
}

/* Skips one extension; a graphics control block gives the transparent colour of the next frame. */
static int read_extension(GifFileType *gif, int *transparent)
{
    int code;
    GifByteType *block;
    if (DGifGetExtension(gif, &code, &block) == GIF_ERROR)
        return GIF_ERROR;
    while (block) {
        GraphicsControlBlock control;
        if (code == GRAPHICS_EXT_FUNC_CODE && block[0] == 4 &&
            DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
            *transparent = control.TransparentColor;
        if (DGifGetExtensionNext(gif, &block) == GIF_ERROR)
            return GIF_ERROR;
    }
    return GIF_OK;
}

/* Reads up to the first frame's description. */
static int find_frame(GifFileType *gif, int *ret_transparent, struct error *err)
{
    int transparent = NO_TRANSPARENT_COLOR;
    for (;;) {
        GifRecordType type;
        if (DGifGetRecordType(gif, &type) == GIF_ERROR)
            return fail_gif(gif, gif->Error, err);
        if (type == TERMINATE_RECORD_TYPE)
            return error_set(err, ERR_CORRUPT, "the GIF file has no picture in it");
        if (type == EXTENSION_RECORD_TYPE && read_extension(gif, &transparent) == GIF_ERROR)
            return fail_gif(gif, gif->Error, err);
        if (type == IMAGE_DESC_RECORD_TYPE)
            break;
    }
    if (DGifGetImageHeader(gif) == GIF_ERROR)
        return fail_gif(gif, gif->Error, err);
    *ret_transparent = transparent;
    return 0;
}

/* The colour of each index; transparent indices and those missing in the palette are white.
 * Without a palette the index is a shade of grey, as in Pillow. */
static void read_palette(const GifFileType *gif, int transparent, uint8_t ret_palette[256][3])
{
    const ColorMapObject *map = gif->Image.ColorMap ? gif->Image.ColorMap : gif->SColorMap;
    for (int i = 0; i < 256; i++)
        memset(ret_palette[i], map || i == transparent ? 255 : i, 3);
    for (int i = 0; map && i < map->ColorCount && i < 256; i++)
        if (i != transparent)
            memcpy(ret_palette[i],
                   (uint8_t[]){map->Colors[i].Red, map->Colors[i].Green, map->Colors[i].Blue}, 3);
}

struct frame {
    int left, top, width, height;
    uint8_t palette[256][3];
    uint8_t *line; /* one row of indices */
};

/* Paints `copies` rows, starting at `row`. */
static void paint_row(const struct frame *frame, int row, int copies, struct image *canvas)
{
    size_t stride = (size_t)canvas->width * 3;
    uint8_t *out = canvas->rgb + (size_t)(frame->top + row) * stride + 3 * (size_t)frame->left;
    for (int i = 0; i < frame->width; i++)
        memcpy(out + 3 * (size_t)i, frame->palette[frame->line[i]], 3);
    for (int n = 1; n < copies && row + n < frame->height; n++)
        memcpy(out + (size_t)n * stride, out, 3 * (size_t)frame->width);
}

/* In an interlaced picture, a row fills the following ones until they arrive. Returns the number
 * of rows that could be read. */
static int read_rows(GifFileType *gif, const struct frame *frame, struct image *canvas)
{
    int done = 0;
    static const int starts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2}; /* GIF89a, appendix E */
    bool interlaced = gif->Image.Interlace;
    for (int pass = 0; pass < (interlaced ? 4 : 1); pass++) {
        int step = interlaced ? steps[pass] : 1;
        for (int row = interlaced ? starts[pass] : 0; row < frame->height; row += step) {
            if (DGifGetLine(gif, frame->line, frame->width) == GIF_ERROR)
                return done;
            paint_row(frame, row, interlaced ? starts[pass] ? starts[pass] : 8 : 1, canvas);
            done++;
        }
    }
    return done;
}

static int judge_rows(const GifFileType *gif, int height, int done, struct decoded *ret,
                      struct error *err)
{
    const struct source *s = gif->UserData;
    const char *message = GifErrorString(gif->Error);
    char reason[96] = "the GIF data ends early";
    if (done == height)
        return 0;
    if (!s->early_end && gif->Error != D_GIF_ERR_READ_FAILED &&
        gif->Error != D_GIF_ERR_EOF_TOO_SOON)
        snprintf(reason, sizeof reason, "the GIF data is broken (%.60s)",
                 message ? message : "unknown error");
    return decode_note_loss(ret, reason, (double)(height - done) / height, err);
}

static int read_frame(GifFileType *gif, int transparent, struct image *canvas, struct decoded *ret,
                      struct error *err)
{
    struct frame frame = {.left = gif->Image.Left,
                          .top = gif->Image.Top,
                          .width = gif->Image.Width,
                          .height = gif->Image.Height};
    int rc = decode_check_size((uint64_t)frame.width, (uint64_t)frame.height, 0, 0, err);
    if (rc)
        return rc;
    read_palette(gif, transparent, frame.palette);
    frame.line = xmalloc((size_t)frame.width);
    int done = read_rows(gif, &frame, canvas);
    free(frame.line);
    return judge_rows(gif, frame.height, done, ret, err);
}

/* Decodes the first frame on a white canvas of the screen's size, enlarged if the frame extends
 * beyond it, as Pillow and browsers do. */
static int decode_first(GifFileType *gif, struct decoded *ret, struct error *err)
{
    int transparent = NO_TRANSPARENT_COLOR;
    int rc = find_frame(gif, &transparent, err);
    if (rc)
        return rc;
    int right = gif->Image.Left + gif->Image.Width, bottom = gif->Image.Top + gif->Image.Height;
    int width = gif->SWidth > right ? gif->SWidth : right;
    int height = gif->SHeight > bottom ? gif->SHeight : bottom;
    rc = decode_check_size((uint64_t)width, (uint64_t)height, 3, 0, err);
    AUTO(image) *canvas = NULL;
    if (!rc)
        rc = image_new(width, height, &canvas, err);
    if (rc)
        return rc;
    memset(canvas->rgb, 255, (size_t)width * (size_t)height * 3);
    rc = read_frame(gif, transparent, canvas, ret, err);
    if (rc)
        return rc;
    ret->image = canvas;
    canvas = NULL;
    return 0;
}

static int decode_file(const uint8_t *data, size_t size, int short_edge_px, struct decoded *ret,
                       struct error *err)
{
    (void)short_edge_px;
    struct source source = {.data = data, .size = size};
    int code = 0;
    GifFileType *gif = DGifOpen(&source, on_read, &code);
    if (!gif)
        return fail_gif(NULL, source.early_end ? D_GIF_ERR_READ_FAILED : code, err);
    int rc = decode_first(gif, ret, err);
    DGifCloseFile(gif, &code);
    if (rc)
        return rc;
    text_copy(ret->format, sizeof ret->format, "gif");
    ret->width = ret->image->width;
    ret->height = ret->image->height;
    return 0;
}

static void describe_giflib(char *text, size_t size)
{
    snprintf(text, size, "giflib %d.%d.%d", GIFLIB_MAJOR, GIFLIB_MINOR, GIFLIB_RELEASE);
}

const struct decoder decode_gif = {
    .name = "GIF",
    .formats = {{"gif", "GIF", "image/gif"}},
    .extensions = {"gif"},
    .packages = {"libgif-dev"},
    .sniff = is_gif,
    .decode = decode_file,
    .describe = describe_giflib,
};
