/* SPDX-License-Identifier: MIT */
/* XMP packets, IPTC records and Photoshop resources: possible values, texts that are UTF-8 on one
 * line, keywords that are not cut. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "metadata/iptc.h"
#include "metadata/xmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_facts(const struct photo_facts *facts)
{
    for (size_t i = 0; i < FACT_COUNT; i++) {
        const struct fact *fact = &fact_table[i];
        if (!fact_is_known(fact, facts))
            continue;
        if (!fact_is_text(fact)) {
            if (!fact_can_be(fact, fact_number(fact, facts)))
                abort();
            continue;
        }
        const char *text = fact_text(fact, facts);
        if (!text_is_utf8(text, strlen(text)))
            abort();
        for (; *text; text++)
            if ((unsigned char)*text < ' ' && !(fact->type == FACT_LIST && *text == '\n'))
                abort();
    }
    size_t length = strlen(facts->taken);
    if (length != 0 && length != 10 && length != 19 && length != 25)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void (*const readers[])(const uint8_t *data, size_t size,
                            struct metadata *metadata) = {xmp_add, iptc_add, iptc_add_resources};
    struct metadata all = {0};
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        struct metadata one = {0};
        readers[i](data, size, &one);
        readers[i](data, size, &all);
        check_facts(&one.facts);
        check_facts(&all.facts);
    }
    return 0;
}
