#include <string.h>

#include "base/text.h"
#include "store/bounds.h"
#include "store/check.h"
#include "store/store_backend.h"

static const char *const rule_names[] = {
    [STORE_RULE_FOLDER] = "folder",
    [STORE_RULE_LABEL] = "label",
};

const char *store_rule_name(enum store_rule_kind kind)
{
    return rule_names[kind];
}

int store_add_rule(struct store *store, enum store_rule_kind kind, const char *value,
                   struct error *err)
{
    struct store_record record = {.kind = STORE_RECORD_RULE, .rule = {kind, value}};
    return store_put_records(store, &record, 1, err);
}

int store_remove_rule(struct store *store, enum store_rule_kind kind, const char *value,
                      struct error *err)
{
    char *key;
    int rc = store_rule_key(kind, value, &key, err);
    if (rc)
        return rc;
    AUTO_FREE char *owned = key;
    return store->backend->remove_rule(store->state, kind, owned, err);
}

int store_list_rules(struct store *store, int (*each)(void *context, const struct store_rule *rule),
                     void *context, struct error *err)
{
    return store->backend->list_rules(store->state, each, context, err);
}

/* ---- which photos rules cover ---- */

static bool is_below(const char *path, const char *folder)
{
    struct bounds b;
    struct store_filter filter = {.folder = folder};
    if (bounds_init(&filter, &b, NULL))
        return false;
    bool below =
        strcmp(path, b.folder) == 0 || (strcmp(path, b.below) >= 0 && strcmp(path, b.past) < 0);
    bounds_release(&b);
    return below;
}

static char *folder_phrase(const char *folder, const char *more)
{
    AUTO_FREE char *name = text_printable(folder, strlen(folder));
    return xasprintf("the folder %s%s", name, more);
}

struct covering {
    struct store *store;
    const struct store_photo *photo;
    const char *folder; /* of the rule that is tried */
    char *phrase;
    struct error why;
};

static int is_copy_below(void *context, const char *path)
{
    const struct covering *c = context;
    return is_below(path, c->folder);
}

/* Copies of a photo whose content is not known are not known either. */
static int try_folder(struct covering *c, const char *folder)
{
    static const uint8_t unknown[HASH_BYTES];
    struct store *s = c->store;
    c->folder = folder;
    bool here = is_below(c->photo->path, folder);
    int found = 0;
    if (!here && memcmp(c->photo->hash, unknown, HASH_BYTES) != 0)
        found = s->backend->list_copies(s->state, c->photo->hash, is_copy_below, c, &c->why);
    if (here || found > 0)
        c->phrase = folder_phrase(folder, here ? "" : " (a copy is in it)");
    return here ? 1 : found;
}

static int has_label(void *context, const struct store_label *label)
{
    (void)context, (void)label;
    return 1;
}

static int try_label(struct covering *c, const char *name)
{
    AUTO_FREE char *value = text_printable(name, strlen(name));
    int has = store_list_labels(c->store, c->photo->id, name, has_label, NULL, &c->why);
    if (has > 0)
        c->phrase = xasprintf("the label '%s'", value);
    return has;
}

/* 1: covered, and the phrase says by what. */
static int try_rule(void *context, const struct store_rule *rule)
{
    return rule->kind == STORE_RULE_FOLDER ? try_folder(context, rule->value)
                                           : try_label(context, rule->value);
}

static int is_label_rule(void *context, const struct store_rule *rule)
{
    (void)context;
    return rule->kind == STORE_RULE_LABEL;
}

/* What is damaged may have been a rule for anything, or the label that a rule is about. */
int store_check_rules(struct store *store, struct error *err)
{
    int has_label_rule = store_list_rules(store, is_label_rule, NULL, err);
    if (has_label_rule < 0)
        return has_label_rule;
    return store->backend->check_records(store->state, has_label_rule > 0, err);
}

int store_rule_covering(struct store *store, int64_t id, char **ret_phrase, struct error *err)
{
    struct store_photo photo;
    int rc = store_get_photo(store, id, &photo, err);
    if (rc)
        return rc;
    struct covering c = {.store = store, .photo = &photo};
    rc = store_check_rules(store, &c.why);
    if (!rc)
        rc = store_list_rules(store, try_rule, &c, &c.why);
    store_photo_release(&photo);
    if (rc < 0)
        return error_set(err, rc, "%s", c.why.message);
    *ret_phrase = c.phrase;
    return 0;
}

/* ---- which rules cover a place ---- */

struct place {
    const char *path;
    char *phrase;
};

static int try_place(void *context, const struct store_rule *rule)
{
    struct place *p = context;
    if (rule->kind != STORE_RULE_FOLDER || !is_below(p->path, rule->value))
        return 0;
    p->phrase = folder_phrase(rule->value, "");
    return 1;
}

int store_folder_rule_covering(struct store *store, const char *path, char **ret_phrase,
                               struct error *err)
{
    struct place place = {.path = path};
    int rc = store_check_path(path, err);
    if (!rc)
        rc = store->backend->check_records(store->state, false, err);
    if (!rc)
        rc = store_list_rules(store, try_place, &place, err);
    if (rc < 0)
        return rc;
    *ret_phrase = place.phrase;
    return 0;
}
