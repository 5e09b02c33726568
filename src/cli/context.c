/* SPDX-License-Identifier: MIT */
/* Opens the gallery, the CLIP model and the language model for a command on first use. */
#include "cli/context.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/interrupt.h"
#include "cli/known_galleries.h"
#include "cli/output.h"
#include "cli/plain_hosts.h"
#include "forms/forms.h"

void context_release(struct context *context)
{
    llm_close(context->llm);
    thumbs_close(context->thumbs);
    clip_close(context->clip);
    store_close(context->store);
    model_choice_release(&context->choice);
    settings_release(&context->settings);
    *context = (struct context){0};
}

void context_note(const struct context *context, const char *format, ...)
{
    if (context->settings.quiet)
        return;
    va_list args;
    va_start(args, format);
    output_verror(format, args);
    va_end(args);
}

char *context_name(const char *where)
{
    return form_gallery_name(where);
}

static int open_existing(struct context *context, const struct store_options *options,
                         struct store **ret_store, struct error *err)
{
    const char *where = context->settings.gallery;
    int rc = store_open_with(where, STORE_READ, options, ret_store, err);
    AUTO_FREE char *name = context_name(where);
    const char *user = getenv("SUDO_USER");
    if (rc == ERR_NOT_FOUND && user && user[0])
        return error_set(err, ERR_NOT_FOUND,
                         "there is no gallery at %s yet: by sudo, this is root's; without it, or "
                         "with --gallery, keepsake finds that of %.64s",
                         name, user);
    if (rc == ERR_NOT_FOUND)
        return error_set(err, ERR_NOT_FOUND,
                         "there is no gallery at %s yet: `keepsake index FOLDER` makes one", name);
    return rc;
}

static void make_way(const struct context *context)
{
    if (thumbs_make_way(context->settings.gallery))
        context_note(context, "the disk is full: the thumbnails were deleted to free space for the "
                              "gallery; `keepsake index --thumbnails` makes them again");
}

int context_open_gallery(struct context *context, enum store_mode mode, struct error *err)
{
    AUTO(store) *store = NULL;
    int rc = open_existing(context, NULL, &store, err);
    if (rc)
        return rc;
    if (mode == STORE_WRITE) {
        make_way(context);
        return store_open(context->settings.gallery, STORE_WRITE, &context->store, err);
    }
    context->store = store;
    store = NULL;
    return 0;
}

int context_examine_gallery(struct context *context, struct error *err)
{
    struct store_options options = {.examine = true};
    return open_existing(context, &options, &context->store, err);
}

static void show_notice(void *context, const char *sentence)
{
    context_note(context, "%s", sentence);
}

static bool is_interrupted(void *context)
{
    (void)context;
    return interrupt_requested();
}

int context_make_gallery(struct context *context, const struct store_options *options,
                         struct error *err)
{
    struct store_options own = {.index = STORE_INDEX_KEEP};
    if (options)
        own = *options;
    own.notice = show_notice;
    own.cancelled = is_interrupted;
    own.context = context;
    bool was_there = gallery_is_there(context);
    make_way(context);
    int rc = store_open_with(context->settings.gallery, STORE_WRITE, &own, &context->store, err);
    if (!rc && was_there)
        gallery_is_used(context);
    else if (!rc)
        gallery_was_made(context);
    return rc;
}

/* The id of the model that the gallery is bound to; NULL if there is none or it cannot be read (a
 * caller that needs the gallery itself will report the reason). The caller frees it. */
static char *bound_model(struct context *context)
{
    AUTO(store) *own = NULL;
    struct store *store = context->store;
    if (!store && store_open(context->settings.gallery, STORE_READ, &own, NULL) == 0)
        store = own;
    struct store_model model;
    return store && store_get_model(store, &model, NULL) == 0 ? xstrdup(model.id) : NULL;
}

static int bound_model_missing(const char *id, const char *gallery, struct error *err)
{
    const struct model_entry *entry = model_entry(id);
    if (entry && entry->files)
        return error_set(err, ERR_NOT_FOUND,
                         "the gallery %s was made with the model '%s', which is not installed: "
                         "`keepsake model pull %s` gets it",
                         gallery, id, id);
    return error_set(err, ERR_NOT_FOUND,
                     "the gallery %s was made with the model '%s', which is not installed: give "
                     "its folder with --model DIR",
                     gallery, id);
}

int context_find_model(struct context *context, struct model_choice *ret_choice, struct error *err)
{
    const char *wanted = context->settings.model;
    AUTO_FREE char *bound = wanted ? NULL : bound_model(context);
    if (!bound)
        return model_find(wanted, ret_choice, err);
    AUTO_FREE char *folder = model_folder(bound);
    AUTO_FREE char *gallery = context_name(context->settings.gallery);
    if (!folder)
        return bound_model_missing(bound, gallery, err);
    return model_find(bound, ret_choice, err);
}

int context_open_llm(struct context *context, struct error *err)
{
    struct llm_options options = settings_llm(&context->settings);
    int rc = llm_open(&options, &context->llm, err);
    if (rc || llm_is_local(context->llm) || !llm_is_own(context->llm))
        return rc;
    return plain_hosts_keep(llm_host(context->llm), err);
}

int context_open_model(struct context *context, struct error *err)
{
    int rc = context_find_model(context, &context->choice, err);
    if (rc)
        return rc;
    context->has_remark = true;
    struct clip_options options = {.precision = settings_precision(&context->settings),
                                   .threads = (int)context->settings.threads};
    return clip_open(context->choice.folder, &options, &context->clip, err);
}
