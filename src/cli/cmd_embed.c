#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/output.h"
#include "search/search.h"

struct embed_options {
    struct argument_list texts;
};

static const struct option_spec options[] = {
    {.name = "text",
     .letter = 't',
     .kind = OPTION_LIST,
     .offset = offsetof(struct embed_options, texts),
     .value = "T",
     .help = "embed this text; may be given again"},
    {.name = NULL},
};

struct input {
    const char *name; /* the text, or the file's path */
    bool is_text;
    int order;
};

static int by_order(const void *a, const void *b)
{
    const struct input *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

/* Texts and files as they came on the command line; the caller frees. */
static struct input *gather(const struct argument_list *texts, const struct argument_list *files)
{
    struct input *inputs = xcalloc(texts->count + files->count, sizeof *inputs);
    size_t n = 0;
    for (size_t i = 0; i < texts->count; i++)
        inputs[n++] = (struct input){texts->items[i].text, true, texts->items[i].order};
    for (size_t i = 0; i < files->count; i++)
        inputs[n++] = (struct input){files->items[i].text, false, files->items[i].order};
    qsort(inputs, n, sizeof *inputs, by_order);
    return inputs;
}

static int embed_text(const struct context *context, const char *text, float *ret_vector,
                      struct error *err)
{
    bool truncated = false;
    int rc = clip_embed_text(context->clip, text, ret_vector, &truncated, err);
    if (!rc && truncated)
        context_note(context, "a text is longer than the model reads; its end was ignored: %.40s",
                     text);
    return rc;
}

static void print_vector(const struct context *context, const char *name, const float *vector)
{
    size_t dim = clip_dim(context->clip);
    if (!context->settings.json) {
        for (size_t i = 0; i < dim; i++)
            printf("%s%.9g", i ? " " : "", (double)vector[i]);
        putchar('\n');
        return;
    }
    json_t *line = json_object(), *numbers = json_array();
    for (size_t i = 0; i < dim; i++)
        json_array_append_new(numbers, json_real((double)vector[i]));
    output_set_text(line, "input", name);
    output_set_text(line, "model", context->choice.id);
    json_object_set_new(line, "dim", json_integer((json_int_t)dim));
    json_object_set_new(line, "vector", numbers);
    output_json(line);
}

static int embed_all(struct context *context, const struct input *inputs, size_t n)
{
    size_t failed = 0;
    AUTO_FREE float *vector = xmalloc(clip_dim(context->clip) * sizeof *vector);
    for (size_t i = 0; i < n && !output_is_broken(); i++) {
        struct error problem = ERROR_INIT;
        int rc = inputs[i].is_text
                     ? embed_text(context, inputs[i].name, vector, &problem)
                     : search_embed_file(context->clip, inputs[i].name, vector, &problem);
        if (rc) {
            output_error("%s", problem.message);
            failed++;
        } else {
            print_vector(context, inputs[i].name, vector);
        }
    }
    if (failed == n)
        return STATUS_FAILED;
    return failed ? STATUS_PARTLY : STATUS_DONE;
}

static int run(struct context *context, const void *chosen, const struct argument_list *operands,
               struct error *err)
{
    const struct embed_options *o = chosen;
    size_t n = o->texts.count + operands->count;
    if (n == 0)
        return command_misuse(&command_embed, "embed needs a FILE or --text T");
    int rc = context_open_model(context, err);
    if (rc)
        return rc;
    AUTO_FREE struct input *inputs = gather(&o->texts, operands);
    return embed_all(context, inputs, n);
}

static const struct example examples[] = {
    {"keepsake embed --text 'a red bicycle' bicycle.jpg", "two vectors, to compare"},
    {NULL, NULL},
};

const struct command command_embed = {
    .name = "embed",
    .summary = "print the vectors of texts and pictures",
    .usage = "[--text T]... [FILE]...",
    .description =
        "Prints one unit vector a line, numbers parted by spaces, in the order given; the scalar "
        "product of two is their similarity. A file that cannot be read is reported and the "
        "others go on (exit status 3; 1 when all failed).\n\n"
        "With --json: one object a vector with input, model, dim and vector.",
    .examples = examples,
    .options = options,
    .options_size = sizeof(struct embed_options),
    .operands = COMPLETE_FILES,
    .decodes = true,
    .run = run,
};
