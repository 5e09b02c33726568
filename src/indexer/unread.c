/* SPDX-License-Identifier: MIT */
/* Formats counts of unread files, as a sentence and as JSON. */
#include "indexer/unread.h"

#include <inttypes.h>
#include <stdbool.h>

#include "base/memory.h"

int64_t unread_total(const int64_t counts[NAME_UNREAD_KINDS])
{
    int64_t total = 0;
    for (int i = 0; i < NAME_UNREAD_KINDS; i++)
        total += counts[i];
    return total;
}

/* Returns the kind with the most files among those not told yet; -1 if none remains. */
static int next_kind(const int64_t counts[NAME_UNREAD_KINDS], const bool told[NAME_UNREAD_KINDS])
{
    int most = -1;
    for (int i = 0; i < NAME_UNREAD_KINDS; i++)
        if (!told[i] && counts[i] > 0 && (most < 0 || counts[i] > counts[most]))
            most = i;
    return most;
}

char *unread_sentence(const int64_t counts[NAME_UNREAD_KINDS])
{
    bool told[NAME_UNREAD_KINDS] = {false};
    int64_t total = unread_total(counts);
    if (!total)
        return NULL;
    char *text = xasprintf("%" PRId64 " %s that keepsake does not read", total,
                           total == 1 ? "file of a kind" : "files of kinds");
    const char *between = " (";
    for (int kind; (kind = next_kind(counts, told)) >= 0; between = ", ") {
        char *longer =
            xasprintf("%s%s%" PRId64 " %s", text, between, counts[kind], name_unread_kinds[kind]);
        free(text);
        text = longer;
        told[kind] = true;
    }
    char *whole = xasprintf("%s)", text);
    free(text);
    return whole;
}

json_t *unread_to_json(const int64_t counts[NAME_UNREAD_KINDS])
{
    json_t *object = json_object();
    for (int i = 0; i < NAME_UNREAD_KINDS; i++)
        if (counts[i])
            json_object_set_new(object, name_unread_kinds[i], json_integer(counts[i]));
    return object;
}

void unread_add_json(int64_t counts[NAME_UNREAD_KINDS], const json_t *object)
{
    for (int i = 0; i < NAME_UNREAD_KINDS; i++) {
        int64_t count = json_integer_value(json_object_get(object, name_unread_kinds[i]));
        if (count > 0 && count < INT64_MAX / 2 - counts[i])
            counts[i] += count;
    }
}
