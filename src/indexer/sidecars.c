/* SPDX-License-Identifier: MIT */
/* Matches names of sidecars with names of photos. */
#include "indexer/sidecars.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "image/formats.h"

/* Google Takeout cuts names to this many characters before ".json". */
#define TAKEOUT_CHARACTERS 46
/* The longest name that is examined. */
#define NAME_BYTES 256

static const char supplement[] = "supplemental-metadata";

static bool has_extension(const char *name, const char *extension)
{
    size_t length = strlen(name), n = strlen(extension);
    return length > n && strcasecmp(name + length - n, extension) == 0;
}

bool sidecar_is_name(const char *name)
{
    return name[0] != '.' && strlen(name) < NAME_BYTES &&
           (has_extension(name, ".xmp") || has_extension(name, ".json"));
}

void sidecar_names_add(struct sidecar_names *names, const char *name)
{
    if (!sidecar_is_name(name))
        return;
    ARRAY_GROW(names->items, names->cap, names->n + 1);
    names->items[names->n++] = xstrdup(name);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void sidecar_names_sort(struct sidecar_names *names)
{
    if (names->n)
        qsort(names->items, names->n, sizeof *names->items, compare_names);
}

void sidecar_names_read(struct sidecar_names *names, const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *found;
    while (dir && (found = readdir(dir)))
        sidecar_names_add(names, found->d_name);
    if (dir)
        closedir(dir);
    sidecar_names_sort(names);
}

void sidecar_names_release(struct sidecar_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct sidecar_names){NULL, 0, 0};
}

/* The index of the first name that is not before `text`. */
static size_t lower_bound(const struct sidecar_names *names, const char *text)
{
    size_t low = 0, high = names->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(names->items[middle], text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- XMP ---- */

/* Finds "STEM.xmp" with the extension in any case; `length` is of the stem. */
static const char *find_xmp(const struct sidecar_names *names, const char *stem, size_t length)
{
    AUTO_FREE char *prefix = xasprintf("%.*s.", (int)length, stem);
    for (size_t i = lower_bound(names, prefix);
         i < names->n && strncmp(names->items[i], prefix, length + 1) == 0; i++)
        if (strcasecmp(names->items[i] + length, ".xmp") == 0)
            return names->items[i];
    return NULL;
}

/* ---- Google Takeout ---- */

/* A name without the number in parentheses that tells duplicates apart: "IMG(1).jpg" is "IMG.jpg"
 * and 1. */
struct numbered {
    char name[NAME_BYTES];
    char number[16]; /* "": none */
};

/* Splits the number off that ends at `end`. */
static void split_number(const char *name, size_t end, struct numbered *ret)
{
    size_t open = end;
    *ret = (struct numbered){.number = ""};
    if (end > 2 && name[end - 1] == ')')
        for (open = end - 1; open > 0 && isdigit((unsigned char)name[open - 1]);)
            open--;
    bool has_number = open > 1 && open < end - 1 && name[open - 1] == '(' && end - open < 12;
    if (!has_number) {
        snprintf(ret->name, sizeof ret->name, "%s", name);
        return;
    }
    snprintf(ret->number, sizeof ret->number, "%.*s", (int)(end - 1 - open), name + open);
    snprintf(ret->name, sizeof ret->name, "%.*s%s", (int)(open - 1), name, name + end);
}

static size_t stem_length(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && dot > name ? (size_t)(dot - name) : strlen(name);
}

static size_t count_characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

/* Whether a name was cut: counted in characters, or in bytes, at the start of a character. */
static bool is_cut(const char *base)
{
    size_t bytes = strlen(base), characters = count_characters(base);
    return characters == TAKEOUT_CHARACTERS ||
           (bytes <= TAKEOUT_CHARACTERS && bytes > TAKEOUT_CHARACTERS - 4 && bytes > characters);
}

/* Removes ".supplemental-metadata", or as much of it as was left by the cut. */
static void drop_supplement(char *base)
{
    char *dot = strrchr(base, '.');
    if (dot && dot > base && strncmp(supplement, dot + 1, strlen(dot + 1)) == 0)
        *dot = '\0';
}

/* The ending that Google Photos gives to edited photos, in the languages of its users. */
static const char *const edited_endings[] = {
    "-edited",
    "-effects",
    "-modifi\u00e9",
    "-modifi\u00e9e",
    "-bearbeitet",
    "-editado",
    "-editada",
    "-modificato",
    "-bewerkt",
    "-edytowane",
    "-redigerad",
    "-redigert",
    "-muokattu",
    "-upraveno",
    "-d\u00fczenlendi",
    "-\u7f16\u8f91",
    "-\u5df2\u7f16\u8f91",
    "-\u7de8\u8f2f",
    "-\u7de8\u96c6\u6e08\u307f",
    "-\uc218\uc815\ub428",
    "-\u0438\u0437\u043c\u0435\u043d\u0435\u043d\u043e",
};

/* Returns the length of the stem without such an ending; 0 if there is none. */
static size_t edited_length(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof edited_endings / sizeof *edited_endings; i++) {
        size_t n = strlen(edited_endings[i]);
        if (length > n && strncasecmp(name + length - n, edited_endings[i], n) == 0)
            return length - n;
    }
    return 0;
}

/* The name of a photo as Takeout's JSON refers to it. */
struct takeout_photo {
    struct numbered of;
    size_t original; /* length of the stem of the photo that it was edited from; 0: not edited */
};

enum fit { FIT_NONE, FIT_EDITED, FIT_CUT, FIT_EXACT };

static enum fit fit_json(const char *json, const struct takeout_photo *photo)
{
    struct numbered base;
    AUTO_FREE char *stem = xstrndup(json, strlen(json) - strlen(".json"));
    split_number(stem, strlen(stem), &base);
    if (strcmp(base.number, photo->of.number) != 0)
        return FIT_NONE;
    const char *name = photo->of.name;
    if (strcmp(base.name, name) == 0)
        return FIT_EXACT;
    size_t length = strlen(base.name);
    bool is_prefix = is_cut(base.name) && strncmp(name, base.name, length) == 0;
    drop_supplement(base.name);
    if (strcmp(base.name, name) == 0)
        return FIT_EXACT;
    if (is_prefix)
        return FIT_CUT;
    /* An edited photo may have another format than its original. */
    const char *dot = strrchr(base.name, '.');
    bool is_original = photo->original && dot && format_has_extension(dot + 1) &&
                       (size_t)(dot - base.name) == photo->original &&
                       strncmp(base.name, name, photo->original) == 0;
    return is_original ? FIT_EDITED : FIT_NONE;
}

/* Every name that fits begins with the stem of the photo, or is a beginning of it. */
static const char *find_takeout(const struct sidecar_names *names, const char *name)
{
    struct takeout_photo photo = {.original = 0};
    split_number(name, stem_length(name), &photo.of);
    size_t length = stem_length(photo.of.name);
    photo.original = edited_length(photo.of.name, length);
    size_t shared = photo.original ? photo.original : length;
    /* At most four bytes fewer than characters fit, because the cut may be counted in bytes. */
    if (shared > TAKEOUT_CHARACTERS - 4)
        shared = TAKEOUT_CHARACTERS - 4;
    AUTO_FREE char *prefix = xasprintf("%.*s", (int)shared, photo.of.name);
    const char *best = NULL;
    enum fit best_fit = FIT_NONE;
    for (size_t i = lower_bound(names, prefix);
         i < names->n && strncmp(names->items[i], prefix, shared) == 0; i++) {
        const char *json = names->items[i];
        enum fit fit = has_extension(json, ".json") ? fit_json(json, &photo) : FIT_NONE;
        if (fit > best_fit) {
            best = json;
            best_fit = fit;
        }
    }
    return best;
}

/* ---- both ---- */

static void add_name(struct sidecar_set *set, enum sidecar_kind kind, const char *name)
{
    if (!name)
        return;
    set->items[set->n].kind = kind;
    set->items[set->n++].name = name;
}

void sidecars_match(const struct sidecar_names *names, const char *name,
                    struct sidecar_set *ret_set)
{
    *ret_set = (struct sidecar_set){.n = 0};
    if (names->n == 0 || strlen(name) >= NAME_BYTES)
        return;
    add_name(ret_set, SIDECAR_XMP, find_xmp(names, name, strlen(name)));
    if (stem_length(name) < strlen(name))
        add_name(ret_set, SIDECAR_XMP, find_xmp(names, name, stem_length(name)));
    add_name(ret_set, SIDECAR_TAKEOUT, find_takeout(names, name));
}

void sidecars_examine(int folder, struct sidecar_set *set)
{
    struct strbuf text = STRBUF_INIT(LIMIT_SIDECARS * (NAME_BYTES + 64));
    uint8_t hash[HASH_BYTES];
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++) {
        struct stat info;
        if (fstatat(folder, set->items[i].name, &info, 0) < 0 || !S_ISREG(info.st_mode))
            continue;
        set->items[n++] = set->items[i];
        if (strbuf_addf(&text, NULL, "%s/%lld/%lld.%09ld\n", set->items[n - 1].name,
                        (long long)info.st_size, (long long)info.st_mtim.tv_sec,
                        info.st_mtim.tv_nsec))
            BUG("the names of %zu sidecars do not fit", n);
    }
    set->n = n;
    set->mark[0] = '\0';
    if (n) {
        hash_bytes(text.data, text.length, hash);
        for (size_t i = 0; i < (SIDECAR_MARK_BYTES - 1) / 2; i++)
            snprintf(set->mark + 2 * i, 3, "%02x", hash[i]);
    }
    strbuf_release(&text);
}
