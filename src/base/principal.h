/* SPDX-License-Identifier: MIT */
/* Who asks. Every call of the server, every session of MCP and every question carries its
 * principal, so that what depends on who asks needs no further argument. Each face finds it out in
 * one place: the server in admission.c by auth_principal, the command line and MCP are the
 * owner's. */
#pragma once

#include <stdbool.h>

enum principal_kind {
    PRINCIPAL_GUEST, /* somebody who has not signed in, as an open server allows */
    PRINCIPAL_OWNER, /* whose gallery it is */
};

struct principal {
    enum principal_kind kind;
    const char *name; /* for people and logs */
};

/* They live as long as the process; a principal is always handed on as a pointer to such a one. */
extern const struct principal principal_guest, principal_owner;

static inline bool principal_is_owner(const struct principal *principal)
{
    return principal->kind == PRINCIPAL_OWNER;
}
