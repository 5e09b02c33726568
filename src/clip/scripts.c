/* SPDX-License-Identifier: MIT */
/* Tells which scripts a model was trained on. */
#include <stddef.h>

#include "clip/clip_internal.h"

/* Unicode blocks of Latin letters, full-width ones included: the tokenizer maps those to plain
 * ones. */
static const struct {
    uint32_t first, last;
} latin[] = {
    {0x0041, 0x005A}, {0x0061, 0x007A},   {0x00AA, 0x00AA}, {0x00BA, 0x00BA}, {0x00C0, 0x02B8},
    {0x02BB, 0x02C1}, {0x02E0, 0x02E4},   {0x1D00, 0x1D25}, {0x1D2C, 0x1D5C}, {0x1D62, 0x1D65},
    {0x1D6B, 0x1D77}, {0x1D79, 0x1DBE},   {0x1E00, 0x1EFF}, {0x2071, 0x2071}, {0x207F, 0x207F},
    {0x2090, 0x209C}, {0x212A, 0x212B},   {0x2132, 0x2132}, {0x214E, 0x214E}, {0x2160, 0x2188},
    {0x2C60, 0x2C7F}, {0xA722, 0xA7FF},   {0xAB30, 0xAB64}, {0xFB00, 0xFB06}, {0xFF21, 0xFF3A},
    {0xFF41, 0xFF5A}, {0x1D400, 0x1D7FF},
};

bool clip_reads_letter(const struct clip *clip, uint32_t letter)
{
    if (clip->config.reads_all_scripts)
        return true;
    for (size_t i = 0; i < sizeof latin / sizeof *latin; i++)
        if (letter >= latin[i].first && letter <= latin[i].last)
            return true;
    return false;
}

bool clip_reads_languages(const struct clip *clip)
{
    return clip->config.reads_all_scripts;
}
