#include "image/decode.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "image/colour_png.h"
#include "image/png_facts.h"

static bool sniff(const uint8_t *data, size_t size)
{
    return size >= 8 && memcmp(data, "\x89PNG\r\n\x1A\n", 8) == 0;
}

/* libpng reports errors by not returning: everything that must survive lives here, not in locals
 * of the function that calls setjmp. */
struct png_reader {
    const uint8_t *data;
    size_t size, at;
    png_structp png;
    png_infop info;
    jmp_buf failed;
    bool early_end;
    char message[128];
    struct error *err;
    int width, height, channels;
    uint8_t *pixels;
    png_bytepp rows;
};

static _Noreturn void on_error(png_structp png, png_const_charp message)
{
    struct png_reader *r = png_get_error_ptr(png);
    text_copy(r->message, sizeof r->message, message);
    longjmp(r->failed, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void on_read(png_structp png, png_bytep out, size_t n)
{
    struct png_reader *r = png_get_io_ptr(png);
    if (n > r->size - r->at) {
        r->early_end = true;
        png_error(png, "the data ends early");
    }
    memcpy(out, r->data + r->at, n);
    r->at += n;
}

/* 8-bit RGB or RGBA whatever is stored; 16 bits lose their low byte, as in Pillow. */
static void set_transforms(struct png_reader *r)
{
    png_set_expand(r->png);
    png_set_strip_16(r->png);
    png_set_gray_to_rgb(r->png);
    png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
    r->channels = png_get_channels(r->png, r->info);
}

static int allocate(struct png_reader *r)
{
    size_t stride = png_get_rowbytes(r->png, r->info);
    size_t row_pointers = (size_t)r->height * sizeof *r->rows;
    if ((r->channels != 3 && r->channels != 4) || stride != (size_t)(r->width * r->channels))
        return error_set(r->err, ERR_CORRUPT, "the PNG picture cannot be decoded");
    int rc = decode_check_size((uint64_t)r->width, (uint64_t)r->height, (unsigned)r->channels,
                               row_pointers, r->err);
    if (!rc)
        rc = decode_alloc(r->width, r->height, r->channels, &r->pixels, r->err);
    if (rc)
        return rc;
    r->rows = xmalloc(row_pointers);
    for (int y = 0; y < r->height; y++)
        r->rows[y] = r->pixels + (size_t)y * stride;
    return 0;
}

static int run(struct png_reader *r)
{
    if (setjmp(r->failed))
        return error_set(r->err, ERR_CORRUPT,
                         r->early_end ? "the PNG data ends early" : "the PNG data is broken: %s",
                         r->message);
    png_set_read_fn(r->png, r, on_read);
    png_set_user_limits(r->png, LIMIT_PHOTO_SIDE_PX, LIMIT_PHOTO_SIDE_PX);
    png_set_chunk_malloc_max(r->png, LIMIT_PNG_CHUNK_BYTES);
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER,
                                (png_const_bytep) "iCCP\0zTXt\0iTXt\0tEXt\0sPLT\0eXIf", 6);
    png_read_info(r->png, r->info);
    r->width = (int)png_get_image_width(r->png, r->info);
    r->height = (int)png_get_image_height(r->png, r->info);
    set_transforms(r);
    int rc = allocate(r);
    if (!rc)
        png_read_image(r->png, r->rows);
    return rc;
}

static unsigned samples_of(uint8_t colour_type)
{
    return (colour_type & PNG_COLOR_MASK_COLOR && !(colour_type & PNG_COLOR_MASK_PALETTE) ? 3 : 1) +
           (colour_type & PNG_COLOR_MASK_ALPHA ? 1 : 0);
}

/* The first chunk, before libpng sees the file: width, height, bits, colour type. */
static int check_header(const uint8_t *data, size_t size, struct error *err)
{
    if (size < 33)
        return error_set(err, ERR_CORRUPT, "the PNG data ends early");
    uint64_t width = png_get_uint_32(data + 16), height = png_get_uint_32(data + 20);
    int rc = decode_check_size(width, height, 3, 0, err);
    if (rc)
        return rc;
    if (width * height * data[24] * samples_of(data[25]) / 8 > LIMIT_PNG_STORED_BYTES)
        return error_set(err, ERR_LIMIT, "the PNG picture unpacks to more than the limit of %d MiB",
                         (int)(LIMIT_PNG_STORED_BYTES >> 20));
    return 0;
}

static int decode(const uint8_t *data, size_t size, int short_edge_px, struct decoded *ret,
                  struct error *err)
{
    (void)short_edge_px;
    int rc = check_header(data, size, err);
    if (rc)
        return rc;
    struct png_reader r = {.data = data, .size = size, .err = err};
    r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, on_error, on_warning);
    if (!r.png)
        return error_set(err, ERR_NO_MEMORY, "cannot start the PNG decoder");
    r.info = png_create_info_struct(r.png);
    rc = r.info ? run(&r) : error_set(err, ERR_NO_MEMORY, "cannot start the PNG decoder");
    png_destroy_read_struct(&r.png, &r.info, NULL);
    free(r.rows);
    if (rc) {
        decode_memory_free(r.pixels);
        return rc;
    }
    if (r.channels == 4)
        decode_flatten(r.pixels, (size_t)r.width * (size_t)r.height);
    png_facts_add(data, size, &ret->exif);
    colour_png_read(data, size, &ret->colour);
    text_copy(ret->format, sizeof ret->format, "png");
    ret->width = r.width;
    ret->height = r.height;
    ret->image = decode_image_take(r.width, r.height, r.pixels);
    return 0;
}

static void describe(char *text, size_t size)
{
    snprintf(text, size, "libpng %s", png_get_libpng_ver(NULL));
}

const struct decoder decode_png = {"PNG", sniff, decode, describe, NULL};
