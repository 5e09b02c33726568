/* SPDX-License-Identifier: MIT */
/* Copies the vectors of models that are not in use, and other signals, from one gallery into
 * another; private to transfer/. */
#pragma once

#include "transfer/transfer.h"

/* Copies in transactions of one batch, and adds to signals of *report. The target has the photos
 * already, because a store skips signals of pictures that it does not have. A split gallery gets no
 * vectors of further models. ERR_CANCELLED. */
int transfer_signals(struct store *from, struct store *to, const struct transfer_options *options,
                     struct transfer_report *report, struct error *err) MUST_CHECK;
