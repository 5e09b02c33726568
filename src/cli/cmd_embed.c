/* SPDX-License-Identifier: MIT */
/* `keepsake embed`: prints the vectors of texts and pictures. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/input.h"
#include "cli/output.h"
#include "forms/forms.h"
#include "search/search.h"

struct embed_options {
    struct argument_list texts;
    const char *files_from;
    bool by_nul, bracketed;
};

static const struct option_spec options[] = {
    {.name = "text",
     .letter = 't',
     .kind = OPTION_LIST,
     .offset = offsetof(struct embed_options, texts),
     .value = "T",
     .help = "embed this text; may be repeated; - reads texts from standard input, one per line"},
    {.name = "files-from",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct embed_options, files_from),
     .value = "FILE",
     .help = "also embed the pictures listed in this file, one path per line; - for standard "
             "input",
     .complete = COMPLETE_FILES},
    {.name = "null",
     .letter = '0',
     .kind = OPTION_FLAG,
     .offset = offsetof(struct embed_options, by_nul),
     .help = "items of lists end with NUL instead of a newline"},
    {.name = "sql",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct embed_options, bracketed),
     .help = "print vectors as [n,n,...], the syntax of pgvector"},
    {.name = NULL},
};

/* The input that is being embedded, and the result. */
struct work {
    struct context *context;
    const struct embed_options *options;
    float *vector;
    struct embedding embedding; /* describes `vector` */
    size_t done, failed;
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

/* The texts and files in the order of the command line; the caller frees the array. */
static struct input *gather_inputs(const struct argument_list *texts,
                                   const struct argument_list *files)
{
    struct input *inputs = xcalloc(texts->count + files->count + 1, sizeof *inputs);
    size_t n = 0;
    for (size_t i = 0; i < texts->count; i++)
        inputs[n++] = (struct input){texts->items[i].text, true, texts->items[i].order};
    for (size_t i = 0; i < files->count; i++)
        inputs[n++] = (struct input){files->items[i].text, false, files->items[i].order};
    qsort(inputs, n, sizeof *inputs, by_order);
    return inputs;
}

static bool is_stdin(const char *name)
{
    return strcmp(name, "-") == 0;
}

static int embed_text(struct work *work, const char *text, struct error *err)
{
    struct embedding *e = &work->embedding;
    e->is_text = true;
    int rc = clip_embed_text(work->context->clip, text, work->vector, &e->truncated, err);
    const char *language;
    e->language_unsupported = !search_reads_text(work->context->clip, text, &language);
    if (!rc && e->language_unsupported)
        context_note(work->context,
                     "the model reads only English in Latin letters, so the vector of this text "
                     "is meaningless%s%s: %.40s",
                     language ? ", which looks like " : "", language ? language : "", text);
    if (!rc && e->truncated)
        context_note(work->context,
                     "a text exceeds the model's limit, and its end was ignored: %.40s", text);
    return rc;
}

static int embed_file(const struct work *work, const char *path, struct error *err)
{
    AUTO_FREE char *data = NULL;
    size_t size;
    if (!is_stdin(path))
        return search_embed_file(work->context->clip, path, work->vector, err);
    int rc = input_read_all(LIMIT_PHOTO_FILE_BYTES, "picture", &data, &size, err);
    if (!rc)
        rc = search_embed_picture(work->context->clip, data, size, work->vector, err);
    return rc ? error_add(err, "standard input") : 0;
}

static void print_vector(const struct work *work, const char *name)
{
    const struct context *context = work->context;
    const float *vector = work->vector;
    size_t dim = clip_dim(context->clip);
    if (!context->settings.json) {
        bool bracketed = work->options->bracketed;
        for (size_t i = 0; i < dim; i++)
            printf("%s%.9g",
                   i == 0      ? (bracketed ? "[" : "")
                   : bracketed ? ","
                               : " ",
                   (double)vector[i]);
        fputs(bracketed ? "]\n" : "\n", stdout);
        output_flush(); /* a program that sends texts one by one waits for the result */
        return;
    }
    json_t *line = form_embedding(&work->embedding);
    output_set_text(line, "input", name);
    output_json(line);
}

static void embed_one(struct work *work, const char *name, bool is_text)
{
    struct error problem = ERROR_INIT;
    const struct context *context = work->context;
    work->embedding = (struct embedding){
        .model = context->choice.id, .vector = work->vector, .dim = clip_dim(context->clip)};
    int rc = is_text ? embed_text(work, name, &problem) : embed_file(work, name, &problem);
    work->done++;
    work->failed += rc != 0;
    if (!rc)
        print_vector(work, name);
    else
        output_error("%s", problem.message);
}

static int embed_list(struct work *work, const char *path, bool is_text, struct error *err)
{
    struct input_list list;
    struct error problem = ERROR_INIT;
    const char *item;
    int rc = input_list_open(&list, path, work->options->by_nul, err);
    if (rc)
        return rc;
    while (!output_is_broken() && (item = input_list_next(&list, &problem)))
        embed_one(work, item, is_text);
    input_list_close(&list);
    return problem.code ? error_set(err, problem.code, "%s", problem.message) : 0;
}

static int embed_all(struct work *work, const struct input *inputs, size_t n, struct error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < n && !output_is_broken(); i++) {
        if (inputs[i].is_text && is_stdin(inputs[i].name))
            rc = embed_list(work, "-", true, err);
        else
            embed_one(work, inputs[i].name, inputs[i].is_text);
    }
    if (!rc && work->options->files_from)
        rc = embed_list(work, work->options->files_from, false, err);
    if (rc)
        return rc;
    if (work->done > 0 && work->failed == work->done)
        return STATUS_FAILED;
    return work->failed ? STATUS_PARTLY : STATUS_DONE;
}

static int run_embed(struct context *context, const void *chosen,
                     const struct argument_list *operands, struct error *err)
{
    const struct embed_options *o = chosen;
    size_t n = o->texts.count + operands->count, from_stdin = 0;
    if (n == 0 && !o->files_from)
        return command_misuse(&command_embed, "embed needs a FILE or --text T");
    AUTO_FREE struct input *inputs = gather_inputs(&o->texts, operands);
    for (size_t i = 0; i < n; i++)
        from_stdin += is_stdin(inputs[i].name);
    if (from_stdin + (o->files_from && is_stdin(o->files_from)) > 1)
        return command_misuse(&command_embed, "standard input (-) can be read only once");
    int rc = context_open_model(context, err);
    if (rc)
        return rc;
    AUTO_FREE float *vector = xmalloc(clip_dim(context->clip) * sizeof *vector);
    struct work work = {.context = context, .options = o, .vector = vector};
    return embed_all(&work, inputs, n, err);
}

static const struct example examples[] = {
    {"keepsake embed --text 'a red bicycle' bicycle.jpg", "print two vectors to compare"},
    {"ssh nas cat bicycle.jpg | keepsake embed -", "a picture from a pipe"},
    {"find . -name '*.jpg' -print0 | keepsake embed --json -0 --files-from -", "of many pictures"},
    {"keepsake embed --json --text - <words.txt", "embed each line as it arrives"},
    {NULL, NULL},
};

const struct command command_embed = {
    .name = "embed",
    .summary = "print the vectors of texts and pictures",
    .usage = "[--text T]... [--files-from FILE] [FILE]...",
    .description =
        "Prints one unit vector per line, in the given order, as numbers separated by spaces. "
        "The scalar product of two vectors is their similarity. FILE may be - for a picture on "
        "standard input. A file that cannot be read is reported and skipped (exit status 3; 1 "
        "if all failed).\n\n"
        "With --json: one object per vector with model, dim, vector and input, and for texts "
        "truncated and language_unsupported (null for pictures).",
    .examples = examples,
    .options = options,
    .options_size = sizeof(struct embed_options),
    .operands = COMPLETE_FILES,
    .decodes = true,
    .run = run_embed,
};
