/* SPDX-License-Identifier: MIT */
/* What handlers of searches and of albums share. */
#pragma once

#include "search/understood.h"
#include "server/call.h"

/* Replies 400 with the place of a mistake in the query `text`, and releases the fault. */
void reply_mistake(struct call *call, const char *text, struct syntax_fault *fault,
                   const struct error *problem);
/* Replies with the page of a query's photos that the parameters of the call ask for, without those
 * that do not match. */
int reply_matching(struct call *call, const struct understood *query, struct error *err) MUST_CHECK;
