/* SPDX-License-Identifier: MIT */
/* The tools that a client may call; private to mcp/. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "mcp/mcp.h"
#include "store/filter.h"

/* What a call came to. */
struct mcp_reply {
    json_t *content;    /* array of blocks: text, image */
    json_t *structured; /* the same as an object of the tool's outputSchema; NULL: none */
    json_t *photos;     /* array of the photos it tells of, for the ledger */
    unsigned facts;     /* enum fact told of them, for the ledger */
    bool is_error;      /* the one text block says what the client should do otherwise */
};
void mcp_reply_release(struct mcp_reply *reply);
/* An error for the client in place of what the reply had. */
void mcp_refuse(struct mcp_reply *reply, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The structured reply, and the same as text for clients that only read text; takes `value`. */
void mcp_answer(struct mcp_reply *reply, json_t *value);

struct mcp_tool {
    const char *name, *title, *description;
    const char *input, *output; /* JSON schemas; output NULL: none */
    /* An error is the gallery's; what the client did wrong is mcp_refuse. `input` is an object. */
    int (*run)(struct mcp *mcp, const json_t *input, struct mcp_reply *reply, struct error *err);
};

/* The table; ends with a NULL name. */
extern const struct mcp_tool mcp_tools[];

int mcp_search_photos(struct mcp *mcp, const json_t *input, struct mcp_reply *reply,
                      struct error *err);
int mcp_similar_photos(struct mcp *mcp, const json_t *input, struct mcp_reply *reply,
                       struct error *err);
int mcp_view_photo(struct mcp *mcp, const json_t *input, struct mcp_reply *reply,
                   struct error *err);
int mcp_photo_facts(struct mcp *mcp, const json_t *input, struct mcp_reply *reply,
                    struct error *err);
int mcp_gallery_status(struct mcp *mcp, const json_t *input, struct mcp_reply *reply,
                       struct error *err);

/* ---- reading what a client gives, after mcp/mcp_input.h; false after mcp_refuse ---- */

/* A text of 1 to 1,000 bytes without NUL; NULL when absent and not `required`; borrowed. */
bool input_text(const json_t *input, const char *key, bool required, const char **ret_text,
                struct mcp_reply *reply);
/* 3, 3.0 and "3" are the same. */
bool input_number(const json_t *input, const char *key, int64_t min, int64_t max, int64_t otherwise,
                  int64_t *ret_number, struct mcp_reply *reply);
/* "id", required. */
bool input_photo(const json_t *input, int64_t *ret_id, struct mcp_reply *reply);

/* ---- photos ---- */

#define MCP_RESULTS_DEFAULT 10
#define MCP_RESULTS_MAX 50

/* The photo, when there is one that the client may know of; else refuses and gives false, or an
 * error into *ret_rc. The caller releases. */
bool mcp_get_photo(struct mcp *mcp, int64_t id, struct store_photo *ret_photo,
                   struct mcp_reply *reply, int *ret_rc, struct error *err);
/* Takes from the photo what mcp->facts keeps back, and notes in reply->facts what is left. */
void mcp_strip_photo(const struct mcp *mcp, struct store_photo *photo, struct mcp_reply *reply);
/* Adds place and camera of such a photo to its object. */
void mcp_add_facts(json_t *object, const struct photo_facts *facts);
/* Notes in reply->photos that the reply tells of it. */
void mcp_note_photo(struct mcp_reply *reply, const struct store_photo *photo);
