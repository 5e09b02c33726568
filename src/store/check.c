/* SPDX-License-Identifier: MIT */
/* Checks the arguments of store operations before a backend sees them. */
#include "store/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Maximum deviation from length 1; a vector normalised in float32, or even in bf16, is closer. */
#define LENGTH_TOLERANCE 0.02

static int refuse(const char *path, const char *why, struct error *err)
{
    AUTO_FREE char *name = text_printable(path, strlen(path));
    return error_set(err, ERR_INVALID, "cannot store %s: %s", name, why);
}

int store_check_path(const char *path, struct error *err)
{
    if (!path || !path[0])
        return error_set(err, ERR_INVALID, "the path of a photo or folder is empty");
    return path[0] == '/' ? 0 : refuse(path, "the path is not absolute", err);
}

bool store_is_unit(const float *vector, size_t dim)
{
    double sum = 0;
    for (size_t i = 0; i < dim; i++)
        sum += (double)vector[i] * vector[i];
    return fabs(sqrt(sum) - 1) <= LENGTH_TOLERANCE; /* false for NaN */
}

static int check_add(const struct store_change *c, size_t dim, struct error *err)
{
    if (!c->hash || !c->facts || !c->vector)
        return refuse(c->path, "its hash, facts or vector are missing", err);
    if (!dim)
        return refuse(c->path, "the gallery is not bound to a model yet", err);
    if (c->position < 0)
        return refuse(c->path, "its position in the file is below 0", err);
    return store_is_unit(c->vector, dim) ? 0
                                         : refuse(c->path, "its vector is not of unit length", err);
}

int store_check_changes(const struct store_change *changes, size_t n, size_t dim, struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct store_change *c = &changes[i];
        int rc = store_check_path(c->path, err);
        if (rc)
            return rc;
        switch (c->kind) {
        case STORE_ADD:
            rc = check_add(c, dim, err);
            break;
        case STORE_COPY:
        case STORE_MOVE:
            rc = c->id > 0 ? 0 : refuse(c->path, "the source photo is missing", err);
            break;
        case STORE_FAIL:
            rc = c->reason ? 0 : refuse(c->path, "the reason of its failure is missing", err);
            break;
        case STORE_TOUCH:
        case STORE_REMOVE:
        case STORE_KEEP:
            break;
        default:
            rc = refuse(c->path, "unknown kind of change", err);
        }
        if (rc)
            return rc;
    }
    return 0;
}

int store_check_lease(double lease_s, struct error *err)
{
    if (lease_s > 0 && lease_s <= STORE_LONGEST_LEASE_S)
        return 0;
    return error_set(err, ERR_INVALID, "invalid lease of %g seconds: it must be between 0 and %g",
                     lease_s, STORE_LONGEST_LEASE_S);
}

int store_compare_models(const char *gallery, const struct store_model *bound,
                         const struct store_model *given, struct error *err)
{
    if (strcmp(bound->id, given->id) != 0)
        return error_set(
            err, ERR_MISMATCH,
            "the gallery %s has vectors of the model %s, but %s was given: use "
            "--model %s, another gallery with --gallery FILE, or `keepsake model use %s` to "
            "change this one",
            gallery, bound->id, given->id, bound->id, given->id);
    if (strcmp(bound->fingerprint, given->fingerprint) != 0 || bound->dim != given->dim)
        return error_set(err, ERR_MISMATCH,
                         "the gallery %s has vectors of other weights of the model %s (%.12s, "
                         "%d numbers) than the given ones (%.12s, %d numbers): use the earlier "
                         "weights with --model FOLDER, or another gallery with --gallery FILE",
                         gallery, bound->id, bound->fingerprint, bound->dim, given->fingerprint,
                         given->dim);
    if (bound->preprocessing != given->preprocessing)
        return error_set(err, ERR_MISMATCH,
                         "the gallery %s has vectors of the model %s with preprocessing %d, but "
                         "this keepsake has preprocessing %d: use the earlier keepsake with "
                         "--model %s, or index into another gallery with --gallery FILE",
                         gallery, bound->id, bound->preprocessing, given->preprocessing, bound->id);
    return 0;
}

static const char *const arithmetics[] = {"bf16", "f32", "int8", "unknown"};

static bool lists_name(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; (at = strstr(at, name)); at += length)
        if ((at == list || at[-1] == ',') && (at[length] == ',' || !at[length]))
            return true;
    return false;
}

void store_merge_arithmetic(const char *before, const char *added, bool has_vectors,
                            char ret_merged[32])
{
    char merged[32] = "";
    size_t used = 0;
    if (!has_vectors)
        before = "";
    else if (!before[0])
        before = "unknown";
    for (size_t i = 0; i < sizeof arithmetics / sizeof *arithmetics; i++)
        if (lists_name(before, arithmetics[i]) || lists_name(added, arithmetics[i]))
            used += (size_t)snprintf(merged + used, sizeof merged - used, "%s%s", used ? "," : "",
                                     arithmetics[i]);
    memcpy(ret_merged, merged, sizeof merged);
}
