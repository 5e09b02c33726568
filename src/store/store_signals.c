/* SPDX-License-Identifier: MIT */
/* Checks signals before a backend stores them, and claims them under separate names. */
#include "store/signals.h"

#include <string.h>

#include "base/text.h"
#include "store/check.h"
#include "store/store_internal.h"

static bool is_name(const char *text, bool may_be_empty)
{
    size_t length = text ? strlen(text) : 0;
    return text && (length > 0 || may_be_empty) && length <= STORE_SIGNAL_NAME_MAX &&
           text_is_utf8(text, length);
}

int store_check_signal_kind(const struct store_signal_kind *kind, struct error *err)
{
    if (is_name(kind->kind, false) && is_name(kind->model, true) && kind->version > 0)
        return 0;
    return error_set(err, ERR_INVALID,
                     "a signal needs a kind and a model of at most %d bytes of UTF-8, and a "
                     "version above 0",
                     STORE_SIGNAL_NAME_MAX);
}

bool store_signal_failed(const struct store_signal *signal)
{
    return signal->reason && signal->reason[0];
}

static int check_signal(const struct store_signal *signal, struct error *err)
{
    int rc = store_check_signal_kind(&signal->kind, err);
    if (rc)
        return rc;
    if (signal->position >= 0 && store_signal_failed(signal) &&
        text_is_utf8(signal->reason, strlen(signal->reason)))
        return 0;
    if (!store_signal_failed(signal) &&
        (signal->payload && signal->size > 0 && signal->size <= STORE_SIGNAL_PAYLOAD_MAX &&
         signal->position >= 0))
        return 0;
    return error_set(err, ERR_INVALID,
                     "a signal of kind %s has %zu bytes at position %d: it needs 1 to %d, at 0 or "
                     "above",
                     signal->kind.kind, signal->size, signal->position, STORE_SIGNAL_PAYLOAD_MAX);
}

/* Makes the name under which a signal is claimed. Claims of files are paths, which begin with '/'.
 */
static char *name_claim(const struct store_signal_kind *kind, const uint8_t hash[HASH_BYTES],
                        int position)
{
    char hex[HASH_HEX_SIZE];
    hash_hex(hash, hex);
    return xasprintf("%s:%s:%d:%s:%d", kind->kind, kind->model, kind->version, hex, position);
}

static void free_names(struct store_wanted *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free((char *)(uintptr_t)names[i].path);
    free(names);
}

int store_claim_signals(struct store *store, const struct store_signal_kind *kind,
                        const struct store_lacking *pictures, size_t n, double lease_s,
                        enum store_claim *ret_claims, struct error *err)
{
    int rc = store_check_signal_kind(kind, err);
    if (!rc)
        rc = store_check_lease(lease_s, err);
    if (rc)
        return rc;
    struct store_wanted *names = xcalloc(n, sizeof *names);
    for (size_t i = 0; i < n; i++)
        names[i] = (struct store_wanted){
            .path = name_claim(kind, pictures[i].hash, pictures[i].position), .again = true};
    rc = store->backend->claim(store, names, n, lease_s, ret_claims, err);
    store->claims_signals = true;
    free_names(names, n);
    return rc;
}

static int release_claims(struct store *store, const struct store_signal *signals, size_t n,
                          struct error *err)
{
    struct store_change *changes = xcalloc(n, sizeof *changes);
    for (size_t i = 0; i < n; i++)
        changes[i] = (struct store_change){
            .kind = STORE_KEEP,
            .path = name_claim(&signals[i].kind, signals[i].hash, signals[i].position)};
    int rc = store->backend->apply(store, changes, n, err);
    for (size_t i = 0; i < n; i++)
        free((char *)(uintptr_t)changes[i].path);
    free(changes);
    return rc;
}

int store_put_signals(struct store *store, const struct store_signal *signals, size_t n,
                      struct error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++)
        rc = check_signal(&signals[i], err);
    if (rc || !n)
        return rc;
    rc = store->backend->put_signals(store, signals, n, err);
    return rc || !store->claims_signals ? rc : release_claims(store, signals, n, err);
}

/* Updates the expected model of this store, so that its own next search is not refused. */
int store_use_model(struct store *store, const struct store_model *model, struct error *err)
{
    int rc = store->backend->use_model(store, model, err);
    if (!rc)
        store->using = *model;
    return rc;
}
