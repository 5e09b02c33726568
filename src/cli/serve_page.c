/* SPDX-License-Identifier: MIT */
/* Prints the address of the page, and starts a browser that shows it. */
#include "cli/serve_page.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "cli/output.h"

static char *address_of(const struct serve_page *page)
{
    bool any = strcmp(page->bind, "0.0.0.0") == 0 || strcmp(page->bind, "::") == 0;
    const char *host = any ? "localhost" : page->bind;
    bool brackets = strchr(host, ':');
    const char *base = page->base_path ? page->base_path : "";
    size_t length = strlen(base);
    while (length > 0 && base[length - 1] == '/')
        length--;
    return xasprintf("http://%s%s%s:%d%s%.*s/", brackets ? "[" : "", host, brackets ? "]" : "",
                     page->port, length > 0 && base[0] != '/' ? "/" : "", (int)length, base);
}

/* systemd.exec(5): JOURNAL_STREAM is "DEVICE:INODE" of the stream connected to the journal. */
static bool is_journal(const struct stat *info)
{
    const char *journal = getenv("JOURNAL_STREAM");
    AUTO_FREE char *ours = xasprintf("%ju:%ju", (uintmax_t)info->st_dev, (uintmax_t)info->st_ino);
    return journal && strcmp(journal, ours) == 0;
}

/* Whether stdout is a terminal, or a pipe to the program that started this one; not the journal, a
 * file or a log. */
static bool is_read_on_the_spot(void)
{
    struct stat info;
    if (isatty(STDOUT_FILENO))
        return true;
    return fstat(STDOUT_FILENO, &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode)) &&
           !is_journal(&info);
}

/* ---- the browser ---- */

/* All users of the machine can read a program's command line, so it only contains the path of a
 * file that this user alone can read and that redirects to the page. */
static char *write_redirect(const char *address, const char *token, struct error *err)
{
    char name[33];
    AUTO_FREE char *home = file_cache_home();
    if (!home) {
        error_set(err, ERR_NOT_FOUND, "cannot find the cache folder: HOME is not set; set HOME");
        return NULL;
    }
    random_hex(name, 16);
    AUTO_FREE char *path = xasprintf("%s/open-%s.html", home, name);
    if (file_make_folders(home, err))
        return NULL;
    FILE *file = fopen(path, "wxe");
    bool written = file && fchmod(fileno(file), 0600) == 0 &&
                   fprintf(file,
                           "<!doctype html>\n<meta charset=\"utf-8\"><title>keepsake</title>\n"
                           "<meta http-equiv=\"refresh\" content=\"0;url=%s?token=%s\">\n",
                           address, token) > 0;
    if (file && fclose(file) != 0)
        written = false;
    if (!written)
        error_errno(err, errno, "cannot write %s", path);
    return written ? xstrdup(path) : NULL;
}

/* Starts xdg-open, the desktop standard, in a process that nobody has to wait for. */
static void start_browser(const char *target)
{
    static const char missing[] = "keepsake: cannot open the browser: xdg-open is not "
                                  "installed; open the address yourself\n";
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0) {
            execlp("xdg-open", "xdg-open", target, (char *)NULL);
            ssize_t written = write(STDERR_FILENO, missing, sizeof missing - 1);
            (void)written;
            _exit(127);
        }
        _exit(0);
    }
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
}

static char *open_page(const struct serve_page *page, const char *address)
{
    struct error err;
    if (!page->secrets->token) {
        start_browser(address);
        return NULL;
    }
    char *path = write_redirect(address, page->secrets->token, &err);
    if (!path)
        output_error("--open: %s; sign in at %s", err.message, address);
    start_browser(path ? path : address);
    return path;
}

/* ---- the address ---- */

static void print_json(const char *address, const char *token, const char *gallery)
{
    json_t *line = json_object();
    json_object_set_new(line, "address", json_string(address));
    output_set_text(line, "gallery", gallery);
    if (token) {
        AUTO_FREE char *sign_in = xasprintf("%s?token=%s", address, token);
        json_object_set_new(line, "sign_in", json_string(sign_in));
    }
    output_json(line);
}

static void say_where_token_is(const struct context *context, const struct serve_page *page,
                               bool shown)
{
    const char *path = page->secrets->token_path;
    if (path)
        context_note(context,
                     shown ? "the address signs you in; programs need the token in %s"
                           : "sign in with the token in %s; programs also need it",
                     path);
    else if (shown)
        context_note(context, "the address signs you in, until the server ends");
    else
        output_error("cannot store the token that signs you in, and does not print it into a "
                     "file or log: give a token with --token-file or KEEPSAKE_TOKEN");
}

char *serve_page_announce(const struct context *context, const struct serve_page *page)
{
    AUTO_FREE char *address = address_of(page);
    AUTO_FREE char *gallery = context_name(context->settings.gallery);
    bool made = page->secrets->made;
    const char *token = made && is_read_on_the_spot() ? page->secrets->token : NULL;
    if (context->settings.json) {
        print_json(address, token, gallery);
    } else {
        printf("%s%s%s\n", address, token ? "?token=" : "", token ? token : "");
        output_flush();
        context_note(context, "serving %s; stop with Ctrl-C", gallery);
    }
    if (made)
        say_where_token_is(context, page, token);
    return page->open ? open_page(page, address) : NULL;
}
