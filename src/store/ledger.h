/* SPDX-License-Identifier: MIT */
/* The record of what was sent, when, to whom and at what cost. Append-only: the tables themselves
 * refuse to change or delete an entry.
 *
 * A request makes two entries of the same `request`: LEDGER_SENT, committed before the first byte
 * leaves, and LEDGER_ANSWERED or LEDGER_FAILED once it is known how it ended. */
#pragma once

#include "store/store.h"

enum ledger_event { LEDGER_SENT, LEDGER_ANSWERED, LEDGER_FAILED };

struct ledger_entry {
    int64_t id;          /* given by the store, growing */
    int64_t at;          /* unix seconds; given by the store */
    const char *request; /* what the entries of one request share: a random name */
    enum ledger_event event;
    const char *purpose;                 /* "ask", "mcp" */
    const char *provider, *host, *model; /* to whom */
    const char *photos; /* JSON array of {"id","path","width","height","bytes","box"?}: SENT only,
                           else "[]" */
    int64_t bytes;      /* of the request's body: SENT only */
    int64_t input_tokens, output_tokens, cache_read_tokens, cache_write_tokens;
    double cost_usd;    /* NAN: not known. Estimated in SENT, by the provider's usage later */
    const char *detail; /* the sentence of a failure, the stop reason of an answer; or "" */
    const char *facts;  /* kinds of fact that went beside the pictures, comma-separated, of date,
                           place, exact-place, camera, labels: SENT only; or "" */
};

/* id and at of `entry` are not looked at. NULL strings become "" ("[]": photos), and bytes that are
 * not UTF-8 U+FFFD. */
int store_ledger_add(struct store *store, const struct ledger_entry *entry,
                     struct error *err) MUST_CHECK;
/* From the oldest (or the first with at >= since) on, those of one second by id; strings are
 * borrowed for the call. A non-zero return of `each` stops and is returned; `each` may read the
 * gallery, but not change it. */
int store_ledger_list(struct store *store, int64_t since,
                      int (*each)(void *context, const struct ledger_entry *entry), void *context,
                      struct error *err) MUST_CHECK;
/* The same from the newest on back. What comes after `each` stopped is not read, so that the last
 * entries of a long ledger cost no more than those of a short one. */
int store_ledger_newest(struct store *store, int64_t since,
                        int (*each)(void *context, const struct ledger_entry *entry), void *context,
                        struct error *err) MUST_CHECK;
