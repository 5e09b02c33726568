/* SPDX-License-Identifier: MIT */
/* Reports the versions of the codecs, as each decoder describes its own. */
#include "image/codec_versions.h"

#include <stdio.h>
#include <string.h>

#include "image/decode.h"

#define PROGRAM "keepsake " KEEPSAKE_VERSION

size_t codec_versions_count(void)
{
    return decoder_count;
}

void codec_versions_get(size_t i, const char **ret_format, char ret_libraries[CODEC_VERSIONS_SIZE])
{
    *ret_format = decoder_table[i]->name;
    decoder_table[i]->describe(ret_libraries, CODEC_VERSIONS_SIZE);
}

static void write_versions(const struct decoder *decoder, char ret_versions[CODEC_VERSIONS_SIZE])
{
    char *end = stpcpy(ret_versions, decoder ? PROGRAM "; " : PROGRAM);
    if (decoder)
        decoder->describe(end, CODEC_VERSIONS_SIZE - (size_t)(end - ret_versions));
}

void codec_versions_of(const void *data, size_t size, char ret_versions[CODEC_VERSIONS_SIZE])
{
    write_versions(decoder_find(data, size), ret_versions);
}

bool codec_versions_are_current(const char *versions)
{
    char current[CODEC_VERSIONS_SIZE];
    if (strcmp(versions, PROGRAM) == 0)
        return true;
    for (size_t i = 0; i < decoder_count; i++) {
        write_versions(decoder_table[i], current);
        if (strcmp(versions, current) == 0)
            return true;
    }
    return false;
}
