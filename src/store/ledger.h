/* SPDX-License-Identifier: MIT */
/* The ledger records every request to a language model: time, recipient, contents and cost. It is
 * append-only: triggers of the tables refuse to change or delete an entry.
 *
 * A request makes two entries with the same `request`: LEDGER_SENT, committed before the first byte
 * is sent, and LEDGER_ANSWERED or LEDGER_FAILED when it has ended. */
#pragma once

#include "store/store.h"

enum ledger_event { LEDGER_SENT, LEDGER_ANSWERED, LEDGER_FAILED };

struct ledger_entry {
    int64_t id;          /* assigned by the store, ascending */
    int64_t at;          /* unix seconds; set by the store */
    const char *request; /* a random name that the entries of one request share */
    enum ledger_event event;
    const char *purpose;                 /* "ask", "mcp" */
    const char *provider, *host, *model; /* the recipient */
    const char *photos; /* JSON array of {"id","path","width","height","bytes","box"?}: SENT only,
                           else "[]" */
    int64_t bytes;      /* of the request's body: SENT only */
    int64_t input_tokens, output_tokens, cache_read_tokens, cache_write_tokens;
    double cost_usd; /* NAN: unknown. An estimate in SENT; computed from the provider's usage in the
                        later entry */
    const char *detail; /* the message of a failure, the stop reason of an answer, or "" */
    const char *facts; /* kinds of fact sent with the pictures, comma-separated, out of date, place,
                          exact-place, camera, labels: SENT only; or "" */
};

/* Ignores id and at of `entry`. NULL strings become "" (photos: "[]"), and bytes that are not UTF-8
 * become U+FFFD. */
int store_ledger_add(struct store *store, const struct ledger_entry *entry,
                     struct error *err) MUST_CHECK;
/* Lists the entries with at >= since, oldest first, those of the same second in order of id.
 * Strings are borrowed for the call. A non-zero return value of `each` ends the iteration and is
 * returned; `each` may read the gallery, but must not change it. */
int store_ledger_list(struct store *store, int64_t since,
                      int (*each)(void *context, const struct ledger_entry *entry), void *context,
                      struct error *err) MUST_CHECK;
/* The same, newest first. Entries are read only until `each` ends the iteration, so the last
 * entries of a long ledger are as cheap as those of a short one. */
int store_ledger_newest(struct store *store, int64_t since,
                        int (*each)(void *context, const struct ledger_entry *entry), void *context,
                        struct error *err) MUST_CHECK;
