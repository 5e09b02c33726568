/* SPDX-License-Identifier: MIT */
/* Finds the names of labels in a query, by folded comparison. */
#include "search/label_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "search/ordinary.h"
#include "search/question.h"
#include "store/labels.h"

#define FIRST_WORD_LEAST 3 /* bytes */

void names_release(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->folded[i]);
    free(names->folded);
    free(names->rest);
    *names = (struct names){.folded = NULL};
}

/* ---- the names of the gallery ---- */

struct known_name {
    char *written, *folded, *loose;
};

struct known_names {
    struct known_name *items;
    size_t count, cap;
};

static int add_known(void *context, const struct store_name *name)
{
    struct known_names *known = context;
    ARRAY_GROW(known->items, known->cap, known->count + 1);
    known->items[known->count++] = (struct known_name){xstrdup(name->name), xstrdup(name->folded),
                                                       text_fold_loosely(name->folded)};
    return 0;
}

static void release_known(struct known_names *known)
{
    for (size_t i = 0; i < known->count; i++) {
        free(known->items[i].written);
        free(known->items[i].folded);
        free(known->items[i].loose);
    }
    free(known->items);
}

/* Sorts the longest first, and loosely equal names next to each other. */
static int compare_length(const void *a, const void *b)
{
    const struct known_name *x = a, *y = b;
    size_t n = strlen(x->loose), m = strlen(y->loose);
    if (n != m)
        return (n < m) - (n > m);
    int order = strcmp(x->loose, y->loose);
    return order ? order : strcmp(x->folded, y->folded);
}

/* ---- matching ---- */

/* A query in its original form, folded, and loosely folded, with '.' in place of found names. */
struct asked {
    const struct clip *clip;
    const char *text;
    char *folded, *loose;
    bool is_question;
    struct names *names;
};

/* Overwrites every occurrence of the name, so that no shorter name is found there. */
static bool take_name(char *text, const char *name)
{
    bool found = false;
    for (char *at = text; (at = (char *)text_find_words(text, at, name)) != NULL; found = true)
        memset(at, '.', strlen(name));
    return found;
}

static void add_found(struct names *names, const char *folded)
{
    ARRAY_GROW(names->folded, names->cap, names->count + 1);
    names->folded[names->count++] = xstrdup(folded);
}

/* Returns whether the word begins a question, as in "Will the dog jump?", where it is not a name.
 */
static bool begins_question(const struct asked *asked, const char *at, const char *word)
{
    static const char *const verbs[] = {"will", "may", "can"};
    const char *first = asked->text + strspn(asked->text, " \t\r\n\"'(");
    for (size_t i = 0; asked->is_question && at == first && i < 3; i++)
        if (strcmp(verbs[i], word) == 0)
            return true;
    return false;
}

/* Returns whether the text contains the word exactly as the owner wrote it. */
static bool is_as_written(const struct asked *asked, const char *written, const char *word)
{
    const char *at = text_find_words(asked->text, asked->text, written);
    if (at && begins_question(asked, at, word))
        at = text_find_words(asked->text, at + strlen(written), written);
    return at != NULL;
}

/* Returns the name as the query writes it, perhaps without apostrophes ("obrien"); NULL if the
 * query does not have it. The caller frees it. */
static char *spelling_in(const struct asked *asked, const char *loose)
{
    size_t n = 0;
    char *name = xstrdup(loose);
    if (text_find_words(asked->loose, asked->loose, name))
        return name;
    for (const char *at = loose; *at; at++)
        if (*at != '\'')
            name[n++] = *at;
    name[n] = '\0';
    if (n > 0 && n < strlen(loose) && text_find_words(asked->loose, asked->loose, name))
        return name;
    free(name);
    return NULL;
}

/* Adds, of n loosely equal names, those that the query contains with their accents, otherwise all.
 */
static void find_equal(struct asked *asked, const struct known_name *known, size_t n)
{
    bool any_exact = false;
    AUTO_FREE char *spelling = spelling_in(asked, known->loose);
    if (!spelling || (ordinary_is_word(asked->clip, known->loose) &&
                      !is_as_written(asked, known->written, known->loose)))
        return;
    take_name(asked->loose, spelling);
    for (size_t i = 0; i < n; i++)
        any_exact |= text_find_words(asked->folded, asked->folded, known[i].folded) != NULL;
    for (size_t i = 0; i < n; i++)
        if (!any_exact || text_find_words(asked->folded, asked->folded, known[i].folded))
            add_found(asked->names, known[i].folded);
}

static void find_all(struct asked *asked, const struct known_names *known, bool ordinary)
{
    for (size_t i = 0, next; i < known->count; i = next) {
        for (next = i + 1; next < known->count; next++)
            if (strcmp(known->items[i].loose, known->items[next].loose) != 0)
                break;
        if (ordinary_is_word(asked->clip, known->items[i].loose) == ordinary)
            find_equal(asked, &known->items[i], next - i);
    }
}

static bool is_found(const struct names *names, const char *folded)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->folded[i], folded) == 0)
            return true;
    return false;
}

/* Finds the first word of a name, such as "grandma" of "Grandma Rose". */
static void find_first_word(struct asked *asked, const struct known_name *known)
{
    size_t n = strcspn(known->loose, " ");
    AUTO_FREE char *first = xstrndup(known->loose, n);
    AUTO_FREE char *written = xstrndup(known->written, strcspn(known->written, " "));
    if (known->loose[n] == '\0' || n < FIRST_WORD_LEAST || is_found(asked->names, known->folded) ||
        !text_find_words(asked->loose, asked->loose, first) ||
        (ordinary_is_word(asked->clip, first) && !is_as_written(asked, written, first)))
        return;
    add_found(asked->names, known->folded);
}

/* Returns whether the text has words besides names that say what is wanted. */
static bool asks_more(const char *rest, bool is_question)
{
    static const char *const links[] = {"and", "or", "with", "&", "the", "both", "s"};
    static const char separators[] = " \t\r\n.,;:!?'\"()/+";
    for (const char *at = rest; at[strspn(at, separators)];) {
        at += strspn(at, separators);
        size_t n = strcspn(at, separators);
        bool links_names = is_question && question_drops(at, n);
        for (size_t i = 0; !links_names && i < sizeof links / sizeof *links; i++)
            links_names = strlen(links[i]) == n && strncmp(links[i], at, n) == 0;
        if (!links_names)
            return true;
        at += n;
    }
    return false;
}

int names_find(struct store *store, const struct clip *clip, const char *text, bool is_question,
               struct names *ret_names, struct error *err)
{
    struct known_names known = {NULL, 0, 0};
    struct names found = {.folded = NULL};
    AUTO_FREE char *folded = text_fold(text);
    found.rest = text_fold_loosely(text);
    struct asked asked = {clip, text, folded, found.rest, is_question, &found};
    int rc = store_list_names(store, add_known, &known, err);
    if (known.count > 1) /* with no names, the array may be NULL */
        qsort(known.items, known.count, sizeof *known.items, compare_length);
    if (!rc)
        find_all(&asked, &known, false);
    found.sure = found.count;
    if (!rc)
        find_all(&asked, &known, true);
    for (size_t i = 0; !rc && i < known.count; i++)
        find_first_word(&asked, &known.items[i]);
    found.alone = found.count > 0 && !asks_more(found.rest, is_question);
    release_known(&known);
    if (rc)
        names_release(&found);
    else
        *ret_names = found;
    return rc;
}

/* ---- of photos ---- */

struct joining {
    const struct names *names;
    const int64_t *photos;
    size_t n, at;  /* at: index of the photo of the current label; n: none yet */
    char *last;    /* folded name of the previous label */
    char **joined; /* [n] */
};

/* Finds the photo of a label; the labels of a photo are adjacent. */
static void find_photo_of(struct joining *j, int64_t photo)
{
    if (j->at < j->n && j->photos[j->at] == photo)
        return;
    for (j->at = 0; j->at < j->n && j->photos[j->at] != photo;)
        j->at++;
    free(j->last);
    j->last = NULL;
}

static bool is_wanted(const struct joining *j, const char *folded)
{
    bool is_new = !j->last || strcmp(folded, j->last) != 0;
    for (size_t i = 0; is_new && i < j->names->count; i++)
        if (strcmp(j->names->folded[i], folded) == 0)
            return true;
    return false;
}

static int join_name(void *context, const struct store_label *label)
{
    struct joining *j = context;
    find_photo_of(j, label->photo);
    char *folded = text_fold(label->name);
    if (j->at < j->n && is_wanted(j, folded)) {
        char *before = j->joined[j->at];
        j->joined[j->at] = before ? xasprintf("%s, %s", before, label->name) : xstrdup(label->name);
        free(before);
    }
    free(j->last);
    j->last = folded;
    return 0;
}

int names_of_photos(struct store *store, const struct names *names, const int64_t *photos, size_t n,
                    char **ret_joined, struct error *err)
{
    struct joining j = {.names = names, .photos = photos, .n = n, .at = n, .joined = ret_joined};
    for (size_t i = 0; i < n; i++)
        ret_joined[i] = NULL;
    int rc = store_list_labels_of(store, photos, n, join_name, &j, err);
    free(j.last);
    for (size_t i = 0; rc && i < n; i++)
        free(ret_joined[i]);
    return rc;
}
