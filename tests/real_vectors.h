/* SPDX-License-Identifier: MIT */
/* Real CLIP vectors of pictures and of texts, from reference/real-clip-vectors of KEEPSAKE_SHARED
 * (default ../shared): float32, REAL_DIM each. */
#pragma once

#include <stdlib.h>

#include "base/file.h"

enum { REAL_DIM = 512 };

static struct file real_images, real_texts;
static size_t image_count, text_count;

/* False when they are not here. */
static inline bool read_vectors(void)
{
    const char *shared = getenv("KEEPSAKE_SHARED");
    AUTO_FREE char *folder =
        xasprintf("%s/reference/real-clip-vectors", shared ? shared : "../shared");
    AUTO_FREE char *image_path = file_join(folder, "images.f32");
    AUTO_FREE char *text_path = file_join(folder, "texts.f32");
    if (file_read(image_path, 64 << 20, &real_images, NULL) ||
        file_read(text_path, 64 << 20, &real_texts, NULL))
        return false;
    image_count = real_images.size / (REAL_DIM * sizeof(float));
    text_count = real_texts.size / (REAL_DIM * sizeof(float));
    return true;
}

static inline const float *image(size_t i)
{
    return (const float *)(const void *)real_images.data + i * REAL_DIM;
}

static inline const float *text(size_t i)
{
    return (const float *)(const void *)real_texts.data + i * REAL_DIM;
}
