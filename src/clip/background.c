/* SPDX-License-Identifier: MIT */
/* Embeds the fixed background texts once, and caches their vectors on disk. */
#include "clip/background.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_replace.h"
#include "base/limits.h"
#include "clip/clip_internal.h"

/* Things from the LVIS data set that people hardly photograph or search for. Increment
 * CACHE_VERSION after any change. */
static const char *const things[] = {
    "bagpipe",   "barge",     "barrette",   "battery",   "beeper",     "bookmark",    "briefcase",
    "bullhorn",  "buoy",      "camcorder",  "canister",  "chime",      "cistern",     "clasp",
    "clipboard", "coil",      "colander",   "cornet",    "corset",     "cowbell",     "crowbar",
    "crutch",    "cylinder",  "cymbal",     "dagger",    "deadbolt",   "dropper",     "dumbbell",
    "dustpan",   "fireplug",  "funnel",     "gargoyle",  "gelatin",    "generator",   "griddle",
    "handcuff",  "hatbox",    "hinge",      "joystick",  "keycard",    "lanyard",     "latch",
    "mallet",    "manatee",   "matchbox",   "milestone", "nutcracker", "paperweight", "parchment",
    "pendulum",  "persimmon", "pinwheel",   "pliers",    "projector",  "radar",       "receipt",
    "sharpener", "silo",      "stagecoach", "strainer",  "tambourine", "thermostat",  "turnip",
    "videotape",
};
_Static_assert(sizeof things / sizeof *things == CLIP_BACKGROUND_TEXTS, "as many as are promised");

#define CACHE_VERSION 1

/* Of a unit vector's squared length, after rounding to float32. */
#define LENGTH_TOLERANCE 1e-3

char *clip_background_text(size_t i)
{
    return xasprintf("a %s", things[i]);
}

static size_t background_bytes(const struct clip *clip)
{
    return CLIP_BACKGROUND_TEXTS * clip_dim(clip) * sizeof(float);
}

/* NULL when there is no cache folder. */
static char *cache_path(const struct clip *clip)
{
    AUTO_FREE char *folder = file_cache_home();
    if (!folder)
        return NULL;
    return xasprintf("%s/background-%d-%s-%s.f32", folder, CACHE_VERSION,
                     clip->precision == CLIP_PRECISION_BF16 ? "bf16" : "f32", clip->fingerprint);
}

static bool are_unit(const float *vectors, size_t dim)
{
    for (size_t i = 0; i < CLIP_BACKGROUND_TEXTS; i++) {
        double sum = 0;
        for (size_t j = 0; j < dim; j++)
            sum += (double)vectors[i * dim + j] * vectors[i * dim + j];
        if (!(fabs(sum - 1) < LENGTH_TOLERANCE))
            return false;
    }
    return true;
}

/* False when the file is missing or damaged; the vectors are then computed again. */
static bool read_cache(const char *path, const struct clip *clip, float *ret_vectors)
{
    struct file file;
    size_t size = background_bytes(clip);
    if (!path || file_read(path, size, &file, NULL))
        return false;
    bool good = file.size == size;
    if (good)
        memcpy(ret_vectors, file.data, size);
    file_release(&file);
    return good && are_unit(ret_vectors, clip_dim(clip));
}

/* Best effort and atomic: nothing is lost when it fails. */
static void write_cache(const char *path, const float *vectors, size_t size)
{
    AUTO_FREE char *folder = path ? file_parent(path) : NULL;
    struct error ignored;
    if (folder && !file_make_folders(folder, &ignored) &&
        file_replace(path, vectors, size, 0644, &ignored))
        return;
}

static int embed_all(struct clip *clip, float *ret_vectors, struct error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < CLIP_BACKGROUND_TEXTS; i++) {
        AUTO_FREE char *text = clip_background_text(i);
        rc = clip_embed_text(clip, text, ret_vectors + i * clip_dim(clip), NULL, err);
    }
    return rc;
}

/* The caller serialises. */
static int make_background(struct clip *clip, struct error *err)
{
    AUTO_FREE float *vectors = xmalloc(background_bytes(clip));
    AUTO_FREE char *path = cache_path(clip);
    if (!read_cache(path, clip, vectors)) {
        int rc = embed_all(clip, vectors, err);
        if (rc)
            return rc;
        write_cache(path, vectors, background_bytes(clip));
    }
    clip->background = vectors;
    vectors = NULL;
    return 0;
}

int clip_background(struct clip *clip, const float **ret_vectors, struct error *err)
{
    fair_mutex_lock(&clip->background_mutex);
    int rc = clip->background ? 0 : make_background(clip, err);
    *ret_vectors = clip->background;
    fair_mutex_unlock(&clip->background_mutex);
    return rc;
}
