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

struct covering {
    struct store *store;
    const struct store_photo *photo;
    char *phrase;
    struct error why;
};

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

static int has_label(void *context, const struct store_label *label)
{
    (void)context, (void)label;
    return 1;
}

/* 1: covered, and the phrase says by what. */
static int try_rule(void *context, const struct store_rule *rule)
{
    struct covering *c = context;
    AUTO_FREE char *value = text_printable(rule->value, strlen(rule->value));
    if (rule->kind == STORE_RULE_FOLDER) {
        if (!is_below(c->photo->path, rule->value))
            return 0;
        c->phrase = xasprintf("the folder %s", value);
        return 1;
    }
    int has = store_list_labels(c->store, c->photo->id, rule->value, has_label, NULL, &c->why);
    if (has > 0)
        c->phrase = xasprintf("the label '%s'", value);
    return has;
}

int store_rule_covering(struct store *store, int64_t id, char **ret_phrase, struct error *err)
{
    struct store_photo photo;
    int rc = store_get_photo(store, id, &photo, err);
    if (rc)
        return rc;
    struct covering c = {.store = store, .photo = &photo};
    rc = store_list_rules(store, try_rule, &c, &c.why);
    store_photo_release(&photo);
    if (rc < 0)
        return error_set(err, rc, "%s", c.why.message);
    *ret_phrase = c.phrase;
    return 0;
}
