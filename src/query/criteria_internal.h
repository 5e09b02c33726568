/* SPDX-License-Identifier: MIT */
/* What the files of trees of criteria share. Private to query/. */
#pragma once

#include "query/criteria.h"

/* ERR_LIMIT when the tree is larger than base/limits.h allows. */
int criteria_check_size(const struct criteria *criteria, struct error *err) MUST_CHECK;
