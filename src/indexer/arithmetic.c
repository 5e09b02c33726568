/* SPDX-License-Identifier: MIT */
/* Records the arithmetic of vectors, and tells when a gallery mixes two. */
#include "indexer/arithmetic.h"

#include <string.h>

#include "base/text.h"
#include "indexer/indexer.h"

void index_model(const struct clip *clip, const char *model_id, struct store_model *ret_model)
{
    *ret_model = (struct store_model){
        .preprocessing = CLIP_PREPROCESSING_VERSION,
        .dim = (int)clip_dim(clip),
    };
    text_copy(ret_model->id, sizeof ret_model->id, model_id);
    text_copy(ret_model->fingerprint, sizeof ret_model->fingerprint, clip_fingerprint(clip));
    text_copy(ret_model->arithmetic, sizeof ret_model->arithmetic,
              clip_precision(clip) == CLIP_PRECISION_BF16 ? "bf16" : "f32");
}

int arithmetic_record(struct store *store, const struct store_model *model,
                      const struct progress *progress, struct error *err)
{
    char before[32];
    int rc = store_add_arithmetic(store, model, before, err);
    if (rc || !before[0] || strstr(before, "unknown") || strstr(before, model->arithmetic))
        return rc;
    AUTO_FREE char *sentence =
        xasprintf("this run computes vectors in %s, and those of the gallery were computed in %s: "
                  "they can be compared, but scores differ slightly; --precision %s computes all "
                  "vectors alike",
                  model->arithmetic, before, before);
    progress_note(progress, NULL, sentence);
    return 0;
}
