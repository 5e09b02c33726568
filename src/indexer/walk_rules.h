/* SPDX-License-Identifier: MIT */
/* What a walk leaves out of the folder it is in: the owner's patterns, and the lines of the files
 * .keepsakeignore (or PhotoPrism's .ppignore) in this folder and in all above it; private to
 * walk.c. */
#pragma once

#include "base/error.h"
#include "indexer/ignore.h"

struct walk_rules {
    struct ignore_list list;
    size_t n_owned;    /* the first lines: of --exclude */
    struct rule_base { /* the folders whose files were read, from the topmost on */
        char *path;
        size_t n_before; /* lines before its own */
    } * bases;
    size_t n_bases, cap;
};

void walk_rules_init(struct walk_rules *rules, const char *const *excluded, size_t n);
void walk_rules_release(struct walk_rules *rules);

/* The walk enters `path`: reads what the folders above and it say. False when a file that says
 * something cannot be read; errno tells why. */
bool walk_rules_enter(struct walk_rules *rules, const char *path);

bool walk_rules_exclude(const struct walk_rules *rules, const char *path, bool is_folder);
