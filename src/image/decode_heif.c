/* SPDX-License-Identifier: MIT */
/* Decodes HEIC and AVIF, using libheif. */
#include "image/decode.h"

#include <libheif/heif.h>
#include <pthread.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "image/heif_coded.h"
#include "image/heif_fail.h"
#include "image/heif_mend.h"
#include "image/heif_picture.h"
#include "metadata/exif.h"
#include "metadata/xmp.h"

#define USUAL_SIDE 10034 /* of a square of 100 million pixels */

static bool brand_is(const uint8_t *brand, const char *const *names)
{
    for (; *names; names++)
        if (memcmp(brand, *names, 4) == 0)
            return true;
    return false;
}

/* Finds the brands of the ftyp box: "avif" or "heic"; NULL if neither is named. The picture's own
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

static bool is_heif(const uint8_t *data, size_t size)
{
    return find_format(data, size) != NULL;
}

/* A file to be decoded, and the progress of its decode. */
enum { MOST_PACKETS = 8 }; /* limit on items of text that are read */

struct job {
    const uint8_t *data;
    size_t size;
    int short_edge_px;
    struct decoded *ret;
    bool is_refused; /* libheif refused to open it */
};

/* Reads the Exif item: four bytes give the distance from their end to the TIFF header. */
static void read_exif(const uint8_t *block, size_t size, struct metadata *ret_metadata)
{
    if (size < 4)
        return;
    size_t skip = heif_number(block, 4);
    skip = skip > size - 4 ? 0 : skip;
    exif_add(block + 4 + skip, size - 4 - skip, ret_metadata);
}

static void find_hidden_exif(const uint8_t *data, size_t size, struct metadata *ret_metadata)
{
    struct heif_boxes boxes;
    AUTO_FREE struct heif_item *items = NULL;
    AUTO_FREE uint8_t *block = NULL;
    size_t n = heif_boxes_read(data, size, &boxes) ? heif_items(&boxes, &items) : 0;
    for (size_t i = 0; i < n && !block; i++)
        if (memcmp(items[i].type, "Exif", 4) == 0) {
            block = xmalloc(LIMIT_EXIF_BYTES);
            read_exif(block, heif_item_data(&boxes, items[i].id, block, LIMIT_EXIF_BYTES),
                      ret_metadata);
        }
}

/* Reads Exif through libheif; else directly from the file, since a newer kind of file may assign
 * it to more than one picture, and libheif 1.15 then to none. */
static void find_exif(const struct heif_image_handle *handle, const struct job *job,
                      struct metadata *ret_metadata)
{
    heif_item_id id;
    AUTO_FREE uint8_t *block = NULL;
    if (heif_image_handle_get_list_of_metadata_block_IDs(handle, "Exif", &id, 1) == 1) {
        size_t size = heif_image_handle_get_metadata_size(handle, id);
        if (size < 4 || size > LIMIT_EXIF_BYTES)
            return;
        block = xmalloc(size);
        if (heif_image_handle_get_metadata(handle, id, block).code == heif_error_Ok)
            read_exif(block, size, ret_metadata);
        return;
    }
    find_hidden_exif(job->data, job->size, ret_metadata);
}

/* Reads items of text directly from the file, because libheif 1.15 assigns none of them to a
 * picture that is a grid. Those that are not XMP add nothing. */
static void find_xmp(const struct job *job, struct metadata *metadata)
{
    struct heif_boxes boxes;
    AUTO_FREE struct heif_item *items = NULL;
    size_t n = heif_boxes_read(job->data, job->size, &boxes) ? heif_items(&boxes, &items) : 0;
    AUTO_FREE uint8_t *packet = NULL;
    for (size_t i = 0, packets = 0; i < n && packets < MOST_PACKETS; i++) {
        if (memcmp(items[i].type, "mime", 4) != 0)
            continue;
        packet = packet ? packet : xmalloc(LIMIT_EXIF_BYTES);
        xmp_add(packet, heif_item_data(&boxes, items[i].id, packet, LIMIT_EXIF_BYTES), metadata);
        packets++;
    }
}

#if LIBHEIF_HAVE_VERSION(1, 19, 0)
/* libheif's own limits, on items, tiles, boxes and more, are stricter than ours where they differ.
 */
static void set_limits(struct heif_context *context, const struct heif_plan *plan)
{
    struct heif_security_limits *limits = heif_context_get_security_limits(context);
    (void)plan;
    limits->max_image_size_pixels = LIMIT_PHOTO_PIXELS;
    limits->max_memory_block_size = LIMIT_DECODE_BYTES;
}
#else
/* libheif takes the limit as the side of a square; nothing else checks an overlay's canvas. */
static void set_limits(struct heif_context *context, const struct heif_plan *plan)
{
    uint32_t side = plan->width > plan->height ? plan->width : plan->height;
    if (plan->is_overlay || side < USUAL_SIDE || side > LIMIT_PHOTO_SIDE_PX)
        side = USUAL_SIDE;
    heif_context_set_maximum_image_size_limit(context, (int)side + 1);
}
#endif

/* A file opened by libheif. */
struct opened {
    struct heif_context *context;
    struct heif_image_handle *handle;
};

static void close_file(struct opened *o)
{
    heif_image_handle_release(o->handle);
    heif_context_free(o->context);
    *o = (struct opened){NULL, NULL};
}

static int open_file(const uint8_t *data, size_t size, const struct heif_plan *plan,
                     struct opened *ret_opened, struct error *err)
{
    struct opened o = {.context = heif_context_alloc()};
    if (!o.context)
        return error_set(err, ERR_NO_MEMORY, "cannot start the HEIF decoder");
    set_limits(o.context, plan);
    heif_context_set_max_decoding_threads(o.context, 0);
    struct heif_error heif =
        heif_context_read_from_memory_without_copy(o.context, data, size, NULL);
    if (heif.code == heif_error_Ok)
        heif = heif_context_get_primary_image_handle(o.context, &o.handle);
    if (heif.code != heif_error_Ok) {
        int rc = heif_fail(&heif, err);
        close_file(&o);
        return rc;
    }
    *ret_opened = o;
    return 0;
}

static int decode_opened(const struct job *job, const struct opened *o,
                         const struct heif_plan *plan, struct error *err)
{
    find_exif(o->handle, job, &job->ret->metadata);
    find_xmp(job, &job->ret->metadata);
    if (heif_picture_is_simple(o->context, o->handle, plan))
        return heif_picture_decode(o->context, o->handle, plan, job->short_edge_px, job->ret, err);
    return heif_picture_decode_whole(o->handle, job->ret, err);
}

/* Leaves the plan empty, so that libheif decides, if the boxes are not understood. */
static void read_plan(const uint8_t *data, size_t size, struct heif_plan *ret_plan)
{
    struct heif_boxes boxes;
    *ret_plan = (struct heif_plan){.orientation = 1};
    if (heif_boxes_read(data, size, &boxes))
        (void)heif_plan_read(&boxes, ret_plan);
}

/* `data` is the job's file, or a copy of it. */
static int decode_bytes(struct job *job, const uint8_t *data, struct error *err)
{
    struct heif_plan plan;
    struct opened opened = {NULL, NULL};
    read_plan(data, job->size, &plan);
    plan.held_besides = data == job->data ? 0 : job->size;
    int rc = open_file(data, job->size, &plan, &opened, err);
    job->is_refused = rc != 0;
    if (!rc) {
        rc = decode_opened(job, &opened, &plan, err);
        close_file(&opened);
    }
    heif_plan_release(&plan);
    return rc;
}

static int decode_copy(struct job *job, struct error *err)
{
    AUTO_FREE uint8_t *copy = heif_mend(job->data, job->size);
    job->is_refused = true;
    return copy ? decode_bytes(job, copy, err)
                : error_set(err, ERR_CORRUPT, "the HEIF data is broken");
}

static bool has_tiles(const struct job *job)
{
    struct heif_plan plan;
    read_plan(job->data, job->size, &plan);
    bool has = plan.tiles != NULL;
    heif_plan_release(&plan);
    return has;
}

/* Decodes the file as it is, or the repaired copy if libheif refuses that. Tiles are hidden in
 * most files, and libheif returns them one by one only from the copy, so for grids the copy comes
 * first. */
static int decode_either(struct job *job, struct error *err)
{
    struct error of_copy = ERROR_INIT, of_file = ERROR_INIT;
    bool copy_first = has_tiles(job);
    int rc = ERR_CORRUPT;
    job->is_refused = true;
    if (copy_first)
        rc = decode_copy(job, &of_copy);
    if (job->is_refused)
        rc = decode_bytes(job, job->data, &of_file);
    if (job->is_refused && !copy_first) {
        int again = decode_copy(job, &of_copy);
        rc = job->is_refused ? rc : again;
    }
    if (rc && err)
        *err = of_file.code == rc ? of_file : of_copy;
    return rc;
}

static void start_library(void)
{
    heif_init(NULL);
}

/* libheif may be split into plugins, which are separate files. */
static void prepare_libheif(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_library);
}

/* Checks the file before libheif reads it. */
static int check_coded(const uint8_t *data, size_t size, struct error *err)
{
    if (heif_coded_pixels(data, size) > LIMIT_PHOTO_PIXELS)
        return error_set(err, ERR_LIMIT,
                         "decoding this HEIF picture would take more than %zu MiB of memory",
                         LIMIT_DECODE_BYTES >> 20);
    if (heif_derived_pixels(data, size) > LIMIT_HEIF_DERIVED_PIXELS)
        return error_set(
            err, ERR_LIMIT,
            "the HEIF picture consists of too many other pictures; decoding it would take too "
            "long");
    struct heif_boxes boxes;
    if (heif_boxes_read(data, size, &boxes) && !heif_overlays_are_whole(&boxes))
        return error_set(err, ERR_CORRUPT,
                         "the HEIF picture consists of other pictures that are not in the file");
    return 0;
}

static int decode_file(const uint8_t *data, size_t size, int short_edge_px, struct decoded *ret,
                       struct error *err)
{
    struct job job = {.data = data, .size = size, .short_edge_px = short_edge_px, .ret = ret};
    int rc = check_coded(data, size, err);
    if (rc)
        return rc;
    prepare_libheif();
    rc = decode_either(&job, err);
    if (!rc)
        text_copy(ret->format, sizeof ret->format, find_format(data, size));
    return rc;
}

static void describe_libheif(char *text, size_t size)
{
    enum { MOST = 16 };
    const struct heif_decoder_descriptor *codecs[MOST];
    prepare_libheif();
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

const struct decoder decode_heif = {
    .name = "HEIF",
    .formats = {{"heic", "HEIC", "image/heic"}, {"avif", "AVIF", "image/avif"}},
    .extensions = {"heic", "heif", "hif", "heics", "heifs", "avci", "avif", "avifs"},
    .packages = {"libheif-dev"},
    .sniff = is_heif,
    .decode = decode_file,
    .describe = describe_libheif,
    .prepare = prepare_libheif,
};
