/* SPDX-License-Identifier: MIT */
/* Classifies files and folders by name. A name is only a hint: whether a file is a picture is
 * decided by its first bytes. The name decides which files are examined, and which are counted as
 * unsupported pictures and films. */
#pragma once

#include <stdbool.h>

enum name_kind {
    NAME_PHOTO,   /* of a kind that is read */
    NAME_UNREAD,  /* a picture or film of a kind that is not: RAW, video, JPEG XL, Photoshop, ... */
    NAME_OTHER,   /* surely none: texts, music, sidecars, unfinished downloads, ... */
    NAME_UNKNOWN, /* no extension, or an unknown one: its first bytes have to tell */
};

/* The extensions of NAME_UNREAD, lower case, sorted. */
enum { NAME_UNREAD_KINDS = 92 };
extern const char *const name_unread_kinds[NAME_UNREAD_KINDS];

/* *ret_unread: the place in name_unread_kinds, for NAME_UNREAD. */
enum name_kind name_classify(const char *name, int *ret_unread);

/* What never holds an owner's photos, or holds each a second time: hidden names, the bookkeeping of
 * file servers and systems (@eaDir, #recycle, lost+found, ...), what photo programs keep for
 * themselves (docs/gallery.md has the list). `folder` is the name of the folder it lies in. */
bool name_is_junk(const char *folder, const char *name);

/* A file of that name says that its folder holds nothing to show. */
bool name_closes_folder(const char *name);
