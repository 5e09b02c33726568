/* SPDX-License-Identifier: MIT */
/* Reads sidecars, and says which of them could not be read. */
#include "indexer/sidecar_files.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

/* Adds a sentence to *remark. */
static void add_remark(char **remark, const char *name, const char *why)
{
    AUTO_FREE char *before = *remark;
    AUTO_FREE char *clean = text_printable(name, strlen(name));
    *remark = xasprintf("%s%sits metadata file %s %s", before ? before : "", before ? "; " : "",
                        clean, why);
}

void sidecar_files_read(const struct sidecar_set *set, struct sidecar_files *ret_files)
{
    struct sidecar_files *f = ret_files;
    *f = (struct sidecar_files){.n = 0};
    for (size_t i = 0; i < set->n; i++) {
        struct error err = ERROR_INIT;
        const char *name = file_name(set->items[i].name);
        struct file *file = &f->files[f->n];
        int rc = file_read(set->items[i].name, LIMIT_SIDECAR_BYTES, file, &err);
        if (!rc) {
            f->contents[f->n] = (struct sidecar){set->items[i].kind, file->data, file->size};
            f->names[f->n++] = name;
        } else if (rc != ERR_NOT_FOUND) { /* deleted since the walk: the next run sees that */
            add_remark(&f->remark, name,
                       rc == ERR_LIMIT    ? "is larger than 1 MiB, so it was left out"
                       : rc == ERR_DENIED ? "cannot be opened: permission denied"
                                          : "cannot be read");
        }
    }
}

void sidecar_files_release(struct sidecar_files *files)
{
    for (size_t i = 0; i < files->n; i++)
        file_release(&files->files[i]);
    free(files->remark);
    *files = (struct sidecar_files){.n = 0};
}

char *sidecar_files_remark(const struct sidecar_files *files, unsigned broken)
{
    char *remark = files->remark ? xstrdup(files->remark) : NULL;
    for (size_t i = 0; i < files->n; i++)
        if (broken & 1U << i)
            add_remark(&remark, files->names[i],
                       files->contents[i].kind == SIDECAR_XMP
                           ? "is not complete XML: only what precedes the fault was read"
                           : "is not JSON, so it was left out");
    return remark;
}
