/* SPDX-License-Identifier: MIT */
/* The versions of the codecs, compared with what the package manager says is installed. */
#include "image/codec_versions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "image/decode.h"
#include "image/formats.h"
#include "indexer/file_names.h"
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

/* A document names the word, in such quotes. */
static void is_named(const char *path, const char *open, const char *word, const char *close)
{
    struct file file;
    char wanted[64];
    snprintf(wanted, sizeof wanted, "%s%s%s", open, word, close);
    if (!ok(file_read(path, (size_t)8 << 20, &file, NULL) == 0, "%s can be read", path))
        return;
    ok(memmem(file.data, file.size, wanted, strlen(wanted)) != NULL, "%s names %s", path, wanted);
    file_release(&file);
}

static size_t count_decoders_of(const char *extension)
{
    size_t n = 0;
    for (size_t i = 0; i < decoder_count; i++)
        for (const char *const *e = decoder_table[i]->extensions; *e; e++)
            n += strcmp(*e, extension) == 0;
    return n;
}

/* What a person reads about a format is what its decoder says. */
static void test_formats(void)
{
    static const char *const lists[] = {"tools/deps", "debian/control", "packaging/Dockerfile"};
    for (size_t i = 0; i < decoder_count; i++) {
        const struct decoder *decoder = decoder_table[i];
        for (const struct picture_format *f = decoder->formats; f->name; f++) {
            is_named("docs/gallery.md", "`", f->name, "`");
            is_named("src/base/facts.def", "", f->name, "");
            is_named("README.md", "", f->label, "");
            is_named("README.zh-CN.md", "", f->label, "");
            ok(format_is_known(f->name) && strncmp(f->media_type, "image/", 6) == 0 &&
                   strlen(f->name) < sizeof((struct photo_facts *)NULL)->format,
               "%s: is known, and fits into the facts of a photo", f->name);
            is_str(format_media_type(f->name), f->media_type, "and has its media type");
        }
        for (const char *const *e = decoder->extensions; *e; e++) {
            int unread;
            char name[32];
            is_named("docs/gallery.md", "`.", *e, "`");
            ok(count_decoders_of(*e) == 1, ".%s: one decoder has it", *e);
            for (int k = 0; k < NAME_UNREAD_KINDS; k++)
                if (strcmp(name_unread_kinds[k], *e) == 0)
                    ok(false, ".%s: is not told to be of a kind that is not read", *e);
            snprintf(name, sizeof name, "a.b.%s", *e);
            is_int(name_classify(name, &unread), NAME_PHOTO, "index takes such files");
        }
        for (const char *const *p = decoder->packages; *p; p++)
            for (size_t d = 0; d < sizeof lists / sizeof *lists; d++)
                is_named(lists[d], "", *p, "");
    }
    ok(!format_is_known("jxl") && !format_media_type("jxl") && !format_has_extension("jxl") &&
           format_has_extension("JPG") && !format_has_extension(""),
       "another format is not known, and letters of any case are the same");
}

static void test_unknown(void)
{
    char list[200], tiny[12];
    format_list(list, sizeof list);
    is_str(list, "JPEG, PNG, WebP, GIF, HEIC, AVIF, TIFF or BMP", "the formats in a sentence");
    format_list(tiny, sizeof tiny);
    is_str(tiny, "JPEG, PNG, ", "are cut where there is no room");
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
    test_formats();
    test_unknown();
    test_files();
    return done_testing();
}
