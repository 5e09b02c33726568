/* SPDX-License-Identifier: MIT */
/* `keepsake model verify`: checks a model's files and its vectors. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/output.h"
#include "models/model.h"

/* Counts the checks and the failures, and prints each line. */
struct verdict {
    bool json;
    size_t checked, wrong, unknown;
};

static void count_check(struct verdict *v, bool known, bool good)
{
    v->checked++;
    v->wrong += !good;
    v->unknown += good && !known;
}

static void print_line(const char *word, const char *name)
{
    printf("%-7s ", word);
    output_text(name);
}

static void print_file(struct verdict *v, const char *name, bool good, const char *problem)
{
    count_check(v, true, good);
    AUTO_FREE char *check = xasprintf("SHA-256: %s", name);
    if (v->json) {
        output_json(json_pack("{ss sb sb ss*}", "check", check, "good", good, "known", true,
                              "problem", good ? NULL : problem));
        return;
    }
    print_line(good ? "good" : "WRONG", check);
    if (!good)
        fputs(": ", stdout);
    if (!good)
        output_text(problem);
    putchar('\n');
}

static void print_check(struct verdict *v, const struct model_check *c)
{
    count_check(v, c->known, c->good);
    if (v->json) {
        json_t *line =
            json_pack("{ss sb sb}", "check", c->name, "good", c->good, "known", c->known);
        json_object_set_new(line, "got", json_real(c->got));
        if (c->known) {
            json_object_set_new(line, "want", json_real(c->want));
            json_object_set_new(line, "tolerance", json_real(c->tolerance));
        }
        output_json(line);
        return;
    }
    print_line(!c->good ? "WRONG" : c->known ? "good" : "ran", c->name);
    if (!c->known)
        puts(": no recorded results to compare with");
    else if (c->tolerance > 0)
        printf(": %.6g, expected %.6g +- %.2g\n", c->got, c->want, c->tolerance);
    else
        putchar('\n'); /* the word tells whether it is exact */
}

/* Checks the files that the registry pins. */
static void verify_files(struct verdict *v, const struct model_entry *entry, const char *folder)
{
    for (const struct model_file *f = entry ? entry->files : NULL; f && f->name; f++) {
        AUTO_FREE char *path = file_join(folder, f->name);
        struct error problem = ERROR_INIT;
        uint8_t digest[HASH_BYTES];
        char hex[HASH_HEX_SIZE];
        if (!f->sha256)
            continue;
        if (hash_file(path, digest, &problem))
            print_file(v, f->name, false, problem.message);
        else
            print_file(v, f->name, strcmp(hash_hex(digest, hex), f->sha256) == 0,
                       "its SHA-256 differs from the published one");
    }
}

static int verify_outputs(struct verdict *v, struct context *context,
                          const struct model_choice *choice, struct error *err)
{
    struct clip_options options = {.precision = settings_precision(&context->settings),
                                   .threads = (int)context->settings.threads};
    AUTO(clip) *clip = NULL;
    AUTO_FREE struct model_check *checks = NULL;
    size_t n = 0;
    int rc = clip_open(choice->folder, &options, &clip, err);
    if (!rc)
        rc = model_verify(clip, choice->folder, &checks, &n, err);
    for (size_t i = 0; !rc && i < n; i++)
        print_check(v, &checks[i]);
    return rc;
}

static int verify_model(struct context *context, const struct model_choice *choice,
                        struct error *err)
{
    struct verdict v = {.json = context->settings.json};
    /* A user's own folder may have any name: only the installed one is compared with the pins. */
    AUTO_FREE char *installed = model_folder(choice->id);
    bool pinned = installed && strcmp(installed, choice->folder) == 0;
    verify_files(&v, pinned ? model_entry(choice->id) : NULL, choice->folder);
    int rc = verify_outputs(&v, context, choice, err);
    if (rc)
        return rc;
    if (v.wrong > 0)
        return error_set(err, ERR_CORRUPT,
                         "%zu of %zu checks of the model '%s' failed; remove %s and pull or "
                         "copy the model again",
                         v.wrong, v.checked, choice->id, choice->folder);
    if (v.unknown == v.checked)
        context_note(context,
                     "'%s' loads and runs, but there are no recorded results to compare with",
                     choice->id);
    return STATUS_DONE;
}

static int run_model_verify(struct context *context, const void *chosen,
                            const struct argument_list *operands, struct error *err)
{
    (void)chosen;
    if (operands->count > 1)
        return command_misuse(&command_model_verify, "model verify takes one NAME or DIR");
    struct model_choice choice = {0};
    int rc = operands->count ? model_find(operands->items[0].text, &choice, err)
                             : context_find_model(context, &choice, err);
    if (!rc)
        rc = verify_model(context, &choice, err);
    model_choice_release(&choice);
    return rc;
}

const struct command command_model_verify = {
    .name = "model verify",
    .summary = "check the files and the results of a model",
    .usage = "[NAME|DIR]",
    .description =
        "Compares the files with their published SHA-256, runs the model, and compares its "
        "output with recorded results, if there are any. NAME defaults to the model in use. The "
        "exit status is 1 if a check fails.",
    .operands = COMPLETE_MODELS,
    .decodes = true,
    .run = run_model_verify,
};
