/* SPDX-License-Identifier: MIT */
/* The server's thread that fills rows which other programs insert without a vector into a gallery
 * in PostgreSQL, wherever their files are. It has stores of its own; the database tells it of such
 * rows (store/missing.h). If the user of the gallery may not write to it, or the connection is
 * lost, the log says so once, and the thread tries again later. */
#pragma once

#include "base/error.h"

struct filling;
struct server;

/* *ret_filling is NULL for a gallery in a file, which has no such rows. ERR_LIMIT: the system gives
 * no thread. */
int filling_start(struct server *server, struct filling **ret_filling,
                  struct error *err) MUST_CHECK;
void filling_end(struct filling *filling);  /* asks it to stop; NULL is fine */
void filling_free(struct filling *filling); /* stops and waits; NULL is fine */
