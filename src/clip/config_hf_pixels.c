/* SPDX-License-Identifier: MIT */
/* Reads Hugging Face's preprocessor_config.json, and refuses preprocessing that is not CLIP's. */
#include "clip/config_hf_pixels.h"

#include <math.h>
#include <string.h>

/* PIL.Image.Resampling.BICUBIC */
enum { BICUBIC = 3 };

static int refuse_step(struct error *err, const char *where, const char *what)
{
    return error_set(err, ERR_UNSUPPORTED,
                     "%s, its preprocessor_config.json: %s is not supported (CLIP's rule is: short "
                     "edge to the size of the tower, bicubic, centre crop)",
                     where, what);
}

static int check_processor(const json_t *preprocessor, const char *where, struct error *err)
{
    static const char *const keys[] = {"image_processor_type", "feature_extractor_type"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *name;
        int rc = config_string(preprocessor, keys[i], "CLIP", where, &name, err);
        if (rc)
            return rc;
        if (strncmp(name, "CLIP", 4) != 0)
            return refuse_step(err, where, "an image processor that is not CLIP's");
    }
    return 0;
}

static int check_steps(const json_t *preprocessor, const char *where, struct error *err)
{
    static const char *const steps[] = {"do_resize", "do_center_crop", "do_rescale"};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (json_is_false(json_object_get(preprocessor, steps[i])))
            return refuse_step(err, where, "leaving out resize, crop or rescale");
    return 0;
}

/* Whether the size is `wanted`, as an int, as {"shortest_edge": n} (only with `edge`), or as
 * {"height": n, "width": n} (only without). */
static bool is_size(const json_t *size, int wanted, bool edge)
{
    if (json_is_integer(size))
        return json_integer_value(size) == wanted;
    if (!json_is_object(size))
        return false;
    const json_t *shortest = json_object_get(size, "shortest_edge");
    const json_t *height = json_object_get(size, "height"), *width = json_object_get(size, "width");
    if (edge)
        return json_integer_value(shortest) == wanted && !height && !width &&
               !json_object_get(size, "longest_edge");
    return json_integer_value(height) == wanted && json_integer_value(width) == wanted;
}

static int check_sizes(const json_t *preprocessor, int image_px, const char *where,
                       struct error *err)
{
    const json_t *size = json_object_get(preprocessor, "size");
    const json_t *crop = json_object_get(preprocessor, "crop_size");
    if (size ? !is_size(size, image_px, true) : image_px != 224)
        return refuse_step(err, where,
                           "a \"size\" other than {\"shortest_edge\": the tower's size}");
    if (crop ? !is_size(crop, image_px, false) : image_px != 224)
        return refuse_step(err, where, "a \"crop_size\" other than the tower's size");
    return 0;
}

static int check_numbers(const json_t *preprocessor, const char *where, struct error *err)
{
    int resample;
    double factor;
    int rc = config_int(preprocessor, "resample", BICUBIC, 0, 5, where, &resample, err);
    if (!rc && resample != BICUBIC)
        rc = refuse_step(err, where, "a \"resample\" other than 3 (bicubic)");
    if (!rc)
        rc = config_number(preprocessor, "rescale_factor", 1 / 255.0, 0, 255, where, &factor, err);
    if (!rc && fabs(factor * 255 - 1) > 1e-6)
        rc = refuse_step(err, where, "a \"rescale_factor\" other than 1/255");
    return rc;
}

int config_read_hf_pixels(const json_t *preprocessor, const char *where, struct clip_config *config,
                          struct error *err)
{
    if (!preprocessor) {
        config_set_openai_pixels(config);
        return 0;
    }
    if (!json_is_object(preprocessor))
        return error_set(err, ERR_CORRUPT, "%s: its preprocessor_config.json is not a JSON object",
                         where);
    int rc = check_processor(preprocessor, where, err);
    if (!rc)
        rc = check_steps(preprocessor, where, err);
    if (!rc)
        rc = check_sizes(preprocessor, config->image_px, where, err);
    if (!rc)
        rc = check_numbers(preprocessor, where, err);
    if (!rc)
        rc = config_pixels(preprocessor, "image_mean", "image_std", where, config, err);
    for (int i = 0; !rc && i < 3; i++)
        if (json_is_false(json_object_get(preprocessor, "do_normalize"))) {
            config->mean[i] = 0;
            config->deviation[i] = 1;
        }
    return rc;
}
