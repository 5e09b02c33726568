#include <stdio.h>

#include "base/memory.h"
#include "cli/command.h"
#include "mcp/mcp.h"

static int run(struct context *context, const void *options, const struct argument_list *operands,
               struct error *err)
{
    (void)options;
    if (operands->count > 0)
        return command_misuse(&command_mcp, "mcp takes no arguments");
    int rc = context_open_gallery(context, STORE_WRITE, err);
    if (!rc)
        rc = context_open_model(context, err);
    if (rc)
        return rc;
    AUTO_FREE char *gallery = context_name(context->settings.gallery);
    struct mcp mcp = {.store = context->store,
                      .clip = context->clip,
                      .model_id = context->choice.id,
                      .gallery = gallery,
                      .in = stdin,
                      .out = stdout};
    return mcp_serve(&mcp, err);
}

static const struct example examples[] = {
    {"keepsake --gallery ~/photos.db mcp", "the command to give to a program that speaks MCP"},
    {NULL, NULL},
};

const struct command command_mcp = {
    .name = "mcp",
    .summary = "let another program's language model search the gallery (MCP on stdin and stdout)",
    .usage = "",
    .description =
        "Speaks the Model Context Protocol on standard input and output, until the input ends. A "
        "program that knows MCP starts it by itself: give it this command. Its model can then call "
        "search_photos, similar_photos, view_photo, photo_facts and gallery_status.\n\n"
        "What the model is told may leave the machine with that program. Photos that "
        "`keepsake never-send` keeps here are not shown or named, and `keepsake ledger` has each "
        "photo that was.",
    .examples = examples,
    .run = run,
};
