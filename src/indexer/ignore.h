/* SPDX-License-Identifier: MIT */
/* The owner's exclusion patterns: lines as in .gitignore, from a folder's .keepsakeignore or from
 * --exclude.
 *
 *     private/          a folder of that name, at any depth
 *     *.png             files and folders, at any depth
 *     /2019/raw         relative to the folder of the .keepsakeignore; so is a/b, with '/' inside
 *     a/ ** /b          (without the blanks) "**" matches any number of folders, including none
 *     !keep.png         included again; but an excluded folder stays excluded with all its files
 *     # a remark
 *
 * '*' and '?' do not match '/'; [a-z], [!a-z] and \ work as in a shell; matching is case-sensitive.
 * The last matching line applies, where the lines of a folder follow those of its parents. In
 * --exclude, a pattern that begins with '/' is an absolute path; any other matches at any depth. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ignore_line {
    char *pattern; /* without the syntax of the flags */
    size_t base;   /* length in bytes of the path that it is relative to */
    bool negated, folders_only, anchored;
};

struct ignore_list {
    struct ignore_line *lines;
    size_t n, cap;
};

#define IGNORE_LIST_INIT \
    {                    \
        NULL, 0, 0       \
    }

/* Adds each line of `text` (of `size` bytes), from a file in the folder `base`. */
void ignore_add_text(struct ignore_list *list, const char *base, const char *text, size_t size);
/* Adds one pattern of --exclude. */
void ignore_add_pattern(struct ignore_list *list, const char *pattern);
/* Removes all but the first `n` lines. */
void ignore_truncate(struct ignore_list *list, size_t n);
/* Returns whether the lines exclude `path`, which is absolute and below the bases of all lines. */
bool ignore_matches(const struct ignore_list *list, const char *path, bool is_folder);
void ignore_release(struct ignore_list *list);
