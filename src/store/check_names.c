/* SPDX-License-Identifier: MIT */
/* Normalises and checks names of labels and keys of rules. */
#include <string.h>

#include "base/text.h"
#include "store/check.h"
#include "store/labels.h"

static bool has_control(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c < 0x20 || *c == 0x7f)
            return true;
    return false;
}

char *store_trim_name(const char *name)
{
    name += strspn(name, " ");
    size_t length = strlen(name);
    while (length && name[length - 1] == ' ')
        length--;
    return xstrndup(name, length);
}

int store_fold_name(const char *name, char **ret_folded, struct error *err)
{
    size_t length = strlen(name);
    if (length > STORE_LABEL_NAME_MAX)
        return error_set(err, ERR_INVALID, "a name of %zu bytes is too long: %d at most", length,
                         STORE_LABEL_NAME_MAX);
    if (!text_is_utf8(name, length) || has_control(name)) {
        AUTO_FREE char *shown = text_printable(name, length);
        return error_set(err, ERR_INVALID, "the name %s has characters that are no text", shown);
    }
    AUTO_FREE char *folded = text_fold(name); /* other kinds of spaces become this one */
    AUTO_FREE char *trimmed = store_trim_name(folded);
    if (!trimmed[0])
        return error_set(err, ERR_INVALID, "an empty name is no label: say who or what it is");
    *ret_folded = trimmed;
    trimmed = NULL;
    return 0;
}

int store_refuse_unread(const char *path, struct error *err)
{
    AUTO_FREE char *name = text_printable(path, strlen(path));
    return error_set(err, ERR_INVALID,
                     "the content of %s is not known yet, and a label belongs to it: run `keepsake "
                     "index` on its folder first",
                     name);
}

/* A part of a path that no path of a photo has. */
static bool has_odd_part(const char *path)
{
    for (const char *at = path; *at;) {
        size_t n = strcspn(at, "/");
        if ((n == 1 && at[0] == '.') || (n == 2 && at[0] == '.' && at[1] == '.') ||
            (n == 0 && at > path))
            return true;
        at += n + (at[n] == '/');
    }
    return false;
}

static int folder_key(const char *folder, char **ret_key, struct error *err)
{
    int rc = store_check_path(folder, err);
    if (rc)
        return rc;
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/')
        length--;
    AUTO_FREE char *key = xstrndup(folder, length);
    if (has_odd_part(key)) {
        AUTO_FREE char *shown = text_printable(key, length);
        return error_set(err, ERR_INVALID,
                         "a rule for %s would cover nothing: write the folder without //, . and ..",
                         shown);
    }
    *ret_key = key;
    key = NULL;
    return 0;
}

int store_rule_key(enum store_rule_kind kind, const char *value, char **ret_key, struct error *err)
{
    return kind == STORE_RULE_FOLDER ? folder_key(value, ret_key, err)
                                     : store_fold_name(value, ret_key, err);
}
