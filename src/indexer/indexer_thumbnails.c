/* SPDX-License-Identifier: MIT */
/* Makes thumbnails of decoded pictures in the decode threads. */
#include "cage/cage.h"
#include "indexer/pipeline_internal.h"
#include "thumbs/thumbs.h"

/* Decodes again at a larger size, because CLIP's decode of a large JPEG is too small for a
 * thumbnail. CLIP's pixels do not change. */
static int put_from_larger(struct thumbs *thumbs, struct cage_share *share, const struct file *file,
                           const struct outcome *outcome, struct error *err)
{
    AUTO(image) *larger = NULL;
    struct decode_options options = {
        .short_edge_px = thumbs_short_edge(outcome->facts.width, outcome->facts.height)};
    int rc = cage_decode_with(share, file->data, file->size, &options, &larger, NULL, err);
    share->wanted = 0; /* not enough memory now: the thumbnail is made when it is first requested */
    return rc ? rc : thumbs_put(thumbs, outcome->hash, larger, err);
}

/* Stops making thumbnails after an error, which would occur again. The photo itself has not failed.
 */
static void give_up(struct pipeline *p, const struct error *error)
{
    pthread_mutex_lock(&p->error_lock);
    if (p->thumbs_error.code == 0)
        p->thumbs_error = *error;
    pthread_mutex_unlock(&p->error_lock);
    atomic_store(&p->without_thumbs, true);
}

void thumbnails_keep(struct pipeline *p, struct cage_share *share, const struct file *file,
                     const struct outcome *outcome, struct image **image)
{
    struct error err = ERROR_INIT;
    if (!p->thumbs || atomic_load(&p->without_thumbs) ||
        (!p->thumbs_anew && !thumbs_has(p->thumbs, outcome->hash, NULL)))
        return;
    int rc;
    if (thumbs_suffices(*image, outcome->facts.width, outcome->facts.height)) {
        rc = thumbs_put(p->thumbs, outcome->hash, *image, &err);
    } else {
        image_free(*image); /* releases its worker and memory */
        *image = NULL;
        rc = put_from_larger(p->thumbs, share, file, outcome, &err);
    }
    if (rc == ERR_IO || rc == ERR_DENIED)
        give_up(p, &err);
}

bool thumbnails_give_way(struct pipeline *p)
{
    struct error error = ERROR_INIT;
    if (!p->thumbs || p->gave_way || thumbs_has_room(p->thumbs))
        return false;
    int rc = error_set(&error, ERR_IO,
                       "the disk was full, and they were deleted to free space for the gallery: "
                       "make them again with `keepsake index --thumbnails`");
    (void)rc;
    give_up(p, &error);
    p->gave_way = true;
    thumbs_discard(p->thumbs);
    return true;
}
