/* SPDX-License-Identifier: MIT */
/* `keepsake model pull`: downloads a model with progress, or prints its URLs. */
#include <stddef.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/meter.h"
#include "cli/output.h"
#include "models/model.h"

struct pull_options {
    bool print_urls;
};

static const struct option_spec pull_options[] = {
    {.name = "print-urls",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct pull_options, print_urls),
     .help = "only print the URL, size and (if published) SHA-256 of each file"},
    {.name = NULL},
};

static int print_url(const struct context *context, const struct model_file *file,
                     struct error *err)
{
    AUTO_FREE char *url = NULL;
    int rc = model_file_url(file, NULL, &url, err);
    if (rc)
        return rc;
    if (context->settings.json) {
        json_t *line = json_object();
        json_object_set_new(line, "file", json_string(file->name));
        output_set_text(line, "url", url);
        if (file->size)
            json_object_set_new(line, "bytes", json_integer((json_int_t)file->size));
        if (file->sha256)
            json_object_set_new(line, "sha256", json_string(file->sha256));
        output_json(line);
        return 0;
    }
    printf("# ");
    output_text(url);
    if (file->sha256)
        printf("\n%s  %s\n", file->sha256, file->name);
    else
        printf("\n# %s: no hash is published\n", file->name);
    return 0;
}

/* Prints lines for `sha256sum -c`; those that it must ignore begin with #. */
static int print_urls(const struct context *context, const struct model_entry *entry,
                      struct error *err)
{
    AUTO_FREE char *folder = model_install_folder(entry->id);
    if (!entry->files)
        return error_set(err, ERR_INVALID,
                         "cannot print the URLs of '%s': this model is "
                         "installed with keepsake",
                         entry->id);
    int rc = 0;
    for (const struct model_file *f = entry->files; !rc && f->name; f++)
        rc = print_url(context, f, err);
    if (rc || context->settings.json || !folder)
        return rc;
    printf("# put these files into ");
    output_text(folder);
    putchar('\n');
    return STATUS_DONE;
}

/* A narrow terminal cuts the end, which is the least important part. */
static void on_progress(void *context, const struct model_pull_progress *now)
{
    char done[32], total[32], rate[32], left[32];
    text_bytes(done, sizeof done, now->done);
    AUTO_FREE char *line = NULL;
    if (now->total > now->done && now->bytes_per_second > 0) {
        text_bytes(total, sizeof total, now->total);
        text_bytes(rate, sizeof rate, (uint64_t)now->bytes_per_second);
        double seconds = (double)(now->total - now->done) / now->bytes_per_second;
        text_duration(left, sizeof left, seconds);
        line = xasprintf("%s of %s, %s left, %s a second: %s", done, total, left, rate, now->file);
    } else {
        line = xasprintf("%s: %s", now->file, done);
    }
    meter_show(context, line);
}

static bool on_cancelled(void *context)
{
    (void)context;
    return interrupt_requested();
}

static int unknown_model(const char *id, struct error *err)
{
    struct suggestion near = suggestion_for(id);
    for (const struct model_entry *entry = model_entries(); entry->id; entry++)
        suggestion_consider(&near, entry->id);
    if (near.best)
        return error_set(err, ERR_NOT_FOUND, "there is no model '%s'; did you mean '%s'?", id,
                         near.best);
    return error_set(err, ERR_NOT_FOUND,
                     "cannot pull '%s': there is no such model; `keepsake model list` lists the "
                     "models",
                     id);
}

static void print_report(const struct context *context, const char *id, const char *folder)
{
    if (context->settings.json) {
        json_t *line = json_object();
        json_object_set_new(line, "id", json_string(id));
        output_set_text(line, "folder", folder);
        output_json(line);
        return;
    }
    printf("%s is installed in ", id);
    output_text(folder);
    putchar('\n');
}

static int run_model_pull(struct context *context, const void *chosen,
                          const struct argument_list *operands, struct error *err)
{
    const struct pull_options *o = chosen;
    if (operands->count != 1)
        return command_misuse(&command_model_pull, "model pull needs one NAME");
    const char *id = operands->items[0].text;
    const struct model_entry *entry = model_entry(id);
    if (!entry)
        return unknown_model(id, err);
    if (o->print_urls)
        return print_urls(context, entry, err);
    if (entry->files) {
        struct meter meter;
        meter_init(&meter, context->settings.quiet);
        struct model_pull_options options = {.retries = -1,
                                             .retry_pause_s = -1,
                                             .progress = on_progress,
                                             .cancelled = on_cancelled,
                                             .context = &meter};
        interrupt_catch();
        int rc = model_pull(entry, &options, err);
        meter_clear(&meter);
        if (rc)
            return rc;
    }
    AUTO_FREE char *folder = model_folder(id);
    if (!folder)
        return error_set(err, ERR_NOT_FOUND,
                         "cannot find the model '%s', which is installed with keepsake: "
                         "reinstall keepsake, or set KEEPSAKE_DATA to its share/keepsake folder",
                         id);
    print_report(context, id, folder);
    return STATUS_DONE;
}

static const struct example examples[] = {
    {"keepsake model pull clip-vit-b-32", "the recommended model, 607 MB"},
    {"keepsake model pull --print-urls clip-vit-b-32", "list its files for another downloader"},
    {NULL, NULL},
};

const struct command command_model_pull = {
    .name = "model pull",
    .summary = "download a model, or continue a download",
    .usage = "[--print-urls] NAME",
    .description =
        "Downloads the model's files from Hugging Face, or from HF_ENDPOINT if it is set, and "
        "installs them when size and SHA-256 of all files are correct. The next pull continues "
        "an interrupted download. HF_TOKEN, if set, is sent to that server. The variables "
        "https_proxy, no_proxy, SSL_CERT_FILE and CURL_CA_BUNDLE apply.\n\n"
        "On a machine without access to that server, use one of these: download the files that "
        "--print-urls lists (its output is also the input of `sha256sum -c`), or copy the "
        "folder that `keepsake model path NAME` prints on another machine to the same place, or "
        "give any folder with --model.\n\n"
        "With --json: one object with id and folder; with --print-urls one object per file with "
        "file, url and, if known, bytes and sha256.",
    .examples = examples,
    .options = pull_options,
    .options_size = sizeof(struct pull_options),
    .operands = COMPLETE_MODELS,
    .run = run_model_pull,
};
