/* SPDX-License-Identifier: MIT */
/* Never-send rules as every face of the program adds and removes them: one way to read a folder or
 * a label, and one answer to how many photos a rule covers. */
#pragma once

#include "store/rules.h"

struct never_send_rule {
    enum store_rule_kind kind;
    char *value;    /* as the gallery has it */
    int64_t covers; /* photos of the gallery now, copies and links included */
};
void never_send_rule_release(struct never_send_rule *rule);

/* `given` as folder_find (search/folder.h) reads it. A rule that covers nothing is made, too: the
 * photos may come later. never_send_doubt has the words for it. As store_add_rule for errors. */
int never_send_add(struct store *store, enum store_rule_kind kind, const char *given, bool relative,
                   struct never_send_rule *ret_rule, struct error *err) MUST_CHECK;

/* The rule as it is listed, or as one would add it; *ret_value is what was removed, for the caller
 * to free. ERR_NOT_FOUND. */
int never_send_remove(struct store *store, enum store_rule_kind kind, const char *given,
                      bool relative, char **ret_value, struct error *err) MUST_CHECK;

/* "the gallery has no photo at or below /home/ana/privat now: is it spelt right?" for a rule that
 * covers nothing, which the caller frees; NULL: it covers some. */
char *never_send_doubt(const struct never_send_rule *rule);
