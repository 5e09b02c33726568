#include "search/names.h"

#include <string.h>

#include "base/text.h"
#include "store/labels.h"

void names_release(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->folded[i]);
    free(names->folded);
    free(names->rest);
    *names = (struct names){NULL, 0, 0, NULL};
}

static int add_name(void *context, const struct store_name *name)
{
    struct names *names = context;
    ARRAY_GROW(names->folded, names->cap, names->count + 1);
    names->folded[names->count++] = xstrdup(name->folded);
    return 0;
}

static int compare_length(const void *a, const void *b)
{
    size_t x = strlen(*(char *const *)a), y = strlen(*(char *const *)b);
    return x != y ? (x < y) - (x > y) : strcmp(*(char *const *)a, *(char *const *)b);
}

/* Blanks out every place where the text has the name, so that no shorter name is found there. */
static bool take(char *text, const char *name)
{
    bool found = false;
    for (char *at = text; (at = (char *)text_find_words(text, at, name)) != NULL; found = true)
        memset(at, '.', strlen(name));
    return found;
}

int names_find(struct store *store, const char *text, struct names *ret_names, struct error *err)
{
    struct names all = {NULL, 0, 0, NULL}, found = {NULL, 0, 0, text_fold(text)};
    int rc = store_list_names(store, add_name, &all, err);
    if (all.count > 1) /* else the array may not be there */
        qsort(all.folded, all.count, sizeof *all.folded, compare_length);
    for (size_t i = 0; !rc && i < all.count; i++) {
        if (!take(found.rest, all.folded[i]))
            continue;
        ARRAY_GROW(found.folded, found.cap, found.count + 1);
        found.folded[found.count++] = xstrdup(all.folded[i]);
    }
    names_release(&all);
    if (rc)
        names_release(&found);
    else
        *ret_names = found;
    return rc;
}

struct joining {
    const struct names *names;
    char *last, *joined; /* last: folded */
    size_t count;
};

static int join_name(void *context, const struct store_label *label)
{
    struct joining *j = context;
    char *folded = text_fold(label->name);
    bool wanted = !j->last || strcmp(folded, j->last) != 0;
    free(j->last);
    j->last = folded;
    for (size_t i = 0; wanted && i < j->names->count; i++) {
        if (strcmp(j->names->folded[i], folded) != 0)
            continue;
        char *joined =
            j->joined ? xasprintf("%s, %s", j->joined, label->name) : xstrdup(label->name);
        free(j->joined);
        j->joined = joined;
        j->count++;
    }
    return 0;
}

int names_of_photo(struct store *store, const struct names *names, int64_t photo, char **ret_joined,
                   size_t *ret_count, struct error *err)
{
    struct joining j = {names, NULL, NULL, 0};
    int rc = store_list_labels(store, photo, NULL, join_name, &j, err);
    free(j.last);
    if (rc) {
        free(j.joined);
        return rc;
    }
    *ret_joined = j.joined;
    *ret_count = j.count;
    return 0;
}
