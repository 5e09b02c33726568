/* SPDX-License-Identifier: MIT */
/* A gallery file that somebody else wrote, its rows and its schema: read, searched, examined and
 * written to, or refused with a sentence. What a write says it did is there afterwards. */
#include "covering.h"
#include "doctor/doctor.h"
#include "fuzz/gallery.h"
#include "store/listing.h"

#define DIM 8
#define MOST_DIM 64

static void check_sentence(int rc, const struct error *err)
{
    if (rc && (rc > 0 || !err->message[0]))
        BUG("an error without its sentence");
}

static int see_file(void *context, const struct store_file *file)
{
    *(size_t *)context += strlen(file->path);
    return 0;
}

static int see_failure(void *context, const struct store_failure *failure)
{
    *(size_t *)context += strlen(failure->path) + strlen(failure->reason);
    return 0;
}

static int see_label(void *context, const struct store_label *label)
{
    *(size_t *)context += strlen(label->name) + (label->path ? strlen(label->path) : 0);
    return 0;
}

static int see_name(void *context, const struct store_name *name)
{
    *(size_t *)context += strlen(name->name) + strlen(name->folded);
    return 0;
}

static int see_rule(void *context, const struct store_rule *rule)
{
    *(size_t *)context += strlen(rule->value);
    return 0;
}

static int see_entry(void *context, const struct ledger_entry *entry)
{
    *(size_t *)context += strlen(entry->photos) + strlen(entry->detail) + strlen(entry->request);
    return 0;
}

static int see_month(void *context, const struct store_month *month)
{
    *(size_t *)context += strlen(month->month);
    return 0;
}

static int see_photo(void *context, const struct store_photo *photo)
{
    *(size_t *)context += strlen(photo->path) + strlen(photo->facts.taken);
    return 0;
}

static int see_change(void *context, const struct store_change *change)
{
    *(size_t *)context += strlen(change->path) + (change->reason ? strlen(change->reason) : 0);
    return 0;
}

static void see_finding(void *context, const struct store_finding *finding)
{
    *(size_t *)context += strlen(finding->sentence);
}

static void list_all(struct store *store, size_t *seen)
{
    struct error err = ERROR_INIT;
    struct store_filter filter = {.folder = "/photos", .from = "2019", .label = "mia"};
    check_sentence(store_list_files(store, "/photos", see_file, seen, &err), &err);
    check_sentence(store_list_failures(store, see_failure, seen, &err), &err);
    check_sentence(store_list_labels(store, 0, NULL, see_label, seen, &err), &err);
    check_sentence(store_list_labels(store, 1, "mia", see_label, seen, &err), &err);
    check_sentence(store_list_names(store, see_name, seen, &err), &err);
    check_sentence(store_list_rules(store, see_rule, seen, &err), &err);
    check_sentence(store_ledger_list(store, 0, see_entry, seen, &err), &err);
    check_sentence(store_list_months(store, &filter, see_month, seen, &err), &err);
    check_sentence(store_list_photos(store, NULL, NULL, 0, 3, see_photo, seen, &err), &err);
    check_sentence(store_list_photos(store, &filter, NULL, 1, 3, see_photo, seen, &err), &err);
    check_sentence(store_dump(store, see_change, seen, &err), &err);
}

static void read_photos(struct store *store, size_t dim, size_t *seen)
{
    for (int64_t id = 1; id <= FUZZ_PHOTOS; id++) {
        struct error err = ERROR_INIT;
        struct store_photo photo;
        AUTO_FREE char *phrase = NULL;
        float vector[MOST_DIM];
        if (!store_get_photo(store, id, &photo, &err)) {
            see_photo(seen, &photo);
            store_photo_release(&photo);
        }
        if (dim <= MOST_DIM)
            check_sentence(store_get_vector(store, id, vector, &err), &err);
        check_sentence(find_covering(store, id, &phrase, &err), &err);
    }
}

static void search_photos(struct store *store)
{
    struct error err = ERROR_INIT;
    struct store_hit hits[3];
    float query[MOST_DIM] = {0, 1};
    size_t n = 0;
    struct store_filter filter = {.folder = "/photos/trip"};
    int rc = store_search(store, query, 3, NULL, hits, &n, &err);
    check_sentence(rc, &err);
    if (!rc && n > 3)
        BUG("more hits than there is room for");
    check_sentence(store_search_exact(store, query, 3, &filter, hits, &n, &err), &err);
}

static void read_gallery(const char *path)
{
    struct error err = ERROR_INIT;
    struct store_status status;
    size_t seen = 0;
    struct doctor_options options = {.each = see_finding, .no_model = "none", .context = &seen};
    AUTO(store) *store = NULL;
    int rc = store_open(path, STORE_READ, &store, &err);
    if (!rc)
        rc = store_status(store, &status, &err);
    check_sentence(rc, &err);
    if (rc)
        return;
    list_all(store, &seen);
    read_photos(store, (size_t)status.model.dim, &seen);
    if (status.bound && status.model.dim <= MOST_DIM)
        search_photos(store);
    doctor_run(store, &options);
}

struct wanted_rule {
    const char *value;
    bool found;
};

static int look_for_rule(void *context, const struct store_rule *rule)
{
    struct wanted_rule *wanted = context;
    wanted->found |= strcmp(rule->value, wanted->value) == 0;
    return 0;
}

static int count_entry(void *context, const struct ledger_entry *entry)
{
    *(int *)context += strcmp(entry->request, "fuzz") == 0;
    return 0;
}

/* A rule or an entry that was not kept must not be told as kept. */
static void write_records(struct store *store)
{
    struct error err = ERROR_INIT;
    struct wanted_rule wanted = {.value = "/fuzz"};
    struct ledger_entry entry = {.request = "fuzz", .event = LEDGER_SENT, .cost_usd = 1};
    int entries = 0;
    int64_t label;
    int rc = store_add_rule(store, STORE_RULE_FOLDER, wanted.value, &err);
    check_sentence(rc, &err);
    if (!rc && !store_list_rules(store, look_for_rule, &wanted, &err) && !wanted.found)
        BUG("a rule that was added is not there");
    rc = store_ledger_add(store, &entry, &err);
    check_sentence(rc, &err);
    if (!rc && !store_ledger_list(store, 0, count_entry, &entries, &err) && entries == 0)
        BUG("an entry that was written is not there");
    check_sentence(store_add_label(store, 2, "Ben", NULL, &label, &err), &err);
}

static void write_gallery(const char *path)
{
    struct error err = ERROR_INIT;
    struct store_model model = fuzz_model(DIM);
    struct store_change gone = {.kind = STORE_REMOVE, .path = "/photos/1.png"};
    int64_t count;
    AUTO(store) *store = NULL;
    int rc = store_open(path, STORE_WRITE, &store, &err);
    check_sentence(rc, &err);
    if (rc)
        return;
    write_records(store);
    check_sentence(store_apply(store, &gone, 1, &err), &err);
    check_sentence(store_forget(store, "/photos/trip", &count, &err), &err);
    check_sentence(store_bind_model(store, &model, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (fuzz_begin()) {
        struct store_model model = fuzz_model(DIM);
        fuzz_make_gallery(fuzz_path("sound.db"), &model);
    }
    const char *gallery = fuzz_path("g.db");
    fuzz_make_database(gallery, fuzz_path("sound.db"), data, size);
    read_gallery(gallery);
    write_gallery(gallery);
    return 0;
}
