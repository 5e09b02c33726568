/* SPDX-License-Identifier: MIT */
/* The exclusion rules for the current folder of a walk: the owner's patterns, and the lines of the
 * files .keepsakeignore (or PhotoPrism's .ppignore) in this folder and all its parents. Private to
 * walk.c. */
#pragma once

#include "base/error.h"
#include "indexer/ignore.h"

struct walk_rules {
    struct ignore_list list;
    size_t n_owned;    /* number of the first lines, which come from --exclude */
    struct rule_base { /* the folders whose files were read, topmost first */
        char *path;
        size_t n_before; /* number of lines before its own */
    } * bases;
    size_t n_bases, cap;
};

void walk_rules_init(struct walk_rules *rules, const char *const *excluded, size_t n);
void walk_rules_release(struct walk_rules *rules);

/* Called when the walk enters `path`: reads the rules of its parents and of `path`. Returns false,
 * with errno, if a file with rules cannot be read. */
bool walk_rules_enter(struct walk_rules *rules, const char *path);

bool walk_rules_exclude(const struct walk_rules *rules, const char *path, bool is_folder);
