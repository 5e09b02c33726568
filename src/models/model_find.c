/* SPDX-License-Identifier: MIT */
/* Finds the folder of an installed model, or explains how to get one. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "models/model.h"

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* BASE/models/ID when that is a folder; frees base. */
static char *installed_below(char *base, const char *id)
{
    if (!base)
        return NULL;
    char *folder = xasprintf("%s/models/%s", base, id);
    free(base);
    if (is_folder(folder))
        return folder;
    free(folder);
    return NULL;
}

static bool is_plain_name(const char *id)
{
    return id[0] && id[0] != '.' && !strchr(id, '/');
}

char *model_folder(const char *id)
{
    if (!is_plain_name(id))
        return NULL;
    char *folder = installed_below(file_data_home(), id);
    return folder ? folder : installed_below(file_program_data(), id);
}

char *model_install_folder(const char *id)
{
    AUTO_FREE char *home = file_data_home();
    return home ? xasprintf("%s/models/%s", home, id) : NULL;
}

/* "copy its files into FOLDER", or "" when there is no home folder. */
static char *copying_hint(const char *id)
{
    AUTO_FREE char *folder = model_install_folder(id);
    return folder ? xasprintf("copy its files into %s, ", folder) : xstrdup("");
}

static int not_installed(const struct model_entry *entry, struct error *err)
{
    if (!entry->files)
        return error_set(err, ERR_NOT_FOUND,
                         "cannot find the model '%s', which is installed with keepsake: "
                         "reinstall keepsake, or set KEEPSAKE_DATA to its share/keepsake folder",
                         entry->id);
    AUTO_FREE char *hint = copying_hint(entry->id);
    return error_set(err, ERR_NOT_FOUND,
                     "the model '%s' is not installed: run `keepsake model pull %s`, %sor give "
                     "--model DIR",
                     entry->id, entry->id, hint);
}

static int refuse_unknown(const char *wanted, struct error *err)
{
    struct strbuf names = STRBUF_INIT(4096);
    AUTO_FREE char *shown = text_printable(wanted, strlen(wanted));
    for (const struct model_entry *e = model_entries(); e->id; e++) {
        if (strbuf_addf(&names, NULL, "%s%s", names.length ? ", " : "", e->id))
            BUG("the names of the models are too long");
    }
    int rc = error_set(err, ERR_NOT_FOUND,
                       "unknown model '%s': give one of %s, the name of a folder in keepsake's "
                       "models folder, or a path with a slash in it",
                       shown, names.data);
    strbuf_release(&names);
    return rc;
}

static int choose_folder(const char *folder, struct model_choice *ret_choice, struct error *err)
{
    if (!is_folder(folder)) {
        AUTO_FREE char *shown = text_printable(folder, strlen(folder));
        return error_set(err, ERR_NOT_FOUND, "cannot find the model folder %s", shown);
    }
    AUTO_FREE char *real = realpath(folder, NULL);
    *ret_choice = (struct model_choice){.id = xstrdup(file_name(real ? real : folder)),
                                        .folder = xstrdup(folder)};
    return 0;
}

static int choose_default(struct model_choice *ret_choice, struct error *err)
{
    for (const struct model_entry *e = model_entries(); e->id; e++) {
        char *folder = model_folder(e->id);
        if (!folder)
            continue;
        *ret_choice = (struct model_choice){xstrdup(e->id), folder, e->files == NULL};
        return 0;
    }
    const char *id = model_entries()->id;
    AUTO_FREE char *hint = copying_hint(id);
    return error_set(err, ERR_NOT_FOUND,
                     "no model is installed: run `keepsake model pull %s`, %sor give --model DIR",
                     id, hint);
}

int model_find(const char *wanted, struct model_choice *ret_choice, struct error *err)
{
    if (!wanted)
        return choose_default(ret_choice, err);
    char *folder = model_folder(wanted);
    if (folder) {
        *ret_choice = (struct model_choice){.id = xstrdup(wanted), .folder = folder};
        return 0;
    }
    const struct model_entry *entry = model_entry(wanted);
    if (strchr(wanted, '/') || strcmp(wanted, ".") == 0 || (!entry && is_folder(wanted)))
        return choose_folder(wanted, ret_choice, err);
    return entry ? not_installed(entry, err) : refuse_unknown(wanted, err);
}

void model_choice_release(struct model_choice *choice)
{
    free(choice->id);
    free(choice->folder);
    *choice = (struct model_choice){0};
}
