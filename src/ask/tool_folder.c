/* SPDX-License-Identifier: MIT */
/* Finds the folders that a model names in its own words. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ask/ask_internal.h"
#include "ask/rule_set.h"
#include "ask/tools.h"
#include "base/path.h"
#include "store/listing.h"

/* ---- search by name ---- */

struct named_folders {
    struct ask *ask;
    const char *wanted; /* the end of its path */
    size_t outer;       /* bytes of each path that do not count */
    struct rule_set rules;
    char *found; /* the first one with a photo that may be sent */
    bool ambiguous;
    struct error why;
};

/* The walk stops at the first photo that may be sent. */
struct leaving {
    const struct rule_set *rules;
    bool any;
    struct error why;
};

static int try_photo(void *context, const struct store_photo *photo)
{
    struct leaving *leaving = context;
    AUTO_FREE char *phrase = NULL;
    int rc = rule_set_covering(leaving->rules, photo, &phrase, &leaving->why);
    leaving->any = !rc && !phrase;
    return rc ? rc : leaving->any;
}

static int may_be_known(struct named_folders *named, const char *folder, bool *ret_any,
                        struct error *err)
{
    struct leaving leaving = {.rules = &named->rules};
    struct store_filter filter = {.folder = folder};
    int rc = store_list_photos(named->ask->store, &filter, NULL, 0, INT32_MAX, try_photo, &leaving,
                               &leaving.why);
    if (rc < 0)
        return error_set(err, rc, "%s", leaving.why.message);
    *ret_any = leaving.any;
    return 0;
}

static int take_folder(struct named_folders *named, const char *path, size_t length,
                       struct error *err)
{
    AUTO_FREE char *folder = xstrndup(path, length);
    bool any;
    if (named->found && strcmp(named->found, folder) == 0)
        return 0;
    int rc = may_be_known(named, folder, &any, err);
    if (rc || !any)
        return rc;
    named->ambiguous = named->found != NULL;
    if (!named->found) {
        named->found = folder;
        folder = NULL;
    }
    return 0;
}

/* Matches the folder, or an ancestor of it, whose path ends with the wanted name. Nested folders
 * are tried once: the outermost contains the others. Ends the list when the name is ambiguous. */
static int match_path(void *context, const char *path)
{
    struct named_folders *named = context;
    size_t n = strlen(named->wanted);
    const char *slash = strlen(path) < named->outer ? NULL : strchr(path + named->outer, '/');
    for (; slash; slash = strchr(slash + 1, '/')) {
        char end = strncasecmp(slash + 1, named->wanted, n) == 0 ? slash[1 + n] : 'x';
        if (end != '/' && end != '\0')
            continue;
        int rc = take_folder(named, path, (size_t)(slash - path) + 1 + n, &named->why);
        return rc ? rc : named->ambiguous;
    }
    return 0;
}

static int find_by_name(struct ask *ask, const char *wanted, struct tool_result *result,
                        char **ret_folder, struct error *err)
{
    struct named_folders named = {.ask = ask, .wanted = wanted, .why = ERROR_INIT};
    const char *filter = ask->options.filter.folder;
    named.outer = filter ? strlen(filter) : 0;
    while (named.outer > 0 && filter[named.outer - 1] == '/')
        named.outer--;
    int rc = rule_set_load(ask->store, &named.rules, err);
    if (rc)
        return rc;
    rc = store_list_parents(ask->store, filter, match_path, &named, &named.why);
    rule_set_release(&named.rules);
    if (rc < 0)
        error_set(err, rc, "%s", named.why.message);
    else if (named.ambiguous)
        tool_refuse(result, "several folders have this name: give more of its path");
    else if (named.found)
        *ret_folder = xstrdup(named.found);
    free(named.found);
    return rc < 0 ? rc : 0;
}

/* ---- the model's input ---- */

int tool_find_folder(struct ask *ask, const char *name, struct tool_result *result,
                     char **ret_folder, struct error *err)
{
    AUTO_FREE char *inner = xstrdup(name + strspn(name, "/"));
    size_t n = strlen(inner);
    while (n > 0 && inner[n - 1] == '/')
        inner[--n] = '\0';
    *ret_folder = NULL;
    if (name[0] != '/' && n > 0)
        return find_by_name(ask, inner, result, ret_folder, err);
    AUTO_FREE char *whole = xasprintf("/%s", inner);
    const char *outer = ask->options.filter.folder;
    if (path_is_below(whole, outer ? outer : "/"))
        *ret_folder = xstrdup(whole);
    else
        tool_refuse(result, "this folder is outside the one that the owner chose");
    return 0;
}
