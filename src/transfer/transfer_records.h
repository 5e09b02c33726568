/* SPDX-License-Identifier: MIT */
/* Copies labels, rules and the ledger from one gallery into another; private to transfer/. */
#pragma once

#include "transfer/transfer.h"

/* Copies in transactions of one batch; adds to labels, rules and entries of *report.
 * ERR_CANCELLED. */
int transfer_records(struct store *from, struct store *to, const struct transfer_options *options,
                     struct transfer_report *report, struct error *err) MUST_CHECK;
