/* SPDX-License-Identifier: MIT */
/* Sessions of signed-in users: unguessable names, stored as hashes, in memory only. They end with
 * the server. Thread-safe. */
#pragma once

#include <stdbool.h>

#define SESSION_NAME_SIZE 65 /* 64 hexadecimal digits and the NUL */
#define SESSION_S (30 * 86400)

struct sessions;

struct sessions *sessions_new(void);
void sessions_free(struct sessions *s); /* NULL is fine */

/* Opens a session that is valid for SESSION_S. When there are too many, the oldest ends. */
void sessions_open(struct sessions *s, char ret_name[SESSION_NAME_SIZE]);
bool sessions_has(struct sessions *s, const char *name);
void sessions_end(struct sessions *s, const char *name);
