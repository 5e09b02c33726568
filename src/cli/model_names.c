/* SPDX-License-Identifier: MIT */
/* Collects the ids of the known and the installed models. */
#include "cli/model_names.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "models/model.h"

static void add_name(struct model_names *names, const char *id)
{
    ARRAY_GROW(names->ids, names->cap, names->count + 1);
    names->ids[names->count++] = xstrdup(id);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_folders(struct model_names *names, const char *parent)
{
    DIR *folder = opendir(parent);
    if (!folder)
        return;
    size_t first = names->count;
    for (struct dirent *entry; (entry = readdir(folder));) {
        const char *name = entry->d_name, *ending = strrchr(name, '.');
        if (name[0] == '.' || model_entry(name) || (ending && strcmp(ending, ".partial") == 0))
            continue;
        AUTO_FREE char *installed = model_folder(name);
        if (installed)
            add_name(names, name);
    }
    closedir(folder);
    if (names->count > first)
        qsort(names->ids + first, names->count - first, sizeof *names->ids, by_text);
}

void model_names_init(struct model_names *names)
{
    *names = (struct model_names){NULL, 0, 0};
    for (const struct model_entry *entry = model_entries(); entry->id; entry++)
        add_name(names, entry->id);
    AUTO_FREE char *home = file_data_home();
    if (!home)
        return;
    AUTO_FREE char *models = file_join(home, "models");
    add_folders(names, models);
}

void model_names_release(struct model_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->ids[i]);
    free(names->ids);
    *names = (struct model_names){NULL, 0, 0};
}
