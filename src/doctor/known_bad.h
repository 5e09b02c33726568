/* SPDX-License-Identifier: MIT */
/* Libraries that parse untrusted data, and those of their versions that are known to be dangerous.
 *
 *     struct library webp = {"libwebp", "1.2.4"};
 *     known_bad_judge(&webp, status, &verdict);      CVE-2023-4863, fixed by Debian
 *
 * The version alone is not conclusive if a distribution fixes a library without a new version. For
 * a version below the fixed one, the verdict therefore also uses Debian's package manager. */
#pragma once

#include <stddef.h>

#include "doctor/doctor.h"

/* A line of the table in known_bad_table.c. */
struct known_bad {
    const char *library;
    const char *since, *below; /* versions from `since` (NULL: all) to before `below` are bad */
    /* Debian's versions that fix an older upstream version; ends with a NULL. */
    const char *debian[3];
    const char *packages[3]; /* the names of Debian's packages */
    const char *what;        /* the vulnerability, with its CVE number */
    const char *source;      /* the source of this information */
};
extern const struct known_bad known_bad_table[]; /* ends with library NULL */

enum library_state {
    LIBRARY_GOOD,    /* no known vulnerability */
    LIBRARY_MENDED,  /* the version is bad, but the distribution has fixed it */
    LIBRARY_UNKNOWN, /* the version is bad, and it is unknown whether the distribution fixed it */
    LIBRARY_BAD,
};

struct library_verdict {
    enum library_state state;
    const struct known_bad *known; /* the worst; NULL if LIBRARY_GOOD */
    char package[160];             /* "libwebp7 1.2.4-0.2+deb12u1"; "" if there is none */
};

/* `status` is the text of dpkg's status file; NULL without dpkg. */
void known_bad_judge(const struct library *library, const char *status,
                     struct library_verdict *ret_verdict);

/* Returns one sentence for people about a verdict that is not LIBRARY_GOOD. The caller frees it. */
char *known_bad_sentence(const struct library *library, const struct library_verdict *verdict);

/* Returns the text of dpkg's status file; NULL if there is none. The caller frees it. */
char *known_bad_read_status(void);
