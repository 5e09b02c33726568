/* SPDX-License-Identifier: MIT */
/* `keepsake split`: distributes a PostgreSQL gallery over several servers. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/output.h"

static void on_notice(void *context, const char *sentence)
{
    context_note(context, "%s", sentence);
}

/* Every user of the machine can read the command line, so an address with a password is
 * overwritten with asterisks. */
static char *take_address(const char *operand)
{
    char *given = (char *)operand; /* argv is writable */
    char *address = xstrdup(given);
    AUTO_FREE char *shown = store_describe(address);
    if (!store_is_file(address) && strcmp(address, shown) != 0)
        memset(given, '*', strlen(given));
    return address;
}

static void print_report(const struct context *context, size_t shards,
                         const struct store_split_report *r)
{
    if (context->settings.json) {
        json_t *line = json_object();
        json_object_set_new(line, "shards", json_integer((json_int_t)shards));
        json_object_set_new(line, "parts", json_integer((json_int_t)shards)); /* until 1.0 */
        json_object_set_new(line, "moved", json_integer(r->moved));
        json_object_set_new(line, "was_split", json_boolean(r->was_split));
        output_json(line);
    } else if (r->was_split) {
        printf("the gallery is on these %zu shards already\n", shards);
    } else {
        printf("the gallery is on %zu shards now: %" PRId64 " %s moved\n", shards, r->moved,
               r->moved == 1 ? "photo" : "photos");
    }
}

static int run_split(struct context *context, const void *options,
                     const struct argument_list *operands, struct error *err)
{
    (void)options;
    if (operands->count < 2)
        return command_misuse(&command_split, "split needs the addresses of two SHARDs or more");
    AUTO_FREE char **shards = xcalloc(operands->count, sizeof *shards);
    for (size_t i = 0; i < operands->count; i++)
        shards[i] = take_address(operands->items[i].text);
    struct store_options how = {.notice = on_notice, .context = context};
    struct store_split_report report;
    int rc = store_split(context->settings.gallery, (const char *const *)shards, operands->count,
                         &how, &report, err);
    for (size_t i = 0; i < operands->count; i++)
        free(shards[i]);
    if (rc)
        return rc;
    print_report(context, operands->count, &report);
    return STATUS_DONE;
}

static const struct example examples[] = {
    {"keepsake --gallery postgresql://ana@db0/photos split postgresql://ana@db1/photos "
     "postgresql://ana@db2/photos",
     "keep the photos on two servers"},
    {NULL, NULL},
};

const struct command command_split = {
    .name = "split",
    .summary = "keep a PostgreSQL gallery on several servers",
    .usage = "SHARD SHARD...",
    .description =
        "Distributes the gallery over databases on several servers. Each SHARD is the address of "
        "an empty database with pgvector. It stores a share of the photos and searches them with "
        "its "
        "own index, at the same time as the other shards. The existing photos are moved. All other "
        "commands work as before, with the same results, and still get the gallery's own "
        "address.\n\n"
        "The server of the gallery logs in to the shards with the password that was used here (for "
        "example from ~/.pgpass); it keeps the password for the owner of the gallery only. "
        "Repeating the command changes nothing. docs/scale.md explains when a split is worthwhile, "
        "and how to back up its result.\n\n"
        "With --json: one object with shards (also under its old name parts, until 1.0), moved and "
        "was_split.",
    .examples = examples,
    .run = run_split,
};
