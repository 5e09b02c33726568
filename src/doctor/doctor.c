/* SPDX-License-Identifier: MIT */
/* Runs all checks of a gallery in their order; those of gallery, model and index are here. */
#include "doctor/doctor.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "doctor/findings.h"

/* The centres of an ivfflat index no longer fit if the gallery has grown by this factor since. */
#define GROWTH 10

void doctor_find(const struct doctor_options *options, const char *check,
                 enum store_verdict verdict, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *text = xvasprintf(format, args);
    va_end(args);
    struct store_finding finding = {check, verdict, text};
    options->each(options->context, &finding);
}

char *doctor_count(int64_t n, const char *noun)
{
    return xasprintf("%" PRId64 " %s%s", n, noun, n == 1 ? "" : "s");
}

static bool check_gallery(struct store *store, const struct doctor_options *options,
                          struct store_status *ret_status)
{
    struct error why;
    char bytes[32];
    if (store_status(store, ret_status, &why)) {
        doctor_find(options, "gallery", STORE_BAD, "%s", why.message);
        return false;
    }
    AUTO_FREE char *photos = doctor_count(ret_status->photos, "photo");
    AUTO_FREE char *failures = doctor_count(ret_status->failed, "failed file");
    text_bytes(bytes, sizeof bytes, (uint64_t)ret_status->bytes);
    doctor_find(options, "gallery", STORE_GOOD, "%s and %s in %s (%s, format %d)", photos, failures,
                bytes, ret_status->kind, ret_status->schema_version);
    return true;
}

static void check_model(struct store *store, const struct doctor_options *options,
                        const struct store_status *status)
{
    const struct store_model *bound = &status->model;
    struct error why;
    if (!status->bound)
        doctor_find(options, "model", status->photos ? STORE_BAD : STORE_GOOD,
                    status->photos
                        ? "the gallery has photos, but no record of their model: restore a "
                          "backup, or index again into a new gallery and copy labels and rules "
                          "with `keepsake import --records-only`"
                        : "none yet: the first `keepsake index` chooses it");
    else if (!options->model)
        doctor_find(options, "model", STORE_BAD, "%s", options->no_model);
    else if (store_check_model(store, options->model, &why))
        doctor_find(options, "model", STORE_BAD, "%s", why.message);
    else
        doctor_find(
            options, "model", STORE_GOOD,
            "%s, %d numbers per photo%s%s, with the installed weights (`keepsake model verify` "
            "tests them)",
            bound->id, bound->dim, bound->arithmetic[0] ? " computed in " : "", bound->arithmetic);
}

static void check_index(struct store *store, const struct doctor_options *options,
                        const struct store_status *status)
{
    struct store_index index;
    struct error why;
    char built[32] = "at an unknown time";
    if (store_get_index(store, &index, &why)) {
        doctor_find(options, "index", STORE_BAD, "%s", why.message);
        return;
    }
    if (index.built_at)
        clock_format_utc(built, sizeof built, index.built_at);
    const char *kind = store_index_name(index.built), *wanted = store_index_name(index.wanted);
    bool other = index.wanted != STORE_INDEX_AUTO && index.wanted != index.built;
    if (other && status->photos > 0)
        doctor_find(options, "index", STORE_WARNING,
                    "the setting asks for a vector index of kind %s, but there is %s: the next "
                    "`keepsake index` builds it",
                    wanted, index.built == STORE_INDEX_NONE ? "none" : kind);
    else if (index.built == STORE_INDEX_NONE)
        doctor_find(options, "index", STORE_GOOD, "exact scan, without an index");
    else if (index.built == STORE_INDEX_IVFFLAT && index.built_photos > 0 &&
             status->photos >= GROWTH * index.built_photos)
        doctor_find(options, "index", STORE_WARNING,
                    "ivfflat, built %s from %" PRId64 " photos, but there are now %" PRId64
                    ": the next `keepsake index` rebuilds it",
                    built, index.built_photos, status->photos);
    else
        doctor_find(options, "index", STORE_GOOD,
                    "%s, built %s from %" PRId64 " photos of %" PRId64, kind, built,
                    index.built_photos, status->photos);
}

static void forward_finding(void *context, const struct store_finding *finding)
{
    const struct doctor_options *options = context;
    options->each(options->context, finding);
}

void doctor_run(struct store *store, const struct doctor_options *options)
{
    struct store_status status;
    bool readable = check_gallery(store, options, &status);
    if (readable)
        check_model(store, options, &status);
    store_check(store, forward_finding, (void *)(uintptr_t)options);
    if (readable)
        check_index(store, options, &status);
    doctor_examine_vectors(store, options);
    doctor_examine_failures(store, options);
    doctor_examine_damaged(store, options);
    doctor_examine_files(store, options);
    doctor_examine_libraries(options);
}
