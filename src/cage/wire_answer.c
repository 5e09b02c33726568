/* SPDX-License-Identifier: MIT */
/* Parses a worker's answer, which is untrusted. */
#include <math.h>
#include <string.h>

#include "base/facts.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "cage/wire.h"
#include "image/formats.h"

static int refuse_answer(const char *what, struct error *err)
{
    return error_set(err, ERR_CORRUPT, "the decoder sent an invalid answer: %s", what);
}

/* NUL-terminated within its field, and fit to be printed as it is, but for `separator` (0: none).
 */
static bool is_clean(const char *field, size_t size, char separator)
{
    size_t length = strnlen(field, size);
    if (length == size || !text_is_utf8(field, length))
        return false;
    AUTO_FREE char *text = xstrndup(field, length);
    for (size_t i = 0; separator && i < length; i++)
        text[i] = text[i] == separator ? ' ' : text[i];
    AUTO_FREE char *printable = text_printable(text, length);
    return strcmp(printable, text) == 0;
}

static bool is_side(int32_t px)
{
    return px >= 1 && px <= LIMIT_PHOTO_SIDE_PX;
}

/* Numbers of flagged facts count only where the flag is set. */
static const char *find_fault_in_number(const struct fact *fact, const struct photo_facts *facts)
{
    bool is_known = fact_is_known(fact, facts);
    if (fact_can_be(fact, fact_number(fact, facts)))
        return NULL;
    if (fact->kind == FACT_SHAPE)
        return "an impossible size";
    if (!is_known)
        return NULL;
    return fact->kind == FACT_PLACE ? "invalid coordinates" : "an impossible number";
}

static const char *find_fault_in_text(const struct fact *fact, const char *text)
{
    if (fact->type == FACT_TIME && text[strspn(text, "0123456789-:T+.Z")] != '\0')
        return "an invalid date";
    if (fact == &fact_table[FACT_INDEX_format] && !format_is_known(text))
        return "an unknown format";
    return NULL;
}

static bool are_texts_clean(const struct wire_facts *f)
{
    bool clean = true;
#define TEXT(name, bytes, ...) clean = clean && is_clean(f->name, bytes, 0);
#define TIME(name, bytes, ...) clean = clean && is_clean(f->name, bytes, 0);
#define LIST(name, bytes, ...) clean = clean && is_clean(f->name, bytes, '\n');
#define WHOLE(name, ...)
#define REAL(name, ...)
#define FLAG(name) clean = clean && f->name <= 1;
#include "base/facts.def"
    return clean;
}

static const char *find_fault_in_facts(const struct wire_facts *f)
{
    struct photo_facts facts;
    const char *fault = NULL;
    if (!are_texts_clean(f))
        return "an invalid text";
    wire_read_facts(f, &facts);
    for (size_t i = 0; !fault && i < FACT_COUNT; i++)
        fault = fact_is_text(&fact_table[i])
                    ? find_fault_in_text(&fact_table[i], fact_text(&fact_table[i], &facts))
                    : find_fault_in_number(&fact_table[i], &facts);
    return fault;
}

#define EDGE 1e-9 /* tolerance for a box that exceeds the picture because of rounding */

static bool is_inside(const struct wire_region *r)
{
    return r->x >= 0 && r->y >= 0 && r->width > 0 && r->height > 0 && r->x + r->width <= 1 + EDGE &&
           r->y + r->height <= 1 + EDGE; /* false for NAN */
}

static const char *find_fault_in_extras(const struct wire_extras *e)
{
    if (e->n_regions > LIMIT_REGIONS)
        return "too many regions";
    if (e->broken_sidecars >> LIMIT_SIDECARS)
        return "an unknown sidecar";
    for (uint32_t i = 0; i < e->n_regions; i++) {
        const struct wire_region *r = &e->regions[i];
        if (!is_clean(r->name, sizeof r->name, 0) || !r->name[0])
            return "an invalid name of a region";
        if (r->has_box > 1 || (r->has_box && !is_inside(r)))
            return "an impossible region";
    }
    return NULL;
}

static const char *find_fault_in_picture(const struct wire_answer *a, uint64_t output_room)
{
    if (!is_side(a->width) || !is_side(a->height))
        return "an impossible size";
    uint64_t bytes = (uint64_t)a->width * (uint64_t)a->height * 3;
    if (a->offset > output_room || bytes > output_room - a->offset)
        return "pixels outside of its memory";
    const char *fault = find_fault_in_facts(&a->facts);
    if (!fault)
        fault = find_fault_in_extras(&a->extras);
    if (!fault && (a->width > a->facts.width || a->height > a->facts.height))
        fault = "more pixels than the picture has";
    return fault;
}

static const char *find_fault_in_failure(const struct wire_answer *a)
{
    switch (a->code) {
    case ERR_CORRUPT:
    case ERR_LIMIT:
    case ERR_UNSUPPORTED:
    case ERR_NO_MEMORY:
        break;
    default:
        return "an unknown kind of failure";
    }
    return a->message[0] && is_clean(a->message, sizeof a->message, 0)
               ? NULL
               : "a failure without a sentence";
}

int wire_read_answer(const void *data, size_t size, uint64_t output_room,
                     struct wire_answer *ret_answer, struct error *err)
{
    struct wire_answer answer;
    const char *fault = NULL;
    if (size != sizeof answer)
        return refuse_answer("it has a wrong length", err);
    memcpy(&answer, data, sizeof answer);
    switch (answer.kind) {
    case WIRE_READY:
    case WIRE_ASK:
    case WIRE_PUT_DOWN:
        break;
    case WIRE_PICTURE:
        fault = find_fault_in_picture(&answer, output_room);
        break;
    case WIRE_FAILURE:
        fault = find_fault_in_failure(&answer);
        break;
    default:
        fault = "it is of an unknown kind";
    }
    if (fault)
        return refuse_answer(fault, err);
    *ret_answer = answer;
    return 0;
}

void wire_read_facts(const struct wire_facts *f, struct photo_facts *ret_facts)
{
    struct photo_facts facts = {.width = 0};
#define TEXT(name, bytes, ...) text_copy(facts.name, bytes, f->name);
#define TIME(name, bytes, ...) text_copy(facts.name, bytes, f->name);
#define LIST(name, bytes, ...) text_copy(facts.name, bytes, f->name);
#define WHOLE(name, ...) facts.name = f->name;
#define REAL(name, ...) facts.name = f->name;
#define FLAG(name) facts.name = f->name == 1;
#include "base/facts.def"
    for (size_t i = 0; i < FACT_COUNT; i++)
        if (fact_table[i].has && !fact_is_known(&fact_table[i], &facts))
            fact_clear(&fact_table[i], &facts);
    *ret_facts = facts;
}

void wire_write_facts(const struct photo_facts *f, struct wire_facts *ret_facts)
{
    memset(ret_facts, 0, sizeof *ret_facts);
#define TEXT(name, bytes, ...) text_copy(ret_facts->name, bytes, f->name);
#define TIME(name, bytes, ...) text_copy(ret_facts->name, bytes, f->name);
#define LIST(name, bytes, ...) text_copy(ret_facts->name, bytes, f->name);
#define WHOLE(name, ...) ret_facts->name = f->name;
#define REAL(name, ...) ret_facts->name = f->name;
#define FLAG(name) ret_facts->name = f->name;
#include "base/facts.def"
}

void wire_read_extras(const struct wire_extras *e, struct decode_extras *ret_extras)
{
    *ret_extras = (struct decode_extras){.broken_sidecars = e->broken_sidecars};
    ret_extras->regions.n = e->n_regions;
    for (size_t i = 0; i < e->n_regions; i++) {
        const struct wire_region *from = &e->regions[i];
        struct photo_region *to = &ret_extras->regions.items[i];
        text_copy(to->name, sizeof to->name, from->name);
        to->has_box = from->has_box == 1;
        if (!to->has_box)
            continue;
        to->x = from->x;
        to->y = from->y;
        to->width = from->width;
        to->height = from->height;
    }
}

void wire_write_extras(const struct decode_extras *e, struct wire_extras *ret_extras)
{
    memset(ret_extras, 0, sizeof *ret_extras);
    ret_extras->broken_sidecars = e->broken_sidecars;
    ret_extras->n_regions = (uint32_t)e->regions.n;
    for (size_t i = 0; i < e->regions.n; i++) {
        const struct photo_region *from = &e->regions.items[i];
        struct wire_region *to = &ret_extras->regions[i];
        text_copy(to->name, sizeof to->name, from->name);
        to->has_box = from->has_box;
        to->x = from->x;
        to->y = from->y;
        to->width = from->width;
        to->height = from->height;
    }
}
