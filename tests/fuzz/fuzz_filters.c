/* SPDX-License-Identifier: MIT */
/* Folders of filters and never-send rules against paths: what a folder covers is what its name
 * says, byte for byte. Trees of criteria: refused with a sentence, or answered so that a tree and
 * its NOT share all photos between them.
 *
 * The input's lines: a folder, from, until, a label, then paths and a tree from its leaves upwards:
 * "=NAME COMPARE VALUE,VALUE" is a leaf, "&2" and "|2" take so many trees that were made before
 * into a group, "!" negates the last one. */
#include <stddef.h>
#include <stdlib.h>

#include "ask/rule_set.h"
#include "fuzz/gallery.h"
#include "store/listing.h"
#include "store/path_range.h"

#define DIM 4
#define PHOTOS 2
#define MOST_PATHS 4
#define MOST_TREE 100 /* lines */
#define MOST_VALUES 4

struct lines {
    char *folder, *from, *until, *label, *paths[MOST_PATHS], *tree[MOST_TREE];
    size_t path_count, tree_count;
};

static char *take_line(char **rest)
{
    char *line = *rest;
    size_t length = line ? strcspn(line, "\n") : 0;
    if (!line)
        return NULL;
    *rest = line[length] ? line + length + 1 : NULL;
    line[length] = '\0';
    return line;
}

static void read_lines(char *text, struct lines *lines)
{
    *lines = (struct lines){.folder = take_line(&text),
                            .from = take_line(&text),
                            .until = take_line(&text),
                            .label = take_line(&text)};
    for (char *line; (line = take_line(&text));) {
        if (line[0] && strchr("=&|!", line[0]) && lines->tree_count < MOST_TREE)
            lines->tree[lines->tree_count++] = line;
        else if (lines->path_count < MOST_PATHS)
            lines->paths[lines->path_count++] = line;
    }
}

/* Said in another way than in store/: the folder's name without slashes at its end, then the end or
 * a slash. */
static bool is_at_or_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    while (n > 0 && folder[n - 1] == '/')
        n--;
    return strncmp(path, folder, n) == 0 && (path[n] == '/' || (path[n] == '\0' && n > 0));
}

static bool is_in(const struct path_range *range, const char *path)
{
    return strcmp(path, range->from) >= 0 && strcmp(path, range->to) < 0;
}

static void check_ranges(const struct lines *lines)
{
    struct path_range ranges[2];
    if (lines->folder[0] != '/')
        return;
    size_t n = path_ranges(lines->folder, ranges);
    for (size_t i = 0; i < lines->path_count; i++) {
        const char *path = lines->paths[i];
        bool wanted = path[0] == '/' && is_at_or_below(path, lines->folder);
        if (path[0] != '/')
            continue;
        if ((is_in(&ranges[0], path) || (n > 1 && is_in(&ranges[1], path))) != wanted)
            BUG("ranges that cover other paths than the folder's");
    }
    for (size_t i = 0; i < n; i++)
        path_range_release(&ranges[i]);
}

static int count_photo(void *context, const struct store_photo *photo)
{
    (void)photo;
    ++*(size_t *)context;
    return 0;
}

/* Dates and labels: refused with a sentence, or a filter that lists no more than all. */
static void check_filter(struct store *store, const struct lines *lines)
{
    struct error err = ERROR_INIT;
    struct store_filter filter = {
        .folder = lines->folder, .from = lines->from, .until = lines->until, .label = lines->label};
    size_t all = 0, some = 0;
    if (filter.from && !filter.from[0])
        filter.from = NULL;
    if (filter.until && !filter.until[0])
        filter.until = NULL;
    if (filter.label && !filter.label[0])
        filter.label = NULL;
    if (filter.folder && !filter.folder[0])
        filter.folder = NULL;
    fuzz_must(store_list_photos(store, NULL, NULL, 0, 100, count_photo, &all, &err), &err);
    int rc = store_list_photos(store, &filter, NULL, 0, 100, count_photo, &some, &err);
    if (rc ? !err.message[0] : some > all)
        BUG("a filter that gives more, or an error without its sentence");
}

/* ---- trees ---- */

struct stack {
    struct criteria *items[MOST_TREE];
    size_t count;
};

/* What a call that may refuse made. */
static void push(struct stack *stack, int rc, struct criteria *made, const struct error *err)
{
    if (!rc)
        stack->items[stack->count++] = made;
    else if (!err->message[0])
        BUG("an error without its sentence");
}

static void push_leaf(struct stack *stack, char *line)
{
    struct error err = ERROR_INIT;
    struct criteria *made = NULL;
    const char *values[MOST_VALUES];
    size_t n = 0;
    char *compare = strchr(line, ' ');
    if (!compare || compare[1] < '0' || compare[1] > '6')
        return;
    *compare++ = '\0';
    for (char *value = compare[1] ? compare + 2 : NULL; value && n < MOST_VALUES;) {
        char *comma = strchr(value, ',');
        if (comma)
            *comma++ = '\0';
        values[n++] = value;
        value = comma;
    }
    int rc = criteria_leaf(line, (enum criteria_compare)(*compare - '0'), values, n, &made, &err);
    push(stack, rc, made, &err);
}

static void push_group(struct stack *stack, struct criteria *group, size_t n)
{
    struct error err = ERROR_INIT;
    while (n-- > 0 && stack->count > 0)
        if (criteria_add(group, stack->items[--stack->count], &err) && !err.message[0])
            BUG("an error without its sentence");
    stack->items[stack->count++] = group;
}

static void push_line(struct stack *stack, char *line)
{
    struct error err = ERROR_INIT;
    struct criteria *made = NULL;
    if (line[0] == '=') {
        push_leaf(stack, line + 1);
    } else if (line[0] == '!' && stack->count > 0) {
        int rc = criteria_negate(stack->items[--stack->count], &made, &err);
        push(stack, rc, made, &err);
    } else if (line[0] != '!') {
        push_group(stack, line[0] == '&' ? criteria_all() : criteria_any(),
                   (size_t)strtoul(line + 1, NULL, 10) % MOST_TREE);
    }
}

static int count_id(void *context, int64_t id)
{
    (void)id;
    ++*(size_t *)context;
    return 0;
}

/* The photos of a tree, as its list has them and as a set of ids. */
static size_t count_tree(struct store *store, const struct criteria *tree)
{
    struct error err = ERROR_INIT;
    struct store_filter filter = {.where = tree};
    size_t listed = 0, ids = 0;
    fuzz_must(store_list_photos(store, &filter, NULL, 0, 100, count_photo, &listed, &err), &err);
    fuzz_must(store_list_ids(store, &filter, count_id, &ids, &err), &err);
    if (listed != ids)
        BUG("a list of %zu photos, and %zu ids", listed, ids);
    return ids;
}

static void check_tree(struct store *store, const struct lines *lines)
{
    struct stack stack = {.count = 0};
    struct error err = ERROR_INIT;
    struct criteria *negation;
    for (size_t i = 0; i < lines->tree_count; i++)
        push_line(&stack, lines->tree[i]);
    for (size_t i = 0; i < stack.count; i++) {
        size_t held = count_tree(store, stack.items[i]);
        if (!criteria_negate(stack.items[i], &negation, &err)) {
            if (held + count_tree(store, negation) != PHOTOS)
                BUG("a tree and its NOT do not share the photos");
            criteria_free(negation);
        }
    }
}

/* Whether this machine has a link there: then a rule also covers what it leads to. */
static bool leads_elsewhere(const char *path)
{
    AUTO_FREE char *real = realpath(path, NULL);
    return real && strcmp(real, path) != 0;
}

static void check_place(const struct rule_set *set, const char *path, const char *folder)
{
    struct error err = ERROR_INIT;
    struct store_photo photo = {.path = (char *)(uintptr_t)path};
    AUTO_FREE char *phrase = NULL;
    if (path[0] != '/' || leads_elsewhere(path))
        return;
    fuzz_must(rule_set_covering(set, &photo, &phrase, &err), &err);
    if (!phrase == is_at_or_below(path, folder))
        BUG("a rule that covers other paths than its folder's");
}

/* A rule for the folder covers its paths, and nothing else. */
static void check_rule(struct store *store, const struct lines *lines)
{
    struct error err = ERROR_INIT;
    if (store_add_rule(store, STORE_RULE_FOLDER, lines->folder, &err)) {
        if (!err.message[0])
            BUG("an error without its sentence");
        return;
    }
    struct rule_set set;
    fuzz_must(rule_set_load(store, &set, &err), &err);
    for (size_t i = 0; i < lines->path_count && !leads_elsewhere(lines->folder); i++)
        check_place(&set, lines->paths[i], lines->folder);
    rule_set_release(&set);
    if (store_remove_rule(store, STORE_RULE_FOLDER, lines->folder, &err))
        BUG("a rule that cannot be removed: %s", err.message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct store *store;
    struct error err = ERROR_INIT;
    struct lines lines;
    if (fuzz_begin()) {
        struct store_model model = fuzz_model(DIM);
        fuzz_must(store_open(fuzz_path("g.db"), STORE_WRITE, &store, &err), &err);
        fuzz_must(store_bind_model(store, &model, &err), &err);
        fuzz_add_photo(store, 1, DIM, "/photos/1.png");
        fuzz_add_photo(store, 2, DIM, "/photos/trip/2.png");
    }
    AUTO_FREE char *text = xstrndup((const char *)data, size);
    read_lines(text, &lines);
    if (!lines.folder)
        return 0;
    check_ranges(&lines);
    check_filter(store, &lines);
    check_tree(store, &lines);
    check_rule(store, &lines);
    return 0;
}
