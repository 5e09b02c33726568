/* SPDX-License-Identifier: MIT */
/* What a running command holds: its settings, and the gallery and model once it opened them. */
#pragma once

#include "base/error.h"
#include "cli/settings.h"
#include "clip/clip.h"
#include "models/model.h"
#include "store/store.h"
#include "thumbs/thumbs.h"

struct context {
    struct settings settings;
    struct store *store;        /* NULL until context_open_gallery */
    struct clip *clip;          /* NULL until context_open_model */
    struct model_choice choice; /* of clip */
    struct llm *llm;            /* NULL until context_open_llm */
    struct thumbs *thumbs;      /* NULL until thumbnails_open */
    bool has_remark;            /* of context_remark_model */
    bool brings_records;        /* labels and rules come into a gallery that is made */
};

void context_release(struct context *context);

/* Opens the gallery that the settings name. ERR_NOT_FOUND, with the way to make one, when there is
 * none: no mode makes it. */
int context_open_gallery(struct context *context, enum store_mode mode,
                         struct error *err) MUST_CHECK;

/* As context_open_gallery for STORE_READ, but also one whose tables another program changed: for
 * store_check only. */
int context_examine_gallery(struct context *context, struct error *err) MUST_CHECK;

/* As context_open_gallery for STORE_WRITE, but makes the gallery when there is none. What the store
 * remarks is noted; options (may be NULL) say the rest. */
int context_make_gallery(struct context *context, const struct store_options *options,
                         struct error *err) MUST_CHECK;

/* Finds and opens the model: the one the settings name; else the one the gallery's vectors are of
 * (the open gallery's, or that of the settings); else the best installed. */
int context_open_model(struct context *context, struct error *err) MUST_CHECK;

/* Says, once a day, that the model which was opened is only the small one that comes with the
 * program and that nobody asked for. Commands that end need not call it: it is said after them,
 * unless they failed. */
void context_remark_model(struct context *context);

/* The language model that the settings name: needs no key yet, and no server. */
int context_open_llm(struct context *context, struct error *err) MUST_CHECK;

/* A gallery's name for people and programs: `where` exactly, but without a password. The caller
 * frees. */
char *context_name(const char *where);

/* Finds it only, without opening: the caller releases. */
int context_find_model(struct context *context, struct model_choice *ret_choice,
                       struct error *err) MUST_CHECK;

/* A remark on stderr, unless --quiet. */
void context_note(const struct context *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
