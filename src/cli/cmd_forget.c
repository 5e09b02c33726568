/* SPDX-License-Identifier: MIT */
/* `keepsake forget`: removes photos from the gallery, never from the disk. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "cli/thumbnails.h"
#include "indexer/exclusions.h"

/* A photo is stored under the path that its links lead to; one that was indexed through another
 * link may be stored under the path as written. */
static int forget_path(struct context *context, const char *path, int64_t *ret_count,
                       struct error *err)
{
    struct store *store = context->store;
    AUTO_FREE char *resolved = path_resolve(path);
    AUTO_FREE char *written = path_absolute(path);
    thumbnails_forget(context, resolved);
    int rc = store_forget(store, resolved, ret_count, err);
    if (rc || *ret_count > 0 || strcmp(resolved, written) == 0)
        return rc;
    thumbnails_forget(context, written);
    return store_forget(store, written, ret_count, err);
}

/* Also forgets the files of the folders that are not photos. */
static int forget_unread(struct context *context, const char *path, struct error *err)
{
    AUTO_FREE char *resolved = path_resolve(path);
    return exclusions_forget_unread(context->store, resolved, err);
}

static void print_report(const struct context *context, const char *path, int64_t count)
{
    if (context->settings.json) {
        json_t *line = json_object();
        output_set_text(line, "path", path);
        json_object_set_new(line, "forgotten", json_integer(count));
        output_json(line);
    } else if (count > 0) {
        printf("forgot %" PRId64 " %s: ", count, count == 1 ? "file" : "files");
        output_text(path);
        putchar('\n');
    }
    if (count == 0)
        output_error("cannot forget %s: the gallery has nothing at or below it", path);
}

static int run_forget(struct context *context, const void *options,
                      const struct argument_list *operands, struct error *err)
{
    (void)options;
    if (operands->count == 0)
        return command_misuse(&command_forget, "forget needs the PATH of a photo or folder");
    int rc = context_open_gallery(context, STORE_WRITE, err);
    if (rc)
        return rc;
    int status = STATUS_DONE;
    for (size_t i = 0; i < operands->count; i++) {
        const char *path = operands->items[i].text;
        int64_t count = 0;
        rc = forget_path(context, path, &count, err);
        if (!rc)
            rc = forget_unread(context, path, err);
        if (rc)
            return rc;
        print_report(context, path, count);
        if (count == 0)
            status = STATUS_FAILED;
    }
    return status;
}

static const struct example examples[] = {
    {"keepsake forget ~/Pictures/scans", "remove a folder from the gallery"},
    {NULL, NULL},
};

const struct command command_forget = {
    .name = "forget",
    .summary = "remove photos from the gallery, not from disk",
    .usage = "PATH...",
    .description =
        "Removes each PATH and everything below it from the gallery, including failed files. "
        "The files themselves are not changed, and need not exist: you can forget a disk that "
        "is no longer there. A later index run of the same folder adds them again.\n\n"
        "A PATH that is not in the gallery is an error; the others are removed nevertheless.",
    .examples = examples,
    .operands = COMPLETE_FILES,
    .run = run_forget,
};
