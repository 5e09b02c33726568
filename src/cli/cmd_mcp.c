/* SPDX-License-Identifier: MIT */
/* `keepsake mcp`: serves the gallery to another program's language model. */
#include <stdio.h>

#include "base/memory.h"
#include "cli/command.h"
#include "mcp/mcp.h"

struct mcp_options {
    bool exact_place, no_facts;
};

#define AT(field) offsetof(struct mcp_options, field)

static const struct option_spec options[] = {
    {.name = "exact-place",
     .kind = OPTION_FLAG,
     .offset = AT(exact_place),
     .help = "send the exact place instead of rounding it to about 1 km"},
    {.name = "no-facts",
     .kind = OPTION_FLAG,
     .offset = AT(no_facts),
     .help = "send pictures only: no date, place, camera or labels"},
    {.name = NULL},
};

static enum telling chosen_telling(const struct context *context, const struct mcp_options *o)
{
    if (o->no_facts)
        return TELL_NOTHING;
    return o->exact_place ? TELL_EXACT : settings_telling(&context->settings);
}

static int run_mcp(struct context *context, const void *chosen,
                   const struct argument_list *operands, struct error *err)
{
    const struct mcp_options *o = chosen;
    if (o->exact_place && o->no_facts)
        return command_misuse(&command_mcp, "give either --exact-place or --no-facts");
    if (operands->count > 0)
        return command_misuse(&command_mcp, "mcp takes no arguments");
    int rc = context_open_gallery(context, STORE_WRITE, err);
    if (!rc)
        rc = context_open_model(context, err);
    if (rc)
        return rc;
    context_remark_model(context);
    AUTO_FREE char *gallery = context_name(context->settings.gallery);
    struct mcp mcp = {.principal = &principal_owner,
                      .store = context->store,
                      .clip = context->clip,
                      .model_id = context->choice.id,
                      .gallery = gallery,
                      .facts = chosen_telling(context, o),
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
    .summary = "serve the gallery to the language model of another program (MCP on stdin and "
               "stdout)",
    .usage = "[--exact-place|--no-facts]",
    .description =
        "Speaks the Model Context Protocol on standard input and output until the input ends. "
        "Enter this command in the settings of a program that supports MCP; the program starts "
        "it. Its model can then call search_photos, similar_photos, view_photo, photo_facts and "
        "gallery_status.\n\n"
        "The model receives paths, dates, cameras, your labels and places rounded to about 1 "
        "km. --exact-place sends exact places; --no-facts sends only paths. The program may "
        "send everything that it receives to another machine. Photos under a rule of `keepsake "
        "never-send` are neither shown nor named, and `keepsake ledger` lists each photo that "
        "was shown.",
    .examples = examples,
    .options = options,
    .options_size = sizeof(struct mcp_options),
    .decodes = true,
    .run = run_mcp,
};
