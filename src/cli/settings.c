/* SPDX-License-Identifier: MIT */
/* Merges the settings of the command line, the environment and the config file. */
#include "cli/settings.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/suggest.h"
#include "cli/paths.h"
#include "cli/plain_hosts.h"
#include "store/store.h"

#define CONFIG_BYTES_MAX ((size_t)64 << 10)
#define CONFIG_LINE_MAX 4096
#define THREADS_MAX 1024
#define THUMBNAILS_MAX_MB 1000000000
#define TIMEOUT_MAX_S 3600
#define MORE_MAX 600
#define COUNT_MAX 600
#define DEFAULT_COUNT 5
#define MEGABYTE 1000000
#define DECODE_MEMORY_MIN_MB ((int64_t)(CAGE_MEMORY_LEAST / MEGABYTE) + 1)
#define DECODE_MEMORY_MAX_MB 1000000

static const char *const precisions[] = {"auto", "f32", "bf16", NULL};
static const char *const efforts[] = {"low", "medium", "high", "xhigh", "max", NULL};
static const char *const providers[] = {"anthropic", "bedrock", "vertex", "openai", NULL};
static const char *const tellings[] = {"rounded", "exact", "none", NULL};
static const char *const yes_or_no[] = {"yes", "no", NULL};
static const char *const previews[] = {"auto", "off", "kitty", "iterm", "sixel", NULL};

#define AT(field) offsetof(struct settings, field)

const struct option_spec settings_options[] = {
    {.name = "gallery",
     .kind = OPTION_TEXT,
     .offset = AT(gallery),
     .value = "FILE",
     .help = "the gallery: a file, or postgresql://USER@HOST/DATABASE (index creates it)",
     .variable = "KEEPSAKE_GALLERY",
     .complete = COMPLETE_FILES},
    {.name = "model",
     .kind = OPTION_TEXT,
     .offset = AT(model),
     .value = "ID|DIR",
     .help = "the model: a name from `keepsake model list`, or a folder",
     .variable = "KEEPSAKE_MODEL",
     .complete = COMPLETE_MODELS},
    {.name = "precision",
     .kind = OPTION_CHOICE,
     .offset = AT(precision),
     .value = "KIND",
     .help = "arithmetic of the model: auto, f32 or bf16",
     .choices = precisions,
     .variable = "KEEPSAKE_PRECISION"},
    {.name = "threads",
     .kind = OPTION_NUMBER,
     .offset = AT(threads),
     .value = "N",
     .help = "number of processors for the model (default: all)",
     .min = 1,
     .max = THREADS_MAX,
     .variable = "KEEPSAKE_THREADS"},
    {.name = "preview",
     .kind = OPTION_CHOICE,
     .offset = AT(preview),
     .value = "KIND",
     .help = "previews of photos on the terminal: auto (if supported), off, kitty, iterm or "
             "sixel",
     .choices = previews,
     .variable = "KEEPSAKE_PREVIEW"},
    {.name = "thumbnails-max",
     .kind = OPTION_NUMBER,
     .offset = AT(thumbnails_max),
     .value = "MB",
     .help = "disk space for thumbnails (default: 4000)",
     .min = 1,
     .max = THUMBNAILS_MAX_MB,
     .variable = "KEEPSAKE_THUMBNAILS_MAX"},
    {.name = "require-cage",
     .kind = OPTION_FLAG,
     .offset = AT(require_cage),
     .help = "refuse to decode pictures unless this machine can confine the decoder fully",
     .variable = "KEEPSAKE_REQUIRE_CAGE"},
    {.name = "decode-memory",
     .kind = OPTION_NUMBER,
     .offset = AT(decode_memory),
     .value = "MB",
     .help = "memory for all decodes in progress (default: 1610, or half of the machine's)",
     .min = DECODE_MEMORY_MIN_MB,
     .max = DECODE_MEMORY_MAX_MB,
     .variable = "KEEPSAKE_DECODE_MEMORY"},
    {.name = "decode-seconds",
     .kind = OPTION_NUMBER,
     .offset = AT(decode_seconds),
     .value = "SECONDS",
     .help = "processor time for one picture, more for very large ones (default: 10)",
     .min = 1,
     .max = TIMEOUT_MAX_S,
     .variable = "KEEPSAKE_DECODE_SECONDS"},
    {.name = "provider",
     .kind = OPTION_CHOICE,
     .offset = AT(provider),
     .value = "NAME",
     .help = "the service of the language model: anthropic, bedrock, vertex, or openai for any "
             "server with the chat completions API (llama-server, Ollama)",
     .choices = providers,
     .variable = "KEEPSAKE_PROVIDER",
     .of_llm = true},
    {.name = "llm-model",
     .kind = OPTION_TEXT,
     .offset = AT(llm_model),
     .value = "ID",
     .help = "the language model (default: claude-sonnet-5-5, or the provider's default)",
     .variable = "KEEPSAKE_LLM_MODEL",
     .of_llm = true},
    {.name = "llm-url",
     .kind = OPTION_TEXT,
     .offset = AT(llm_url),
     .value = "URL",
     .help = "address of its server, such as http://127.0.0.1:8080/v1",
     .variable = "KEEPSAKE_LLM_URL",
     .of_llm = true},
    {.name = "llm-plain-http",
     .kind = OPTION_TEXT,
     .offset = AT(llm_plain_http),
     .value = "HOST...",
     .help = "your own machine or container with the language model, which may be reached by "
             "http://, although others on that network can read the traffic; the setting is "
             "stored",
     .variable = "KEEPSAKE_LLM_PLAIN_HTTP",
     .of_llm = true},
    {.name = "llm-key-file",
     .kind = OPTION_TEXT,
     .offset = AT(llm_key_file),
     .value = "FILE",
     .help = "file with the key, readable only by you (default: the provider's own variable, "
             "such as ANTHROPIC_API_KEY)",
     .variable = "KEEPSAKE_LLM_KEY_FILE",
     .complete = COMPLETE_FILES,
     .of_llm = true},
    {.name = "llm-timeout",
     .kind = OPTION_NUMBER,
     .offset = AT(llm_timeout_s),
     .value = "SECONDS",
     .help = "maximum silence of the language model (default: 120; 600 for your own)",
     .min = 1,
     .max = TIMEOUT_MAX_S,
     .variable = "KEEPSAKE_LLM_TIMEOUT",
     .of_llm = true},
    {.name = "effort",
     .kind = OPTION_CHOICE,
     .offset = AT(effort),
     .value = "LEVEL",
     .help = "how hard the language model thinks: low, medium, high, xhigh or max",
     .choices = efforts,
     .variable = "KEEPSAKE_EFFORT",
     .of_llm = true},
    {.name = "ask-budget",
     .kind = OPTION_AMOUNT,
     .offset = AT(ask_budget_usd),
     .value = "USD",
     .help = "maximum spending on language models per day, by the ledger; requests that could "
             "exceed it are not sent",
     .variable = "KEEPSAKE_ASK_BUDGET",
     .of_llm = true},
    {.name = "ask-consent",
     .kind = OPTION_CHOICE,
     .offset = AT(ask_consent),
     .value = "yes|no",
     .help = "yes: send photos without asking for consent; for the config file",
     .choices = yes_or_no,
     .variable = "KEEPSAKE_ASK_CONSENT",
     .of_llm = true},
    {.name = "trusted-proxy",
     .kind = OPTION_TEXT,
     .offset = AT(trusted_proxy),
     .value = "ADDRESS[/LEN]...",
     .help = "of serve; there the option may be repeated",
     .variable = "KEEPSAKE_TRUSTED_PROXY",
     .config_only = true},
    SERVE_SETTING_SPECS(struct settings, serve),
    {.name = "count",
     .kind = OPTION_NUMBER,
     .offset = AT(count),
     .value = "N",
     .help = "of search and ask",
     .min = 1,
     .max = COUNT_MAX,
     .variable = "KEEPSAKE_COUNT",
     .config_only = true},
    {.name = "ask-facts",
     .kind = OPTION_CHOICE,
     .offset = AT(ask_facts),
     .value = "KIND",
     .help = "the facts sent as text with pictures: rounded (date, camera, labels, and the "
             "place to about 1 km; the default), exact (the exact place) or none",
     .choices = tellings,
     .variable = "KEEPSAKE_ASK_FACTS",
     .of_llm = true},
    {.name = "ask-more",
     .kind = OPTION_NUMBER,
     .offset = AT(ask_more),
     .value = "N",
     .help = "maximum number of photos that the language model may add to a question (default: "
             "10)",
     .min = 1,
     .max = MORE_MAX,
     .variable = "KEEPSAKE_ASK_MORE",
     .of_llm = true},
    {.name = "json",
     .kind = OPTION_FLAG,
     .offset = AT(json),
     .help = "print only JSON on stdout, one object per line"},
    {.name = "quiet",
     .letter = 'q',
     .kind = OPTION_FLAG,
     .offset = AT(quiet),
     .help = "print only results and errors, no progress or remarks",
     .variable = "KEEPSAKE_QUIET"},
    {.name = "help",
     .letter = 'h',
     .kind = OPTION_FLAG,
     .offset = AT(help),
     .help = "explain the command"},
    {.name = "version",
     .letter = 'V',
     .kind = OPTION_FLAG,
     .offset = AT(version),
     .help = "print the version"},
    {.name = NULL},
};

static const char *own_string(struct settings *settings, char *text)
{
    argument_list_add(&settings->owned, text, 0);
    return text;
}

/* ---- the config file ---- */

struct config {
    struct settings *settings;
    const char *where;
    const char *text, *at; /* the whole text, and the unread part */
    int line;
    struct error *err;
    int rc;
};

static char *config_line(char *ret_line, int size, void *context)
{
    struct config *c = context;
    size_t n = strcspn(c->at, "\n");
    if (c->rc || !*c->at || n + 2 > (size_t)size)
        return NULL;
    const char *first = c->at + strspn(c->at, " \t");
    if (*first == '[') {
        int length = (int)strcspn(first + 1, "]\r\n");
        c->rc = error_set(c->err, ERR_INVALID,
                          "%s:%d: unexpected section [%.*s]; write only "
                          "lines of 'key = value'",
                          c->where, c->line + 1, length, first + 1);
        return NULL;
    }
    n += c->at[n] == '\n';
    memcpy(ret_line, c->at, n);
    ret_line[n] = '\0';
    c->at += n;
    c->line++;
    return ret_line;
}

/* Keys are the options' names; "ask_budget" is accepted for "ask-budget". */
static bool is_key(const char *option, const char *name)
{
    for (; *option && *name; option++, name++) {
        char a = *option == '_' ? '-' : (char)tolower((unsigned char)*option);
        char b = *name == '_' ? '-' : (char)tolower((unsigned char)*name);
        if (a != b)
            return false;
    }
    return *option == *name;
}

static const struct option_spec *config_key(const char *name, struct suggestion *near)
{
    for (const struct option_spec *s = settings_options; s->name; s++) {
        if (!s->variable)
            continue;
        if (is_key(s->name, name))
            return s;
        suggestion_consider(near, s->name);
    }
    return NULL;
}

/* Returns "gallery, model ..."; the caller frees it. */
static char *key_names(void)
{
    char *names = xstrdup("");
    for (const struct option_spec *s = settings_options; s->name; s++) {
        AUTO_FREE char *before = names;
        names = s->variable ? xasprintf("%s%s%s", before, before[0] ? ", " : "", s->name)
                            : xstrdup(before);
    }
    return names;
}

/* Refuses a relative file name, which would depend on the current folder. */
static int check_absolute(const struct config *c, const struct option_spec *spec, const char *text)
{
    bool is_file = spec->complete == COMPLETE_FILES ||
                   (spec->complete == COMPLETE_MODELS && (strchr(text, '/') || text[0] == '.'));
    if (!is_file || text[0] == '/' || !text[0] || !store_is_file(text))
        return 0;
    return error_set(c->err, ERR_INVALID,
                     "%s:%d: %s is the relative path '%s'; write an absolute path, or one that "
                     "begins with ~/",
                     c->where, c->line, spec->name, text);
}

static int config_set(struct config *c, const char *name, const char *value)
{
    struct suggestion near = suggestion_for(name);
    const struct option_spec *spec = config_key(name, &near);
    if (!spec && near.best)
        return error_set(c->err, ERR_INVALID, "%s:%d: unknown key '%s'; did you mean '%s'?",
                         c->where, c->line, name, near.best);
    AUTO_FREE char *keys = key_names();
    if (!spec)
        return error_set(c->err, ERR_INVALID, "%s:%d: unknown key '%s'; the keys are %s", c->where,
                         c->line, name, keys);
    if (option_given(spec, c->settings))
        return error_set(c->err, ERR_INVALID, "%s:%d: '%s' is given twice", c->where, c->line,
                         name);
    const char *text = own_string(c->settings, path_expand_home(value));
    AUTO_FREE char *source = xasprintf("%s:%d: %s", c->where, c->line, spec->name);
    int rc = check_absolute(c, spec, text);
    return rc ? rc : option_assign(spec, c->settings, text, source, c->err);
}

static int on_entry(void *context, const char *section, const char *name, const char *value)
{
    struct config *c = context;
    (void)section; /* config_line has already refused sections */
    if (!c->rc)
        c->rc = config_set(c, name, value ? value : "");
    return c->rc == 0;
}

int settings_read(struct settings *ret_settings, const char *text, const char *where,
                  struct error *err)
{
    struct config c = {ret_settings, where, text, text, 0, err, 0};
    ini_allow_multiline = false;
    ini_allow_inline_comments = false;
    ini_max_line = CONFIG_LINE_MAX;
    int bad_line = ini_parse_stream(config_line, &c, on_entry, &c);
    if (c.rc)
        return c.rc;
    if (*c.at)
        return error_set(err, ERR_INVALID, "%s:%d: this line is too long", where, c.line + 1);
    if (bad_line)
        return error_set(err, ERR_INVALID, "%s:%d: this line is not 'key = value'", where,
                         bad_line);
    return 0;
}

static int read_config_file(struct settings *ret_settings, struct error *err)
{
    AUTO_FREE char *folder = file_config_home();
    if (!folder)
        return 0;
    AUTO_FREE char *path = file_join(folder, "config");
    struct file file;
    int rc = file_read(path, CONFIG_BYTES_MAX, &file, err);
    if (rc == ERR_NOT_FOUND)
        return 0;
    if (rc)
        return rc;
    if (strlen((const char *)file.data) != file.size)
        rc = error_set(err, ERR_INVALID, "%s is not text", path);
    else
        rc = settings_read(ret_settings, (const char *)file.data, path, err);
    file_release(&file);
    return rc;
}

/* ---- the environment ---- */

static int read_environment(struct settings *ret_settings, struct error *err)
{
    for (const struct option_spec *s = settings_options; s->name; s++) {
        const char *text = s->variable ? getenv(s->variable) : NULL;
        if (!text || !text[0])
            continue;
        int rc = option_assign(s, ret_settings, text, s->variable, err);
        if (rc)
            return rc;
    }
    return 0;
}

static void fill_from(struct settings *settings, struct settings *layer)
{
    for (const struct option_spec *s = settings_options; s->name; s++)
        if (s->variable && !option_given(s, settings))
            option_copy(s, settings, layer);
    for (size_t i = 0; i < layer->owned.count; i++)
        argument_list_add(&settings->owned, layer->owned.items[i].text, 0);
    argument_list_release(&layer->owned);
}

/* ---- merging ---- */

#define GALLERY_VARIABLE "KEEPSAKE_GALLERY"

/* Every user of the machine can read the command line, but not the environment: an address with a
 * password is moved there, and asterisks replace it. A re-executed program finds it there. */
static int hide_address(struct settings *settings, struct error *err)
{
    char *given = (char *)settings->gallery; /* argv is writable */
    AUTO_FREE char *shown = store_describe(given);
    if (store_is_file(given) || strcmp(given, shown) == 0)
        return 0;
    settings->gallery = own_string(settings, xstrdup(given));
    if (setenv(GALLERY_VARIABLE, given, 1) < 0)
        return error_errno(err, errno, "cannot set " GALLERY_VARIABLE);
    memset(given, '*', strlen(given));
    return 0;
}

static bool is_hidden(const char *address)
{
    return address && address[0] && address[strspn(address, "*")] == '\0';
}

static int set_gallery(struct settings *settings, struct error *err)
{
    if (!settings->gallery) {
        AUTO_FREE char *home = file_data_home();
        if (!home)
            return error_set(err, ERR_INVALID,
                             "cannot find the gallery: HOME is not set; give the gallery with "
                             "--gallery");
        settings->gallery = own_string(settings, file_join(home, "gallery.db"));
    } else if (store_is_file(settings->gallery)) {
        AUTO_FREE char *expanded = path_expand_home(settings->gallery);
        settings->gallery = own_string(settings, path_absolute(expanded));
    }
    return 0;
}

int settings_load(struct settings *settings, struct error *err)
{
    struct settings environment = {0}, file = {0};
    if (is_hidden(settings->gallery))
        settings->gallery = NULL; /* now in the environment */
    int rc = settings->gallery ? hide_address(settings, err) : 0;
    if (!rc)
        rc = read_environment(&environment, err);
    if (!rc)
        rc = read_config_file(&file, err);
    settings->model_is_given = settings->model != NULL;
    fill_from(settings, &environment);
    fill_from(settings, &file);
    if (rc)
        return rc;
    /* The shell does not expand the ~ in --model=~/x, nor in a quoted variable. */
    if (settings->model)
        settings->model = own_string(settings, path_expand_home(settings->model));
    settings->llm_plain_http = own_string(settings, plain_hosts_all(settings->llm_plain_http));
    if (settings->llm_key_file)
        settings->llm_key_file = own_string(settings, path_expand_home(settings->llm_key_file));
    return set_gallery(settings, err);
}

void settings_release(struct settings *settings)
{
    for (size_t i = 0; i < settings->owned.count; i++)
        free((char *)(uintptr_t)settings->owned.items[i].text);
    argument_list_release(&settings->owned);
}

struct llm_options settings_llm(const struct settings *settings)
{
    return (struct llm_options){.provider = settings->provider,
                                .model = settings->llm_model,
                                .base_url = settings->llm_url,
                                .key_file = settings->llm_key_file,
                                .plain_http = settings->llm_plain_http,
                                .silence_s = (double)settings->llm_timeout_s,
                                .daily_budget_usd = settings->ask_budget_usd};
}

enum telling settings_telling(const struct settings *settings)
{
    enum telling telling = TELL_ROUNDED;
    if (settings->ask_facts && !telling_parse(settings->ask_facts, &telling))
        return TELL_ROUNDED;
    return telling;
}

struct cage_settings settings_cage(const struct settings *settings)
{
    return (struct cage_settings){.memory_bytes = (size_t)settings->decode_memory * MEGABYTE,
                                  .seconds = (int)settings->decode_seconds,
                                  .required = settings->require_cage};
}

int64_t settings_count(const struct settings *settings, int64_t given)
{
    int64_t otherwise = settings->count ? settings->count : DEFAULT_COUNT;
    return given ? given : otherwise;
}

enum clip_precision settings_precision(const struct settings *settings)
{
    const char *name = settings->precision;
    if (name && strcmp(name, "f32") == 0)
        return CLIP_PRECISION_F32;
    return name && strcmp(name, "bf16") == 0 ? CLIP_PRECISION_BF16 : CLIP_PRECISION_AUTO;
}
