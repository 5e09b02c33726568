/* SPDX-License-Identifier: MIT */
/* Says what a ready file belongs to, and makes one. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file_replace.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/strbuf.h"
#include "clip/ready.h"
#include "clip/ready_layout.h"

/* ---- What it belongs to. ---- */

/* A file that was replaced or written to differs in one of these. */
static int add_file(struct strbuf *text, const char *path, struct error *err)
{
    struct stat info;
    if (stat(path, &info) < 0)
        return error_set(err, ERR_NOT_FOUND, "%s is missing", path);
    return strbuf_addf(text, err, "%lld %llu %lld.%09ld %lld.%09ld\n", (long long)info.st_size,
                       (unsigned long long)info.st_ino, (long long)info.st_mtim.tv_sec,
                       info.st_mtim.tv_nsec, (long long)info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
}

static int add_files(struct strbuf *text, const char *folder, const char *weights,
                     struct error *err)
{
    AUTO_FREE char *vocab = file_join(folder, "vocab.json");
    AUTO_FREE char *merges = file_join(folder, "merges.txt");
    int code = add_file(text, weights, err);
    if (!code)
        code = add_file(text, vocab, err);
    return code ? code : add_file(text, merges, err);
}

static int add_config(struct strbuf *text, const struct clip_config *config, bool rounded,
                      struct error *err)
{
    const struct tower_config *tower = &config->text;
    return strbuf_addf(text, err, "%d %d %zu; %d %d %d %d %d %d %d %d %d %a\n", READY_VERSION,
                       rounded, panel_width(), config->layout, config->dim, config->context,
                       config->vocab_size, tower->width, tower->layers, tower->heads,
                       tower->mlp_width, tower->activation, (double)tower->epsilon);
}

/* One file for each model folder, kind of weights and width of panels. */
static char *cache_path(const char *folder, bool rounded)
{
    uint8_t digest[HASH_BYTES];
    char name[HASH_HEX_SIZE];
    AUTO_FREE char *cache = file_cache_home();
    if (!cache)
        return NULL;
    hash_bytes(folder, strlen(folder), digest);
    return xasprintf("%s/" READY_PREFIX "%.16s-%s-w%zu.bin", cache, hash_hex(digest, name),
                     rounded ? "bf16" : "f32", panel_width());
}

int ready_source_read(const char *folder, const struct clip_config *config, bool rounded,
                      struct ready_source *ret_source, struct error *err)
{
    struct strbuf text = STRBUF_INIT(LIMIT_CONFIG_BYTES);
    AUTO_FREE char *weights = clip_weights_path(folder, config);
    struct ready_source source = {.config = config, .rounded = rounded};
    int code = add_config(&text, config, rounded, err);
    if (!code)
        code = add_files(&text, folder, weights, err);
    if (!code)
        hash_bytes(text.data, text.length, source.identity);
    strbuf_release(&text);
    if (code)
        return code;
    source.folder = realpath(folder, NULL);
    if (!source.folder)
        source.folder = xstrdup(folder);
    source.path = cache_path(source.folder, rounded);
    *ret_source = source;
    return 0;
}

void ready_source_release(struct ready_source *source)
{
    free(source->path);
    free(source->folder);
    *source = (struct ready_source){.config = NULL};
}

/* ---- Making one. ---- */

static size_t align_section(size_t at)
{
    return (at + READY_ALIGN - 1) / READY_ALIGN * READY_ALIGN;
}

static struct ready_head plan_head(const struct ready_source *source,
                                   const struct clip_weights *weights, enum panel_type type,
                                   const struct tokenizer *tokenizer)
{
    struct ready_head head = {.magic = READY_MAGIC,
                              .version = READY_VERSION,
                              .text_type = type,
                              .token_type = weights->token.type,
                              .token_offset = safetensors_offset(weights->file, &weights->token)};
    memcpy(head.identity, source->identity, sizeof head.identity);
    safetensors_fingerprint(weights->file, head.fingerprint);
    if (strlen(source->folder) < sizeof head.folder)
        memcpy(head.folder, source->folder, strlen(source->folder));
    struct ready_section *text = &head.sections[READY_TEXT],
                         *tokens = &head.sections[READY_TOKENIZER];
    text->offset = READY_HEAD_BYTES;
    text->bytes = text_pack_bytes(source->config, type);
    tokens->offset = align_section(text->offset + text->bytes);
    tokens->bytes = tokenizer_packed_bytes(tokenizer);
    head.file_bytes = tokens->offset + tokens->bytes;
    return head;
}

static void seal(uint8_t *block, struct ready_head *head)
{
    for (int i = 0; i < READY_SECTIONS; i++)
        hash_bytes(block + head->sections[i].offset, head->sections[i].bytes,
                   head->sections[i].digest);
    hash_bytes(head, offsetof(struct ready_head, digest), head->digest);
    memcpy(block, head, sizeof *head);
}

static int fill_block(const struct ready_source *source, const struct clip_weights *weights,
                      const struct tokenizer *tokenizer, struct ready_head *head, uint8_t *block,
                      struct error *err)
{
    struct text_pack pack;
    memset(block, 0, READY_HEAD_BYTES);
    memset(block + head->sections[READY_TEXT].offset, 0,
           head->file_bytes - head->sections[READY_TEXT].offset);
    text_pack_place(source->config, (enum panel_type)head->text_type,
                    block + head->sections[READY_TEXT].offset, &pack);
    int code = text_pack_fill(&pack, weights, err);
    text_pack_release(&pack);
    if (code)
        return code;
    tokenizer_pack(tokenizer, block + head->sections[READY_TOKENIZER].offset);
    seal(block, head);
    return 0;
}

/* True when the file is there and was mapped. */
static bool write_file(const struct ready_source *source, const uint8_t *block, size_t size,
                       struct ready **ret_ready)
{
    struct error ignored;
    AUTO_FREE char *folder = source->path ? file_parent(source->path) : NULL;
    if (!folder || file_make_folders(folder, &ignored))
        return false;
    ready_prune(folder);
    return file_replace(source->path, block, size, 0600, &ignored) == 0 &&
           ready_open(source, ret_ready, &ignored) == 0;
}

/* Uses the block as it is. */
static int keep_block(const struct ready_source *source, const struct clip_weights *weights,
                      uint8_t *block, size_t size, struct ready **ret_ready, struct error *err)
{
    size_t unused;
    AUTO(ready) *ready = xcalloc(1, sizeof *ready);
    ready->block = block;
    int code =
        ready_parse(block, size, source->identity, source->config, SIZE_MAX, ready, &unused, err);
    if (code)
        return code;
    ready->token = weights->token;
    *ret_ready = ready;
    ready = NULL;
    return 0;
}

int ready_make(const struct ready_source *source, const struct clip_weights *weights,
               const struct tokenizer *tokenizer, struct ready **ret_ready, struct error *err)
{
    enum panel_type type;
    void *block;
    int code = text_pack_choose(source->config, weights, source->rounded, &type, err);
    if (code)
        return code;
    struct ready_head head = plan_head(source, weights, type, tokenizer);
    code = try_alloc(head.file_bytes, 1, LIMIT_TOWER_BYTES, &block, err);
    if (code)
        return error_add(err, "the model's weights");
    code = fill_block(source, weights, tokenizer, &head, block, err);
    if (!code && !write_file(source, block, head.file_bytes, ret_ready))
        return keep_block(source, weights, block, head.file_bytes, ret_ready, err);
    free(block);
    return code;
}
