/* SPDX-License-Identifier: MIT */
/* Normalises and checks names of labels and keys of rules. */
#include <string.h>

#include "base/text.h"
#include "query/label_name.h"
#include "store/check.h"
#include "store/labels.h"

int store_refuse_unread(const char *path, struct error *err)
{
    AUTO_FREE char *name = text_printable(path, strlen(path));
    return error_set(err, ERR_INVALID,
                     "cannot label %s: it has not been read yet, and a label belongs to the "
                     "content; run `keepsake index` on its folder first",
                     name);
}

/* Returns whether the path has a component that no path of a photo has. */
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
                                     : label_name_fold(value, ret_key, err);
}
