/* SPDX-License-Identifier: MIT */
/* `keepsake model use`: makes another model the one that the gallery is searched with. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/output.h"
#include "indexer/indexer.h"
#include "store/signals.h"

static int open_choice(const char *name, struct model_choice *choice, struct clip **ret_clip,
                       struct error *err)
{
    int rc = model_find(name, choice, err);
    return rc ? rc : clip_open(choice->folder, NULL, ret_clip, err);
}

struct vectors {
    const struct store_model *model;
    int64_t count; /* pictures with a vector of the model */
};

static int find_vectors(void *context, const struct store_model *model, int64_t count)
{
    struct vectors *vectors = context;
    if (strcmp(model->fingerprint, vectors->model->fingerprint) == 0 &&
        model->preprocessing == vectors->model->preprocessing)
        vectors->count = count;
    return 0;
}

static int count_none(void *context, const struct store_signal_count *count)
{
    (void)context;
    (void)count;
    return 0;
}

static int print_use(struct context *context, const struct store_model *before,
                     const struct store_model *after, struct error *err)
{
    struct vectors vectors = {.model = after};
    int64_t pictures;
    int rc = store_list_models(context->store, find_vectors, &vectors, err);
    if (!rc)
        rc = store_count_signals(context->store, count_none, NULL, &pictures, err);
    if (rc)
        return rc;
    int64_t lacking = pictures > vectors.count ? pictures - vectors.count : 0;
    if (context->settings.json) {
        json_t *line = json_object();
        output_set_text(line, "model", after->id);
        output_set_text(line, "previous", before->id);
        json_object_set_new(line, "vectors", json_integer(vectors.count));
        json_object_set_new(line, "lacking", json_integer(lacking));
        output_json(line);
    } else {
        printf("the gallery is searched with %s now; %" PRId64 " of %" PRId64
               " photos have a vector of it\n",
               after->id, vectors.count, pictures);
    }
    if (lacking)
        context_note(context,
                     "%" PRId64 " photos are not found until `keepsake index FOLDER` has embedded "
                     "them with %s",
                     lacking, after->id);
    return STATUS_DONE;
}

static int run_use(struct context *context, const void *options,
                   const struct argument_list *operands, struct error *err)
{
    (void)options;
    if (operands->count != 1)
        return command_misuse(&command_model_use, "model use takes one NAME or DIR");
    struct model_choice choice = {0};
    struct store_model before, after;
    AUTO(clip) *clip = NULL;
    int rc = open_choice(operands->items[0].text, &choice, &clip, err);
    if (!rc) {
        index_model(clip, choice.id, &after);
        after.arithmetic[0] = '\0'; /* no vector has been computed */
        rc = context_open_gallery(context, STORE_WRITE, err);
    }
    if (!rc)
        rc = store_get_model(context->store, &before, err);
    if (!rc)
        rc = store_use_model(context->store, &after, err);
    if (!rc)
        rc = print_use(context, &before, &after, err);
    model_choice_release(&choice);
    return rc;
}

static const struct example examples[] = {
    {"keepsake model use clip-vit-b-32", "then `keepsake index` embeds what lacks a vector"},
    {"keepsake model use ./my-clip", "a CLIP folder of your own"},
    {NULL, NULL},
};

const struct command command_model_use = {
    .name = "model use",
    .summary = "search the gallery with another model",
    .usage = "NAME|DIR",
    .description =
        "Makes a model the one that the gallery is searched with. Vectors of the previous model "
        "are "
        "kept, so that going back needs no photo to be read. Photos without a vector of the new "
        "model are found again when the next `keepsake index` has embedded them; to prepare a "
        "change, run `keepsake index --model NAME FOLDER` before. Programs that have the gallery "
        "open, such as `keepsake serve`, refuse searches until they are started again.\n\n"
        "With --json: model, previous, vectors (photos with a vector of the model) and lacking "
        "(photos without one).",
    .examples = examples,
    .operands = COMPLETE_MODELS,
    .run = run_use,
};
