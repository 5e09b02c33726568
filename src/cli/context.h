/* SPDX-License-Identifier: MIT */
/* The state of a running command: its settings, and the gallery and models that it has opened. */
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
    bool has_remark;            /* context_remark_model is due */
    bool brings_records;        /* a new gallery will receive labels and rules */
};

void context_release(struct context *context);

/* Opens the gallery that the settings name. ERR_NOT_FOUND, with instructions to create one, if it
 * does not exist: no mode creates it. */
int context_open_gallery(struct context *context, enum store_mode mode,
                         struct error *err) MUST_CHECK;

/* The same as context_open_gallery for STORE_READ, but also opens one whose tables another program
 * changed: for store_check only. */
int context_examine_gallery(struct context *context, struct error *err) MUST_CHECK;

/* The same as context_open_gallery for STORE_WRITE, but creates the gallery if it does not exist.
 * Prints the store's remarks as notes; options (may be NULL) has further settings. */
int context_make_gallery(struct context *context, const struct store_options *options,
                         struct error *err) MUST_CHECK;

/* Finds and opens the model: the one that the settings name; else the one of the gallery's vectors
 * (of the open gallery, or that of the settings); else the best installed one. */
int context_open_model(struct context *context, struct error *err) MUST_CHECK;

/* Notes, once a day, that the opened model is only the small one that is included with the
 * program, and that nobody chose. A command that ends need not call it: the note follows
 * automatically unless the command failed. */
void context_remark_model(struct context *context);

/* Opens the language model that the settings name: needs neither a key nor a server yet. */
int context_open_llm(struct context *context, struct error *err) MUST_CHECK;

/* A gallery's name for people and programs: `where` unchanged, but without a password. The caller
 * frees it. */
char *context_name(const char *where);

/* Only finds the model, without opening it; the caller releases it. */
int context_find_model(struct context *context, struct model_choice *ret_choice,
                       struct error *err) MUST_CHECK;

/* Prints a remark on stderr, unless --quiet. */
void context_note(const struct context *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
