/* SPDX-License-Identifier: MIT */
/* Decoding and resizing against Pillow's own results: reference/golden/preprocess holds pictures
 * and the exact 224 x 224 pixels that CLIP's preprocessing in Pillow gives for them. */
#include <dirent.h>

#include "base/file.h"
#include "base/limits.h"
#include "image/image.h"
#include "shared.h"
#include "tap.h"

#define FOLDER "reference/golden/preprocess"
#define EDGE 224

static int decode_file(const char *name, struct image **ret_image)
{
    char relative[512], path[1024];
    struct error err = ERROR_INIT;
    struct file file;
    snprintf(relative, sizeof relative, FOLDER "/%s", name);
    int rc =
        file_read(shared_path(path, sizeof path, relative), LIMIT_PHOTO_FILE_BYTES, &file, &err);
    if (!rc) {
        rc = image_decode(file.data, file.size, NULL, ret_image, NULL, &err);
        file_release(&file);
    }
    if (rc)
        diag("%s: %s", name, err.message);
    return rc;
}

/* CLIP's rule: short edge to 224, long edge int(224 * long / short), centre crop rounded down. */
static int preprocess(const struct image *image, struct image **ret_image)
{
    struct error err = ERROR_INIT;
    int width = EDGE, height = EDGE;
    if (image->width <= image->height)
        height = (int)((double)EDGE * image->height / image->width);
    else
        width = (int)((double)EDGE * image->width / image->height);
    return image_resize_crop(image, width, height, (width - EDGE) / 2, (height - EDGE) / 2, EDGE,
                             EDGE, ret_image, &err);
}

static int largest_difference(const struct image *a, const struct image *b)
{
    int most = 0;
    if (a->width != b->width || a->height != b->height)
        return 256;
    for (size_t i = 0; i < (size_t)a->width * (size_t)a->height * 3; i++) {
        int off = abs(a->rgb[i] - b->rgb[i]);
        most = off > most ? off : most;
    }
    return most;
}

/* PNG: equal to the bit. JPEG: at most 2 levels, since the inverse transform and the colour
 * conversion may round differently in another build of the codec. */
static void check_picture(const char *name)
{
    AUTO(image) *picture = NULL;
    AUTO(image) *got = NULL;
    AUTO(image) *want = NULL;
    char golden[256];
    int stem = (int)(strrchr(name, '.') - name), allowed = strstr(name, ".png") ? 0 : 2;
    snprintf(golden, sizeof golden, "%.*s.224.png", stem, name);
    if (decode_file(name, &picture) || decode_file(golden, &want) || preprocess(picture, &got)) {
        ok(false, "%s", name);
        return;
    }
    int off = largest_difference(got, want);
    if (!ok(off <= allowed, "%s: at most %d levels off", name, allowed))
        diag("%d levels off", off);
}

int main(void)
{
    char path[1024];
    DIR *folder = opendir(shared_path(path, sizeof path, FOLDER));
    if (!folder) {
        skip("%s is not there", path);
        return done_testing();
    }
    int n = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        const char *name = entry->d_name;
        if (name[0] == '.' || strstr(name, ".224.png") || !strrchr(name, '.'))
            continue;
        check_picture(name);
        n++;
    }
    closedir(folder);
    ok(n >= 20, "the folder holds %d pictures", n);
    return done_testing();
}
