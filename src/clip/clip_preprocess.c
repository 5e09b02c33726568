/* SPDX-License-Identifier: MIT */
/* Converts pictures to the vision tower's input by the rule of Hugging Face's CLIPImageProcessor,
 * or that of torchvision, which OpenAI's own code and OpenCLIP use; they differ only in the crop.
 */
#include "clip/clip_internal.h"

void clip_make_levels(struct clip *clip)
{
    for (int channel = 0; channel < 3; channel++)
        for (int level = 0; level < 256; level++)
            clip->levels[channel][level] = ((float)level / 255.0f - clip->config.mean[channel]) /
                                           clip->config.deviation[channel];
}

/* The offset of the crop when an edge is `rest` pixels too long. Hugging Face rounds half of it
 * down, torchvision to nearest, ties to even. */
static int crop_offset(const struct clip *clip, int rest)
{
    int half = rest / 2;
    bool is_torchvision = clip->config.layout == CLIP_LAYOUT_OPENCLIP;
    return is_torchvision && rest % 2 ? half + half % 2 : half;
}

int clip_preprocess(const struct clip *clip, const struct image *image, float *ret_pixels,
                    struct error *err)
{
    int side = clip->config.image_px, width = side, height = side;
    if (image->width <= image->height)
        height = (int)((int64_t)side * image->height / image->width);
    else
        width = (int)((int64_t)side * image->width / image->height);
    AUTO(image) *square = NULL;
    int code = image_resize_crop(image, width, height, crop_offset(clip, width - side),
                                 crop_offset(clip, height - side), side, side, &square, err);
    if (code)
        return code;
    size_t count = (size_t)side * (size_t)side;
    for (int channel = 0; channel < 3; channel++)
        for (size_t i = 0; i < count; i++)
            *ret_pixels++ = clip->levels[channel][square->rgb[3 * i + (size_t)channel]];
    return 0;
}
