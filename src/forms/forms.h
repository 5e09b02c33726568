/* SPDX-License-Identifier: MIT */
/* The JSON form of each object that keepsake reports to programs: the only place that names its
 * keys.
 *
 * `keepsake --json`, the HTTP API (whose schemas are in server/openapi.json) and the tools of
 * `keepsake mcp` all print the results of these functions, so that an object has the same keys and
 * the same values everywhere. An object always has all of its keys; an unknown value is null. Text
 * that is not UTF-8 has U+FFFD for its malformed bytes, and KEY_base64 has the exact bytes. Keys
 * that have since been renamed are written under both names until version 1.0.
 *
 * Every function returns a new reference, which the caller releases; arguments are borrowed. */
#pragma once

#include <jansson.h>

#include "base/error.h"
#include "store/labels.h"
#include "store/ledger.h"
#include "store/rules.h"

struct album;
struct ask_answer;
struct index_report;
struct llm_usage;
struct never_send_rule;
struct outbox;
struct explained;
struct search_result;
struct syntax_fault;
struct thumbs_status;
struct understood;

/* ---- values ---- */

json_t *form_text(const char *text);           /* null for NULL and "" */
json_t *form_number(double number);            /* null for NAN */
json_t *form_time(int64_t unix_seconds);       /* "2026-11-23T15:42:00Z" */
json_t *form_box(const struct store_box *box); /* {x, y, width, height}; null for NULL */
/* Sets object[key] to a text of unknown origin, such as a path; null for NULL. */
void form_set_text(json_t *object, const char *key, const char *text);

/* ---- photos ---- */

#define PHOTO_VERSION_SIZE 17
/* Changes whenever the photo's content does: for ETags and the v parameter of its pictures' URLs.
 */
void form_version(const struct store_photo *photo, char ret_version[PHOTO_VERSION_SIZE]);

json_t *form_photo(const struct store_photo *photo);
/* A photo with all of its facts. `labels` is an array of form_label; `never_send` is the phrase of
 * the rule that withholds it, or NULL. */
json_t *form_photo_facts(const struct store_photo *photo, json_t *labels, const char *never_send);
/* A search result; rank counts from 1. */
json_t *form_result(const struct search_result *result, size_t rank);
json_t *form_label(const struct store_label *label);

/* An album. `photos`: how many; -1: not counted. `graded`: its query says what photos show.
 * `problem`: a sentence about its query, or NULL. */
json_t *form_album(const struct album *album, int64_t photos, bool graded, const char *problem);

/* ---- queries ---- */

/* How a query was read (search/explain.h). Positions count characters, not bytes. */
json_t *form_explanation(const struct understood *query, const struct explained *root);
/* The criteria that queries may have. */
json_t *form_keywords(void);
/* The place of a mistake in a query, and a corrected query, or null: {begin, end, instead}. */
json_t *form_position(const char *text, const struct syntax_fault *fault);

/* ---- places ---- */

/* Where the photos of a gallery were taken: countries with towns (store/towns.h). Reads the
 * gallery. */
int form_places(struct store *store, json_t **ret_object, struct error *err) MUST_CHECK;

/* ---- questions and answers ---- */

json_t *form_outbox(const struct outbox *outbox);
/* Only the photos of an outbox; an empty array for NULL. */
json_t *form_outbox_photos(const struct outbox *outbox);
json_t *form_usage(const struct llm_usage *usage);
/* `problem` is the sentence of the failure that cut the answer short, or NULL. */
json_t *form_answer(const struct ask_answer *answer, const char *provider, const char *problem);
json_t *form_ledger_entry(const struct ledger_entry *entry);
/* The photos of an entry: an array of objects with id, path, width, height, bytes, and box if only
 * a part was sent. */
json_t *form_ledger_photos(const struct ledger_entry *entry);
json_t *form_rule(enum store_rule_kind kind, const char *value);
const char *form_rule_kind(enum store_rule_kind kind); /* "folder", "label" */
/* A rule that was just added, with the number of photos it covers, and a warning if it covers
 * none. */
json_t *form_added_rule(const struct never_send_rule *rule);

/* ---- the gallery ---- */

/* `where`, as store_open takes it, without its password. The caller frees it. */
char *form_gallery_name(const char *where);
/* The public properties of a gallery. `name` is made by form_gallery_name. */
json_t *form_gallery(const struct store_status *status, const char *name);
/* The same with the properties for its owner only: labels, rules, photos left out, and folders
 * that cannot be reached. Reads the gallery. */
int form_status(struct store *store, const struct store_status *status, const char *name,
                const struct thumbs_status *thumbs, json_t **ret_object,
                struct error *err) MUST_CHECK;
/* The models of a gallery, the one in use first, and its kinds of signals: two arrays of objects
 * with the number of pictures that have a vector or signal, and that lack it. Reads the gallery. */
int form_signals(struct store *store, json_t **ret_models, json_t **ret_signals,
                 struct error *err) MUST_CHECK;
json_t *form_failure(const struct store_failure *failure);
json_t *form_damage(const char *path, const char *damage);
/* `interrupted` means that the run was stopped before its end. */
json_t *form_index_report(const struct index_report *report, bool interrupted);

/* ---- models ---- */

/* A model by its id, with title, licence and bytes from the registry. `folder` is where it is
 * installed, or NULL; `chosen` means that it is in use. */
json_t *form_model(const char *id, const char *folder, bool chosen);

struct embedding {
    const char *model; /* its id */
    const float *vector;
    size_t dim;
    bool is_text; /* of a text; false: of a picture, for which the next two are unknown */
    bool truncated, language_unsupported;
};
json_t *form_embedding(const struct embedding *embedding);
