/* SPDX-License-Identifier: MIT */
/* What a text query needs of a model, ready for use in one mapped file: the text tower packed for
 * this CPU, and the tokenizer.
 *
 * The file is in $XDG_CACHE_HOME/keepsake (file_cache_home), is made when a text is first embedded
 * with a model, and may be deleted at any time. It belongs to one state of the model's files (their
 * sizes, times and inodes) and one precision; for any other it is made again. Without such a
 * folder, or when the disk is full, the same bytes are made in memory by each process.
 *
 * docs/cache.md describes the layout. The file is not trusted: every offset and size in it is
 * checked when it is opened. The weights themselves are compared with their digests by
 * clip_ready_verify only, because reading them all takes longer than a search. */
#pragma once

#include "base/file.h"
#include "clip/text_pack.h"
#include "tokenizer/tokenizer.h"

/* What a file was made from, and for. */
struct ready_source {
    const struct clip_config *config;
    bool rounded;         /* the precision allows weights of 16 bits */
    char *folder;         /* of the model: its real path */
    char *path;           /* of the file; NULL: there is no cache folder */
    uint8_t identity[32]; /* SHA-256 of all that the content depends on */
};

struct ready {
    uint8_t fingerprint[32]; /* of the weights, as clip_fingerprint */
    struct text_pack pack;
    struct tensor token;   /* [vocab_size][width], in the weights file */
    const void *tokenizer; /* for tokenizer_open_packed */
    size_t tokenizer_bytes;
    struct file_map map, weights; /* empty if they are not mapped */
    void *block;                  /* the content in memory instead of `map` */
};

/* The config must outlive the source. ERR_NOT_FOUND: a file of the model is missing. */
int ready_source_read(const char *folder, const struct clip_config *config, bool rounded,
                      struct ready_source *ret_source, struct error *err) MUST_CHECK;
void ready_source_release(struct ready_source *source);

/* Maps the file. ERR_NOT_FOUND: there is none; ERR_CORRUPT: it is damaged, or belongs to another
 * state of the model. */
int ready_open(const struct ready_source *source, struct ready **ret_ready,
               struct error *err) MUST_CHECK;
/* Makes the content, and a file of it where that is possible. `weights` and `tokenizer` are those
 * of the model; weights must outlive the result. ERR_NO_MEMORY, ERR_LIMIT. */
int ready_make(const struct ready_source *source, const struct clip_weights *weights,
               const struct tokenizer *tokenizer, struct ready **ret_ready,
               struct error *err) MUST_CHECK;
void ready_close(struct ready *ready); /* NULL is fine */
DEFINE_AUTO(ready, ready_close)

/* Fills fingerprint, pack, token (all but its data) and tokenizer from the content of a file, which
 * must outlive them and is aligned to PANEL_ALIGN; weights_bytes is the size of the weights file,
 * and *ret_token_offset the place of the token rows in it. Used by ready_open, tests and fuzzing.
 */
int ready_parse(const void *bytes, size_t size, const uint8_t identity[32],
                const struct clip_config *config, size_t weights_bytes, struct ready *ret_ready,
                size_t *ret_token_offset, struct error *err) MUST_CHECK;
/* Deletes the files in a cache folder that nothing will use again: those of model folders that are
 * gone, and of older formats. */
void ready_prune(const char *cache);
/* Compares all of the content with its digests. */
bool ready_is_whole(const void *bytes, size_t size);
