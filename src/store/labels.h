/* SPDX-License-Identifier: MIT */
/* The owner's labels: the name of a person, an animal or a place, for a whole photo or for a box in
 * it.
 *
 * A label belongs to the photo's content (its SHA-256): it survives when the file is moved or
 * forgotten, and holds for every copy. If a photo is edited, so that a known path gets content that
 * no photo had and no other photo has the old content, its labels are moved to the new content.
 * Names are compared case-insensitively (text_fold) and stored without surrounding spaces. */
#pragma once

#include "store/store.h"

struct store_box {
    double x, y, width, height; /* fractions 0..1 of the upright picture, from its top left */
};

struct store_label {
    int64_t id;
    int64_t photo; /* a photo with this content: the requested one, otherwise the first copy in path
                      order; 0: none at present */
    const char *path;         /* of that photo; NULL: none at present; borrowed */
    const char *name;         /* borrowed */
    uint8_t hash[HASH_BYTES]; /* of the content */
    bool has_box;
    struct store_box box;
    const char *folded; /* comparison key of the name, set when labels are listed; borrowed */
};

/* `box` may be NULL for the whole photo. ERR_NOT_FOUND: no such photo; ERR_INVALID: an empty,
 * overlong or malformed name, a box that is empty or outside the picture, or a photo whose content
 * hash is still unknown (the next index run reads it). Adding an existing label returns its id. */
int store_add_label(struct store *store, int64_t photo, const char *name,
                    const struct store_box *box, int64_t *ret_id, struct error *err) MUST_CHECK;
/* Renames a label. If its photo and box already have a label with the new name, the two are merged.
 * ERR_NOT_FOUND, ERR_INVALID. */
int store_rename_label(struct store *store, int64_t id, const char *name,
                       struct error *err) MUST_CHECK;
int store_remove_label(struct store *store, int64_t id, struct error *err) MUST_CHECK;

/* Lists the labels of photo `photo` (0: of all photos) with the name `name` (NULL: any). They come
 * in order of folded name, then path, labels without a photo last, then id. A non-zero return value
 * of `each` ends the iteration and is returned; `each` may read the gallery, but must not change
 * it. ERR_INVALID: an invalid name. */
int store_list_labels(struct store *store, int64_t photo, const char *name,
                      int (*each)(void *context, const struct store_label *label), void *context,
                      struct error *err) MUST_CHECK;

/* Lists the labels of these photos, grouped by photo and in order of name; on a server this is one
 * statement. Otherwise as store_list_labels. */
int store_list_labels_of(struct store *store, const int64_t *photos, size_t n,
                         int (*each)(void *context, const struct store_label *label), void *context,
                         struct error *err) MUST_CHECK;

struct store_name {
    const char *name;   /* spelled as in one of its labels; borrowed, as is `folded` */
    const char *folded; /* comparison key: text_fold, without surrounding spaces */
    int64_t labels;     /* number of labels with this name */
};
/* Lists every name once, in order; fast for any number of labels. Otherwise as store_list_labels.
 */
int store_list_names(struct store *store, int (*each)(void *context, const struct store_name *name),
                     void *context, struct error *err) MUST_CHECK;

/* Gets the id of the photo with exactly this absolute path. ERR_NOT_FOUND. */
int store_find_photo(struct store *store, const char *path, int64_t *ret_id,
                     struct error *err) MUST_CHECK;
