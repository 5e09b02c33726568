/* SPDX-License-Identifier: MIT */
/* What a decoding worker says, which may be a worker that a file took over: refused with a
 * sentence, or pixels that lie in the memory that is shared, and facts that can be printed and
 * stored. The first byte is the size of that memory in units of 64 KiB. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/facts.h"
#include "base/limits.h"
#include "base/text.h"
#include "cage/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t room)
{
    size_t length = strnlen(text, room);
    if (length == room || !text_is_utf8(text, length))
        __builtin_trap();
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            __builtin_trap();
}

static void check_picture(const struct wire_answer *a, uint64_t room)
{
    struct photo_facts facts;
    uint64_t bytes = 3 * (uint64_t)(uint32_t)a->width * (uint32_t)a->height;
    if (a->width < 1 || a->height < 1 || a->offset > room || bytes > room - a->offset)
        __builtin_trap();
    wire_read_facts(&a->facts, &facts);
    if (facts.width < a->width || facts.height < a->height || facts.width > LIMIT_PHOTO_SIDE_PX)
        __builtin_trap();
    if (!isfinite(facts.latitude) || fabs(facts.latitude) > 90 || fabs(facts.longitude) > 180)
        __builtin_trap();
    struct decode_extras extras;
    wire_read_extras(&a->extras, &extras);
    for (size_t i = 0; i < extras.regions.n; i++) {
        const struct photo_region *r = &extras.regions.items[i];
        check_text(r->name, sizeof r->name);
        if (r->has_box &&
            !(r->x >= 0 && r->y >= 0 && r->x + r->width < 1.001 && r->y + r->height < 1.001))
            __builtin_trap();
    }
    for (size_t i = 0; i < FACT_COUNT; i++)
        if (fact_table[i].type == FACT_TEXT || fact_table[i].type == FACT_TIME)
            check_text(fact_text(&fact_table[i], &facts), fact_table[i].size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    union {
        struct wire_answer answer;
        uint8_t bytes[sizeof(struct wire_answer)];
    } whole = {.bytes = {0}};
    struct wire_answer answer;
    struct error err = ERROR_INIT;
    if (size == 0)
        return 0;
    uint64_t room = (uint64_t)data[0] << 16;
    const uint8_t *packet = data + 1;
    size--;
    if (size >= offsetof(struct wire_answer, facts)) { /* however many facts there are by now */
        memcpy(whole.bytes, packet, size < sizeof whole ? size : sizeof whole);
        packet = whole.bytes;
        size = sizeof whole;
    }
    int rc = wire_read_answer(packet, size, room, &answer, &err);
    if (rc ? rc != ERR_CORRUPT || !err.message[0] : size != sizeof answer)
        __builtin_trap();
    if (!rc && answer.kind == WIRE_PICTURE)
        check_picture(&answer, room);
    if (!rc && answer.kind == WIRE_FAILURE)
        check_text(answer.message, sizeof answer.message);
    return 0;
}
