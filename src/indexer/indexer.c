/* SPDX-License-Identifier: MIT */
/* Performs an index run: plan, pipeline, removal of photos whose files are gone. */
#include "indexer/indexer.h"

#include "base/text.h"
#include "indexer/pipeline.h"
#include "indexer/plan.h"
#include "indexer/progress.h"
#include "indexer/removal.h"
#include "indexer/signal_fill.h"

static int bind_model(struct store *store, const struct clip *clip, const char *model_id,
                      struct error *err)
{
    struct store_model model = {
        .preprocessing = CLIP_PREPROCESSING_VERSION,
        .dim = (int)clip_dim(clip),
    };
    text_copy(model.id, sizeof model.id, model_id);
    text_copy(model.fingerprint, sizeof model.fingerprint, clip_fingerprint(clip));
    return store_bind_model(store, &model, err);
}

/* Records unreachable folders even if the run is refused because of them. */
static int finish_plan(struct plan *plan, struct store *store, struct progress *progress,
                       struct error *err)
{
    int refused = plan_check_roots(plan, err);
    int rc = removal_run(plan, store, progress, !refused, refused ? NULL : err);
    return refused ? refused : rc;
}

static int run_plan(struct plan *plan, struct store *store, struct clip *clip,
                    struct progress *progress, struct error *err)
{
    int rc = plan_check_roots(plan, NULL) ? 0 : pipeline_run(plan, store, clip, progress, err);
    if (!rc)
        rc = finish_plan(plan, store, progress, err);
    if (!rc && (progress->options->retry_failed || progress->options->reread))
        rc = store_retry_signals(store, err);
    struct fill_scope scope = {&plan->roots, &plan->known};
    return rc ? rc : signal_fill_all(&scope, store, progress, err);
}

int index_run(struct store *store, struct clip *clip, const char *model_id,
              const char *const *paths, size_t n_paths, const struct index_options *options,
              struct index_report *ret_report, struct error *err)
{
    static const struct index_options defaults;
    struct progress progress;
    struct plan plan;
    struct exclusions exclusions = {0};
    progress_init(&progress, options ? options : &defaults);
    int rc = bind_model(store, clip, model_id, err);
    if (!rc)
        rc = exclusions_open(store, progress.options, &exclusions, err);
    if (!rc)
        rc = plan_make(store, paths, n_paths, &exclusions, &progress, &plan, err);
    exclusions_close(&exclusions);
    if (!rc) {
        progress_begin_work(&progress, (int64_t)plan.n);
        progress_show(&progress, true);
        rc = run_plan(&plan, store, clip, &progress, err);
        plan_release(&plan);
    }
    if (rc && rc != ERR_CANCELLED)
        return rc;
    progress_show(&progress, true);
    *ret_report = progress.now.report;
    return rc;
}
