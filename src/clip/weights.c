/* SPDX-License-Identifier: MIT */
/* Opens a model's weights file, and chooses the layout by the names of its tensors. */
#include "clip/weights.h"

#include <unistd.h>

#include "base/file.h"
#include "clip/weights_layout.h"

static bool file_exists(const char *folder, const char *name)
{
    AUTO_FREE char *path = file_join(folder, name);
    return access(path, F_OK) == 0;
}

static int check_stored(const char *folder, const struct weights_layout *layout, struct error *err)
{
    if (file_exists(folder, layout->file))
        return 0;
    if (file_exists(folder, layout->shards))
        return error_set(err, ERR_UNSUPPORTED,
                         "unsupported model %s: its weights are in several files; only a single "
                         "%s is supported",
                         folder, layout->file);
    if (file_exists(folder, layout->pickle))
        return error_set(err, ERR_UNSUPPORTED,
                         "unsupported model %s: its weights are %s, a Python pickle; download "
                         "the model's %s",
                         folder, layout->pickle, layout->file);
    return error_set(err, ERR_NOT_FOUND, "incomplete model %s: %s is missing", folder,
                     layout->file);
}

char *clip_weights_path(const char *folder, const struct clip_config *config)
{
    return file_join(folder, weights_layouts[config->layout].file);
}

int clip_weights_open(const char *folder, const struct clip_config *config,
                      struct clip_weights **ret_weights, struct error *err)
{
    const struct weights_layout *layout = &weights_layouts[config->layout];
    AUTO_FREE char *path = clip_weights_path(folder, config);
    AUTO(clip_weights) *weights = xcalloc(1, sizeof *weights);
    int rc = check_stored(folder, layout, err);
    if (!rc)
        rc = safetensors_open(path, &weights->file, err);
    if (rc)
        return rc;
    weights->vision_layers = xcalloc((size_t)config->vision.layers, sizeof *weights->vision_layers);
    weights->text_layers = xcalloc((size_t)config->text.layers, sizeof *weights->text_layers);
    rc = weights_map(weights, config, err);
    if (rc)
        return rc;
    *ret_weights = weights;
    weights = NULL;
    return 0;
}

void clip_weights_close(struct clip_weights *weights)
{
    if (!weights)
        return;
    safetensors_close(weights->file);
    free(weights->vision_layers);
    free(weights->text_layers);
    free(weights);
}
