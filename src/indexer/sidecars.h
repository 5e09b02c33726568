/* SPDX-License-Identifier: MIT */
/* Finds the files of metadata that lie beside a photo:
 *
 *     IMG.jpg.xmp, IMG.xmp                     XMP (darktable and digiKam; Lightroom)
 *     IMG.jpg.supplemental-metadata.json,      Google Takeout; the name is cut to 46 characters
 *     IMG.jpg.supplemental-me.json, IMG.jpg.json     before ".json"
 *     IMG.jpg(1).json                          of IMG(1).jpg
 *     IMG.jpg.json                             also of IMG-edited.jpg
 *
 * Names are compared with case, except for the extensions. A photo has at most one file of each of
 * the three kinds, the first of the list that exists. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"
#include "metadata/sidecar.h"

/* Names of one folder that may be sidecars, without the folder. Initialise it with zeros. */
struct sidecar_names {
    char **items; /* in strcmp order once sorted */
    size_t n, cap;
};

#define SIDECAR_MARK_BYTES 17

/* Those of one photo. */
struct sidecar_set {
    size_t n;
    struct {
        enum sidecar_kind kind;
        const char *name; /* borrowed from the list */
    } items[LIMIT_SIDECARS];
    /* Differs if a name, size or time of modification does; "" if there are none. */
    char mark[SIDECAR_MARK_BYTES];
};

/* Returns whether a file of that name may be a sidecar. */
bool sidecar_is_name(const char *name);
/* Adds a name if sidecar_is_name; copies it. */
void sidecar_names_add(struct sidecar_names *names, const char *name);
void sidecar_names_sort(struct sidecar_names *names);
/* Reads the names of an open folder's files; a folder that cannot be read has none. */
void sidecar_names_read(struct sidecar_names *names, const char *folder);
void sidecar_names_release(struct sidecar_names *names);

/* Finds the sidecars of the photo `name` among the sorted names of its folder. Sets everything but
 * the mark. */
void sidecars_match(const struct sidecar_names *names, const char *name,
                    struct sidecar_set *ret_set);
/* Then examines the files: leaves out those that are no regular files, and sets the mark. `folder`
 * is an open folder. */
void sidecars_examine(int folder, struct sidecar_set *set);
