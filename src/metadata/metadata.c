/* SPDX-License-Identifier: MIT */
/* Chooses between the values that the sources of a photo's facts offer. */
#include "metadata/metadata.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "metadata/exif_date.h"

/* How much a source is trusted for a fact; the highest wins. */
static unsigned char rank_source(int fact, enum metadata_source source)
{
    static const unsigned char of_camera[METADATA_SOURCES] = {
        [METADATA_EXIF] = 6, [METADATA_XMP] = 5,     [METADATA_IPTC] = 4,
        [METADATA_PNG] = 3,  [METADATA_SIDECAR] = 2, [METADATA_TAKEOUT] = 1};
    static const unsigned char of_people[METADATA_SOURCES] = {
        [METADATA_SIDECAR] = 6, [METADATA_XMP] = 5, [METADATA_IPTC] = 4,
        [METADATA_EXIF] = 3,    [METADATA_PNG] = 2, [METADATA_TAKEOUT] = 1};
    bool is_written =
        fact == FACT_INDEX_title || fact == FACT_INDEX_description || fact == FACT_INDEX_rating;
    return (is_written ? of_people : of_camera)[source];
}

/* Returns the text on one line, without control characters and surrounding blanks; the caller
 * frees it. */
static char *clean_text(const char *text)
{
    AUTO_FREE char *line = xstrdup(text);
    for (char *at = line; *at; at++)
        if (strchr("\t\n\v\f\r", *at))
            *at = ' ';
    size_t start = strspn(line, " "), length = strlen(line + start);
    while (length > 0 && line[start + length - 1] == ' ')
        length--;
    return text_printable(line + start, length);
}

char *metadata_decode_text(const char *text, size_t size)
{
    size = strnlen(text, size);
    if (text_is_utf8(text, size))
        return xstrndup(text, size);
    char *decoded = xmalloc(2 * size + 1), *to = decoded;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte >= 0x80)
            *to++ = (char)(0xC0 | byte >> 6);
        *to++ = (char)(byte < 0x80 ? byte : 0x80 | (byte & 0x3F));
    }
    *to = '\0';
    return decoded;
}

void metadata_offer_text(struct metadata *metadata, int fact, const char *text,
                         enum metadata_source source)
{
    unsigned char rank = rank_source(fact, source);
    AUTO_FREE char *clean = clean_text(text);
    if (!clean[0] || rank <= metadata->ranks[fact])
        return;
    fact_set_text(&fact_table[fact], &metadata->facts, clean);
    metadata->ranks[fact] = rank;
}

void metadata_offer_number(struct metadata *metadata, int fact, double number,
                           enum metadata_source source)
{
    unsigned char rank = rank_source(fact, source);
    if (number == 0 || !isfinite(number) || rank <= metadata->ranks[fact] ||
        !fact_can_be(&fact_table[fact], number) ||
        !fact_set_number(&fact_table[fact], &metadata->facts, number))
        return;
    metadata->ranks[fact] = rank;
}

void metadata_offer_place(struct metadata *metadata, double latitude, double longitude,
                          enum metadata_source source)
{
    unsigned char rank = rank_source(FACT_INDEX_latitude, source);
    if (rank <= metadata->ranks[FACT_INDEX_latitude] ||
        !(fabs(latitude) <= 90 && fabs(longitude) <= 180) || (latitude == 0 && longitude == 0))
        return;
    metadata->facts.has_place = true;
    metadata->facts.latitude = latitude;
    metadata->facts.longitude = longitude;
    metadata->ranks[FACT_INDEX_latitude] = metadata->ranks[FACT_INDEX_longitude] = rank;
}

/* Whether a line of the list is that word. */
static bool has_line(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, word, length) == 0 && (at[length] == '\n' || !at[length]))
            return true;
    }
    return false;
}

void metadata_add_keyword(struct metadata *metadata, const char *text, enum metadata_source source)
{
    char *list = metadata->facts.keywords;
    unsigned char rank = source == METADATA_SIDECAR ? 2 : 1;
    AUTO_FREE char *word = clean_text(text);
    if (!word[0] || rank < metadata->ranks[FACT_INDEX_keywords])
        return;
    if (rank > metadata->ranks[FACT_INDEX_keywords])
        list[0] = '\0';
    metadata->ranks[FACT_INDEX_keywords] = rank;
    size_t length = strlen(list);
    /* A keyword that does not fit is left out, rather than cut to another one. */
    if (has_line(list, word) || length + 1 + strlen(word) >= sizeof metadata->facts.keywords)
        return;
    if (length)
        list[length++] = '\n';
    text_copy(list + length, sizeof metadata->facts.keywords - length, word);
}

/* Cuts the box to the picture; false if nothing of it is left, or it is no box. */
static bool cut_box(struct photo_region *region)
{
    double right = fmin(region->x + region->width, 1), x = fmax(region->x, 0);
    double bottom = fmin(region->y + region->height, 1), y = fmax(region->y, 0);
    if (!(right > x && bottom > y))
        return false;
    region->x = x;
    region->y = y;
    region->width = right - x;
    region->height = bottom - y;
    return true;
}

void metadata_offer_regions(struct metadata *metadata, const struct photo_regions *regions,
                            enum metadata_source source)
{
    unsigned char rank = rank_source(FACT_INDEX_title, source);
    struct photo_regions kept = {0};
    for (size_t i = 0; i < regions->n; i++) {
        struct photo_region region = regions->items[i];
        AUTO_FREE char *name = clean_text(region.name);
        if (!name[0] || (region.has_box && !cut_box(&region)))
            continue;
        text_copy(region.name, sizeof region.name, name);
        kept.items[kept.n++] = region;
    }
    if (kept.n == 0 || rank <= metadata->regions_rank)
        return;
    metadata->regions = kept;
    metadata->regions_rank = rank;
    metadata->regions_width = metadata->regions_height = 0;
}

/* Whether `longer` is the same day as `shorter`, with a time. A zone of another source does not
 * complete a time: IPTC requires one, so writers that know none write +00:00. */
static bool is_completion(const char *longer, const char *shorter)
{
    return strlen(shorter) == 10 && strlen(longer) > 10 && strncmp(longer, shorter, 10) == 0;
}

void metadata_offer_date(const char *taken, enum metadata_date date, struct metadata *metadata)
{
    char *known = metadata->facts.taken;
    bool is_better = !metadata->date || date < metadata->date;
    /* The more complete of two that agree is kept with the higher trust of the two. */
    if (is_better ? !is_completion(known, taken) : is_completion(taken, known))
        text_copy(known, sizeof metadata->facts.taken, taken);
    if (!is_better)
        return;
    bool is_beside = date == METADATA_DATE_SIDECAR || date >= METADATA_DATE_SIDECAR_CREATED;
    metadata->date = date;
    text_copy(metadata->facts.taken_from, sizeof metadata->facts.taken_from,
              is_beside ? "sidecar" : "");
}

void metadata_add_date(const char *text, enum metadata_date date, struct metadata *metadata)
{
    char taken[32];
    if (exif_date_parse(text, taken))
        metadata_offer_date(taken, date, metadata);
}
