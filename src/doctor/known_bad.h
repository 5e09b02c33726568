/* SPDX-License-Identifier: MIT */
/* Libraries that read what strangers wrote, and the versions of them that are known as dangerous.
 *
 *     struct library webp = {"libwebp", "1.2.4"};
 *     known_bad_judge(&webp, status, &verdict);      CVE-2023-4863, mended by Debian
 *
 * A version says little where a distribution mends a library without a new version. So the verdict
 * on one that is below the version that mended it asks Debian's package manager, too. */
#pragma once

#include <stddef.h>

#include "doctor/doctor.h"

/* A line of the table in known_bad_table.c. */
struct known_bad {
    const char *library;
    const char *since, *below; /* bad are versions of at least `since` (NULL: all) below `below` */
    const char *debian[3];     /* Debian's versions that mend an older upstream version; NULL: no
                                  more are known */
    const char *packages[3];   /* the names of Debian's package */
    const char *what;          /* what it is, with its CVE number */
    const char *source;        /* where that is said */
};
extern const struct known_bad known_bad_table[]; /* ends with library NULL */

enum library_state {
    LIBRARY_GOOD,    /* nothing is known against it */
    LIBRARY_MENDED,  /* the version is bad, but the distribution has mended it */
    LIBRARY_UNKNOWN, /* the version is bad, and whether the distribution mended it is not known */
    LIBRARY_BAD,
};

struct library_verdict {
    enum library_state state;
    const struct known_bad *known; /* the worst; NULL when LIBRARY_GOOD */
    char package[160];             /* "libwebp7 1.2.4-0.2+deb12u1"; "" when there is none */
};

/* `status`: the text of dpkg's status file; NULL where there is no dpkg. */
void known_bad_judge(const struct library *library, const char *status,
                     struct library_verdict *ret_verdict);

/* One sentence for people about a verdict that is not LIBRARY_GOOD. The caller frees. */
char *known_bad_sentence(const struct library *library, const struct library_verdict *verdict);

/* The text of dpkg's status file; NULL where there is none. The caller frees. */
char *known_bad_read_status(void);
