/* SPDX-License-Identifier: MIT */
/* Labels, rules and the ledger of one gallery into another: private to transfer/. */
#pragma once

#include "transfer/transfer.h"

/* In transactions of one batch; adds to labels, rules and entries of *report. ERR_CANCELLED. */
int transfer_records(struct store *from, struct store *to, const struct transfer_options *options,
                     struct transfer_report *report, struct error *err) MUST_CHECK;
