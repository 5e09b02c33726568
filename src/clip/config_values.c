/* SPDX-License-Identifier: MIT */
/* Typed, range-checked values for the readers of model configurations. */
#include "clip/config_parse.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"

void config_set_openai_pixels(struct clip_config *config)
{
    static const float mean[] = {0.48145466f, 0.4578275f, 0.40821073f};
    static const float deviation[] = {0.26862954f, 0.26130258f, 0.27577711f};
    memcpy(config->mean, mean, sizeof mean);
    memcpy(config->deviation, deviation, sizeof deviation);
}

static const json_t *given_value(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_null(value) ? NULL : value;
}

int config_int(const json_t *object, const char *key, int fallback, int min, int max,
               const char *where, int *ret_value, struct error *err)
{
    int64_t value = fallback;
    int rc = given_value(object, key) ? json_get_int(object, key, min, max, where, &value, err) : 0;
    if (!rc)
        *ret_value = (int)value;
    return rc;
}

static int check_number(double value, const char *key, double min, double max, const char *where,
                        struct error *err)
{
    if (isfinite(value) && value >= min && value <= max)
        return 0;
    return error_set(err, ERR_CORRUPT, "%s: \"%s\" is %g, not between %g and %g", where, key, value,
                     min, max);
}

int config_number(const json_t *object, const char *key, double fallback, double min, double max,
                  const char *where, double *ret_value, struct error *err)
{
    double value = fallback;
    int rc = given_value(object, key) ? json_get_number(object, key, where, &value, err) : 0;
    if (!rc)
        rc = check_number(value, key, min, max, where, err);
    if (!rc)
        *ret_value = value;
    return rc;
}

int config_string(const json_t *object, const char *key, const char *fallback, const char *where,
                  const char **ret_text, struct error *err)
{
    if (given_value(object, key))
        return json_get_string(object, key, where, ret_text, err);
    *ret_text = fallback;
    return 0;
}

/* Three numbers; ret_values are unchanged when the key is absent. */
static int read_rgb(const json_t *object, const char *key, double min, double max,
                    const char *where, float ret_values[3], struct error *err)
{
    const json_t *list = given_value(object, key);
    float values[3];
    if (!list)
        return 0;
    if (!json_is_array(list) || json_array_size(list) != 3)
        return error_set(err, ERR_CORRUPT, "%s: \"%s\" is not a list of three numbers", where, key);
    for (size_t i = 0; i < 3; i++) {
        const json_t *item = json_array_get(list, i);
        int rc = check_number(json_is_number(item) ? json_number_value(item) : NAN, key, min, max,
                              where, err);
        if (rc)
            return rc;
        values[i] = (float)json_number_value(item);
    }
    memcpy(ret_values, values, sizeof values);
    return 0;
}

int config_object(const json_t *object, const char *key, const char *where,
                  const json_t **ret_object, struct error *err)
{
    const json_t *value = given_value(object, key);
    if (value && !json_is_object(value))
        return error_set(err, ERR_CORRUPT, "%s: \"%s\" is not an object", where, key);
    *ret_object = value;
    return 0;
}

int config_pixels(const json_t *object, const char *mean_key, const char *deviation_key,
                  const char *where, struct clip_config *config, struct error *err)
{
    config_set_openai_pixels(config);
    int rc = read_rgb(object, mean_key, 0, 1, where, config->mean, err);
    if (!rc)
        rc = read_rgb(object, deviation_key, 1e-3, 10, where, config->deviation, err);
    return rc;
}

static int check_heads(const struct tower_config *tower, const char *name, const char *where,
                       struct error *err)
{
    if (tower->width % tower->heads == 0)
        return 0;
    return error_set(err, ERR_CORRUPT, "%s: the %s tower's width %d cannot be split into %d heads",
                     where, name, tower->width, tower->heads);
}

int config_check(const struct clip_config *config, const char *where, struct error *err)
{
    int rc = check_heads(&config->vision, "vision", where, err);
    if (!rc)
        rc = check_heads(&config->text, "text", where, err);
    if (rc)
        return rc;
    if (config->image_px % config->patch_px != 0)
        return error_set(err, ERR_UNSUPPORTED,
                         "%s: pictures of %d px cannot be divided into patches of %d px", where,
                         config->image_px, config->patch_px);
    int grid = config->image_px / config->patch_px;
    if (grid * grid + 1 > LIMIT_MODEL_TOKENS)
        return error_set(err, ERR_LIMIT, "%s: pictures of %d patches; the limit is %d", where,
                         grid * grid, LIMIT_MODEL_TOKENS - 1);
    return 0;
}
