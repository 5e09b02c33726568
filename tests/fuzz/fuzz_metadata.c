/* SPDX-License-Identifier: MIT */
/* XMP packets, IPTC records, Photoshop resources, and sidecars in XMP and of Google Takeout:
 * possible values, texts that are UTF-8 on one line, keywords that are not cut, regions within the
 * picture. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "metadata/iptc.h"
#include "metadata/sidecar.h"
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

static void check_regions(const struct photo_regions *regions)
{
    if (regions->n > LIMIT_REGIONS)
        abort();
    for (size_t i = 0; i < regions->n; i++) {
        const struct photo_region *r = &regions->items[i];
        if (!r->name[0] || !text_is_utf8(r->name, strlen(r->name)))
            abort();
        if (r->has_box && !(r->x >= 0 && r->y >= 0 && r->width > 0 && r->height > 0 &&
                            r->x + r->width < 1 + 1e-9 && r->y + r->height < 1 + 1e-9))
            abort();
    }
}

static void read_sidecar(const uint8_t *data, size_t size, struct metadata *metadata)
{
    for (int kind = 0; kind < SIDECAR_KINDS; kind++) {
        struct sidecar sidecar = {(enum sidecar_kind)kind, data, size};
        sidecar_add(&sidecar, metadata);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void (*const readers[])(const uint8_t *data, size_t size, struct metadata *metadata) = {
        xmp_add, iptc_add, iptc_add_resources, read_sidecar};
    struct metadata all = {0};
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        struct metadata one = {0};
        readers[i](data, size, &one);
        readers[i](data, size, &all);
        check_facts(&one.facts);
        check_facts(&all.facts);
        check_regions(&one.regions);
        check_regions(&all.regions);
    }
    return 0;
}
