/* SPDX-License-Identifier: MIT */
/* The versions of the codecs, compared with what the package manager says is installed. */
#include "image/codec_versions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

static const struct {
    const char *format, *library, *module; /* module: as pkg-config calls it; NULL: has none */
} codecs[] = {
    {"JPEG", "libjpeg-turbo", "libturbojpeg"},
    {"PNG", "libpng", "libpng"},
    {"WebP", "libwebp", "libwebp"},
    {"GIF", "giflib", NULL},
    {"HEIF", "libheif", "libheif"},
    {"TIFF", "libtiff", "libtiff-4"},
    {"BMP", "keepsake", NULL},
};

static void ask_pkg_config(const char *module, char *ret_version, int size)
{
    char command[128];
    snprintf(command, sizeof command, "pkg-config --modversion %s", module);
    FILE *pipe = popen(command, "r");
    ret_version[0] = '\0';
    if (pipe && fgets(ret_version, size, pipe))
        ret_version[strcspn(ret_version, "\n")] = '\0';
    if (pipe)
        pclose(pipe);
}

static void test_libraries(void)
{
    is_int((int64_t)codec_versions_count(), sizeof codecs / sizeof *codecs, "six decoders");
    for (size_t i = 0; i < codec_versions_count() && i < sizeof codecs / sizeof *codecs; i++) {
        const char *format;
        char libraries[CODEC_VERSIONS_SIZE], want[128], version[64];
        codec_versions_get(i, &format, libraries);
        is_str(format, codecs[i].format, "the formats come in the order of the decoders");
        if (codecs[i].module)
            ask_pkg_config(codecs[i].module, version, sizeof version);
        else
            version[0] = '\0';
        snprintf(want, sizeof want, "%s %s", codecs[i].library, version);
        ok(strncmp(libraries, want, strlen(want)) == 0, "%s: '%s' begins with '%s'", format,
           libraries, want);
        ok(!strpbrk(libraries, "\n\r\t"), "%s: one line", format);
    }
}

static void test_files(void)
{
    char versions[CODEC_VERSIONS_SIZE];
    codec_versions_of("\x89PNG\r\n\x1a\n", 8, versions);
    ok(strncmp(versions, "keepsake " KEEPSAKE_VERSION "; libpng ", 17) == 0, "of a PNG: %s",
       versions);
    ok(codec_versions_are_current(versions), "what a PNG has now is current");
    char *digit = versions + strlen(versions) - 1;
    *digit = *digit == '9' ? '8' : '9';
    ok(!codec_versions_are_current(versions), "another libpng is not: %s", versions);
    codec_versions_of("hello", 5, versions);
    is_str(versions, "keepsake " KEEPSAKE_VERSION, "what no decoder takes names the program only");
    ok(codec_versions_are_current(versions), "which is current");
    codec_versions_of("", 0, versions);
    is_str(versions, "keepsake " KEEPSAKE_VERSION, "an empty file likewise");
    ok(!codec_versions_are_current("keepsake 0.0.9"), "another keepsake is not current");
    ok(!codec_versions_are_current(""), "nor is what is not known");
}

int main(void)
{
    test_libraries();
    test_files();
    return done_testing();
}
