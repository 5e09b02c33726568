/* SPDX-License-Identifier: MIT */
/* The table of store operations of a PostgreSQL gallery. */
#include "store/postgres/postgres_internal.h"
#include "store/store_internal.h"

static int open_database(const char *where, enum store_mode mode,
                         const struct store_options *options, void **ret_state, struct error *err)
{
    struct postgres *p;
    int rc = postgres_open(where, mode, options, &p, err);
    if (!rc)
        *ret_state = p;
    return rc;
}

static void close_database(void *state)
{
    postgres_close(state);
}

static int get_model(void *state, struct store_model *ret_model, struct error *err)
{
    return postgres_get_model(state, ret_model, err);
}

static int bind_model(void *state, const struct store_model *model, struct store_model *ret_model,
                      struct error *err)
{
    return postgres_bind_model(state, model, ret_model, err);
}

static int get_dim(void *state, size_t *ret_dim, struct error *err)
{
    return postgres_get_dim(state, ret_dim, err);
}

static int apply(void *state, const struct store_change *changes, size_t n, struct error *err)
{
    return postgres_apply(state, changes, n, err);
}

static int claim(void *state, const struct store_wanted *files, size_t n, double lease_s,
                 enum store_claim *ret_claims, struct error *err)
{
    return postgres_claim(state, files, n, lease_s, ret_claims, err);
}

static int unclaim(void *state, struct error *err)
{
    return postgres_unclaim(state, err);
}

static int forget(void *state, const char *path, int64_t *ret_count, struct error *err)
{
    return postgres_forget(state, path, ret_count, err);
}

static int list_files(void *state, const char *root,
                      int (*each)(void *context, const struct store_file *file), void *context,
                      struct error *err)
{
    return postgres_list_files(state, root, each, context, err);
}

static int list_failures(void *state,
                         int (*each)(void *context, const struct store_failure *failure),
                         void *context, struct error *err)
{
    return postgres_list_failures(state, each, context, err);
}

static int list_damaged(void *state,
                        int (*each)(void *context, const char *path, const char *damage),
                        void *context, struct error *err)
{
    return postgres_list_damaged(state, each, context, err);
}

static int get_photo(void *state, int64_t id, struct store_photo *ret_photo, struct error *err)
{
    return postgres_get_photo(state, id, ret_photo, err);
}

static int get_vector(void *state, int64_t id, float *ret_vector, struct error *err)
{
    return postgres_get_vector(state, id, ret_vector, err);
}

static int search(void *state, const float *query, size_t k, bool exact,
                  const struct bounds *bounds, struct store_hit *ret_hits, size_t *ret_count,
                  struct error *err)
{
    return postgres_search(state, query, k, exact, bounds, ret_hits, ret_count, err);
}

static int status(void *state, struct store_status *ret_status, struct error *err)
{
    return postgres_status(state, ret_status, err);
}

static int seal(void *state, struct error *err)
{
    (void)state, (void)err;
    return 0;
}

static int dump(void *state, int (*each)(void *context, const struct store_change *change),
                void *context, struct error *err)
{
    return postgres_dump(state, each, context, err);
}

static void check(void *state, void (*each)(void *context, const struct store_finding *finding),
                  void *context)
{
    postgres_check(state, each, context);
}

static int set_index(void *state, enum store_index_kind kind, enum store_metric metric,
                     struct error *err)
{
    return postgres_set_index(state, kind, metric, err);
}

static int tend_index(void *state, struct error *err)
{
    return postgres_tend_index(state, err);
}

static int get_index(void *state, struct store_index *ret_index, struct error *err)
{
    return postgres_get_index(state, ret_index, err);
}

static int add_label(void *state, int64_t photo, const char *name, const char *folded,
                     const struct store_box *box, int64_t *ret_id, struct error *err)
{
    return postgres_add_label(state, photo, name, folded, box, ret_id, err);
}

static int rename_label(void *state, int64_t id, const char *name, const char *folded,
                        struct error *err)
{
    return postgres_rename_label(state, id, name, folded, err);
}

static int remove_label(void *state, int64_t id, struct error *err)
{
    return postgres_remove_label(state, id, err);
}

static int list_labels(void *state, int64_t photo, const char *folded,
                       int (*each)(void *context, const struct store_label *label), void *context,
                       struct error *err)
{
    return postgres_list_labels(state, photo, folded, each, context, err);
}

static int list_names(void *state, int (*each)(void *context, const struct store_name *name),
                      void *context, struct error *err)
{
    return postgres_list_names(state, each, context, err);
}

static int find_photo(void *state, const char *path, int64_t *ret_id, struct error *err)
{
    return postgres_find_photo(state, path, ret_id, err);
}

static int list_copies(void *state, const uint8_t hash[HASH_BYTES],
                       int (*each)(void *context, const char *path), void *context,
                       struct error *err)
{
    return postgres_list_copies(state, hash, each, context, err);
}

static int list_folders(void *state, int (*each)(void *context, const struct store_folder *folder),
                        void *context, struct error *err)
{
    return postgres_list_folders(state, each, context, err);
}

static int set_folders(void *state, const struct store_folder *folders, size_t n, struct error *err)
{
    return postgres_set_folders(state, folders, n, err);
}

static int get_note(void *state, const char *name, char **ret_text, struct error *err)
{
    return postgres_get_note(state, name, ret_text, err);
}

static int set_note(void *state, const char *name, const char *text, struct error *err)
{
    return postgres_set_note(state, name, text, err);
}

static int remove_rule(void *state, enum store_rule_kind kind, const char *key, struct error *err)
{
    return postgres_remove_rule(state, kind, key, err);
}

static int list_rules(void *state, int (*each)(void *context, const struct store_rule *rule),
                      void *context, struct error *err)
{
    return postgres_list_rules(state, each, context, err);
}

static int check_records(void *state, bool with_labels, struct error *err)
{
    return postgres_check_records(state, with_labels, err);
}

static int list_entries(void *state, int64_t since, bool newest_first,
                        int (*each)(void *context, const struct ledger_entry *entry), void *context,
                        struct error *err)
{
    return postgres_list_entries(state, since, newest_first, each, context, err);
}

static int put_records(void *state, const struct store_record *records, char *const *keys, size_t n,
                       struct error *err)
{
    return postgres_put_records(state, records, keys, n, err);
}

static int get_change(void *state, int64_t *ret_change, struct error *err)
{
    return postgres_get_change(state, ret_change, err);
}

static int list_months(void *state, const struct bounds *bounds,
                       int (*each)(void *context, const struct store_month *month), void *context,
                       struct error *err)
{
    return postgres_list_months(state, bounds, each, context, err);
}

static int list_photos(void *state, const struct bounds *bounds, const struct store_place *after,
                       size_t skip, size_t limit,
                       int (*each)(void *context, const struct store_photo *photo), void *context,
                       struct error *err)
{
    return postgres_list_photos(state, bounds, after, skip, limit, each, context, err);
}

static int list_unsound(void *state, int (*each)(void *context, int64_t id), void *context,
                        struct error *err)
{
    return postgres_list_unsound(state, each, context, err);
}

/* The server itself keeps vectors finite and of the right size. */
static int64_t count_left_out(void *state)
{
    (void)state;
    return 0;
}

const struct store_backend postgres_backend = {
    .kind = "postgres",
    .is_mine = postgres_is_mine,
    .describe = postgres_describe,
    .open = open_database,
    .close = close_database,
    .adopt = postgres_adopt,
    .split = postgres_split,
    .get_model = get_model,
    .bind_model = bind_model,
    .get_dim = get_dim,
    .apply = apply,
    .claim = claim,
    .unclaim = unclaim,
    .forget = forget,
    .list_files = list_files,
    .list_failures = list_failures,
    .list_damaged = list_damaged,
    .get_photo = get_photo,
    .get_vector = get_vector,
    .list_unsound = list_unsound,
    .count_left_out = count_left_out,
    .search = search,
    .status = status,
    .seal = seal,
    .dump = dump,
    .check = check,
    .set_index = set_index,
    .tend_index = tend_index,
    .get_index = get_index,
    .add_label = add_label,
    .rename_label = rename_label,
    .remove_label = remove_label,
    .list_labels = list_labels,
    .list_names = list_names,
    .find_photo = find_photo,
    .list_copies = list_copies,
    .list_folders = list_folders,
    .set_folders = set_folders,
    .get_note = get_note,
    .set_note = set_note,
    .remove_rule = remove_rule,
    .list_rules = list_rules,
    .check_records = check_records,
    .list_entries = list_entries,
    .put_records = put_records,
    .get_change = get_change,
    .list_months = list_months,
    .list_photos = list_photos,
};
