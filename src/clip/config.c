/* SPDX-License-Identifier: MIT */
/* Reads the configuration of a model folder in either layout. */
#include "clip/config.h"

#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "clip/config_parse.h"

static bool file_exists(const char *folder, const char *name)
{
    AUTO_FREE char *path = file_join(folder, name);
    return access(path, F_OK) == 0;
}

/* No published config says which scripts a model was trained on; the key is keepsake's own. */
static int read_scripts(const json_t *root, const char *path, struct clip_config *config,
                        struct error *err)
{
    const json_t *value = json_object_get(root, "reads_all_scripts");
    if (value && !json_is_boolean(value))
        return error_set(err, ERR_CORRUPT, "%s: \"reads_all_scripts\" is not true or false", path);
    config->reads_all_scripts = json_is_true(value);
    return 0;
}

static int read_hf(const char *folder, struct clip_config *ret_config, struct error *err)
{
    AUTO_FREE char *path = file_join(folder, "config.json");
    AUTO_FREE char *pixels_path = file_join(folder, "preprocessor_config.json");
    AUTO_JSON *config = NULL, *pixels = NULL;
    int rc = json_read_file(path, LIMIT_CONFIG_BYTES, &config, err);
    if (!rc && file_exists(folder, "preprocessor_config.json"))
        rc = json_read_file(pixels_path, LIMIT_CONFIG_BYTES, &pixels, err);
    rc = rc ? rc : clip_config_parse_hf(config, pixels, path, ret_config, err);
    return rc ? rc : read_scripts(config, path, ret_config, err);
}

static int read_openclip(const char *folder, struct clip_config *ret_config, struct error *err)
{
    AUTO_FREE char *path = file_join(folder, "open_clip_config.json");
    AUTO_JSON *root = NULL;
    int rc = json_read_file(path, LIMIT_CONFIG_BYTES, &root, err);
    rc = rc ? rc : clip_config_parse_openclip(root, path, ret_config, err);
    return rc ? rc : read_scripts(root, path, ret_config, err);
}

int clip_config_read(const char *folder, struct clip_config *ret_config, struct error *err)
{
    bool openclip = file_exists(folder, "open_clip_config.json");
    /* timm's folders have OpenCLIP's files and also a config.json and model.safetensors of another
     * kind. */
    if (openclip && file_exists(folder, "open_clip_model.safetensors"))
        return read_openclip(folder, ret_config, err);
    if (file_exists(folder, "config.json"))
        return read_hf(folder, ret_config, err);
    if (openclip)
        return read_openclip(folder, ret_config, err);
    if (file_exists(folder, "0_CLIPModel/config.json"))
        return error_set(err, ERR_NOT_FOUND,
                         "%s has its model in a subfolder: give %s/0_CLIPModel instead", folder,
                         folder);
    return error_set(err, ERR_NOT_FOUND,
                     "%s is not a model folder: it has neither config.json nor "
                     "open_clip_config.json",
                     folder);
}
