/* SPDX-License-Identifier: MIT */
/* The walk on a real folder with everything in it that photo folders have. */
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "indexer/file_names.h"
#include "indexer/ignore.h"
#include "indexer/walk.h"
#include "tap.h"
#include "tree.h"

/* What a walk reported: "path\n" for each file, "! path: sentence\n" for each obstacle. */
struct record {
    const char *root; /* taken off the paths */
    char *text;
    size_t length, cap;
    int files, stop_after;
    int unread;
};

static void note(struct record *record, const char *start, const char *path, const char *end)
{
    size_t n = strlen(record->root);
    if (strncmp(path, record->root, n) == 0)
        path += path[n] == '/' ? n + 1 : n;
    AUTO_FREE char *line = xasprintf("%s%s%s\n", start, path, end);
    size_t length = strlen(line);
    ARRAY_GROW(record->text, record->cap, record->length + length + 1);
    memcpy(record->text + record->length, line, length + 1);
    record->length += length;
}

static int note_file(void *context, const struct walk_file *file)
{
    struct record *record = context;
    note(record, "", file->path, "");
    return ++record->files == record->stop_after ? ERR_CANCELLED : 0;
}

static int enter_folder(void *context, const char *path)
{
    (void)context, (void)path;
    return 0;
}

static void note_obstacle(void *context, enum walk_obstacle kind, const char *path,
                          const char *sentence)
{
    AUTO_FREE char *end = xasprintf(": %s", sentence);
    note(context, kind == WALK_DEAD_LINK ? "? " : "! ", path, end);
}

static void note_excluded(void *context, const char *path)
{
    note(context, "- ", path, "");
}

static void count_unread(void *context, const char *path, int kind)
{
    (void)path;
    struct record *record = context;
    record->unread += strcmp(name_unread_kinds[kind], "cr2") == 0;
}

static char *walk_paths(const char *root, const char *const *paths, size_t n)
{
    struct record record = {.root = root, .text = xstrdup("")};
    struct walk_visitor visitor = {
        .file = note_file, .folder = enter_folder, .obstacle = note_obstacle, .context = &record};
    struct walk_roots roots;
    struct error err = ERROR_INIT;
    if (walk_resolve(paths, n, false, &roots, &err)) {
        free(record.text);
        return xstrdup(err.message);
    }
    int rc = walk_run(&roots, &visitor);
    ok(rc == 0, "the walk runs to its end");
    walk_roots_release(&roots);
    return record.text;
}

static void is_walk(const char *root, const char *path, const char *want, const char *name)
{
    AUTO_FREE char *got = walk_paths(root, &path, 1);
    is_str(got, want, name);
}

static void test_names(void)
{
    AUTO_FREE char *root = tree_new();
    static const char *const names[] = {
        "b.jpg",
        "a.JPEG",
        "c.Heic",
        "d.txt",
        "e",
        ".hidden.jpg",
        "._b.jpg",
        "sub/z.png",
        "sub/a.tiff",
        ".thumbs/t.jpg",
        "@eaDir/x.jpg",
        "#recycle/x.jpg",
        "lost+found/x.gif",
        "sub.d/deep/er/w.webp",
        "line\nbreak.jpg",
        "\xff\xfe.jpg",
        "\xc3\xa4.avif",
        "noext.",
        "jpg",
        "v.jpe",
        "v.jfif",
        "v.hif",
        "v.heif",
        "v.tif",
        "v.gif",
        "v.mov",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        tree_write(root, names[i], "x", 1);
    is_walk(root, root,
            "a.JPEG\nb.jpg\nc.Heic\nline\nbreak.jpg\nv.gif\nv.heif\nv.hif\nv.jfif\nv.jpe\nv.tif\n"
            "\xc3\xa4.avif\n\xff\xfe.jpg\n"
            "sub/a.tiff\nsub/z.png\nsub.d/deep/er/w.webp\n",
            "photo names in order, bytes as they are, hidden and bookkeeping names left out");
    AUTO_FREE char *text = file_join(root, "d.txt");
    is_walk(root, text, "d.txt\n", "a given file is taken whatever its name");
    AUTO_FREE char *hidden = file_join(root, ".thumbs");
    is_walk(root, hidden, ".thumbs/t.jpg\n", "a given hidden folder is taken");
    tree_remove(root);
}

/* A JPEG's first bytes; all that the walk looks at. */
static const char jpeg[] = "\xFF\xD8\xFF\xE0";

static void test_contents(void)
{
    AUTO_FREE char *root = tree_new();
    static const char *const names[] = {"a",        "b.weird",        "c.mpo",  "d.txt",
                                        "e.cr2",    "f.JPG_original", "g.jpg~", "h.part",
                                        "IMG.1234", "i.BMP",          "j.heics"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        tree_write(root, names[i], jpeg, sizeof jpeg - 1);
    tree_write(root, "empty", "", 0);
    tree_write(root, "text", "a text", 6);
    tree_write(root, "later/k.CR2", "x", 1);
    is_walk(root, root, "IMG.1234\na\nb.weird\nc.mpo\ni.BMP\nj.heics\n",
            "names that say nothing: the first bytes tell");
    struct record record = {.root = root, .text = xstrdup("")};
    struct walk_visitor visitor = {.file = note_file,
                                   .folder = enter_folder,
                                   .obstacle = note_obstacle,
                                   .unread = count_unread,
                                   .context = &record};
    struct walk_roots roots;
    const char *path = root;
    TREE_CHECK(walk_resolve(&path, 1, false, &roots, NULL) == 0 && walk_run(&roots, &visitor) == 0);
    is_int(record.unread, 2, "what is not read is counted");
    walk_roots_release(&roots);
    free(record.text);
    tree_remove(root);
}

/* As walk_paths with patterns; what is left out is told: "- path\n". */
static char *walk_without(const char *root, const char *const *paths, size_t n,
                          const char *const *patterns, size_t n_patterns)
{
    struct record record = {.root = root, .text = xstrdup("")};
    struct walk_visitor visitor = {.file = note_file,
                                   .folder = enter_folder,
                                   .obstacle = note_obstacle,
                                   .excluded = note_excluded,
                                   .context = &record,
                                   .patterns = patterns,
                                   .n_patterns = n_patterns};
    struct walk_roots roots;
    TREE_CHECK(walk_resolve(paths, n, false, &roots, NULL) == 0);
    ok(walk_run(&roots, &visitor) == 0, "the walk runs to its end");
    walk_roots_release(&roots);
    return record.text;
}

static void test_junk(void)
{
    AUTO_FREE char *root = tree_new();
    static const char *const names[] = {
        "@Recycle/1.jpg",
        "@Recently-Snapshot/2.jpg",
        "#snapshot/3.jpg",
        "System Volume Information/4.jpg",
        "__MACOSX/5.jpg",
        "Fotos.photoslibrary/originals/0.jpg",
        "Fotos.photoslibrary/resources/derivatives/6.jpg",
        "iPhoto Library/Thumbnails/7.jpg",
        "iPhoto Library/Masters/0.jpg",
        "Previews.lrdata/8.jpg",
        "x/SYNOPHOTO_THUMB_XL.jpg",
        "iPod Photo Cache/9.jpg",
        "closed/.nomedia",
        "closed/10.jpg",
        "closed/below/11.jpg",
        "ignored/.ppignore",
        "ignored/12.jpg",
        "resources/0.jpg",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        tree_write(root, names[i], "x", strstr(names[i], "/.") ? 0 : 1);
    is_walk(root, root,
            "Fotos.photoslibrary/originals/0.jpg\niPhoto Library/Masters/0.jpg\n"
            "resources/0.jpg\n",
            "bookkeeping of systems, file servers and photo programs");
    AUTO_FREE char *closed = file_join(root, "closed");
    is_walk(root, closed, "closed/10.jpg\nclosed/below/11.jpg\n",
            "a closed folder that is given itself is walked");
    tree_remove(root);
}

static void test_patterns(void)
{
    AUTO_FREE char *root = tree_new();
    static const char *const names[] = {"1.jpg",     "2.png",        "a/3.jpg", "a/private/4.jpg",
                                        "a/b/5.jpg", "a/b/keep.png", "c/6.jpg", "private.jpg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        tree_write(root, names[i], "x", 1);
    static const char above[] = "\xEF\xBB\xBF# a remark\r\nprivate/\r\n*.png  \n\n/c\n";
    tree_write(root, ".keepsakeignore", above, sizeof above - 1);
    tree_write(root, "a/b/.keepsakeignore", "!keep.png\n5.*", 13);
    const char *given = root;
    AUTO_FREE char *got = walk_without(root, &given, 1, NULL, 0);
    is_str(got,
           "1.jpg\n- 2.png\n- c\nprivate.jpg\na/3.jpg\n- a/private\n- a/b/5.jpg\na/b/keep.png\n",
           "lines of .keepsakeignore, deeper ones after those above");
    AUTO_FREE char *b = file_join(root, "a/b");
    given = b;
    AUTO_FREE char *below = walk_without(root, &given, 1, NULL, 0);
    is_str(below, "- a/b/5.jpg\na/b/keep.png\n", "those above count also when one begins below");
    tree_delete(root, ".keepsakeignore");
    AUTO_FREE char *absolute = file_join(root, "a/private");
    const char *patterns[] = {absolute, "./a/b/", "?.png", "c/**"};
    given = root;
    AUTO_FREE char *without = walk_without(root, &given, 1, patterns, 4);
    is_str(without, "1.jpg\n- 2.png\nprivate.jpg\na/3.jpg\n- a/b\n- a/private\n- c/6.jpg\n",
           "patterns of --exclude");
    tree_remove(root);
}

/* What git 2.39 says of the same lines and paths (`git check-ignore`). */
static void test_lines(void)
{
    static const struct {
        const char *line, *path;
        bool is_folder, want;
    } cases[] = {
        {"foo", "/r/foo", false, true},
        {"foo", "/r/a/foo", true, true},
        {"foo/", "/r/foo", false, false},
        {"foo/", "/r/a/foo", true, true},
        {"/foo", "/r/a/foo", false, false},
        {"a/foo", "/r/a/foo", false, true},
        {"a/foo", "/r/b/a/foo", false, false},
        {"**/a/foo", "/r/b/a/foo", false, true},
        {"**/foo", "/r/foo", false, true},
        {"a/**/foo", "/r/a/foo", false, true},
        {"a/**/foo", "/r/a/b/c/foo", false, true},
        {"a/**", "/r/a", true, false},
        {"a/**", "/r/a/b", false, true},
        {"*.jpg", "/r/a/b.jpg", false, true},
        {"*.jpg", "/r/a/b.JPG", false, false},
        {"a*c", "/r/abbc", false, true},
        {"a*c", "/r/ab/c", false, false},
        {"a?c", "/r/abc", false, true},
        {"[a-c]x", "/r/bx", false, true},
        {"[!a-c]x", "/r/bx", false, false},
        {"[]-]x", "/r/]x", false, true},
        {"\\*x", "/r/ax", false, false},
        {"\\*x", "/r/*x", false, true},
        {"\\#x", "/r/#x", false, true},
        {"#x", "/r/#x", false, false},
        {"x  ", "/r/x", false, true},
        {"/*", "/r/a", false, true},
        {"/b*", "/r/a/b", false, false},
        {"!x", "/r/x", false, false},
        {"/", "/r/x", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ignore_list list = IGNORE_LIST_INIT;
        ignore_add_text(&list, "/r", cases[i].line, strlen(cases[i].line));
        ok(ignore_matches(&list, cases[i].path, cases[i].is_folder) == cases[i].want,
           "\"%s\" and %s%s", cases[i].line, cases[i].path, cases[i].is_folder ? "/" : "");
        ignore_release(&list);
    }
}

static void test_links(void)
{
    AUTO_FREE char *root = tree_new();
    tree_write(root, "in/real/a.jpg", "x", 1);
    tree_write(root, "in/real/b.jpg", "x", 1);
    tree_write(root, "out/c.jpg", "x", 1);
    tree_write(root, "out/nested/d.jpg", "x", 1);
    tree_link(root, "real", "in/alias");
    tree_link(root, "..", "in/real/up");
    tree_link(root, "../out", "in/other");
    tree_link(root, "real/a.jpg", "in/photo.jpg");
    tree_link(root, "real/a.jpg", "in/photo.txt");
    tree_link(root, "nowhere", "in/dead.jpg");
    tree_link(root, "turn", "in/turn");
    tree_link(root, "../../in/real", "out/nested/back");
    AUTO_FREE char *in = file_join(root, "in");
    is_walk(root, in,
            "? in/dead.jpg: cannot be read: No such file or directory\n"
            "in/photo.jpg\n"
            "? in/turn: cannot be read: Too many levels of symbolic links\n"
            "in/real/a.jpg\nin/real/b.jpg\n"
            "in/other/c.jpg\nin/other/nested/d.jpg\n",
            "links are followed, each folder once, real folders first");
    tree_remove(root);
}

static void test_special_files(void)
{
    AUTO_FREE char *root = tree_new();
    AUTO_FREE char *fifo = file_join(root, "pipe.jpg");
    AUTO_FREE char *socket_path = file_join(root, "socket.jpg");
    TREE_CHECK(mkfifo(fifo, 0644) == 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    TREE_CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    tree_link(root, "/dev/null", "device.jpg");
    tree_write(root, "empty.jpg", "", 0);
    tree_write(root, "folder.jpg/x.jpg", "x", 1);
    is_walk(root, root, "empty.jpg\nfolder.jpg/x.jpg\n", "only regular files count");
    struct walk_roots roots;
    struct error err = ERROR_INIT;
    const char *path = fifo;
    is_int(walk_resolve(&path, 1, false, &roots, &err), ERR_INVALID, "a given FIFO is refused");
    ok(strstr(err.message, "pipe.jpg is neither a folder nor a regular file"), "by name");
    close(fd);
    tree_remove(root);
}

static void test_roots(void)
{
    AUTO_FREE char *root = tree_new();
    tree_write(root, "a/1.jpg", "x", 1);
    tree_write(root, "a/b/2.jpg", "x", 1);
    tree_write(root, "a/b/3.bin", "x", 1);
    tree_write(root, "a-c/4.jpg", "x", 1);
    TREE_CHECK(chdir(root) == 0);
    const char *overlapping[] = {"a/b", "a", "./a/../a/", "a/b/3.bin", "a-c/4.jpg", "a/1.jpg"};
    AUTO_FREE char *got = walk_paths(root, overlapping, 6);
    is_str(got, "a-c/4.jpg\na/1.jpg\na/b/3.bin\na/b/2.jpg\n",
           "overlapping paths: given files first, each file once");
    const char *missing[] = {"a", "nothing/here"};
    AUTO_FREE char *message = walk_paths(root, missing, 2);
    is_str(message, "cannot find the file or folder nothing/here", "a missing path is named");
    struct walk_roots roots;
    TREE_CHECK(walk_resolve(overlapping, 2, false, &roots, NULL) == 0);
    const char *covered[] = {"a", "a/1.jpg", "a/b/c/d"}, *outside[] = {"a-c", "aa", "", "a.jpg"};
    for (int i = 0; i < 3; i++) {
        AUTO_FREE char *path = file_join(root, covered[i]);
        ok(walk_roots_cover(&roots, path), "%s is below the roots", covered[i]);
    }
    for (int i = 0; i < 4; i++) {
        AUTO_FREE char *path = file_join(root, outside[i]);
        ok(!walk_roots_cover(&roots, path), "'%s' is not below the roots", outside[i]);
    }
    walk_roots_release(&roots);
    ok(!walk_is_empty(root), "a folder with something in it is not empty");
    tree_write(root, "e/.hidden", "x", 1);
    AUTO_FREE char *almost = file_join(root, "e");
    ok(!walk_is_empty(almost), "nor one with a hidden file");
    tree_delete(root, "e/.hidden");
    ok(walk_is_empty(almost), "a folder with nothing in it is");
    TREE_CHECK(chdir("/") == 0);
    tree_remove(root);
}

static void test_stop(void)
{
    AUTO_FREE char *root = tree_new();
    for (int i = 0; i < 9; i++) {
        char name[32];
        snprintf(name, sizeof name, "%d/%d.jpg", i, i);
        tree_write(root, name, "x", 1);
    }
    struct record record = {.root = root, .text = xstrdup(""), .stop_after = 3};
    struct walk_visitor visitor = {
        .file = note_file, .folder = enter_folder, .obstacle = note_obstacle, .context = &record};
    struct walk_roots roots;
    const char *path = root;
    TREE_CHECK(walk_resolve(&path, 1, false, &roots, NULL) == 0);
    is_int(walk_run(&roots, &visitor), ERR_CANCELLED, "the visitor's answer comes back");
    is_str(record.text, "0/0.jpg\n1/1.jpg\n2/2.jpg\n", "and nothing is visited after it");
    walk_roots_release(&roots);
    free(record.text);
    tree_remove(root);
}

/* Root reads everything: the child becomes nobody. Its exit status: 0 as wanted. */
static int walk_as_nobody(const char *root)
{
    if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
        return 2;
    struct record record = {.root = root, .text = xstrdup("")};
    struct walk_visitor visitor = {
        .file = note_file, .folder = enter_folder, .obstacle = note_obstacle, .context = &record};
    struct walk_roots roots;
    if (walk_resolve(&root, 1, false, &roots, NULL) || walk_run(&roots, &visitor))
        return 1;
    bool good = strcmp(record.text, "! closed: cannot be read: Permission denied\n"
                                    "! names: cannot be read: Permission denied\n"
                                    "open/3.jpg\n") == 0;
    if (!good)
        diag("got %s", record.text);
    walk_roots_release(&roots);
    free(record.text);
    return good ? 0 : 1;
}

static void test_closed_folders(void)
{
    AUTO_FREE char *root = tree_new();
    tree_write(root, "closed/1.jpg", "x", 1);
    tree_write(root, "names/2.jpg", "x", 1);
    tree_write(root, "open/3.jpg", "x", 1);
    AUTO_FREE char *closed = file_join(root, "closed");
    AUTO_FREE char *names = file_join(root, "names");
    AUTO_FREE char *open_folder = file_join(root, "open");
    TREE_CHECK(chmod(closed, 0) == 0 && chmod(names, 0444) == 0 && chmod(open_folder, 0755) == 0);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(walk_as_nobody(root));
    int status = 1;
    TREE_CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    if (WEXITSTATUS(status) == 2)
        skip("root cannot become nobody here");
    else
        is_int(WEXITSTATUS(status), 0, "folders that cannot be read are reported, others walked");
    TREE_CHECK(chmod(closed, 0755) == 0 && chmod(names, 0755) == 0);
    tree_remove(root);
}

static void test_dead_mount(void)
{
    AUTO_FREE char *root = tree_new();
    tree_write(root, "in/a.jpg", "x", 1);
    tree_write(root, "disk/gone", "x", 1);
    tree_delete(root, "disk/gone");
    tree_link(root, "../disk", "in/link");
    AUTO_FREE char *in = file_join(root, "in");
    is_walk(root, in, "in/a.jpg\n? in/link: leads to a folder that is empty\n",
            "a link to an empty folder is reported");
    tree_remove(root);
}

/* Depth costs no stack: 3,000 folders in one another, as far as path names go. */
static void test_depth(void)
{
    AUTO_FREE char *root = tree_new();
    TREE_CHECK(chdir(root) == 0);
    int depth = 0;
    while (depth < 3000 && mkdir("d", 0755) == 0 && chdir("d") == 0)
        depth++;
    TREE_CHECK(chdir("/") == 0);
    tree_write(root, "a.jpg", "x", 1);
    AUTO_FREE char *got = walk_paths(root, (const char *const *)&root, 1);
    ok(strncmp(got, "a.jpg\n", 6) == 0, "%d folders in one another", depth);
    ok(strstr(got, "File name too long"), "what is too deep for a path is reported");
    AUTO_FREE char *command = xasprintf("rm -rf '%s'", root);
    TREE_CHECK(system(command) == 0);
}

int main(void)
{
    test_names();
    test_contents();
    test_junk();
    test_patterns();
    test_lines();
    test_links();
    test_special_files();
    test_roots();
    test_stop();
    test_closed_folders();
    test_dead_mount();
    test_depth();
    return done_testing();
}
