/* SPDX-License-Identifier: MIT */
/* Maintains the exclusion patterns of the current folder while a walk descends and ascends. */
#include "indexer/walk_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"

#define PHOTOPRISM_FILE ".ppignore"
#define FILE_BYTES ((size_t)64 << 10) /* the rest of a longer file is ignored */

void walk_rules_init(struct walk_rules *rules, const char *const *excluded, size_t n)
{
    *rules = (struct walk_rules){.list = IGNORE_LIST_INIT};
    for (size_t i = 0; i < n; i++)
        ignore_add_pattern(&rules->list, excluded[i]);
    rules->n_owned = rules->list.n;
}

static void leave_last(struct walk_rules *rules)
{
    struct rule_base *base = &rules->bases[--rules->n_bases];
    ignore_truncate(&rules->list, base->n_before);
    free(base->path);
}

void walk_rules_release(struct walk_rules *rules)
{
    while (rules->n_bases)
        leave_last(rules);
    free(rules->bases);
    ignore_release(&rules->list);
}

static bool read_lines(struct walk_rules *rules, int folder, const char *path, const char *name)
{
    struct stat info;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
    ssize_t n = 0;
    AUTO_FREE char *text = xmalloc(FILE_BYTES);
    size_t size = 0;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
        while (size < FILE_BYTES && (n = read(fd, text + size, FILE_BYTES - size)) > 0)
            size += (size_t)n;
    int number = errno;
    close(fd);
    errno = number;
    size_t before = rules->list.n;
    ignore_add_text(&rules->list, path, text, size);
    if (n >= 0 && rules->list.n == before && strcmp(name, PHOTOPRISM_FILE) == 0)
        ignore_add_text(&rules->list, path, "*", 1); /* an empty file excludes its whole folder */
    return n >= 0;
}

static bool enter_one(struct walk_rules *rules, const char *path)
{
    ARRAY_GROW(rules->bases, rules->cap, rules->n_bases + 1);
    rules->bases[rules->n_bases++] = (struct rule_base){xstrdup(path), rules->list.n};
    int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) /* the walk reports that itself */
        return true;
    bool good = read_lines(rules, folder, path, PHOTOPRISM_FILE) &&
                read_lines(rules, folder, path, ".keepsakeignore");
    int number = errno;
    close(folder);
    errno = number;
    return good;
}

bool walk_rules_enter(struct walk_rules *rules, const char *path)
{
    while (rules->n_bases && !path_is_below(path, rules->bases[rules->n_bases - 1].path))
        leave_last(rules);
    size_t at = rules->n_bases ? strlen(rules->bases[rules->n_bases - 1].path) : 0;
    if (rules->n_bases && !path[at])
        return true;
    if (!rules->n_bases) {
        if (!enter_one(rules, "/"))
            return false;
        at = 0;
    }
    at = at == 1 ? 0 : at;
    while (path[at] == '/' && path[at + 1]) {
        at += 1 + strcspn(path + at + 1, "/");
        AUTO_FREE char *folder = xstrndup(path, at);
        if (!enter_one(rules, folder))
            return false;
    }
    return true;
}

bool walk_rules_exclude(const struct walk_rules *rules, const char *path, bool is_folder)
{
    return rules->list.n > 0 && ignore_matches(&rules->list, path, is_folder);
}
