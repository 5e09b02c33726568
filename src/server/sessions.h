/* SPDX-License-Identifier: MIT */
/* Who has signed in: names that cannot be guessed, kept as hashes, in memory only. They end when
 * the server does. Any number of threads may use them. */
#pragma once

#include <stdbool.h>

#define SESSION_NAME_SIZE 65 /* 64 hexadecimal digits and the NUL */
#define SESSION_S (30 * 86400)

struct sessions;

struct sessions *sessions_new(void);
void sessions_free(struct sessions *s); /* NULL is fine */

/* A new one, good for SESSION_S. When there are too many, the oldest ends. */
void sessions_open(struct sessions *s, char ret_name[SESSION_NAME_SIZE]);
bool sessions_has(struct sessions *s, const char *name);
void sessions_end(struct sessions *s, const char *name);
