/* SPDX-License-Identifier: MIT */
/* Models by name: lists, finds, pulls and verifies them.
 *
 * A model is a folder. Installed ones are FOLDER/<id> in $XDG_DATA_HOME/keepsake/models (pulled, or
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
        *files; /* ends with name == NULL; NULL when the model cannot be pulled (mini) */
};

/* The known models, the preferred default first; ends with id == NULL. */
const struct model_entry *model_entries(void);
const struct model_entry *model_entry(const char *id); /* NULL when unknown */

struct model_choice {
    char *id; /* the registry's id, or the folder's own name for --model DIR */
    char *folder;
    bool fallback; /* mini, chosen only because no better one is installed */
};

/* `wanted`: an id, a folder (anything with a slash, or "."), or NULL for the default, the first of
 * model_entries() that is installed. ERR_NOT_FOUND says how to get the model (pull, copy by hand,
 * --model DIR). */
int model_find(const char *wanted, struct model_choice *ret_choice, struct error *err) MUST_CHECK;
void model_choice_release(struct model_choice *choice);

/* The folder of an installed model, or NULL; the caller frees. */
char *model_folder(const char *id);
/* The folder into which a pull installs it: $XDG_DATA_HOME/keepsake/models/<id>; the caller frees.
 */
char *model_install_folder(const char *id);

struct model_pull_progress {
    const char *file;
    uint64_t done, total; /* bytes of this file; total is 0 when unknown */
    double bytes_per_second;
};

struct model_pull_options {
    const char *endpoint; /* NULL: $HF_ENDPOINT, else https://huggingface.co */
    const char *ca_file;  /* NULL: as web_ca_file (net/web.h) */
    int retries; /* retries after cut connections, 429 and 5xx; < 0: 6. An attempt that brought a
                    MiB or more resets the count. */
    double retry_pause_s; /* first pause, doubled each time up to a minute; < 0: 1 */
    double stall_s;       /* a connection without data for so long is closed; <= 0: 30 */
    void (*progress)(void *context, const struct model_pull_progress *progress); /* may be NULL */
    bool (*cancelled)(void *context);                                            /* may be NULL */
    void *context;
};

/* The URL from which model_pull takes a file; the caller frees. ERR_INVALID: not a valid endpoint.
 */
int model_file_url(const struct model_file *file, const char *endpoint, char **ret_url,
                   struct error *err) MUST_CHECK;

/* Downloads the missing files of a model into a .partial folder beside its final place, checks size
 * and SHA-256, and renames the folder. A partial download is kept on failure and resumed by the
 * next pull; a file with a wrong hash is deleted. ERR_NETWORK (with what to do without a network),
 * ERR_CORRUPT, ERR_IO, ERR_CANCELLED. A no-op when the model is already complete. HF_TOKEN is sent
 * as a bearer token to the endpoint's own host only, and is never printed. */
int model_pull(const struct model_entry *entry, const struct model_pull_options *options,
               struct error *err) MUST_CHECK;

struct model_check {
    char name[96]; /* "text: hello" */
    bool known;    /* false: there is no recorded value to compare with; it only ran */
    bool good;
    double got, want, tolerance;
};

/* Runs the model in `folder` on inputs with recorded outputs, and returns one check per output:
 *
 * - those of its own reference.json (mini has one: hashes of its files, and vectors of sentences
 *
 * and drawn pictures);
 *
 * - else, when its shape is that of OpenAI's ViT-B/32 and it either is called clip-vit-b-32 or
 *   answers like it: published vectors of sentences, and, when KEEPSAKE_VERIFY_PICTURES names a
 *   folder with the pictures (416_264.jpg, 389_535.jpg, 000000039769.png), published vectors and
 *   logits of those;
 * - else nothing is recorded: checks that vectors have unit length and differ.
 *
 * Does not compare the files with the pinned hashes (see model_file.sha256). *ret_checks is the
 * caller's to free. */
int model_verify(struct clip *clip, const char *folder, struct model_check **ret_checks,
                 size_t *ret_count, struct error *err) MUST_CHECK;
