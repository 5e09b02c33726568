/* SPDX-License-Identifier: MIT */
/* Keys, addresses and custom headers: from where, in which order, and what is refused. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "llm/header_list.h"
#include "llm/keys.h"
#include "llm/provider.h"
#include "tap.h"

static struct error err;

static const char *const variables[] = {
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_CUSTOM_HEADERS",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "ANTHROPIC_BEDROCK_MANTLE_BASE_URL",
    "ANTHROPIC_VERTEX_PROJECT_ID",
    "ANTHROPIC_VERTEX_BASE_URL",
    "CLOUD_ML_REGION",
    "GOOGLE_OAUTH_ACCESS_TOKEN",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_CUSTOM_HEADERS",
    "OLLAMA_HOST",
};

/* "NAME=VALUE;NAME=VALUE" and nothing else of the variables above. */
static void set_environment(const char *text)
{
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        unsetenv(variables[i]);
    while (*text) {
        size_t n = strcspn(text, ";");
        AUTO_FREE char *pair = xstrndup(text, n);
        char *value = strchr(pair, '=');
        *value++ = '\0';
        setenv(pair, value, 1);
        text += n + (text[n] == ';');
    }
}

/* ---- where requests go ---- */

/* want: "provider model key url", a missing key as "-"; or a part of the error. */
static void opens(const char *environment, struct llm_options options, const char *want)
{
    AUTO(llm) *llm = NULL;
    char got[1100];
    set_environment(environment);
    if (llm_open(&options, &llm, &err)) {
        snprintf(got, sizeof got, "%s", err.message);
    } else {
        AUTO_FREE char *url = llm->provider->url(llm);
        snprintf(got, sizeof got, "%s %s %s %s", llm_provider(llm), llm_model(llm),
                 llm->key ? llm->key : "-", url);
    }
    if (!ok(llm ? strcmp(got, want) == 0 : strstr(got, want) != NULL, "%s: %s", environment, want))
        diag("got %s", got);
}

static void test_anthropic(void)
{
    struct llm_options none = {.model = NULL};
    opens("", none, "anthropic claude-sonnet-5-5 - https://api.anthropic.com/v1/messages");
    opens("ANTHROPIC_API_KEY= k1 ;ANTHROPIC_AUTH_TOKEN=t1", none,
          "anthropic claude-sonnet-5-5 k1 https://api.anthropic.com/v1/messages");
    opens("ANTHROPIC_API_KEY= ;ANTHROPIC_AUTH_TOKEN=t1", none,
          "anthropic claude-sonnet-5-5 t1 https://api.anthropic.com/v1/messages");
    opens("ANTHROPIC_BASE_URL=https://gateway.example/a/", none,
          "anthropic claude-sonnet-5-5 - https://gateway.example/a/v1/messages");
    opens("ANTHROPIC_BASE_URL=https://a.example",
          (struct llm_options){.base_url = "http://[::1]:9", .model = "claude-opus-5-5"},
          "anthropic claude-opus-5-5 - http://[::1]:9/v1/messages");
    opens("ANTHROPIC_API_KEY=two words", none, "ANTHROPIC_API_KEY does not contain a key");
    opens("", (struct llm_options){.provider = "acme"}, "unknown provider \"acme\"");
}

static void test_platforms(void)
{
    struct llm_options none = {.model = NULL};
    opens("AWS_BEARER_TOKEN_BEDROCK=b;AWS_REGION=us-east-1", none,
          "bedrock anthropic.claude-sonnet-5-5 b "
          "https://bedrock-mantle.us-east-1.api.aws/anthropic/v1/messages");
    opens("AWS_BEARER_TOKEN_BEDROCK=b;AWS_DEFAULT_REGION=eu-west-1",
          (struct llm_options){.model = "claude-haiku-5-5"},
          "bedrock anthropic.claude-haiku-5-5 b "
          "https://bedrock-mantle.eu-west-1.api.aws/anthropic/v1/messages");
    opens("AWS_BEARER_TOKEN_BEDROCK=b", none, "set AWS_REGION");
    opens("AWS_BEARER_TOKEN_BEDROCK=b;AWS_REGION=evil.example/", none, "not a region");
    opens("ANTHROPIC_VERTEX_PROJECT_ID=p;CLOUD_ML_REGION=global;GOOGLE_OAUTH_ACCESS_TOKEN=t", none,
          "vertex claude-sonnet-5-5 t https://aiplatform.googleapis.com/v1/projects/p/locations/"
          "global/publishers/anthropic/models/claude-sonnet-5-5:streamRawPredict");
    opens("ANTHROPIC_VERTEX_PROJECT_ID=p;CLOUD_ML_REGION=eu", none,
          "vertex claude-sonnet-5-5 - https://aiplatform.eu.rep.googleapis.com/v1/projects/p/"
          "locations/eu/publishers/anthropic/models/claude-sonnet-5-5:streamRawPredict");
    opens("ANTHROPIC_VERTEX_PROJECT_ID=p;CLOUD_ML_REGION=us-east5", none,
          "vertex claude-sonnet-5-5 - https://us-east5-aiplatform.googleapis.com/v1/projects/p/"
          "locations/us-east5/publishers/anthropic/models/claude-sonnet-5-5:streamRawPredict");
    opens("ANTHROPIC_VERTEX_PROJECT_ID=p/../q;CLOUD_ML_REGION=eu", none, "needs a project");
    opens("ANTHROPIC_VERTEX_PROJECT_ID=p", none, "needs a region");
    opens("ANTHROPIC_API_KEY=a;AWS_BEARER_TOKEN_BEDROCK=b;AWS_REGION=r", none,
          "anthropic claude-sonnet-5-5 a https://api.anthropic.com/v1/messages");
}

static void test_chat_servers(void)
{
    struct llm_options openai = {.provider = "openai"}, none = {.model = NULL};
    opens("", openai, "openai default - http://127.0.0.1:8080/v1/chat/completions");
    opens("OPENAI_API_KEY=k", none, "openai default k https://api.openai.com/v1/chat/completions");
    opens("OPENAI_BASE_URL=http://localhost:1234/v1/", none,
          "openai default - http://localhost:1234/v1/chat/completions");
    opens("OLLAMA_HOST=127.0.0.1", none,
          "openai default - http://127.0.0.1:11434/v1/chat/completions");
    opens("OLLAMA_HOST=0.0.0.0:9;OPENAI_API_KEY=k", (struct llm_options){.model = "llava"},
          "openai llava - http://127.0.0.1:9/v1/chat/completions");
    opens("OLLAMA_HOST=https://box.example", none,
          "openai default - https://box.example/v1/chat/completions");
    opens("OLLAMA_HOST=:5000", none, "openai default - http://127.0.0.1:5000/v1/chat/completions");
    opens("OLLAMA_HOST=192.168.1.9", none, "must begin with https://");
}

/* ---- which addresses are taken ---- */

static void test_addresses(void)
{
    static const struct {
        const char *url, *host;
        bool loopback;
    } good[] = {
        {"https://api.anthropic.com", "api.anthropic.com", false},
        {"https://api.example:8443/a/b", "api.example", false},
        {"http://localhost:8080/v1", "localhost", true},
        {"http://LOCALHOST", "LOCALHOST", true},
        {"http://a.localhost", "a.localhost", true},
        {"http://127.0.0.1:1", "127.0.0.1", true},
        {"http://127.1.2.3", "127.1.2.3", true},
        {"http://[::1]:8080", "::1", true},
        {"https://10.0.0.1", "10.0.0.1", false},
    };
    static const char *const bad[] = {
        "",
        "api.anthropic.com",
        "ftp://api.anthropic.com",
        "file:///etc/passwd",
        "http://api.anthropic.com",
        "http://192.168.0.1:8080",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example",
        "https://user:secret@api.example",
        "https://api.example/?key=secret",
        "https://api.example/#x",
        "https://",
        "https://a b",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct http_address a = {.host = ""};
        int rc = http_read_address(good[i].url, "X", NULL, &a, &err);
        ok(rc == 0 && strcmp(a.host, good[i].host) == 0 && a.loopback == good[i].loopback, "%s: %s",
           good[i].url, rc ? err.message : a.host);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct http_address a;
        int rc = http_read_address(bad[i], "X", "box, [::2]", &a, &err);
        ok(rc == ERR_INVALID && !strstr(err.message, "secret"), "'%s' is refused: %s", bad[i],
           err.message);
    }
}

/* Unencrypted, to a machine of the owner's, only where he says so. */
static void test_plain_http(void)
{
    static const struct {
        const char *hosts, *url;
        bool allowed;
    } cases[] = {
        {"ollama", "http://ollama:11434/v1", true},
        {"box, Ollama", "http://OLLAMA:11434/v1", true},
        {"192.168.1.7 box", "http://192.168.1.7", true},
        {"[fd00::2]", "http://[fd00::2]:8080/v1", true},
        {"fd00::2", "http://[fd00::2]:8080/v1", true},
        {"ollama", "http://ollama.evil.example/v1", false},
        {"ollama.evil.example", "http://ollama/v1", false},
        {"", "http://ollama/v1", false},
        {" , ", "http://ollama/v1", false},
        {"ollama", "ftp://ollama/v1", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_address a = {.host = ""};
        int rc = http_read_address(cases[i].url, "X", cases[i].hosts, &a, &err);
        ok((rc == 0) == cases[i].allowed && a.plain == cases[i].allowed && !a.loopback,
           "%s with \"%s\": %s", cases[i].url, cases[i].hosts, rc ? err.message : "allowed");
    }
    struct http_address a = {.host = ""};
    is_int(http_read_address("https://ollama/v1", "X", "ollama", &a, &err), 0, "https stays so");
    ok(!a.plain, "... which is no plain one");
    is_int(http_read_address("http://box/v1", "X", NULL, &a, &err), ERR_INVALID, "without consent");
    ok(strstr(err.message, "--llm-plain-http box") != NULL, "... the sentence names the way");
}

/* ---- key files ---- */

static char *make_file(const char *text, int mode)
{
    char *path = xstrdup("/tmp/keepsake-key-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, text, strlen(text)) < 0 || fchmod(fd, (mode_t)mode) < 0)
        ok(false, "a key file");
    close(fd);
    return path;
}

static void file_gives(const char *text, int mode, const char *want_key, int want_rc,
                       const char *name)
{
    AUTO_FREE char *path = make_file(text, mode);
    char *key = NULL;
    int rc = keys_read_file(path, &key, &err);
    if (is_int(rc, want_rc, name) && rc == 0)
        is_str(key, want_key, "... the key");
    if (rc)
        ok(!strstr(err.message, "sk-"), "... %s", err.message);
    keys_forget(key);
    unlink(path);
}

static void test_files(void)
{
    file_gives("sk-1\n", 0600, "sk-1", 0, "a key file");
    file_gives("  sk-1 \r\nmore\n", 0400, "sk-1", 0, "spaces, CRLF, a second line");
    file_gives("sk-1", 0640, NULL, ERR_DENIED, "a file that the group reads");
    file_gives("sk-1", 0604, NULL, ERR_DENIED, "a file that others read");
    file_gives("sk-1", 0620, NULL, ERR_DENIED, "a file that the group writes");
    file_gives("\nsk-1\n", 0600, NULL, ERR_INVALID, "an empty first line");
    file_gives("sk-1 sk-2\n", 0600, NULL, ERR_INVALID, "two words");
    char *key;
    is_int(keys_read_file("/nowhere/key", &key, &err), ERR_NOT_FOUND, "no file");
    is_int(keys_read_file("/tmp", &key, &err), ERR_INVALID, "a folder");
    AUTO_FREE char *path = make_file("sk-file\n", 0600);
    opens("ANTHROPIC_API_KEY=k", (struct llm_options){.key_file = path},
          "anthropic claude-sonnet-5-5 sk-file https://api.anthropic.com/v1/messages");
    unlink(path);
}

/* ---- missing keys, custom headers ---- */

static void asks(const char *environment, struct llm_options options, int want, const char *part)
{
    AUTO(llm) *llm = NULL;
    set_environment(environment);
    int rc = llm_open(&options, &llm, &err);
    rc = rc ? rc : llm_check_key(llm, &err);
    is_int(rc, want, environment);
    if (rc)
        ok(strstr(err.message, part) != NULL, "... %s", err.message);
}

static void test_missing(void)
{
    struct llm_options none = {.model = NULL};
    asks("", none, ERR_NO_KEY, "set ANTHROPIC_API_KEY");
    asks("ANTHROPIC_API_KEY=k", none, 0, "");
    asks("ANTHROPIC_CUSTOM_HEADERS=X-Api-Key: k", none, 0, "");
    asks("AWS_REGION=r", (struct llm_options){.provider = "bedrock"}, ERR_NO_KEY,
         "AWS_BEARER_TOKEN_BEDROCK");
    asks("ANTHROPIC_VERTEX_PROJECT_ID=p;CLOUD_ML_REGION=eu", none, ERR_NO_KEY,
         "GOOGLE_OAUTH_ACCESS_TOKEN");
    asks("", (struct llm_options){.provider = "openai"}, 0, "");
    asks("OPENAI_BASE_URL=https://api.openai.com/v1", none, ERR_NO_KEY, "OPENAI_API_KEY");
    asks("OPENAI_API_KEY=k", none, ERR_NO_KEY, "no model: give its name");
    asks("OPENAI_API_KEY=k", (struct llm_options){.model = "m"}, 0, "");
}

static void test_headers(void)
{
    struct headers h = {NULL, 0, 0};
    headers_set(&h, "Accept", "a");
    headers_set(&h, "x-empty", "");
    int rc = headers_parse(&h, "ACCEPT :  b: c \nnonsense\n\n x-new:\r\nx-empty: full", "X", &err);
    is_int(rc, 0, "custom headers");
    is_str(headers_get(&h, "accept"), "b: c", "... replace what is there");
    is_str(headers_get(&h, "X-New"), "", "... may be empty");
    is_str(headers_get(&h, "x-empty"), "full", "... replace what is empty");
    ok(headers_get(&h, "nonsense") == NULL && h.count == 3, "... lines without a colon are none");
    is_int(headers_parse(&h, "a b: secret", "X", &err), ERR_INVALID, "a name with a space");
    ok(!strstr(err.message, "secret"), "... %s", err.message);
    is_int(headers_parse(&h, "a: secret\rb: c", "X", &err), ERR_INVALID, "a CR in a value");
    is_int(headers_parse(&h, ": secret", "X", &err), ERR_INVALID, "no name");
    headers_release(&h);
}

int main(void)
{
    test_anthropic();
    test_platforms();
    test_chat_servers();
    test_addresses();
    test_plain_http();
    test_files();
    test_missing();
    test_headers();
    return done_testing();
}
