/* SPDX-License-Identifier: MIT */
/* The file of ready-packed weights: whatever is accepted lies within the file, and a tokenizer that
 * is accepted encodes any text to ids of its vocabulary.
 *
 * The input is a list of changes, eight bytes each: an offset and a new number there. They are made
 * to a sound head, whose digest is then made right again, and to the tokenizer of models/mini. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "clip/ready.h"
#include "clip/ready_layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct clip_config config = {
    .dim = 16,
    .text = {.width = 16, .layers = 1, .heads = 2, .mlp_width = 32, .epsilon = 1e-5f},
    .context = 8,
    .vocab_size = 100};

enum { TOKENIZER_BYTES = 100, WEIGHTS_BYTES = 100 * 16 * 4 };

static uint8_t *make_block(size_t size)
{
    void *block;
    struct error err;
    if (try_alloc(size, 1, SIZE_MAX, &block, &err))
        abort();
    return memset(block, 0, size);
}

static void change(uint8_t *bytes, size_t size, const uint8_t *changes, size_t n)
{
    for (size_t i = 0; i + 8 <= n; i += 8) {
        uint32_t at;
        memcpy(&at, changes + i, sizeof at);
        if (size >= 4 && at <= size - 4)
            memcpy(bytes + at, changes + i + 4, 4);
    }
}

static struct ready_head sound_head(size_t text)
{
    struct ready_head head = {
        .magic = READY_MAGIC, .version = READY_VERSION, .text_type = PANEL_F32};
    size_t tokenizer = (READY_HEAD_BYTES + text + READY_ALIGN - 1) / READY_ALIGN * READY_ALIGN;
    head.file_bytes = tokenizer + TOKENIZER_BYTES;
    head.sections[READY_TEXT] = (struct ready_section){READY_HEAD_BYTES, text, {0}};
    head.sections[READY_TOKENIZER] = (struct ready_section){tokenizer, TOKENIZER_BYTES, {0}};
    return head;
}

static void check_inside(const void *at, size_t bytes, const uint8_t *block, size_t size)
{
    const uint8_t *begin = at;
    if (begin < block || begin > block + size || bytes > (size_t)(block + size - begin))
        abort();
}

static void fuzz_head(const uint8_t *changes, size_t n)
{
    struct error err = ERROR_INIT;
    struct ready ready = {.block = NULL};
    struct ready_head head = sound_head(text_pack_bytes(&config, PANEL_F32));
    size_t size = head.file_bytes, offset = 0;
    uint8_t identity[32];
    AUTO_FREE uint8_t *block = make_block(size);
    change((uint8_t *)&head, sizeof head, changes, n);
    hash_bytes(&head, offsetof(struct ready_head, digest), head.digest);
    memcpy(identity, head.identity, sizeof identity);
    memcpy(block, &head, sizeof head);
    if (ready_parse(block, size, identity, &config, WEIGHTS_BYTES, &ready, &offset, &err)) {
        if (err.code >= 0 || err.message[0] == '\0')
            abort();
        return;
    }
    const struct packed_linear *last = &ready.pack.layers[0].fc2;
    check_inside(ready.pack.position, 8 * 16 * sizeof(float), block, size);
    check_inside(last->biases, 16 * sizeof(float), block, size);
    check_inside(ready.tokenizer, ready.tokenizer_bytes, block, size);
    if (offset + ready.token.count * (ready.token.type == TENSOR_F32 ? 4 : 2) > WEIGHTS_BYTES)
        abort();
    text_pack_release(&ready.pack);
}

static void fuzz_tokenizer(const uint8_t *changes, size_t n)
{
    static struct tokenizer *mini;
    struct error err = ERROR_INIT;
    if (!mini && tokenizer_open("models/mini", &mini, &err))
        return;
    size_t size = tokenizer_packed_bytes(mini), count;
    int32_t ids[64];
    bool truncated;
    AUTO_FREE uint8_t *block = make_block(size);
    AUTO(tokenizer) *t = NULL;
    tokenizer_pack(mini, block);
    change(block, size, changes, n);
    if (tokenizer_open_packed(block, size, &t, &err))
        return;
    if (tokenizer_encode(t, "The abc of ab's caf\xC3\xA9 123 in the snow", 64, ids, &count,
                         &truncated, &err))
        abort();
    for (size_t i = 0; i < count; i++)
        if (ids[i] < 0 || (size_t)ids[i] >= tokenizer_vocab_size(t))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_head(data, size);
    fuzz_tokenizer(data, size);
    return 0;
}
