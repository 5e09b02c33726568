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

/* ---- the folders of the gallery ---- */

static int add_folder(void *context, const char *folder)
{
    struct ask_folders *f = context;
    ARRAY_GROW(f->paths, f->cap, f->count + 1);
    f->paths[f->count++] = xstrdup(folder);
    return 0;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void drop_doubles(struct ask_folders *f)
{
    size_t kept = 0;
    if (f->count > 0)
        qsort(f->paths, f->count, sizeof *f->paths, compare_paths);
    for (size_t i = 0; i < f->count; i++)
        if (kept > 0 && strcmp(f->paths[kept - 1], f->paths[i]) == 0)
            free(f->paths[i]);
        else
            f->paths[kept++] = f->paths[i];
    f->count = kept;
}

/* Loads the folders once per question. */
static int load_folders(struct ask *ask, struct error *err)
{
    struct ask_folders *f = &ask->folders;
    if (f->loaded)
        return 0;
    int rc = store_list_parents(ask->store, ask->options.filter.folder, add_folder, f, err);
    if (rc) {
        ask_folders_release(f);
        return rc;
    }
    drop_doubles(f);
    f->loaded = true;
    return 0;
}

void ask_folders_release(struct ask_folders *folders)
{
    for (size_t i = 0; i < folders->count; i++)
        free(folders->paths[i]);
    free(folders->paths);
    *folders = (struct ask_folders){NULL, 0, 0, false};
}

/* ---- search by name ---- */

struct named_folders {
    struct ask *ask;
    struct rule_set rules;
    char *found; /* the first one with a photo that may be sent */
    bool ambiguous;
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

/* Matches the folder, or an ancestor of it, whose path ends with `wanted`; ignores the first
 * `outer` bytes of the path. Nested folders are tried once: the outermost contains the others. */
static int match_path(struct named_folders *named, const char *path, size_t outer,
                      const char *wanted, struct error *err)
{
    size_t n = strlen(wanted);
    const char *slash = strlen(path) < outer ? NULL : strchr(path + outer, '/');
    for (; slash; slash = strchr(slash + 1, '/')) {
        char end = strncasecmp(slash + 1, wanted, n) == 0 ? slash[1 + n] : 'x';
        if (end == '/' || end == '\0')
            return take_folder(named, path, (size_t)(slash - path) + 1 + n, err);
    }
    return 0;
}

static int find_by_name(struct ask *ask, const char *wanted, struct tool_result *result,
                        char **ret_folder, struct error *err)
{
    struct named_folders named = {.ask = ask};
    const char *filter = ask->options.filter.folder;
    size_t outer = filter ? strlen(filter) : 0;
    while (outer > 0 && filter[outer - 1] == '/')
        outer--;
    int rc = load_folders(ask, err);
    if (!rc)
        rc = rule_set_load(ask->store, &named.rules, err);
    for (size_t i = 0; !rc && !named.ambiguous && i < ask->folders.count; i++)
        rc = match_path(&named, ask->folders.paths[i], outer, wanted, err);
    rule_set_release(&named.rules);
    if (!rc && named.ambiguous)
        tool_refuse(result, "several folders have this name: give more of its path");
    else if (!rc && named.found)
        *ret_folder = xstrdup(named.found);
    free(named.found);
    return rc;
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
