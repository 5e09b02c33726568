/* SPDX-License-Identifier: MIT */
/* The scenarios of scenarios.h, and how their outcome is read. */
#include "faults/scenarios.h"

#include "base/file.h"
#include "base/hash.h"
#include "faults/fault_vfs.h"
#include "image/image.h"
#include "sanitized.h"
#include "store/records.h"
#include "store_fixture.h"
#include "thumbs/thumbs.h"
#include "transfer/transfer.h"

static char *base_file, *gallery, *export_file;

enum { FIRST_PHOTOS = 8 };

static struct ledger_entry ledger_sample(const char *request)
{
    return (struct ledger_entry){.request = request,
                                 .event = LEDGER_SENT,
                                 .purpose = "ask",
                                 .provider = "anthropic",
                                 .host = "api.anthropic.com",
                                 .model = "claude",
                                 .photos = "[{\"id\":1}]",
                                 .bytes = 4096,
                                 .cost_usd = 0.25,
                                 .detail = ""};
}

/* ---- scenarios ---- */

static int open_bound(struct store **ret_store, struct error *err)
{
    struct store_model model = fixture_model();
    AUTO(store) *store = NULL;
    int rc = store_open(gallery, STORE_WRITE, &store, err);
    if (!rc)
        rc = store_bind_model(store, &model, err);
    if (rc)
        return rc;
    *ret_store = store;
    store = NULL;
    return 0;
}

static int add_photos(struct store *store, int from, int to, struct error *err)
{
    struct fixture_photo photos[FIRST_PHOTOS];
    struct store_change changes[FIRST_PHOTOS];
    int n = 0;
    for (int i = from; i < to; i++, n++) {
        char path[64];
        snprintf(path, sizeof path, "/photos/%d.jpg", i);
        changes[n] = *fixture_add(&photos[n], path, (uint64_t)i + 1);
    }
    return store_apply(store, changes, (size_t)n, err);
}

static int act_fill(struct error *err)
{
    AUTO(store) *store = NULL;
    int rc = open_bound(&store, err);
    if (!rc)
        rc = add_photos(store, 0, 4, err);
    return rc ? rc : add_photos(store, 4, FIRST_PHOTOS, err);
}

static int act_change(struct error *err)
{
    AUTO(store) *store = NULL;
    int rc = open_bound(&store, err);
    if (rc)
        return rc;
    struct fixture_photo edited, added;
    struct store_change changes[] = {
        *fixture_add(&edited, "/photos/1.jpg", 101),
        *fixture_add(&added, "/photos/new.jpg", 102),
        {.kind = STORE_TOUCH, .path = "/photos/2.jpg", .size = 5, .mtime_ns = 6},
        {.kind = STORE_REMOVE, .path = "/photos/3.jpg"},
        {.kind = STORE_FAIL, .path = "/photos/4.jpg", .size = 7, .mtime_ns = 8, .reason = "broken"},
    };
    return store_apply(store, changes, sizeof changes / sizeof *changes, err);
}

struct found_label {
    const char *name;
    int64_t id;
};

static int match_label(void *context, const struct store_label *label)
{
    struct found_label *found = context;
    if (strcmp(label->name, found->name) == 0)
        found->id = label->id;
    return 0;
}

static int find_label(struct store *store, const char *name, int64_t *ret_id, struct error *err)
{
    struct found_label found = {name, 0};
    int rc = store_list_labels(store, 0, NULL, match_label, &found, err);
    *ret_id = found.id;
    return rc;
}

static int act_label(struct error *err)
{
    AUTO(store) *store = NULL;
    int64_t id;
    struct store_box box = {0.25, 0.25, 0.5, 0.5};
    int rc = open_bound(&store, err);
    if (!rc)
        rc = store_add_label(store, 1, "Mia", &box, &id, err);
    if (!rc)
        rc = find_label(store, "Old name", &id, err);
    if (!rc && id)
        rc = store_rename_label(store, id, "New name", err);
    if (!rc)
        rc = find_label(store, "To remove", &id, err);
    return rc || !id ? rc : store_remove_label(store, id, err);
}

static int act_rule(struct error *err)
{
    AUTO(store) *store = NULL;
    int rc = open_bound(&store, err);
    if (!rc)
        rc = store_add_rule(store, STORE_RULE_FOLDER, "/photos/private", err);
    if (!rc)
        rc = store_add_rule(store, STORE_RULE_LABEL, "Mia", err);
    if (!rc)
        rc = store_remove_rule(store, STORE_RULE_FOLDER, "/photos/open", err);
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

static int match_entry(void *context, const struct ledger_entry *entry)
{
    bool *found = context;
    *found = *found || strcmp(entry->request, "new") == 0;
    return 0;
}

static int act_ledger(struct error *err)
{
    AUTO(store) *store = NULL;
    bool found = false;
    struct ledger_entry entry = ledger_sample("new");
    int rc = open_bound(&store, err);
    if (!rc)
        rc = store_ledger_list(store, 0, match_entry, &found, err);
    return rc || found ? rc : store_ledger_add(store, &entry, err);
}

static int act_forget(struct error *err)
{
    AUTO(store) *store = NULL;
    int64_t n;
    int rc = open_bound(&store, err);
    return rc ? rc : store_forget(store, "/photos/5.jpg", &n, err);
}

static int act_export(struct error *err)
{
    AUTO(store) *store = NULL;
    struct transfer_report report;
    int rc = store_open(gallery, STORE_READ, &store, err);
    return rc ? rc : transfer_export(store, export_file, true, NULL, &report, err);
}

static int act_import(struct error *err)
{
    AUTO(store) *from = NULL, *to = NULL;
    struct transfer_report report;
    int rc = store_open(base_file, STORE_READ, &from, err);
    if (!rc)
        rc = open_bound(&to, err);
    return rc ? rc : transfer_copy(from, to, NULL, &report, err);
}

static int act_read(struct error *err)
{
    AUTO(store) *store = NULL;
    struct store_status status;
    struct store_hit hits[3];
    size_t n;
    float query[FIXTURE_DIM];
    fixture_vector(3, FIXTURE_DIM, query);
    int rc = store_open(gallery, STORE_READ, &store, err);
    if (!rc)
        rc = store_status(store, &status, err);
    if (!rc)
        rc = store_search(store, query, 3, NULL, hits, &n, err);
    if (!rc && (n != 3 || hits[0].id != 3 || status.photos != FIRST_PHOTOS))
        return error_set(err, ERR_CORRUPT, "a search found %zu photos, first %lld", n,
                         n ? (long long)hits[0].id : 0);
    return rc;
}

/* The cache may lose what it was given, but may not give back anything else. */
static int act_thumbs(struct error *err)
{
    AUTO(thumbs) *thumbs = NULL;
    AUTO(image) *image = NULL;
    AUTO_FREE uint8_t *data = NULL;
    size_t size;
    static const uint8_t hash[HASH_BYTES] = {7};
    int rc = thumbs_open(gallery, 1 << 20, &thumbs, err);
    if (!rc)
        rc = image_new(64, 48, &image, err);
    if (rc)
        return rc;
    memset(image->rgb, 128, 64 * 48 * 3);
    rc = thumbs_put(thumbs, hash, image, err);
    if (!rc)
        rc = thumbs_get(thumbs, hash, THUMB_SMALL, &data, &size, err);
    if (!rc && (size < 4 || memcmp(data, "\xff\xd8", 2) != 0))
        return error_set(err, ERR_CORRUPT, "a thumbnail came back as %zu other bytes", size);
    return rc;
}

const struct scenario scenarios[] = {
    {"a new gallery", act_fill, .begins_empty = true, .writes = true},
    {"changes of photos", act_change, .writes = true},
    {"labels", act_label, .writes = true, .is_durable = true},
    {"rules", act_rule, .writes = true, .is_durable = true},
    {"the ledger", act_ledger, .writes = true, .is_durable = true},
    {"forget", act_forget, .writes = true, .is_durable = true},
    {"export", act_export, .writes = true, .is_durable = true},
    {"import into a new gallery", act_import, .begins_empty = true, .writes = true},
    {"search and status", act_read, .writes = false},
    {"thumbnails", act_thumbs, .writes = true},
};
const size_t scenario_count = sizeof scenarios / sizeof *scenarios;

long fault_stride(void)
{
    return test_rounds(7, 17, 1);
}

/* ---- where they begin ---- */

static void prepare_gallery(void)
{
    struct error err = ERROR_INIT;
    AUTO(store) *store = NULL;
    int64_t id;
    struct ledger_entry entry = ledger_sample("old");
    int rc = act_fill(&err);
    if (!rc)
        rc = open_bound(&store, &err);
    if (!rc)
        rc = store_add_label(store, 2, "Old name", NULL, &id, &err);
    if (!rc)
        rc = store_add_label(store, 2, "To remove", NULL, &id, &err);
    if (!rc)
        rc = store_add_rule(store, STORE_RULE_FOLDER, "/photos/open", &err);
    if (!rc)
        rc = store_ledger_add(store, &entry, &err);
    if (!rc)
        rc = store_seal(store, &err);
    if (rc) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
}

void scenarios_start(void)
{
    fixture_start();
    if (access("/dev/shm", W_OK) == 0) { /* a sync costs nothing there */
        fixture_cleanup();
        snprintf(fixture_folder, sizeof fixture_folder, "/dev/shm/keepsake-test-XXXXXX");
        if (!mkdtemp(fixture_folder))
            abort();
        setenv("XDG_CACHE_HOME", fixture_folder, 1);
    }
    base_file = file_join(fixture_folder, "base.db");
    gallery = xstrdup(base_file);
    prepare_gallery();
    free(gallery);
    gallery = file_join(fixture_folder, "gallery.db");
    export_file = file_join(fixture_folder, "export.db");
}

void scenarios_finish(void)
{
    fixture_cleanup();
    free(base_file);
    free(gallery);
    free(export_file);
}

static void copy_file(const char *from, const char *to)
{
    struct file file;
    FILE *f = fopen(to, "wb");
    if (!f || file_read(from, 1 << 30, &file, NULL) ||
        fwrite(file.data, 1, file.size, f) != file.size || fclose(f))
        abort();
    file_release(&file);
}

static void remove_files(const char *file)
{
    static const char *const endings[] = {"",        "-wal",        "-shm",       "-journal",
                                          ".thumbs", ".thumbs-wal", ".thumbs-shm"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        AUTO_FREE char *path = xasprintf("%s%s", file, endings[i]);
        unlink(path);
    }
}

void scenario_reset(const struct scenario *scenario)
{
    fault_forget_files();
    remove_files(gallery);
    remove_files(export_file);
    if (!scenario->begins_empty)
        copy_file(base_file, gallery);
}

/* ---- how they ended ---- */

struct writing {
    FILE *out;
};

static int write_change(void *context, const struct store_change *c)
{
    FILE *out = ((struct writing *)context)->out;
    char hash[HASH_HEX_SIZE] = "", vector[HASH_HEX_SIZE] = "none";
    uint8_t digest[HASH_BYTES];
    if (c->hash)
        hash_hex(c->hash, hash);
    if (c->vector) {
        hash_bytes(c->vector, FIXTURE_DIM * sizeof(float), digest);
        hash_hex(digest, vector);
    }
    fprintf(out, "%d %s %lld %lld %lld %s %s %s\n", (int)c->kind, c->path, (long long)c->id,
            (long long)c->size, (long long)c->mtime_ns, hash, vector, c->reason ? c->reason : "");
    return 0;
}

static int write_record(void *context, const struct store_record *r)
{
    FILE *out = ((struct writing *)context)->out;
    if (r->kind == STORE_RECORD_LABEL)
        fprintf(out, "label %s %d %g\n", r->label.name, r->label.hash[0], r->label.box.x);
    else if (r->kind == STORE_RECORD_RULE)
        fprintf(out, "rule %d %s\n", (int)r->rule.kind, r->rule.value);
    else if (r->kind == STORE_RECORD_ALBUM)
        fprintf(out, "album %s %s\n", r->album.name, r->album.query);
    else if (r->kind == STORE_RECORD_MEMBER)
        fprintf(out, "member %s %d %d\n", r->member.album, r->member.hash[0], r->member.put_in);
    else
        fprintf(out, "entry %s %s %g\n", r->entry.request, r->entry.photos, r->entry.cost_usd);
    return 0;
}

static int write_gallery(const char *file, FILE *out, struct error *err)
{
    AUTO(store) *store = NULL;
    struct writing writing = {out};
    int rc = store_open(file, STORE_READ, &store, err);
    if (!rc)
        rc = store_dump(store, write_change, &writing, err);
    return rc ? rc : store_dump_records(store, write_record, &writing, err);
}

char *scenario_text(struct error *err)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int rc = write_gallery(gallery, out, err);
    if (!rc && access(export_file, F_OK) == 0) {
        fprintf(out, "export\n");
        rc = write_gallery(export_file, out, err);
    }
    fclose(out);
    if (rc) {
        free(text);
        return NULL;
    }
    return text;
}

static void keep_complaint(void *context, const struct store_finding *finding)
{
    char **complaint = context;
    if (finding->verdict == STORE_BAD && !*complaint)
        *complaint = xasprintf("%s: %s", finding->check, finding->sentence);
}

char *scenario_complaint(void)
{
    AUTO(store) *store = NULL;
    char *complaint = NULL;
    struct error err;
    if (access(gallery, F_OK) < 0)
        return NULL;
    int rc = store_open(gallery, STORE_READ, &store, &err);
    if (rc) /* nothing was committed yet */
        return rc == ERR_NOT_FOUND ? NULL : xstrdup(err.message);
    store_check(store, keep_complaint, &complaint);
    return complaint;
}
