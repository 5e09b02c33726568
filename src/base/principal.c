/* SPDX-License-Identifier: MIT */
/* The principals that there are. */
#include "base/principal.h"

const struct principal principal_guest = {PRINCIPAL_GUEST, "guest"};
const struct principal principal_owner = {PRINCIPAL_OWNER, "owner"};
