/* SPDX-License-Identifier: MIT */
/* Makes the caption of a picture: the facts of a photo that are told as text. */
#include "ask/caption.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "store/labels.h"

#define CAPTION_BYTES_MAX ((size_t)16 << 10)

struct caption {
    struct strbuf text;
    const struct picture *picture;
    struct told told;
};

/* Adds to a caption unless it is full. */
__attribute__((format(printf, 2, 3))) static void add(struct caption *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *piece = xvasprintf(format, args);
    va_end(args);
    if (strbuf_add(&c->text, piece, strlen(piece), NULL)) {
    }
}

/* Quotes the text and escapes the characters that could end the quotation. The caller frees it. */
static char *quote_text(const char *text)
{
    AUTO_JSON *string = json_string(text);
    char *dumped = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
    return dumped ? dumped : xstrdup("\"?\"");
}

static void add_place(struct caption *c, const struct photo_facts *facts, enum telling telling)
{
    int decimals = telling == TELL_EXACT ? 5 : 2;
    add(c, "; at latitude %.*f, longitude %.*f", decimals, told_degrees(facts->latitude, telling),
        decimals, told_degrees(facts->longitude, telling));
}

/* "in Lisbon, Portugal": the facts of the town that are known and told. */
static void add_town(struct caption *c, const struct photo_facts *facts)
{
    const char *names[] = {facts->town, facts->region, facts->country};
    char *place = xstrdup("");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!names[i][0] || (i > 0 && strcmp(names[i], names[i - 1]) == 0))
            continue;
        char *before = place;
        place = xasprintf("%s%s%s", before, before[0] ? ", " : "", names[i]);
        free(before);
    }
    AUTO_FREE char *quoted = quote_text(place);
    add(c, "; in %s", quoted);
    free(place);
}

static void add_camera(struct caption *c, const struct photo_facts *facts)
{
    AUTO_FREE char *camera = told_camera(facts);
    AUTO_FREE char *name = quote_text(camera);
    add(c, "; camera %s", name);
}

/* Latitude and longitude are told together, and so are maker and model, and town, region and
 * country, at the first of them. */
static void add_fact(struct caption *c, size_t index, const struct photo_facts *facts,
                     enum telling telling)
{
    const struct fact *fact = &fact_table[index];
    AUTO_FREE char *words = NULL;
    switch (index) {
    case FACT_INDEX_latitude:
        add_place(c, facts, telling);
        return;
    case FACT_INDEX_longitude:
        return;
    case FACT_INDEX_country:
        if (facts->region[0])
            return;
        /* fall through */
    case FACT_INDEX_region:
        if (facts->town[0])
            return;
        /* fall through */
    case FACT_INDEX_town:
        add_town(c, facts);
        return;
    case FACT_INDEX_model:
        if (facts->make[0])
            return;
        /* fall through */
    case FACT_INDEX_make:
        add_camera(c, facts);
        return;
    default:
        words = fact_print_as(fact, facts, fact->words, quote_text);
        add(c, "; %s", words);
    }
}

static void add_facts(struct caption *c, const struct photo_facts *facts, enum telling telling)
{
    c->told.facts = told_of(facts, telling);
    for (size_t i = 0; i < FACT_COUNT; i++)
        if (fact_table[i].words && told_of_fact(&fact_table[i], facts, telling))
            add_fact(c, i, facts, telling);
}

static void note_label(struct caption *c)
{
    c->told.facts |= FACT_LABELS;
    c->told.labels++;
}

static void add_label(struct caption *c, const struct store_label *label)
{
    AUTO_FREE char *name = quote_text(label->name);
    int box[4];
    if (!label->has_box) {
        add(c, "; the owner's label for the whole photo is %s", name);
        note_label(c);
    } else if (view_from_photo(&c->picture->view, &label->box, box)) {
        add(c, "; the owner calls the person, animal or place at [%d,%d,%d,%d] %s", box[0], box[1],
            box[2], box[3], name);
        note_label(c);
    }
}

struct captions {
    struct caption *items;
    size_t n;
};

static int add_to_pictures(void *context, const struct store_label *label)
{
    struct captions *captions = context;
    for (size_t i = 0; i < captions->n; i++)
        if (captions->items[i].picture->photo.id == label->photo)
            add_label(&captions->items[i], label);
    return 0;
}

/* Lists every photo once: several pictures may show the same one. */
static size_t list_ids(const struct captions *captions, int64_t *ret_ids)
{
    size_t count = 0;
    for (size_t i = 0; i < captions->n; i++) {
        int64_t id = captions->items[i].picture->photo.id;
        size_t k = 0;
        while (k < count && ret_ids[k] != id)
            k++;
        if (k == count)
            ret_ids[count++] = id;
    }
    return count;
}

static void begin_caption(struct caption *c, const struct picture *picture, enum telling telling)
{
    *c = (struct caption){.text = STRBUF_INIT(CAPTION_BYTES_MAX), .picture = picture};
    const struct view *view = &picture->view;
    add(c, "Image %d: %dx%d pixels", picture->number, view->width, view->height);
    add_facts(c, &picture->photo.facts, telling);
}

int caption_make(struct store *store, enum telling telling, struct picture *pictures, size_t n,
                 struct error *err)
{
    AUTO_FREE struct caption *items = xcalloc(n + 1, sizeof *items);
    AUTO_FREE int64_t *ids = xmalloc((n + 1) * sizeof *ids);
    struct captions captions = {items, n};
    for (size_t i = 0; i < n; i++)
        begin_caption(&items[i], &pictures[i], telling);
    int rc = telling == TELL_NOTHING ? 0
                                     : store_list_labels_of(store, ids, list_ids(&captions, ids),
                                                            add_to_pictures, &captions, err);
    for (size_t i = 0; i < n; i++) {
        AUTO_FREE char *text = strbuf_take(&items[i].text);
        if (rc)
            continue;
        free(pictures[i].caption);
        pictures[i].caption = text;
        pictures[i].told = items[i].told;
        text = NULL;
    }
    return rc;
}
