/* SPDX-License-Identifier: MIT */
/* Decides whether a photo may be sent, and records it in the ledger if it is. */
#include "ask/gate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/rule_set.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/photo_file.h"
#include "base/random.h"
#include "base/text.h"

int gate_rule(struct store *store, int64_t id, char **ret_phrase, struct error *err)
{
    struct rule_set rules = {0};
    struct store_photo photo = {0};
    int rc = store_get_photo(store, id, &photo, err);
    if (!rc)
        rc = rule_set_load(store, &rules, err);
    if (!rc)
        rc = rule_set_covering(&rules, &photo, ret_phrase, err);
    rule_set_release(&rules);
    store_photo_release(&photo);
    return rc;
}

/* Selects the photos that exist, in order, and the position of each in the list of ids. */
static size_t find_present(const struct store_photo *photos, size_t n,
                           const struct store_photo **ret_present, size_t *ret_places)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (!photos[i].path)
            continue;
        ret_present[count] = &photos[i];
        ret_places[count++] = i;
    }
    return count;
}

int gate_rules(struct store *store, const int64_t *ids, size_t n, struct gate_verdict *ret_verdicts,
               struct error *err)
{
    struct rule_set rules = {0};
    AUTO_FREE struct store_photo *photos = xcalloc(n + 1, sizeof *photos);
    AUTO_FREE const struct store_photo **present = xcalloc(n + 1, sizeof *present);
    AUTO_FREE size_t *places = xcalloc(n + 1, sizeof *places);
    AUTO_FREE char **phrases = xcalloc(n + 1, sizeof *phrases);
    int rc = store_get_photos(store, ids, n, photos, NULL, err);
    size_t count = rc ? 0 : find_present(photos, n, present, places);
    if (!rc)
        rc = rule_set_load(store, &rules, err);
    if (!rc)
        rc = rule_set_covering_all(&rules, present, count, phrases, err);
    for (size_t i = 0; !rc && i < n; i++)
        ret_verdicts[i] = (struct gate_verdict){.is_gone = photos[i].path == NULL};
    for (size_t i = 0; !rc && i < count; i++)
        ret_verdicts[places[i]].phrase = phrases[i];
    for (size_t i = 0; i < count; i++)
        store_photo_release(&photos[places[i]]);
    rule_set_release(&rules);
    return rc;
}

/* ---- rendering ---- */

int gate_render(struct store *store, const struct store_photo *photo,
                const struct view_request *request, struct view *ret_view, struct error *err)
{
    AUTO_FREE char *phrase = NULL;
    int rc = gate_rule(store, photo->id, &phrase, err);
    if (rc)
        return rc;
    AUTO_FREE char *name = text_printable(photo->path, strlen(photo->path));
    if (phrase)
        return error_set(err, ERR_DENIED, "%s is not sent: never-send has %s", name, phrase);
    return gate_render_judged(photo, request, ret_view, err);
}

int gate_render_judged(const struct store_photo *photo, const struct view_request *request,
                       struct view *ret_view, struct error *err)
{
    struct file file;
    int rc = photo_file_read(photo->path, photo->hash, LIMIT_PHOTO_FILE_BYTES, &file, err);
    if (rc)
        return rc;
    rc = view_render(file.data, file.size, request, ret_view, err);
    file_release(&file);
    if (rc) {
        AUTO_FREE char *name = text_printable(photo->path, strlen(photo->path));
        return error_add(err, "%s", name);
    }
    memcpy(ret_view->hash, photo->hash, HASH_BYTES);
    return 0;
}

/* ---- the ledger ---- */

json_t *gate_photo_json(const struct store_photo *photo, const struct view *view)
{
    AUTO_FREE char *path = text_printable(photo->path, strlen(photo->path));
    json_t *entry =
        json_pack("{s:I, s:s, s:i, s:i, s:I}", "id", (json_int_t)photo->id, "path", path, "width",
                  view->width, "height", view->height, "bytes", (json_int_t)view->bytes);
    const struct view_part *part = &view->part;
    if (part->width != view->photo_width || part->height != view->photo_height)
        json_object_set_new(entry, "box",
                            json_pack("[f, f, f, f]", (double)part->left / view->photo_width,
                                      (double)part->top / view->photo_height,
                                      (double)part->width / view->photo_width,
                                      (double)part->height / view->photo_height));
    return entry;
}

static struct ledger_entry entry_of(const struct gate_parcel *parcel, const char *name)
{
    return (struct ledger_entry){.request = name,
                                 .purpose = parcel->sender.purpose,
                                 .provider = parcel->provider,
                                 .host = parcel->host,
                                 .model = parcel->model,
                                 .photos = "[]",
                                 .facts = "",
                                 .cost_usd = parcel->cost_usd,
                                 .detail = ""};
}

int gate_record_sent(struct store *store, const struct gate_parcel *parcel,
                     char ret_name[GATE_NAME_SIZE], struct error *err)
{
    char name[GATE_NAME_SIZE];
    snprintf(name, sizeof name, "%016" PRIx64 "%016" PRIx64, (uint64_t)random_id(),
             (uint64_t)random_id());
    AUTO_FREE char *photos = json_dumps(parcel->photos, JSON_COMPACT | JSON_REAL_PRECISION(9));
    struct ledger_entry entry = entry_of(parcel, name);
    entry.event = LEDGER_SENT;
    AUTO_FREE char *facts = told_list(parcel->facts);
    entry.photos = photos ? photos : "[]";
    entry.facts = facts;
    entry.bytes = (int64_t)parcel->bytes;
    int rc = store_ledger_add(store, &entry, err);
    if (rc)
        return error_add(err, "nothing was sent: the ledger cannot be written");
    memcpy(ret_name, name, sizeof name);
    return 0;
}

int gate_record_end(struct store *store, const struct gate_parcel *parcel, const char *name,
                    enum ledger_event event, const struct llm_usage *usage, double cost_usd,
                    const char *detail, struct error *err)
{
    struct ledger_entry entry = entry_of(parcel, name);
    entry.event = event;
    entry.cost_usd = cost_usd;
    entry.detail = detail;
    if (usage) {
        entry.input_tokens = usage->input_tokens;
        entry.output_tokens = usage->output_tokens;
        entry.cache_read_tokens = usage->cache_read_tokens;
        entry.cache_write_tokens = usage->cache_write_tokens;
    }
    return store_ledger_add(store, &entry, err);
}
