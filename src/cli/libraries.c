/* SPDX-License-Identifier: MIT */
/* Asks each library for its version. */
#include "cli/libraries.h"

#include <jansson.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "clip/clip.h"
#include "image/codec_versions.h"
#include "image/colour.h"
#include "net/http_client.h"
#include "server/password.h"
#include "server/server.h"
#include "store/store.h"

struct library_list {
    struct library *items;
    size_t count;
};

static void add_library(struct library_list *list, const char *name, const char *version)
{
    if (list->count == LIBRARIES_MAX)
        return;
    struct library *library = &list->items[list->count++];
    text_copy(library->name, sizeof library->name, name);
    text_copy(library->version, sizeof library->version, version);
}

/* Parses "libwebp 1.2.4", "libde265 HEVC decoder 1.0.11", "dav1d v6.6.0": a name, and a version
 * last. */
static void add_described(struct library_list *list, char *text)
{
    static const char aom[] = "AOMedia";
    char *version = strrchr(text, ' ');
    if (!version)
        return;
    *version++ = '\0';
    version += *version == 'v';
    text[strcspn(text, " ")] = '\0';
    add_library(list, strcmp(text, aom) == 0 ? "libaom" : text, version);
}

static void add_codecs(struct library_list *list)
{
    for (size_t i = 0; i < codec_versions_count(); i++) {
        const char *format;
        char libraries[CODEC_VERSIONS_SIZE], *rest, *one;
        codec_versions_get(i, &format, libraries);
        for (one = strtok_r(libraries, ",", &rest); one; one = strtok_r(NULL, ",", &rest))
            add_described(list, one + (*one == ' '));
    }
}

size_t libraries_list(struct library ret_libraries[LIBRARIES_MAX])
{
    struct library_list list = {ret_libraries, 0};
    char version[32];
    add_codecs(&list);
    add_library(&list, "SQLite", store_engine_version());
    store_client_version(version, sizeof version);
    add_library(&list, "libpq", version);
    add_library(&list, "libmicrohttpd", server_engine_version());
    add_library(&list, "libcurl", http_engine_version());
    add_library(&list, "jansson", jansson_version_str());
    add_library(&list, "OpenSSL", hash_engine_version());
    add_library(&list, "libsodium", password_engine_version());
    clip_engine_version(version, sizeof version);
    add_library(&list, "oneDNN", version);
    colour_engine_version(version, sizeof version);
    add_library(&list, "lcms2", version);
    return list.count;
}
