/* SPDX-License-Identifier: MIT */
/* Classifies files and folders by name. A name is only a hint, because the first bytes of a file
 * show whether it is a picture. The name determines which files are examined, and which are counted
 * as unsupported pictures and films. */
#pragma once

#include <stdbool.h>

enum name_kind {
    NAME_PHOTO,  /* a supported kind */
    NAME_UNREAD, /* a picture or film of an unsupported kind: RAW, video, JPEG XL, Photoshop, ... */
    NAME_OTHER,  /* certainly not a photo: texts, music, sidecars, unfinished downloads, ... */
    NAME_UNKNOWN, /* no extension, or an unknown one: examine its first bytes */
};

/* The extensions of NAME_UNREAD, lower case, sorted. */
enum { NAME_UNREAD_KINDS = 92 };
extern const char *const name_unread_kinds[NAME_UNREAD_KINDS];

/* Classifies a name; for NAME_UNREAD, *ret_unread is its index in name_unread_kinds. */
enum name_kind name_classify(const char *name, int *ret_unread);

/* Returns whether a name never contains the owner's photos, or only duplicates of them: hidden
 * names, internal folders of file servers and systems (@eaDir, #recycle, lost+found, ...), and
 * internal files of photo programs (docs/gallery.md has the list). `folder` is the name of the
 * parent folder. */
bool name_is_junk(const char *folder, const char *name);

/* Returns whether a file of that name marks its folder as not to be indexed. */
bool name_closes_folder(const char *name);
