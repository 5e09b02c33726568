/* SPDX-License-Identifier: MIT */
/* Models by name: which exist, which are here, how they get here, whether they are what they claim.
 *
 * A model is a folder. Installed ones are FOLDER/<id> in $XDG_DATA_HOME/keepsake/models (pulled or
 * copied by hand) and in the read-only share/keepsake/models that comes with the program (mini). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "clip/clip.h"

struct model_file {
    const char *name; /* in the model folder */
    const char *url; /* path below the endpoint: "/REPO/resolve/REVISION/FILE"; NULL: comes with the
                        program */
    uint64_t size;   /* bytes; 0: not pinned */
    const char *sha256; /* lower-case hexadecimal; NULL: not pinned */
};

struct model_entry {
    const char *id;    /* "clip-vit-b-32" */
    const char *title; /* one line for people */
    const char *licence;
    const struct model_file
        *files; /* ends with name == NULL; NULL when it cannot be pulled (mini) */
};

/* The known models, best default first; ends with id == NULL. */
const struct model_entry *model_entries(void);
const struct model_entry *model_entry(const char *id); /* NULL when unknown */

struct model_choice {
    char *id; /* the registry id, or the folder's own name for --model DIR */
    char *folder;
    bool fallback; /* mini, chosen only because nothing better is installed */
};

/* `wanted`: an id, a folder (anything with a slash, or "."), or NULL for the default: the first
 * installed of model_entries(). ERR_NOT_FOUND with the way out (pull, copy by hand, --model DIR).
 */
int model_find(const char *wanted, struct model_choice *ret_choice, struct error *err) MUST_CHECK;
void model_choice_release(struct model_choice *choice);

/* The folder of an installed model, or NULL; the caller frees. */
char *model_folder(const char *id);
/* Where a pull puts it: $XDG_DATA_HOME/keepsake/models/<id>; the caller frees. */
char *model_install_folder(const char *id);

struct model_pull_progress {
    const char *file;
    uint64_t done, total; /* bytes of this file; total 0 when not known yet */
    double bytes_per_second;
};

struct model_pull_options {
    const char *endpoint; /* NULL: $HF_ENDPOINT, else https://huggingface.co */
    const char *ca_file;  /* NULL: as web_ca_file (net/web.h) */
    int retries; /* attempts after the first, for cut connections, 429 and 5xx; < 0: 6. One that
                    brought a MiB or more begins the count anew. */
    double retry_pause_s; /* first pause, doubled each time up to a minute; < 0: 1 */
    double stall_s;       /* a connection that brings nothing for so long is given up; <= 0: 30 */
    void (*progress)(void *context, const struct model_pull_progress *progress); /* may be NULL */
    bool (*cancelled)(void *context);                                            /* may be NULL */
    void *context;
};

/* Where model_pull would take a file from, for the caller to free. ERR_INVALID: an endpoint that is
 * none. */
int model_file_url(const struct model_file *file, const char *endpoint, char **ret_url,
                   struct error *err) MUST_CHECK;

/* Downloads what is missing of a model into a .partial folder beside its place, resuming, checks
 * size and SHA-256, and renames it into place. A partial download is kept on failure and continued
 * by the next pull; a file whose hash is wrong is thrown away. ERR_NETWORK (with what to do without
 * a network), ERR_CORRUPT, ERR_IO, ERR_CANCELLED. Nothing is changed when the model is already
 * complete. HF_TOKEN is sent as a bearer token to the endpoint's own host only, and is never
 * printed. */
int model_pull(const struct model_entry *entry, const struct model_pull_options *options,
               struct error *err) MUST_CHECK;

struct model_check {
    char name[96]; /* "text: hello" */
    bool known;    /* false: nothing recorded to compare with; only that it ran */
    bool good;
    double got, want, tolerance;
};

/* Runs the model in `folder` on inputs with recorded outputs, and returns one check each:
 * - those of its own reference.json (mini has one: hashes of its files, and vectors of sentences
 * and drawn pictures);
 * - else, when its shape is that of OpenAI's ViT-B/32 and it either is called clip-vit-b-32 or
 *   answers like it: published vectors of sentences, and, when KEEPSAKE_VERIFY_PICTURES names a
 *   folder with the pictures (416_264.jpg, 389_535.jpg, 000000039769.png), published vectors and
 *   logits of those;
 * - else nothing is known: it runs, vectors have unit length and differ.
 * Whether the files are the pinned ones is not asked here (see model_file.sha256). *ret_checks is
 * the caller's to free. */
int model_verify(struct clip *clip, const char *folder, struct model_check **ret_checks,
                 size_t *ret_count, struct error *err) MUST_CHECK;
