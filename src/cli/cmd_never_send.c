/* SPDX-License-Identifier: MIT */
/* `keepsake never-send`: rules for photos that must never leave this machine. */
#include <inttypes.h>
#include <stdio.h>

#include "ask/never_send.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/output.h"
#include "forms/forms.h"
#include "store/rules.h"

struct never_send_options {
    struct argument_list labels;
};

static const struct option_spec options[] = {
    {.name = "label",
     .kind = OPTION_LIST,
     .offset = offsetof(struct never_send_options, labels),
     .value = "NAME",
     .help = "photos with this label; may be repeated"},
    {.name = NULL},
};

/* `deed` is "added" or "removed"; takes ownership of `line`. */
static void print_rule(const struct context *context, enum store_rule_kind kind, const char *value,
                       const char *deed, json_t *line)
{
    if (context->settings.json) {
        output_set_text(line, form_rule_kind(kind), value); /* until 1.0 */
        if (deed)
            json_object_set_new(line, deed, json_true());
        output_json(line);
        return;
    }
    json_decref(line);
    printf("%s%s%s ", deed ? deed : "", deed ? ": " : "", form_rule_kind(kind));
    output_text(value);
    putchar('\n');
}

/* ---- the list ---- */

struct listing {
    const struct context *context;
    size_t count;
};

static int list_rule(void *context, const struct store_rule *rule)
{
    struct listing *l = context;
    l->count++;
    print_rule(l->context, rule->kind, rule->value, NULL, form_rule(rule->kind, rule->value));
    return output_is_broken();
}

static int list_rules(struct context *context, struct error *err)
{
    struct listing l = {context, 0};
    int rc = context_open_gallery(context, STORE_READ, err);
    if (!rc)
        rc = store_list_rules(context->store, list_rule, &l, err);
    if (rc == 0 && l.count == 0)
        context_note(context, "no rules: `ask` may send every photo that it finds");
    return rc > 0 ? STATUS_DONE : rc; /* > 0: the reader closed the pipe */
}

/* ---- add, remove ---- */

/* Adds one rule; or removes one, and reports in *status if there was none. */
typedef int change_rule(struct context *context, enum store_rule_kind kind, const char *given,
                        int *status, struct error *err);

/* Warns about a rule that covers nothing: it may be mistyped, and its author would rely on it. */
static int add_rule(struct context *context, enum store_rule_kind kind, const char *given,
                    int *status, struct error *err)
{
    (void)status;
    struct never_send_rule rule;
    int rc = never_send_add(context->store, kind, given, true, &rule, err);
    if (rc)
        return rc;
    print_rule(context, kind, rule.value, "added", form_added_rule(&rule));
    output_flush();
    AUTO_FREE char *doubt = never_send_doubt(&rule);
    if (doubt)
        output_error("%s", doubt);
    else
        context_note(context, "it covers %" PRId64 " photo%s now", rule.covers,
                     rule.covers == 1 ? "" : "s");
    never_send_rule_release(&rule);
    return 0;
}

static int remove_rule(struct context *context, enum store_rule_kind kind, const char *given,
                       int *status, struct error *err)
{
    struct error why;
    AUTO_FREE char *value = NULL;
    int rc = never_send_remove(context->store, kind, given, true, &value, &why);
    if (rc && rc != ERR_NOT_FOUND)
        return error_set(err, rc, "%s", why.message);
    if (rc) {
        output_error("%s", why.message);
        *status = STATUS_FAILED;
    } else {
        print_rule(context, kind, value, "removed", form_rule(kind, value));
    }
    return 0;
}

static int change_rules(struct context *context, const struct never_send_options *o,
                        const struct argument_list *folders, change_rule *change_one,
                        struct error *err)
{
    int status = STATUS_DONE, rc = context_open_gallery(context, STORE_WRITE, err);
    for (size_t i = 0; !rc && i < folders->count; i++)
        rc = change_one(context, STORE_RULE_FOLDER, folders->items[i].text, &status, err);
    for (size_t i = 0; !rc && i < o->labels.count; i++)
        rc = change_one(context, STORE_RULE_LABEL, o->labels.items[i].text, &status, err);
    return rc ? rc : status;
}

static bool is_empty(const struct never_send_options *o, const struct argument_list *folders)
{
    return o->labels.count == 0 && folders->count == 0;
}

static int run_never_send(struct context *context, const void *chosen,
                          const struct argument_list *operands, struct error *err)
{
    return is_empty(chosen, operands) ? list_rules(context, err)
                                      : change_rules(context, chosen, operands, add_rule, err);
}

static int run_remove(struct context *context, const void *chosen,
                      const struct argument_list *operands, struct error *err);

static const struct command command_never_send_remove = {
    .name = "never-send remove",
    .summary = "take rules away",
    .usage = "FOLDER...|--label NAME...",
    .description = "Give the folder or label as `keepsake never-send` lists it. A rule that "
                   "does not exist is an error; the others are removed nevertheless.",
    .options = options,
    .options_size = sizeof(struct never_send_options),
    .operands = COMPLETE_FILES,
    .run = run_remove,
};

static int run_remove(struct context *context, const void *chosen,
                      const struct argument_list *operands, struct error *err)
{
    if (is_empty(chosen, operands))
        return command_misuse(&command_never_send_remove,
                              "never-send remove needs a FOLDER or --label NAME");
    return change_rules(context, chosen, operands, remove_rule, err);
}

static const struct command *const verbs[] = {&command_never_send_remove, NULL};

static const struct example examples[] = {
    {"keepsake never-send ~/Pictures/private", "never send photos in this folder"},
    {"keepsake never-send --label Mia", "never send photos with this label"},
    {"keepsake never-send", "list the rules"},
    {"keepsake never-send remove --label Mia", "allow them again"},
    {NULL, NULL},
};

const struct command command_never_send = {
    .name = "never-send",
    .summary = "list and edit the rules for photos that are never sent",
    .usage = "\nFOLDER...|--label NAME...\nremove FOLDER...|--label NAME...",
    .description =
        "Without arguments, lists the rules; otherwise adds rules. Photos at or below FOLDER, "
        "and photos with the label NAME, are then never sent to a language model, neither by "
        "`ask` nor by another program that uses the gallery through keepsake. `search` still "
        "finds them. A rule applies to every path of a photo, including copies in other folders "
        "of the gallery, links to the photo, and the targets of links in FOLDER. The number of "
        "photos that a new rule covers is printed.\n\n"
        "Write ./remove for a FOLDER named 'remove'. The rules are stored in the gallery.\n\n"
        "With --json: one object per rule with kind (folder or label), value, and added or "
        "removed if the command did so; with added also covers, the number of photos, and "
        "warning, the advice if that number is 0.",
    .examples = examples,
    .options = options,
    .options_size = sizeof(struct never_send_options),
    .operands = COMPLETE_FILES,
    .verbs = verbs,
    .run = run_never_send,
};
