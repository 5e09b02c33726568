/* SPDX-License-Identifier: MIT */
/* Any bytes are JSON or not; where they are, it can be written again, and strict JSON is read as
 * jansson reads it. */
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/json_lenient.h"
#include "base/memory.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        __builtin_trap();
}

static void check_halves(const char *text, size_t size)
{
    AUTO_FREE char *own = xmalloc(size + 1);
    memcpy(own, text, size);
    size_t joined = json_join_halves(own, size, true);
    size_t half = json_half_at_end(own, joined);
    check(joined <= size && half <= joined);
    size_t settled = json_join_halves(own, joined, false);
    check(settled <= joined && json_half_at_end(own, settled) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    if (size > 1 << 16)
        return 0;
    AUTO_JSON *strict = json_loadb(text, size, JSON_DECODE_ANY, NULL);
    AUTO_JSON *lenient = json_read_lenient(text, size, JSON_HALVES_REPLACED);
    AUTO_JSON *kept = json_read_lenient(text, size, JSON_HALVES_KEPT);
    check(!strict || json_equal(strict, lenient));
    check(!lenient == !kept);
    AUTO_FREE char *again = lenient ? json_dumps(lenient, JSON_ENCODE_ANY) : NULL;
    check(!lenient || again);
    if (json_is_string(kept))
        check_halves(json_string_value(kept), json_string_length(kept));
    if (text_is_utf8(text, size))
        check_halves(text, size);
    int64_t number;
    double real;
    (void)!json_whole_number(lenient, &number);
    (void)!json_any_number(lenient, &real);
    size_t member_size;
    const char *member = json_raw_member(text, size, "id", &member_size);
    check(!member ||
          (member >= text && member_size <= size && (size_t)(member - text) <= size - member_size));
    return 0;
}
