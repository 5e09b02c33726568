/* SPDX-License-Identifier: MIT */
/* Serves the gallery to another program's language model: a server of the Model Context Protocol
 * (modelcontextprotocol.io, revisions 2024-10-07 to 2026-07-28) over two streams, one JSON-RPC 2.0
 * message per line.
 *
 *     struct mcp mcp = {.principal = &principal_owner, .store = store, .clip = clip,
 *                       .model_id = id, .in = stdin, .out = stdout};
 *     mcp_serve(&mcp, err)                                  until the client closes the stream
 *
 * Tools: search_photos, similar_photos, view_photo, photo_facts, gallery_status. Everything told
 * about a photo goes through ask/gate.h: photos under a never-send rule do not exist for the
 * client, and each reply is in the ledger before it is sent. An invalid request is answered with
 * an error; only a failing stream or gallery ends the service. */
#pragma once

#include <stdio.h>

#include "ask/telling.h"
#include "base/principal.h"
#include "clip/clip.h"
#include "store/store.h"

struct mcp {
    const struct principal *principal; /* the principal for whom the client asks; never NULL */
    struct store *store;               /* opened for writing, for the ledger */
    struct clip *clip;
    const char *model_id;
    const char *gallery; /* its name without a password */
    enum telling facts;  /* the facts of photos that are told as text */
    FILE *in, *out;
    char client[128]; /* the client's own name; set by its initialize request */
};

/* ERR_IO: the output cannot be written. */
int mcp_serve(struct mcp *mcp, struct error *err) MUST_CHECK;
