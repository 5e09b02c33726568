/* SPDX-License-Identifier: MIT */
/* Parses a worker's answer, which is untrusted. */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "cage/wire.h"
#include "image/formats.h"

static int refuse_answer(const char *what, struct error *err)
{
    return error_set(err, ERR_CORRUPT, "the decoder sent an invalid answer: %s", what);
}

/* Whether the field is NUL-terminated and printable. */
static bool is_clean(const char *field, size_t size)
{
    size_t length = strnlen(field, size);
    if (length == size || !text_is_utf8(field, length))
        return false;
    AUTO_FREE char *printable = text_printable(field, length);
    return strcmp(printable, field) == 0;
}

static bool is_side(int32_t px)
{
    return px >= 1 && px <= LIMIT_PHOTO_SIDE_PX;
}

static bool is_degrees(double value, double most)
{
    return isfinite(value) && fabs(value) <= most;
}

static const char *find_fault_in_facts(const struct wire_facts *f)
{
    if (!is_clean(f->format, sizeof f->format) || !format_is_known(f->format))
        return "an unknown format";
    if (!is_side(f->width) || !is_side(f->height))
        return "an impossible size";
    if (!is_clean(f->taken, sizeof f->taken) ||
        f->taken[strspn(f->taken, "0123456789-:T+.Z")] != '\0')
        return "a date that is none";
    if (!is_clean(f->make, sizeof f->make) || !is_clean(f->model, sizeof f->model) ||
        !is_clean(f->lens, sizeof f->lens) || !is_clean(f->damage, sizeof f->damage))
        return "a text that is none";
    if (f->has_place > 1 ||
        (f->has_place && (!is_degrees(f->latitude, 90.0) || !is_degrees(f->longitude, 180.0))))
        return "a place that is not on the earth";
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
    return a->message[0] && is_clean(a->message, sizeof a->message)
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
    struct photo_facts facts = {
        .width = f->width,
        .height = f->height,
        .has_place = f->has_place == 1,
        .latitude = f->has_place ? f->latitude : 0,
        .longitude = f->has_place ? f->longitude : 0,
    };
    text_copy(facts.format, sizeof facts.format, f->format);
    text_copy(facts.taken, sizeof facts.taken, f->taken);
    text_copy(facts.make, sizeof facts.make, f->make);
    text_copy(facts.model, sizeof facts.model, f->model);
    text_copy(facts.lens, sizeof facts.lens, f->lens);
    text_copy(facts.damage, sizeof facts.damage, f->damage);
    *ret_facts = facts;
}

void wire_write_facts(const struct photo_facts *f, struct wire_facts *ret_facts)
{
    struct wire_facts facts = {
        .width = f->width,
        .height = f->height,
        .has_place = f->has_place,
        .latitude = f->latitude,
        .longitude = f->longitude,
    };
    text_copy(facts.format, sizeof facts.format, f->format);
    text_copy(facts.taken, sizeof facts.taken, f->taken);
    text_copy(facts.make, sizeof facts.make, f->make);
    text_copy(facts.model, sizeof facts.model, f->model);
    text_copy(facts.lens, sizeof facts.lens, f->lens);
    text_copy(facts.damage, sizeof facts.damage, f->damage);
    *ret_facts = facts;
}
