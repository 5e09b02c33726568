/* SPDX-License-Identifier: MIT */
/* The gallery for another program's language model: a server of the Model Context Protocol
 * (modelcontextprotocol.io, revisions 2024-10-07 to 2026-07-28) over two streams, one JSON-RPC 2.0
 * message a line.
 *
 *     struct mcp mcp = {.principal = &principal_owner, .store = store, .clip = clip,
 *                       .model_id = id, .in = stdin, .out = stdout};
 *     mcp_serve(&mcp, err)                                  until the other side closes the stream
 *
 * Tools: search_photos, similar_photos, view_photo, photo_facts, gallery_status. All that tells of
 * a photo passes ask/gate.h: photos under a never-send rule do not exist for the client, and the
 * ledger has each reply before it leaves. The client is told what it asked for wrongly; only a
 * stream or a gallery that fails ends the service. */
#pragma once

#include <stdio.h>

#include "ask/telling.h"
#include "base/principal.h"
#include "clip/clip.h"
#include "store/store.h"

struct mcp {
    const struct principal *principal; /* for whom the client asks; never NULL */
    struct store *store;               /* opened for writing: the ledger */
    struct clip *clip;
    const char *model_id;
    const char *gallery; /* its name without a password */
    enum telling facts;  /* of photos, as text */
    FILE *in, *out;
    char client[128]; /* what it calls itself; filled by its initialize */
};

/* ERR_IO: the output cannot be written. */
int mcp_serve(struct mcp *mcp, struct error *err) MUST_CHECK;
