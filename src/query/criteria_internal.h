/* SPDX-License-Identifier: MIT */
/* Shared by the files of criteria trees. Private to query/. */
#pragma once

#include "query/criteria.h"

/* ERR_LIMIT if the tree is larger than base/limits.h allows. */
int criteria_check_size(const struct criteria *criteria, struct error *err) MUST_CHECK;
