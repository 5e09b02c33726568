/* SPDX-License-Identifier: MIT */
/* Checks labels and boxes before a backend sees them. */
#include <math.h>

#include "query/label_name.h"
#include "store/check.h"
#include "store/labels.h"
#include "store/store_internal.h"

/* Tolerance for a box that exceeds the picture because of rounding. */
#define EDGE 1e-9

static int check_box(const struct store_box *b, struct error *err)
{
    bool inside = b->x >= 0 && b->y >= 0 && b->x + b->width <= 1 + EDGE &&
                  b->y + b->height <= 1 + EDGE; /* false for NaN */
    if (inside && b->width > 0 && b->height > 0)
        return 0;
    return error_set(
        err, ERR_INVALID,
        "the box %g,%g,%g,%g is empty or outside the picture: its left, top, width and "
        "height are fractions from 0 to 1",
        b->x, b->y, b->width, b->height);
}

int store_add_label(struct store *store, int64_t photo, const char *name,
                    const struct store_box *box, int64_t *ret_id, struct error *err)
{
    char *key;
    int rc = box ? check_box(box, err) : 0;
    if (!rc)
        rc = label_name_fold(name, &key, err);
    if (rc)
        return rc;
    AUTO_FREE char *folded = key;
    AUTO_FREE char *trimmed = label_name_trim(name);
    return store->backend->add_label(store, photo, trimmed, folded, box, ret_id, err);
}

int store_rename_label(struct store *store, int64_t id, const char *name, struct error *err)
{
    char *key;
    int rc = label_name_fold(name, &key, err);
    if (rc)
        return rc;
    AUTO_FREE char *folded = key;
    AUTO_FREE char *trimmed = label_name_trim(name);
    return store->backend->rename_label(store, id, trimmed, folded, err);
}

int store_list_labels(struct store *store, int64_t photo, const char *name,
                      int (*each)(void *context, const struct store_label *label), void *context,
                      struct error *err)
{
    char *key = NULL;
    int rc = name ? label_name_fold(name, &key, err) : 0;
    AUTO_FREE char *folded = key;
    return rc ? rc
              : store->backend->list_labels(store, &photo, photo != 0, folded, each, context, err);
}

int store_list_labels_of(struct store *store, const int64_t *photos, size_t n,
                         int (*each)(void *context, const struct store_label *label), void *context,
                         struct error *err)
{
    return n ? store->backend->list_labels(store, photos, n, NULL, each, context, err) : 0;
}
