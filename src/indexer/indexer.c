/* SPDX-License-Identifier: MIT */
/* Performs an index run: plan, pipeline, removal of photos whose files are gone. */
#include "indexer/indexer.h"

#include "indexer/arithmetic.h"
#include "indexer/pipeline.h"
#include "indexer/plan.h"
#include "indexer/progress.h"
#include "indexer/removal.h"
#include "indexer/signal_fill.h"
#include "store/towns.h"

/* Records unreachable folders even if the run is refused because of them. */
static int finish_plan(struct plan *plan, struct store *store, struct progress *progress,
                       struct error *err)
{
    int refused = plan_check_roots(plan, err);
    int rc = removal_run(plan, store, progress, !refused, refused ? NULL : err);
    return refused ? refused : rc;
}

static int run_plan(struct plan *plan, struct store *store, struct clip *clip,
                    const struct store_model *model, struct progress *progress, struct error *err)
{
    int rc =
        plan_check_roots(plan, NULL) ? 0 : pipeline_run(plan, store, clip, model, progress, err);
    if (!rc)
        rc = finish_plan(plan, store, progress, err);
    if (!rc && (progress->options->retry_failed || progress->options->reread))
        rc = store_retry_signals(store, err);
    if (!rc)
        rc = store_name_places(store, err);
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
    struct store_model model;
    index_model(clip, model_id, &model);
    int rc = store_bind_model(store, &model, err);
    if (!rc)
        rc = exclusions_open(store, progress.options, &exclusions, err);
    if (!rc)
        rc = plan_make(store, paths, n_paths, &exclusions, &progress, &plan, err);
    exclusions_close(&exclusions);
    if (!rc) {
        progress_begin_work(&progress, (int64_t)plan.n);
        progress_show(&progress, true);
        rc = run_plan(&plan, store, clip, &model, &progress, err);
        plan_release(&plan);
    }
    if (rc && rc != ERR_CANCELLED)
        return rc;
    progress_show(&progress, true);
    *ret_report = progress.now.report;
    return rc;
}

static int fill_model(struct store *store, struct clip *clip, const struct store_model *model,
                      const struct fill_scope *scope, struct progress *progress, struct error *err)
{
    struct fill_target target = {
        .kind = {STORE_SIGNAL_VECTOR, model->fingerprint, model->preprocessing}, .clip = clip};
    int rc = store_add_model(store, model, err);
    if (!rc && (progress->options->retry_failed || progress->options->reread))
        rc = store_retry_signals(store, err);
    if (!rc)
        rc = arithmetic_record(store, model, progress, err);
    return rc ? rc : signal_fill(&target, scope, store, progress, err);
}

int index_other_model(struct store *store, struct clip *clip, const char *model_id,
                      const char *const *paths, size_t n_paths, const struct index_options *options,
                      struct index_report *ret_report, struct error *err)
{
    static const struct index_options defaults;
    struct progress progress;
    struct walk_roots roots = {PATH_SET_INIT, PATH_SET_INIT};
    struct known known = {.paths = ARENA_INIT};
    struct fill_scope scope = {&roots, &known};
    struct store_model model;
    progress_init(&progress, options ? options : &defaults);
    index_model(clip, model_id, &model);
    int rc = walk_resolve(paths, n_paths, progress.options->gone_is_deleted, &roots, err);
    if (!rc)
        rc = known_load(store, &known, err);
    if (!rc) {
        progress_begin_work(&progress, 0);
        rc = fill_model(store, clip, &model, &scope, &progress, err);
    }
    walk_roots_release(&roots);
    known_release(&known);
    if (rc && rc != ERR_CANCELLED)
        return rc;
    progress_show(&progress, true);
    *ret_report = progress.now.report;
    return rc;
}
