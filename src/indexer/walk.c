/* SPDX-License-Identifier: MIT */
/* Walks folders and links, and reports the files that may be photos. */
#include "indexer/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "image/image.h"
#include "indexer/file_names.h"
#include "indexer/folder_set.h"
#include "indexer/walk_rules.h"

#define HEAD_BYTES 256 /* the bytes of a file that show whether it is a picture */

struct path_list {
    char **items;
    size_t n, cap;
};

struct walk {
    const struct walk_visitor *visitor;
    const struct walk_roots *roots;
    const struct path_set *files; /* the given files, which are visited already */
    struct walk_rules rules;      /* of the folder being read */
    struct path_list folders;     /* a stack of folders to read */
    struct path_list links;       /* folders behind links: read after all others */
    size_t next_link;
    struct folder_set visited;
};

struct entry {
    char *name;
    unsigned char type; /* DT_* of dirent.h */
    bool is_junk;
};

struct listing {
    int fd;
    const char *path; /* of the folder */
    struct entry *entries;
    size_t n, cap;
    struct sidecar_names sidecars;
    bool empty;      /* no entries but "." and ".." */
    bool obstructed; /* the incomplete read was reported already */
    bool is_closed;  /* a file in it marks it as not to be indexed */
};

static void add_path(struct path_list *list, char *path)
{
    ARRAY_GROW(list->items, list->cap, list->n + 1);
    list->items[list->n++] = path;
}

static void release_paths(struct path_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->items[i]);
    free(list->items);
}

/* Decides by name and type only. */
static bool is_wanted(const struct dirent *found)
{
    int unread;
    if (found->d_name[0] == '.')
        return false;
    switch (found->d_type) {
    case DT_DIR:
    case DT_LNK:
    case DT_UNKNOWN:
        return true;
    case DT_REG:
        return name_classify(found->d_name, &unread) != NAME_OTHER;
    default:
        return false;
    }
}

static void report(const struct walk *w, enum walk_obstacle kind, const char *path, int number)
{
    char sentence[128];
    snprintf(sentence, sizeof sentence, "cannot be read: %s", strerror(number));
    w->visitor->obstacle(w->visitor->context, kind, path, sentence);
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void list_entries(const struct walk *w, struct listing *list, DIR *dir)
{
    struct dirent *found;
    const char *folder = strrchr(list->path, '/') + 1;
    list->empty = true;
    for (errno = 0; (found = readdir(dir)); errno = 0) {
        if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
            continue;
        list->empty = false;
        list->is_closed |= name_closes_folder(found->d_name);
        sidecar_names_add(&list->sidecars, found->d_name);
        if (!is_wanted(found))
            continue;
        ARRAY_GROW(list->entries, list->cap, list->n + 1);
        list->entries[list->n++] = (struct entry){xstrdup(found->d_name), found->d_type,
                                                  name_is_junk(folder, found->d_name)};
    }
    if (errno) {
        report(w, WALK_UNREADABLE, list->path, errno);
        list->obstructed = true;
    }
    sidecar_names_sort(&list->sidecars);
    if (list->n)
        qsort(list->entries, list->n, sizeof *list->entries, compare_entries);
}

/* A file that the rules exclude is no metadata of a photo either. */
static void drop_excluded(const struct walk_rules *rules, const char *folder,
                          struct sidecar_names *names)
{
    size_t kept = 0;
    for (size_t i = 0; i < names->n; i++) {
        AUTO_FREE char *path = file_join(folder, names->items[i]);
        if (walk_rules_exclude(rules, path, false))
            free(names->items[i]);
        else
            names->items[kept++] = names->items[i];
    }
    names->n = kept;
}

static bool is_link(const struct listing *list, const struct entry *entry)
{
    struct stat info;
    if (entry->type != DT_UNKNOWN)
        return entry->type == DT_LNK;
    return fstatat(list->fd, entry->name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode);
}

/* Reports an entry that cannot be examined: it was deleted, is a dangling link, or the whole folder
 * is not accessible. */
static void report_entry(const struct walk *w, struct listing *list, const struct entry *entry,
                         const char *path, int number)
{
    if (is_link(list, entry)) {
        report(w, WALK_DEAD_LINK, path, number);
    } else if (number == EACCES && !list->obstructed) {
        report(w, WALK_UNREADABLE, list->path, number);
        list->obstructed = true;
    } else if (number != ENOENT && number != EACCES) {
        report(w, WALK_UNREADABLE, path, number);
    }
}

static int64_t to_ns(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return to_ns(now);
}

static int visit_file(const struct walk *w, const char *path, const struct stat *info,
                      int64_t asked_ns, int folder, const struct sidecar_names *names)
{
    struct sidecar_set sidecars;
    sidecars_match(names, file_name(path), &sidecars);
    sidecars_examine(folder, &sidecars);
    struct walk_file file = {
        .path = path,
        .size = info->st_size,
        .mtime_ns = to_ns(info->st_mtim),
        .ctime_ns = to_ns(info->st_ctim),
        .device = info->st_dev,
        .inode = info->st_ino,
        .asked_ns = asked_ns,
        .sidecars = &sidecars,
    };
    return w->visitor->file(w->visitor->context, &file);
}

static void tell_excluded(const struct walk *w, const char *path)
{
    if (w->visitor->excluded)
        w->visitor->excluded(w->visitor->context, path);
}

/* Returns whether a file of an unknown kind begins like a picture; reads it once. */
static bool has_picture(const struct listing *list, const char *name)
{
    uint8_t head[HEAD_BYTES];
    int fd = openat(list->fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, head, sizeof head);
    close(fd);
    return n > 0 && image_is_picture(head, (size_t)n);
}

/* Returns whether a regular file may be a photo; reports files of unsupported kinds. */
static bool is_photo(const struct walk *w, const struct listing *list, const char *name,
                     const char *path)
{
    int unread = 0;
    const struct walk_visitor *visitor = w->visitor;
    switch (name_classify(name, &unread)) {
    case NAME_PHOTO:
        return true;
    case NAME_UNREAD:
        if (visitor->unread)
            visitor->unread(visitor->context, path, unread);
        return false;
    case NAME_UNKNOWN:
        return (visitor->is_known && visitor->is_known(visitor->context, path)) ||
               has_picture(list, name);
    case NAME_OTHER:
        break;
    }
    return false;
}

static int visit_entry(struct walk *w, struct listing *list, const struct entry *entry)
{
    AUTO_FREE char *path = file_join(list->path, entry->name);
    struct stat info;
    if (entry->is_junk) {
        tell_excluded(w, path);
        return 0;
    }
    int64_t asked_ns = now_ns();
    if (fstatat(list->fd, entry->name, &info, 0) < 0) {
        report_entry(w, list, entry, path, errno);
        return 0;
    }
    bool is_folder = S_ISDIR(info.st_mode);
    if ((!is_folder && !S_ISREG(info.st_mode)) || path_set_contains(w->files, path))
        return 0;
    if (walk_rules_exclude(&w->rules, path, is_folder)) {
        tell_excluded(w, path);
        return 0;
    }
    if (is_folder) {
        add_path(is_link(list, entry) ? &w->links : &w->folders, path);
        path = NULL;
        return 0;
    }
    return is_photo(w, list, entry->name, path)
               ? visit_file(w, path, &info, asked_ns, list->fd, &list->sidecars)
               : 0;
}

/* Reverses the folders of one listing, which are in order of name, because the top of the stack is
 * read first. */
static void reverse(char **items, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        char *swapped = items[i];
        items[i] = items[n - 1 - i];
        items[n - 1 - i] = swapped;
    }
}

static int visit_listing(struct walk *w, struct listing *list)
{
    size_t first = w->folders.n;
    int rc = 0;
    for (size_t i = 0; i < list->n && !rc; i++)
        rc = visit_entry(w, list, &list->entries[i]);
    if (w->folders.n > first)
        reverse(w->folders.items + first, w->folders.n - first);
    return rc;
}

/* Reports the identity of the open folder, because another one may be at its path by now. */
static void tell_listed(const struct walk *w, const char *path, int fd, bool empty)
{
    struct identity identity;
    if (w->visitor->listed && identity_of(fd, &identity) == 0)
        w->visitor->listed(w->visitor->context, path, &identity, empty);
}

static bool is_new_folder(struct walk *w, int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 &&
           folder_set_add(&w->visited, (struct folder_id){info.st_dev, info.st_ino});
}

/* Returns whether a folder is marked as not to be indexed; a folder that was given as a root is
 * not. */
static bool is_closed(const struct walk *w, const struct listing *list)
{
    return list->is_closed && !path_set_contains(&w->roots->folders, list->path);
}

static int read_listing(struct walk *w, const char *path, int fd, DIR *dir, bool behind_link)
{
    struct listing list = {.fd = fd, .path = path};
    list_entries(w, &list, dir);
    if (list.empty && behind_link && !list.obstructed)
        w->visitor->obstacle(w->visitor->context, WALK_DEAD_LINK, path,
                             "leads to a folder that is empty");
    tell_listed(w, path, fd, list.empty && !list.obstructed);
    int rc = 0;
    if (is_closed(w, &list)) {
        tell_excluded(w, path);
    } else if (walk_rules_enter(&w->rules, path)) {
        drop_excluded(&w->rules, path, &list.sidecars);
        rc = visit_listing(w, &list);
    } else {
        report(w, WALK_UNREADABLE, path, errno);
    }
    for (size_t i = 0; i < list.n; i++)
        free(list.entries[i].name);
    free(list.entries);
    sidecar_names_release(&list.sidecars);
    return rc;
}

static int read_folder(struct walk *w, const char *path, bool behind_link)
{
    int rc = w->visitor->folder(w->visitor->context, path);
    if (rc)
        return rc;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (errno != ENOENT && errno != ENOTDIR)
            report(w, WALK_UNREADABLE, path, errno);
        if (fd >= 0)
            close(fd);
        return 0;
    }
    if (is_new_folder(w, fd))
        rc = read_listing(w, path, fd, dir, behind_link);
    closedir(dir);
    return rc;
}

static int read_folders(struct walk *w)
{
    int rc = 0;
    while (w->folders.n > 0 && !rc) {
        AUTO_FREE char *path = w->folders.items[--w->folders.n];
        rc = read_folder(w, path, false);
    }
    return rc;
}

/* Reads the folders behind links. They may contain more links, so the list grows during the loop.
 */
static int read_links(struct walk *w)
{
    int rc = 0;
    while (w->next_link < w->links.n && !rc) {
        rc = read_folder(w, w->links.items[w->next_link++], true);
        if (!rc)
            rc = read_folders(w);
    }
    return rc;
}

/* The folder of the given file that was visited last; those of one folder follow each other. */
struct parent {
    char *path;
    int fd;
    struct sidecar_names sidecars;
};

static void close_parent(struct parent *parent)
{
    if (parent->fd >= 0)
        close(parent->fd);
    sidecar_names_release(&parent->sidecars);
    free(parent->path);
    *parent = (struct parent){.fd = -1};
}

static void open_parent(struct walk *w, const char *path, struct parent *parent)
{
    char *folder = file_parent(path);
    if (parent->path && strcmp(parent->path, folder) == 0) {
        free(folder);
        return;
    }
    close_parent(parent);
    parent->path = folder;
    parent->fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (parent->fd < 0)
        return;
    tell_listed(w, folder, parent->fd, false);
    sidecar_names_read(&parent->sidecars, folder);
    if (walk_rules_enter(&w->rules, folder))
        drop_excluded(&w->rules, folder, &parent->sidecars);
}

static int visit_given_files(struct walk *w)
{
    struct parent parent = {.fd = -1};
    int rc = 0;
    for (size_t i = 0; i < w->files->n && !rc; i++) {
        struct stat info;
        int64_t asked_ns = now_ns();
        if (stat(w->files->paths[i], &info) < 0 || !S_ISREG(info.st_mode))
            continue;
        open_parent(w, w->files->paths[i], &parent);
        rc = visit_file(w, w->files->paths[i], &info, asked_ns, parent.fd, &parent.sidecars);
    }
    close_parent(&parent);
    return rc;
}

int walk_run(const struct walk_roots *roots, const struct walk_visitor *visitor)
{
    struct walk w = {.visitor = visitor, .roots = roots, .files = &roots->files};
    walk_rules_init(&w.rules, visitor->patterns, visitor->n_patterns);
    for (size_t i = roots->folders.n; i-- > 0;)
        add_path(&w.folders, xstrdup(roots->folders.paths[i]));
    int rc = visit_given_files(&w);
    if (!rc)
        rc = read_folders(&w);
    if (!rc)
        rc = read_links(&w);
    release_paths(&w.folders);
    release_paths(&w.links);
    folder_set_release(&w.visited);
    walk_rules_release(&w.rules);
    return rc;
}
