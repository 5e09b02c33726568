/* SPDX-License-Identifier: MIT */
/* Checks the hashes and vectors of reference.json: {"files": [{"file", "sha256"}...], "texts":
 * [{"text", "vector"}...], "pictures": [{"pattern", "vector"}...]}, with vectors that another
 * program computed; patterns are those of model_patterns.h. The hashes also cover parts that no
 * recorded input reaches, such as rare words. */
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/memory.h"
#include "models/model_patterns.h"
#include "models/verification.h"

typedef int embed_input(const struct verification *v, const char *input, float *ret_vector,
                        struct error *err);

/* A list in reference.json, and how its inputs become vectors; NULL for files with hashes. */
struct section {
    const char *list, *key, *kind;
    embed_input *embed;
};

static int embed_text(const struct verification *v, const char *input, float *ret_vector,
                      struct error *err)
{
    return clip_embed_text(v->clip, input, ret_vector, NULL, err);
}

static int embed_pattern(const struct verification *v, const char *input, float *ret_vector,
                         struct error *err)
{
    AUTO(image) *image = NULL;
    int rc = model_pattern(input, clip_image_px(v->clip), &image, err);
    return rc ? rc : verification_embed_image(v, image, ret_vector, err);
}

static int read_vector(const struct verification *v, const json_t *entry, const char *where,
                       float *ret_vector, struct error *err)
{
    const json_t *list = json_object_get(entry, "vector");
    if (json_array_size(list) != v->dim)
        return error_set(err, ERR_CORRUPT,
                         "%s: a vector does not have %zu components, as the "
                         "model has",
                         where, v->dim);
    for (size_t i = 0; i < v->dim; i++) {
        const json_t *component = json_array_get(list, i);
        if (!json_is_number(component))
            return error_set(err, ERR_CORRUPT, "%s: a vector contains a value that is not a number",
                             where);
        ret_vector[i] = (float)json_number_value(component);
    }
    return 0;
}

static int check_hash(struct verification *v, const json_t *entry, const char *where,
                      struct error *err)
{
    const char *name, *want;
    int rc = json_get_string(entry, "file", where, &name, err);
    if (!rc)
        rc = json_get_string(entry, "sha256", where, &want, err);
    if (!rc && strchr(name, '/'))
        rc = error_set(err, ERR_CORRUPT, "%s: a file's name has a slash", where);
    if (rc)
        return rc;
    AUTO_FREE char *path = file_join(v->folder, name);
    uint8_t digest[HASH_BYTES];
    char hex[HASH_HEX_SIZE];
    bool same = hash_file(path, digest, NULL) == 0 && strcmp(hash_hex(digest, hex), want) == 0;
    verification_expect_one(v, "SHA-256", name, same ? 1 : 0, 0);
    return 0;
}

static int check_vector(struct verification *v, const struct section *section, const json_t *entry,
                        const char *where, struct error *err)
{
    AUTO_FREE float *want = xmalloc(v->dim * sizeof *want);
    AUTO_FREE float *got = xmalloc(v->dim * sizeof *got);
    const char *input;
    int rc = json_get_string(entry, section->key, where, &input, err);
    if (!rc)
        rc = read_vector(v, entry, where, want, err);
    if (!rc)
        rc = section->embed(v, input, got, err);
    if (!rc)
        verification_expect_one(v, section->kind, input, verification_cosine(v, got, want),
                                verification_loss(v));
    return rc;
}

static int check_entry(struct verification *v, const struct section *section, const json_t *entry,
                       const char *where, struct error *err)
{
    return section->embed ? check_vector(v, section, entry, where, err)
                          : check_hash(v, entry, where, err);
}

int verify_recorded(struct verification *v, bool *ret_found, struct error *err)
{
    static const struct section sections[] = {{"files", NULL, NULL, NULL},
                                              {"texts", "text", "text", embed_text},
                                              {"pictures", "pattern", "picture", embed_pattern}};
    AUTO_FREE char *path = file_join(v->folder, "reference.json");
    AUTO_JSON *root = NULL;
    if (access(path, F_OK) < 0)
        return 0;
    int rc = json_read_file(path, LIMIT_CONFIG_BYTES, &root, err);
    for (size_t s = 0; !rc && s < sizeof sections / sizeof *sections; s++) {
        const json_t *list = json_object_get(root, sections[s].list);
        for (size_t i = 0; !rc && i < json_array_size(list); i++)
            rc = check_entry(v, &sections[s], json_array_get(list, i), path, err);
    }
    if (!rc && v->count == 0)
        rc = error_set(err, ERR_CORRUPT, "%s has no recorded outputs", path);
    if (!rc)
        *ret_found = true;
    return rc;
}
