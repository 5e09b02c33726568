/* SPDX-License-Identifier: MIT */
/* Opens the ready file of a model, checking all that it says. */
#include "clip/ready.h"

#include <stddef.h>
#include <string.h>

#include "base/hash.h"
#include "clip/ready_layout.h"

static int refuse_damage(struct error *err, const char *what)
{
    return error_set(err, ERR_CORRUPT, "the packed weights are damaged: %s", what);
}

static bool has_digest(const void *bytes, size_t size, const uint8_t digest[32])
{
    uint8_t own[HASH_BYTES];
    hash_bytes(bytes, size, own);
    return memcmp(own, digest, sizeof own) == 0;
}

static int check_head(const struct ready_head *head, size_t size, const uint8_t identity[32],
                      struct error *err)
{
    if (memcmp(head->magic, READY_MAGIC, sizeof head->magic) != 0 || head->version != READY_VERSION)
        return refuse_damage(err, "another format");
    if (!has_digest(head, offsetof(struct ready_head, digest), head->digest))
        return refuse_damage(err, "its head does not have its digest");
    if (memcmp(head->identity, identity, sizeof head->identity) != 0)
        return error_set(err, ERR_CORRUPT, "the packed weights are those of another model");
    if (head->file_bytes != size || head->text_type > PANEL_INT8 || head->token_type > TENSOR_BF16)
        return refuse_damage(err, "its size or a type");
    for (int i = 0; i < READY_SECTIONS; i++) {
        const struct ready_section *section = &head->sections[i];
        if (section->offset % READY_ALIGN || section->offset < READY_HEAD_BYTES ||
            section->offset > size || section->bytes > size - section->offset)
            return refuse_damage(err, "a section is outside");
    }
    return 0;
}

static int find_token(const struct ready_head *head, const struct clip_config *config,
                      size_t weights_bytes, struct ready *ready, struct error *err)
{
    size_t rows = (size_t)config->vocab_size, width = (size_t)config->text.width;
    size_t bytes = rows * width * (head->token_type == TENSOR_F32 ? 4 : 2);
    if (head->token_offset > weights_bytes || bytes > weights_bytes - head->token_offset)
        return refuse_damage(err, "the token rows are outside the weights");
    ready->token = (struct tensor){.type = (enum tensor_type)head->token_type,
                                   .rank = 2,
                                   .shape = {rows, width},
                                   .count = rows * width};
    return 0;
}

int ready_parse(const void *bytes, size_t size, const uint8_t identity[32],
                const struct clip_config *config, size_t weights_bytes, struct ready *ret_ready,
                size_t *ret_token_offset, struct error *err)
{
    struct ready_head head;
    if (size < READY_HEAD_BYTES)
        return refuse_damage(err, "it is too short");
    memcpy(&head, bytes, sizeof head);
    int code = check_head(&head, size, identity, err);
    if (!code)
        code = find_token(&head, config, weights_bytes, ret_ready, err);
    if (code)
        return code;
    const struct ready_section *text = &head.sections[READY_TEXT],
                               *tokenizer = &head.sections[READY_TOKENIZER];
    enum panel_type type = (enum panel_type)head.text_type;
    if (text->bytes != text_pack_bytes(config, type))
        return refuse_damage(err, "the text tower has another size");
    memcpy(ret_ready->fingerprint, head.fingerprint, sizeof ret_ready->fingerprint);
    text_pack_place(config, type, (uint8_t *)bytes + text->offset, &ret_ready->pack);
    ret_ready->tokenizer = (const uint8_t *)bytes + tokenizer->offset;
    ret_ready->tokenizer_bytes = tokenizer->bytes;
    *ret_token_offset = head.token_offset;
    return 0;
}

bool ready_is_whole(const void *bytes, size_t size)
{
    struct ready_head head;
    if (size < READY_HEAD_BYTES)
        return false;
    memcpy(&head, bytes, sizeof head);
    struct error ignored;
    if (check_head(&head, size, head.identity, &ignored))
        return false;
    for (int i = 0; i < READY_SECTIONS; i++)
        if (!has_digest((const uint8_t *)bytes + head.sections[i].offset, head.sections[i].bytes,
                        head.sections[i].digest))
            return false;
    return true;
}

/* The files are those that were examined before they were mapped. */
static bool is_current(const struct ready_source *source)
{
    struct error ignored;
    struct ready_source now;
    if (ready_source_read(source->folder, source->config, source->rounded, &now, &ignored))
        return false;
    bool same = memcmp(now.identity, source->identity, sizeof now.identity) == 0;
    ready_source_release(&now);
    return same;
}

int ready_open(const struct ready_source *source, struct ready **ret_ready, struct error *err)
{
    size_t token_offset;
    if (!source->path)
        return error_set(err, ERR_NOT_FOUND, "there is no cache folder");
    AUTO_FREE char *weights = clip_weights_path(source->folder, source->config);
    AUTO(ready) *ready = xcalloc(1, sizeof *ready);
    int code = file_map_open(source->path, &ready->map, err);
    if (!code)
        code = file_map_open(weights, &ready->weights, err);
    if (!code)
        code = ready_parse(ready->map.data, ready->map.size, source->identity, source->config,
                           ready->weights.size, ready, &token_offset, err);
    if (!code && !is_current(source))
        code = error_set(err, ERR_CORRUPT, "the model was replaced in the meantime");
    if (code)
        return code;
    ready->token.data = ready->weights.data + token_offset;
    *ret_ready = ready;
    ready = NULL;
    return 0;
}

void ready_close(struct ready *ready)
{
    if (!ready)
        return;
    text_pack_release(&ready->pack);
    file_map_close(&ready->map);
    file_map_close(&ready->weights);
    free(ready->block);
    free(ready);
}
