#include "image/decode.h"

#include <libheif/heif.h>
#include <pthread.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "image/heif_coded.h"

/* What libheif, its codecs and our own copy hold per pixel at the worst moment. Measured with
 * Debian 12's libheif 1.15: 6.4 (HEIC 4:4:4), 9.4 (with alpha), 12.8 (AVIF 12 bits 4:4:4). */
#define HELD_BYTES 8
#define HELD_BYTES_ALPHA 3 /* besides */
#define HELD_DEEP_FACTOR 2 /* more than 8 bits a sample */

static bool brand_is(const uint8_t *brand, const char *const *names)
{
    for (; *names; names++)
        if (memcmp(brand, *names, 4) == 0)
            return true;
    return false;
}

/* The brands of the ftyp box: "avif" or "heic"; NULL when neither kind is named. The picture's own
 * brand may come after a general one ("mif1"). ISO 14496-12, 4.3; ISO 23008-12, 10; AV1 in HEIF. */
static const char *find_format(const uint8_t *data, size_t size)
{
    static const char *const avif[] = {"avif", "avis", NULL};
    static const char *const heic[] = {"heic", "heix", "heim", "heis", "hevc", "hevx",
                                       "hevm", "hevs", "mif1", "msf1", "mif2", NULL};
    if (size < 16 || memcmp(data + 4, "ftyp", 4) != 0)
        return NULL;
    size_t end = (size_t)data[0] << 24 | (size_t)data[1] << 16 | (size_t)data[2] << 8 | data[3];
    const char *format = NULL;
    for (size_t at = 8; at + 4 <= end && at + 4 <= size && at < 256; at += at == 8 ? 8 : 4) {
        if (brand_is(data + at, avif))
            return "avif";
        if (brand_is(data + at, heic))
            format = "heic";
    }
    return format;
}

static bool sniff(const uint8_t *data, size_t size)
{
    return find_format(data, size) != NULL;
}

static int fail(const struct heif_error *heif, struct error *err)
{
    switch (heif->code) {
    case heif_error_Unsupported_filetype:
    case heif_error_Unsupported_feature:
        return error_set(err, ERR_UNSUPPORTED, "this kind of HEIF picture is not supported: %s",
                         heif->message);
    case heif_error_Memory_allocation_error:
        if (heif->subcode == heif_suberror_Security_limit_exceeded)
            return error_set(err, ERR_LIMIT, "the HEIF picture is too large: %s", heif->message);
        return error_set(err, ERR_NO_MEMORY, "not enough memory to decode the HEIF picture");
    default:
        if (heif->subcode == heif_suberror_Nonexisting_item_referenced)
            return error_set(err, ERR_UNSUPPORTED,
                             "the main picture of the HEIF file is missing or of a kind that is "
                             "not supported");
        if (heif->subcode == heif_suberror_End_of_data)
            return error_set(err, ERR_CORRUPT, "the HEIF data ends early");
        return error_set(err, ERR_CORRUPT, "the HEIF data is broken: %s", heif->message);
    }
}

/* The Exif item: four bytes tell how far behind them the TIFF header is. */
static void find_exif(const struct heif_image_handle *handle, struct exif *ret_exif)
{
    heif_item_id id;
    if (heif_image_handle_get_list_of_metadata_block_IDs(handle, "Exif", &id, 1) < 1)
        return;
    size_t size = heif_image_handle_get_metadata_size(handle, id);
    if (size < 4 || size > LIMIT_EXIF_BYTES)
        return;
    AUTO_FREE uint8_t *block = xmalloc(size);
    if (heif_image_handle_get_metadata(handle, id, block).code != heif_error_Ok)
        return;
    size_t skip =
        (size_t)block[0] << 24 | (size_t)block[1] << 16 | (size_t)block[2] << 8 | block[3];
    if (skip > size - 4)
        skip = 0;
    exif_add(block + 4 + skip, size - 4 - skip, ret_exif);
}

/* Copies the rows out of libheif's padded plane. */
static int copy_pixels(const struct heif_image *picture, bool alpha, bool premultiplied,
                       struct image **ret_image, struct error *err)
{
    int stride = 0, channels = alpha ? 4 : 3;
    const uint8_t *plane =
        heif_image_get_plane_readonly(picture, heif_channel_interleaved, &stride);
    int width = heif_image_get_width(picture, heif_channel_interleaved);
    int height = heif_image_get_height(picture, heif_channel_interleaved);
    if (!plane || width < 1 || height < 1 || stride / channels < width)
        return error_set(err, ERR_CORRUPT, "the HEIF picture has no pixels");
    uint8_t *pixels;
    int rc = decode_check_size((uint64_t)width, (uint64_t)height, (unsigned)channels, 0, err);
    if (!rc)
        rc = decode_alloc(width, height, channels, &pixels, err);
    if (rc)
        return rc;
    size_t row = (size_t)width * (size_t)channels;
    for (int y = 0; y < height; y++)
        memcpy(pixels + (size_t)y * row, plane + (size_t)y * (size_t)stride, row);
    size_t n_px = (size_t)width * (size_t)height;
    if (alpha)
        (premultiplied ? decode_flatten_premultiplied : decode_flatten)(pixels, n_px);
    *ret_image = decode_image_take(width, height, pixels);
    return 0;
}

static int check_handle(const struct heif_image_handle *handle, struct error *err)
{
    int width = heif_image_handle_get_width(handle), height = heif_image_handle_get_height(handle);
    int bits = heif_image_handle_get_luma_bits_per_pixel(handle);
    bool alpha = heif_image_handle_has_alpha_channel(handle);
    unsigned held =
        (HELD_BYTES + (alpha ? HELD_BYTES_ALPHA : 0)) * (bits > 8 ? HELD_DEEP_FACTOR : 1);
    int rc = decode_check_size(width > 0 ? (uint64_t)width : 0, height > 0 ? (uint64_t)height : 0,
                               held, 0, err);
    if (rc)
        return rc;
    /* Before cropping and turning; what the codec will really hold. */
    int stored_width = heif_image_handle_get_ispe_width(handle);
    int stored_height = heif_image_handle_get_ispe_height(handle);
    if (stored_width > 0 && stored_height > 0)
        rc = decode_check_size((uint64_t)stored_width, (uint64_t)stored_height, held, 0, err);
    return rc;
}

static int decode_handle(const struct heif_image_handle *handle, struct image **ret_image,
                         struct error *err)
{
    int rc = check_handle(handle, err);
    if (rc)
        return rc;
    struct heif_decoding_options *options = heif_decoding_options_alloc();
    if (!options)
        return error_set(err, ERR_NO_MEMORY, "cannot start the HEIF decoder");
    options->convert_hdr_to_8bit = 1;
    options->strict_decoding = 1;
    bool alpha = heif_image_handle_has_alpha_channel(handle);
    struct heif_image *picture = NULL;
    struct heif_error heif = heif_decode_image(
        handle, &picture, heif_colorspace_RGB,
        alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, options);
    heif_decoding_options_free(options);
    if (heif.code != heif_error_Ok)
        return fail(&heif, err);
    bool premultiplied = heif_image_handle_is_premultiplied_alpha(handle);
    rc = copy_pixels(picture, alpha, premultiplied, ret_image, err);
    heif_image_release(picture);
    return rc;
}

#if LIBHEIF_HAVE_VERSION(1, 19, 0)
/* Its own limits, of items, tiles, boxes and more, are stricter than ours where they differ. */
static void set_limits(struct heif_context *context)
{
    struct heif_security_limits *limits = heif_context_get_security_limits(context);
    limits->max_image_size_pixels = LIMIT_DECODE_BYTES / HELD_BYTES;
    limits->max_memory_block_size = LIMIT_DECODE_BYTES;
}
#else
/* The largest side a square picture within our memory may have; libheif takes the limit so. */
static int max_side(void)
{
    int side = 1;
    while ((size_t)side * (size_t)side * HELD_BYTES < LIMIT_DECODE_BYTES)
        side++;
    return side;
}

static void set_limits(struct heif_context *context)
{
    heif_context_set_maximum_image_size_limit(context, max_side());
}
#endif

static int decode_context(struct heif_context *context, const uint8_t *data, size_t size,
                          struct decoded *ret, struct error *err)
{
    set_limits(context);
    heif_context_set_max_decoding_threads(context, 0);
    struct heif_error heif = heif_context_read_from_memory_without_copy(context, data, size, NULL);
    struct heif_image_handle *handle = NULL;
    if (heif.code == heif_error_Ok)
        heif = heif_context_get_primary_image_handle(context, &handle);
    if (heif.code != heif_error_Ok)
        return fail(&heif, err);
    int rc = decode_handle(handle, &ret->image, err);
    if (!rc)
        find_exif(handle, &ret->exif);
    heif_image_handle_release(handle);
    return rc;
}

static void start_library(void)
{
    heif_init(NULL);
}

/* libheif may be split into plugins, which are files. */
static void prepare(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_library);
}

/* Before libheif sees the file. */
static int check_coded(const uint8_t *data, size_t size, struct error *err)
{
    if (heif_coded_pixels(data, size) > LIMIT_DECODE_BYTES / HELD_BYTES)
        return error_set(err, ERR_LIMIT,
                         "decoding this HEIF picture would take more than %zu MiB of memory",
                         LIMIT_DECODE_BYTES >> 20);
    if (heif_derived_pixels(data, size) > LIMIT_HEIF_DERIVED_PIXELS)
        return error_set(err, ERR_LIMIT,
                         "the HEIF picture is put together from so many others that decoding it "
                         "would take too long");
    return 0;
}

static int decode(const uint8_t *data, size_t size, int short_edge_px, struct decoded *ret,
                  struct error *err)
{
    (void)short_edge_px;
    int rc = check_coded(data, size, err);
    if (rc)
        return rc;
    prepare();
    struct heif_context *context = heif_context_alloc();
    if (!context)
        return error_set(err, ERR_NO_MEMORY, "cannot start the HEIF decoder");
    rc = decode_context(context, data, size, ret, err);
    heif_context_free(context);
    if (rc)
        return rc;
    text_copy(ret->format, sizeof ret->format, find_format(data, size));
    ret->exif.orientation = 1; /* libheif has applied the file's own turns; Exif repeats them */
    ret->width = ret->image->width;
    ret->height = ret->image->height;
    return 0;
}

static void describe(char *text, size_t size)
{
    enum { MOST = 16 };
    const struct heif_decoder_descriptor *codecs[MOST];
    prepare();
    int n = heif_get_decoder_descriptors(heif_compression_undefined, codecs, MOST);
    AUTO_FREE char *all = xasprintf("libheif %s", heif_get_version());
    for (int i = 0; i < n; i++) {
        const char *name = heif_decoder_descriptor_get_name(codecs[i]);
        const char *word = strstr(name, ", version "); /* "libde265 HEVC decoder, version 1.0.11" */
        size_t before = word ? (size_t)(word - name) : strlen(name);
        const char *after = word ? word + sizeof ", version" - 1 : "";
        char *longer = xasprintf("%s, %.*s%s", all, (int)before, name, after);
        free(all);
        all = longer;
    }
    text_copy(text, size, all);
}

const struct decoder decode_heif = {"HEIF", sniff, decode, describe, prepare};
