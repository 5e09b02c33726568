/* SPDX-License-Identifier: MIT */
/* `keepsake label`: gives a photo, or a box in it, a name. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/photo_file.h"
#include "cli/box.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "cli/photo_name.h"
#include "cli/words.h"
#include "forms/forms.h"
#include "store/labels.h"

static void print_report(const struct context *context, const struct store_photo *photo, int64_t id,
                         const char *name, const struct store_box *box)
{
    char place[64] = "";
    AUTO_FREE char *path = path_shorten(photo->path);
    if (context->settings.json) {
        struct store_label label = {.id = id,
                                    .photo = photo->id,
                                    .path = photo->path,
                                    .name = name,
                                    .has_box = box != NULL};
        if (box)
            label.box = *box;
        output_json(form_label(&label));
        return;
    }
    output_text(path);
    if (box)
        printf(" at %s", box_format(place, sizeof place, box));
    fputs(": ", stdout);
    output_text(name);
    putchar('\n');
}

/* A label belongs to the indexed content: a file whose content has changed must not get it. A file
 * that is missing, perhaps with its disk, may. */
static int check_content(const struct store_photo *photo, struct error *err)
{
    struct photo_file file;
    struct error why;
    int rc = photo_file_open(photo->path, photo->hash, &file, &why);
    if (rc == ERR_MISMATCH || rc == ERR_INVALID)
        return error_set(err, rc, "no label was given: %s", why.message);
    if (!rc)
        photo_file_close(&file);
    return 0;
}

static int add_label(struct context *context, const struct argument_list *words, struct error *err)
{
    struct store_photo photo;
    int rc = photo_named(context->store, words->items[0].text, &photo, err);
    if (rc)
        return rc;
    struct store_box box;
    bool has_box = words->count > 2 && box_is_meant(words->items[1].text);
    AUTO_FREE char *name = NULL;
    int64_t id;
    rc = check_content(&photo, err);
    if (!rc && has_box)
        rc = box_parse(words->items[1].text, photo.facts.width, photo.facts.height, &box, err);
    if (!rc)
        rc = words_join(words, has_box ? 2 : 1, LIMIT_LABEL_NAME_BYTES, "name", &name, err);
    if (!rc)
        rc = store_add_label(context->store, photo.id, name, has_box ? &box : NULL, &id, err);
    if (!rc)
        print_report(context, &photo, id, name, has_box ? &box : NULL);
    store_photo_release(&photo);
    return rc;
}

static int run_label(struct context *context, const void *options,
                     const struct argument_list *operands, struct error *err)
{
    (void)options;
    if (operands->count < 2)
        return command_misuse(&command_label, "label needs a PHOTO and a NAME");
    if (operands->count == 2 && box_is_meant(operands->items[1].text))
        return command_misuse(&command_label, "label needs a NAME after the box");
    int rc = context_open_gallery(context, STORE_WRITE, err);
    return rc ? rc : add_label(context, operands, err);
}

static const struct example examples[] = {
    {"keepsake label kite.jpg 120,80,200,260 Grandpa", "a box in pixels"},
    {"keepsake label kite.jpg 10%,20%,30%,40% Grandpa", "the same box in percent"},
    {"keepsake label beach.jpg San Remo", "the whole photo"},
    {"keepsake search grandpa with a kite", "photos with this label come first"},
    {NULL, NULL},
};

const struct command command_label = {
    .name = "label",
    .summary = "name a person, an animal or a place in a photo",
    .usage = "PHOTO [LEFT,TOP,WIDTH,HEIGHT] NAME",
    .description =
        "Names a person, an animal or a place in the photo, in the whole photo or in a box. "
        "PHOTO is a path, or an id from `search --json`. The box is in pixels of the upright "
        "photo, or with % in percent of its width and height. NAME needs no quotes; case is "
        "ignored. Repeating a label changes nothing.\n\n"
        "A label belongs to the content of the photo: it remains when the file is moved or "
        "forgotten, and applies to every copy. Labels are stored in the gallery; the file "
        "itself is never changed.\n\n"
        "With --json: one object with id, photo, path, name, and box (x, y, width, height as "
        "fractions; null for the whole photo).",
    .examples = examples,
    .operands = COMPLETE_FILES,
    .run = run_label,
};
