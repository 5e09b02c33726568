/* SPDX-License-Identifier: MIT */
/* The command line's parts that need no gallery and no model. */
#include "cli/options.h"

#include <limits.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/suggest.h"
#include "cli/meter.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "cli/settings.h"
#include "tap.h"

struct fields {
    bool flag, other;
    const char *text, *optional;
    const char *choice;
    int64_t number;
    struct argument_list list;
};

static const char *const colours[] = {"red", "green", "blue", NULL};

static bool is_capital(const char *argument)
{
    return argument[0] >= 'A' && argument[0] <= 'Z';
}

static const struct option_spec specs[] = {
    {.name = "flag", .letter = 'f', .kind = OPTION_FLAG, .offset = offsetof(struct fields, flag)},
    {.name = "flower", .kind = OPTION_FLAG, .offset = offsetof(struct fields, other)},
    {.name = "text",
     .letter = 't',
     .kind = OPTION_TEXT,
     .offset = offsetof(struct fields, text),
     .value = "T"},
    {.name = "choice",
     .kind = OPTION_CHOICE,
     .offset = offsetof(struct fields, choice),
     .value = "C",
     .choices = colours},
    {.name = "number",
     .letter = 'n',
     .kind = OPTION_NUMBER,
     .offset = offsetof(struct fields, number),
     .value = "N",
     .min = -3,
     .max = 40},
    {.name = "optional",
     .kind = OPTION_OPTIONAL,
     .offset = offsetof(struct fields, optional),
     .value = "O",
     .is_value = is_capital},
    {.name = "list", .kind = OPTION_LIST, .offset = offsetof(struct fields, list), .value = "L"},
    {.name = NULL},
};

static struct fields got;
static struct argument_list operands;
static struct error problem;
static int used;

/* Parses the words after a program name; the results are in the statics above. */
static int parse(bool stop_at_operand, const char *const *words)
{
    char *argv[16] = {(char *)(uintptr_t) "keepsake"};
    int argc = 1;
    for (; words[argc - 1]; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    argument_list_release(&got.list);
    argument_list_release(&operands);
    got = (struct fields){0};
    problem = (struct error)ERROR_INIT;
    struct option_table table = {specs, &got};
    return options_parse(&table, 1, argc, argv, stop_at_operand, &operands, &used, &problem);
}
#define PARSE(...) parse(false, (const char *const[]){__VA_ARGS__, NULL})

static void test_values(void)
{
    is_int(PARSE("-f", "--text", "a", "one", "--choice=green", "-n7", "two"), 0, "all kinds parse");
    ok(got.flag && !got.other, "a flag is set, the other is not");
    is_str(got.text, "a", "an option of text is read");
    is_str(got.choice, "green", "an option with choices is read");
    is_int(got.number, 7, "an option of a number is read");
    is_int((long long)operands.count, 2, "operands between options");
    is_str(operands.items[1].text, "two", "the second operand");

    is_int(PARSE("--list", "a", "x", "--list=b"), 0, "a list");
    is_int((long long)got.list.count, 2, "keeps all its items");
    ok(got.list.items[0].order < operands.items[0].order &&
           operands.items[0].order < got.list.items[1].order,
       "the order of items and operands is kept");

    is_int(PARSE("--", "-f", "--text"), 0, "after -- all are operands");
    is_int((long long)operands.count, 2, "both of them");
    ok(!got.flag, "and no option is set");
    is_int(PARSE("--tex=b"), 0, "an unambiguous beginning is enough");
    is_str(got.text, "b", "and sets the option");
    is_int(PARSE("-n", "-3"), 0, "a negative number is a value");
    is_int(got.number, -3, "the smallest");
    is_int(PARSE("-"), 0, "a lone dash is an operand");
    is_int((long long)operands.count, 1, "namely one");
}

static void test_optional(void)
{
    is_int(PARSE("x"), 0, "an optional value");
    ok(!got.optional, "without the option");
    is_int(PARSE("--optional", "one", "-f"), 0, "the option alone");
    is_str(got.optional, "", "... has no value");
    is_int((long long)operands.count, 1, "... and takes no operand");
    is_int(PARSE("--optional", "One", "two", "-f"), 0, "an argument that is a value");
    is_str(got.optional, "One", "... is taken");
    ok(operands.count == 1 && got.flag, "... and what follows is not");
    is_int(PARSE("--optional=one", "--optional"), 0, "the last one counts");
    is_str(got.optional, "", "... as the last argument, too");
    is_int(PARSE("--optional=one"), 0, "by an equals sign");
    is_str(got.optional, "one", "... every value");
}

static void test_stop(void)
{
    is_int(parse(true, (const char *const[]){"-f", "index", "--what", NULL}), 0,
           "stops at the first operand");
    is_int(used, 3, "having looked at three words");
    is_str(operands.items[0].text, "index", "which it gives");
    is_int(parse(true, (const char *const[]){"--", "-f", "x", NULL}), 0, "also after --");
    is_int(used, 3, "at the word after it");
    is_str(operands.items[0].text, "-f", "whatever it looks like");
}

static void refuses(int rc, const char *sentence)
{
    is_int(rc, ERR_INVALID, sentence);
    is_str(problem.message, sentence, "... in these words");
}

static void test_errors(void)
{
    refuses(PARSE("--fla=1"), "--flag takes no value");
    refuses(PARSE("--fl"), "--fl is ambiguous; write the full name of the option");
    refuses(PARSE("--txet", "a"), "unknown option --txet; did you mean --text?");
    refuses(PARSE("--xyzzy=1"), "unknown option --xyzzy");
    refuses(PARSE("-z"), "unknown option -z");
    refuses(PARSE("-fz"), "unknown option -z");
    refuses(PARSE("--text"), "--text needs a value (T)");
    refuses(PARSE("-t"), "-t needs a value (T)");
    refuses(PARSE("--text="), "--text is empty: give a value (T)");
    refuses(PARSE("--choice", "pink"), "--choice must be red, green or blue, not 'pink'");
    refuses(PARSE("-n", "41"), "-n must be a whole number from -3 to 40, not '41'");
    refuses(PARSE("-n", "-4"), "-n must be a whole number from -3 to 40, not '-4'");
    refuses(PARSE("--number", "4x"), "--number must be a whole number from -3 to 40, not '4x'");
    refuses(PARSE("--number="), "--number must be a whole number from -3 to 40, not ''");
    refuses(PARSE("-n", "99999999999999999999"),
            "-n must be a whole number from -3 to 40, not '99999999999999999999'");
}

static void test_suggestions(void)
{
    is_int((long long)edit_distance("search", "search"), 0, "no distance to itself");
    is_int((long long)edit_distance("serach", "search"), 1, "neighbours swapped: 1");
    is_int((long long)edit_distance("", "abc"), 3, "from nothing: its length");
    is_int((long long)edit_distance("kitten", "sitting"), 3, "kitten, sitting: 3");
    char longest[200];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    ok(edit_distance(longest, "a") == SIZE_MAX, "a word too long is infinitely far");

    struct suggestion near = suggestion_for("stauts");
    suggestion_consider(&near, "search");
    suggestion_consider(&near, "status");
    is_str(near.best, "status", "the nearest is suggested");
    struct suggestion far = suggestion_for("zzz");
    suggestion_consider(&far, "status");
    ok(far.best == NULL, "nothing near: nothing suggested");
    struct suggestion one = suggestion_for("x");
    suggestion_consider(&one, "k");
    ok(one.best == NULL, "replacing the whole word is not near");
}

static void config_refused(const char *text, const char *sentence)
{
    struct settings s = {0};
    problem = (struct error)ERROR_INIT;
    is_int(settings_read(&s, text, "config", &problem), ERR_INVALID, sentence);
    is_str(problem.message, sentence, "... in these words");
    settings_release(&s);
}

static void test_config(void)
{
    struct settings s = {0};
    is_int(settings_read(&s,
                         "# mine\r\n\n  gallery = /photos/a b.db\r\nmodel=mini\n"
                         "; half\nprecision = bf16\nthreads: 3",
                         "config", &problem),
           0, "a config file");
    is_str(s.gallery, "/photos/a b.db", "gallery, with its blank");
    is_str(s.model, "mini", "the environment gives the model");
    is_str(s.precision, "bf16", "the environment gives the precision");
    is_int(s.threads, 3, "threads, on a line without an end");
    ok(settings_precision(&s) == CLIP_PRECISION_BF16, "the precision's value");
    settings_release(&s);

    struct settings empty = {0};
    is_int(settings_read(&empty, "", "config", &problem), 0, "an empty file is fine");
    struct settings odd = {0};
    is_int(settings_read(&odd, "gallery = /a ; b # c.db\n", "config", &problem), 0,
           "a file name with ; and #");
    is_str(odd.gallery, "/a ; b # c.db", "is kept whole");
    settings_release(&odd);

    config_refused("[section]\nmodel = mini\n",
                   "config:1: unexpected section [section]; write only lines of 'key = value'");
    config_refused("model = mini\n\n  [s]\n",
                   "config:3: unexpected section [s]; write only lines of 'key = value'");
    config_refused("gallery = a.db\n",
                   "config:1: gallery is the relative path 'a.db'; write an absolute path, or one "
                   "that begins with ~/");
    config_refused("\nmodel = ./mini\n",
                   "config:2: model is the relative path './mini'; write an absolute path, or one "
                   "that begins with ~/");
    config_refused("port = 70000\n",
                   "config:1: port must be a whole number from 1 to 65535, not '70000'");
    struct settings serve = {0};
    is_int(settings_read(&serve,
                         "gallery = postgresql://ana@host/photos\nport = 9000\nbind = ::1\n"
                         "host_name = a b\nfolders = /a:/b c\ncount = 12\nquiet = yes\n",
                         "config", &problem),
           0, "keys of serve, search and the rest");
    ok(serve.serve.port == 9000 && serve.count == 12 && serve.quiet, "numbers and flags");
    is_str(serve.serve.folders, "/a:/b c", "the list of folders is read");
    is_int(settings_count(&serve, 0), 12, "count where the command line is silent");
    is_int(settings_count(&serve, 3), 3, "and where it is not");
    settings_release(&serve);
    config_refused("model = mini\n\ngalery = x\n",
                   "config:3: unknown key 'galery'; did you mean 'gallery'?");
    config_refused(
        "json = yes\n",
        "config:1: unknown key 'json'; the keys are gallery, model, precision, threads, "
        "preview, thumbnails-max, require-cage, decode-memory, decode-seconds, provider, "
        "llm-model, llm-url, llm-plain-http, llm-key-file, llm-timeout, effort, ask-budget, "
        "ask-consent, trusted-proxy, bind, port, host-name, "
        "folders, base-path, token-file, rate, connections, count, ask-facts, ask-more, quiet");
    config_refused("ask-budget = 0\n",
                   "config:1: ask-budget must be an amount of US dollars above 0, such as 2 or "
                   "0.50, not '0'");
    config_refused("threads = many\n",
                   "config:1: threads must be a whole number from 1 to 1024, not 'many'");
    config_refused("precision = f8\n", "config:1: precision must be auto, f32 or bf16, not 'f8'");
    config_refused("gallery =\n", "config:1: gallery is empty: give a value (FILE)");
    config_refused("model = a\nmodel = b\n", "config:2: 'model' is given twice");
    config_refused("[search]\nmodel = a\n",
                   "config:1: unexpected section [search]; write only lines of 'key = value'");
    config_refused("model = a\nthis is nothing\n", "config:2: this line is not 'key = value'");
    char line[6000];
    memset(line, 'x', sizeof line - 1);
    memcpy(line, "\nmodel=", 7);
    line[sizeof line - 1] = '\0';
    config_refused(line, "config:2: this line is too long");
}

static void is_owned(char *text, const char *want, const char *name)
{
    is_str(text, want, name);
    free(text);
}

static void test_paths(void)
{
    is_owned(path_absolute("/a//b/./c/../d/"), "/a/b/d", "dots and slashes go");
    is_owned(path_absolute("/../.."), "/", "nothing is above the root");
    is_owned(path_absolute("/a/.../..b/c."), "/a/.../..b/c.", "names with dots stay");

    char folder[] = "/tmp/keepsake-test-XXXXXX";
    if (!mkdtemp(folder) || chdir(folder)) {
        ok(false, "a folder for the test");
        return;
    }
    char *real = realpath(folder, NULL);
    AUTO_FREE char *inside = xasprintf("%s/x/y.jpg", real), *link = xasprintf("%s/way", real);
    is_owned(path_absolute("x/y.jpg"), inside, "relative to here");
    is_owned(path_shorten(inside), "x/y.jpg", "shortened below here");
    is_owned(path_shorten(real), real, "here itself stays");
    is_owned(path_shorten("/elsewhere/x"), "/elsewhere/x", "elsewhere stays");
    ok(symlink("/usr", link) == 0, "a link to /usr");
    is_owned(path_resolve("way/bin/.."), "/usr", "links are followed");
    is_owned(path_resolve("way/no such/../photo.jpg"), "/usr/photo.jpg", "a vanished rest is kept");
    is_owned(path_resolve("/no/such//disk/"), "/no/such/disk", "all of it vanished");
    unlink(link);
    ok(rmdir(folder) == 0, "the folder is removed while we are in it");
    is_owned(path_absolute("y.jpg"), "y.jpg", "a relative path stays");
    is_owned(path_resolve("no/../y.jpg"), "no/../y.jpg", "unresolved, too");
    is_owned(path_shorten("/usr/x"), "/usr/x", "nothing is shortened");
    ok(chdir("/") == 0, "back to a folder that exists");
    free(real);
    setenv("HOME", "/home/ana", 1);
    is_owned(path_expand_home("~/a"), "/home/ana/a", "~/ is HOME");
    is_owned(path_expand_home("~ana/a"), "~ana/a", "~ana is not");
}

static void test_json_paths(void)
{
    AUTO_JSON *object = json_object();
    output_set_text(object, "path", "/a/\t\xC3\xA9.jpg");
    is_str(json_string_value(json_object_get(object, "path")), "/a/\t\xC3\xA9.jpg",
           "UTF-8 stays as it is");
    ok(!json_object_get(object, "path_base64"), "and needs no second form");
    output_set_text(object, "path", "/a/\xFF.jpg");
    is_str(json_string_value(json_object_get(object, "path")), "/a/\xEF\xBF\xBD.jpg",
           "a malformed byte becomes U+FFFD");
    is_str(json_string_value(json_object_get(object, "path_base64")),
           "L2Ev/y5qcGc=", "and base64 has the exact bytes");
}

static void test_progress(void)
{
    is_owned(meter_line("photos", 120, 400, 35.21, 8, 2),
             "120 of 400 photos, 35 a second, 8 s left, 2 failed", "all that is known");
    is_owned(meter_line("photos", 3, 400, 1.25, 0.4, 0), "3 of 400 photos, 1.2 a second",
             "a slow rate with its fraction, no time left worth saying");
    is_owned(meter_line("photos", 0, 0, 0, -1, 0), "0 photos", "nothing is known yet");
}

int main(void)
{
    test_values();
    test_optional();
    test_stop();
    test_errors();
    test_suggestions();
    test_config();
    test_paths();
    test_json_paths();
    test_progress();
    argument_list_release(&got.list);
    argument_list_release(&operands);
    return done_testing();
}
