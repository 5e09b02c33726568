/* SPDX-License-Identifier: MIT */
/* The owner's labels: the name of a person, an animal or a place, for a whole photo or for a box in
 * it.
 *
 * A label belongs to the photo's content (its SHA-256): it survives moving and forgetting the file
 * and holds for every copy. When a known path gets content that no photo had, and no other photo
 * has the old one (an edited photo), the labels go over to the new. Names are compared without
 * regard to case (text_fold), and kept without spaces around them. */
#pragma once

#include "store/store.h"

struct store_box {
    double x, y, width, height; /* fractions 0..1 of the upright picture, from its top left */
};

struct store_label {
    int64_t id;
    int64_t photo;    /* with this content: the one that was asked for, else the first by path where
                         there are copies; 0: none now */
    const char *path; /* of that photo; NULL: none now; borrowed */
    const char *name; /* borrowed */
    uint8_t hash[HASH_BYTES]; /* of the content */
    bool has_box;
    struct store_box box;
    const char *folded; /* the name as it is compared, where the label was listed; borrowed */
};

/* box may be NULL: the whole photo. ERR_NOT_FOUND: no such photo; ERR_INVALID: an empty, overlong
 * or malformed name, a box that is empty or outside the picture, or a photo whose content hash is
 * not known yet (the next index run reads it). Adding an existing label returns its id. */
int store_add_label(struct store *store, int64_t photo, const char *name,
                    const struct store_box *box, int64_t *ret_id, struct error *err) MUST_CHECK;
/* ERR_NOT_FOUND, ERR_INVALID. If the same photo and box already has a label with
 * the new name, the two are merged. */
int store_rename_label(struct store *store, int64_t id, const char *name,
                       struct error *err) MUST_CHECK;
int store_remove_label(struct store *store, int64_t id, struct error *err) MUST_CHECK;

/* photo: labels of that one only (0: all); name: labels of that name only (NULL: all). In order of
 * name (as compared), then path, those without a photo last, then id. A non-zero return of `each`
 * stops and is returned; `each` may read the gallery, but not change it. ERR_INVALID: an
 * invalid name. */
int store_list_labels(struct store *store, int64_t photo, const char *name,
                      int (*each)(void *context, const struct store_label *label), void *context,
                      struct error *err) MUST_CHECK;

/* The labels of these photos, those of a photo together and in order of name; on a server, one
 * statement. Otherwise as store_list_labels. */
int store_list_labels_of(struct store *store, const int64_t *photos, size_t n,
                         int (*each)(void *context, const struct store_label *label), void *context,
                         struct error *err) MUST_CHECK;

struct store_name {
    const char *name;   /* as one of its labels has it; borrowed, as is the next */
    const char *folded; /* as it is compared: text_fold, without spaces around it */
    int64_t labels;     /* that have it */
};
/* Every name once, in order: fast however many labels there are. Otherwise as store_list_labels. */
int store_list_names(struct store *store, int (*each)(void *context, const struct store_name *name),
                     void *context, struct error *err) MUST_CHECK;

/* The photo with exactly this absolute path. ERR_NOT_FOUND. */
int store_find_photo(struct store *store, const char *path, int64_t *ret_id,
                     struct error *err) MUST_CHECK;
