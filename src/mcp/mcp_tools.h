/* SPDX-License-Identifier: MIT */
/* The tools that a client may call; private to mcp/. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "mcp/mcp.h"
#include "store/filter.h"

/* The result of a call. */
struct mcp_reply {
    json_t *content;    /* array of blocks: text, image */
    json_t *structured; /* the same as an object of the tool's outputSchema; NULL: none */
    json_t *photos;     /* array of the photos that the reply is about, for the ledger */
    unsigned facts;     /* enum fact, of the facts told about them, for the ledger */
    bool is_error;      /* the only text block tells the client how to correct the call */
};
void mcp_reply_release(struct mcp_reply *reply);
/* Replaces the content of the reply by an error for the client. */
void mcp_refuse(struct mcp_reply *reply, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Sets the structured reply, and the same as text for clients that read only text; takes ownership
 * of `value`. */
void mcp_answer(struct mcp_reply *reply, json_t *value);

struct mcp_tool {
    const char *name, *title, *description;
    const char *input, *output; /* JSON schemas; output NULL: none */
    /* Runs a call. A failure of the gallery is an error; a mistake of the client is mcp_refuse.
     * `input` is an object. */
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

int mcp_list_albums(struct mcp *mcp, const json_t *input, struct mcp_reply *reply,
                    struct error *err);

/* Appends each name of a label that the client may know. */
int mcp_add_names(struct store *store, json_t *array, struct error *err) MUST_CHECK;

/* ---- readers of a client's input, after mcp/mcp_input.h; they return false after mcp_refuse ----
 */

/* Reads a text of 1 to 1,000 bytes without NUL; NULL if absent and not `required`; borrowed. */
bool input_text(const json_t *input, const char *key, bool required, const char **ret_text,
                struct mcp_reply *reply);
/* Reads a number; 3, 3.0 and "3" are equivalent. */
bool input_number(const json_t *input, const char *key, int64_t min, int64_t max, int64_t otherwise,
                  int64_t *ret_number, struct mcp_reply *reply);
/* Reads "id", which is required. */
bool input_photo(const json_t *input, int64_t *ret_id, struct mcp_reply *reply);

/* ---- photos ---- */

#define MCP_RESULTS_DEFAULT 10
#define MCP_RESULTS_MAX 50

/* Reads the photo if it exists and the client may know of it; otherwise refuses and returns false,
 * or sets *ret_rc to an error. The caller releases it. */
bool mcp_get_photo(struct mcp *mcp, int64_t id, struct store_photo *ret_photo,
                   struct mcp_reply *reply, int *ret_rc, struct error *err);
/* Clears the facts of the photo that mcp->facts withholds, and adds the kinds of the rest to
 * reply->facts. */
void mcp_strip_photo(const struct mcp *mcp, struct store_photo *photo, struct mcp_reply *reply);
/* Adds place and camera of such a photo to its object. */
void mcp_add_facts(json_t *object, const struct photo_facts *facts);
/* Adds the photo to reply->photos. */
void mcp_note_photo(struct mcp_reply *reply, const struct store_photo *photo);
