/* SPDX-License-Identifier: MIT */
/* model_pull against a real HTTPS server with many faults (tests/models/https_server.mjs). */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "models/model.h"
#include "tap.h"

enum { SIZE = 300000 };

static char scratch[] = "/tmp/keepsake-pull-XXXXXX";
static char *ca_file, *endpoint, sha256[HASH_HEX_SIZE];
static uint8_t body[SIZE];
static pid_t server;
static int server_input = -1;

/* ---- the server ---- */

static void make_body(void)
{
    uint8_t digest[HASH_BYTES];
    for (int i = 0; i < SIZE; i++)
        body[i] = (uint8_t)(i * 31 + (i >> 8) * 7);
    hash_bytes(body, SIZE, digest);
    hash_hex(digest, sha256);
}

/* False when there is no node or openssl, or the server does not start. */
static bool start_server(void)
{
    int to[2], from[2], port, other;
    if (system("command -v node >/dev/null && command -v openssl >/dev/null") != 0 || pipe(to) ||
        pipe(from))
        return false;
    server = fork();
    if (server == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        close(to[1]);
        close(from[0]);
        execlp("node", "node", "tests/models/https_server.mjs", scratch, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    server_input = to[1]; /* the server ends when this closes, however this program ends */
    FILE *lines = fdopen(from[0], "r");
    bool ready = lines && fscanf(lines, "%d %d", &port, &other) == 2;
    if (lines)
        fclose(lines);
    ca_file = file_join(scratch, "ca.pem");
    endpoint = ready ? xasprintf("https://localhost:%d", port) : NULL;
    return ready;
}

static void stop_server(void)
{
    close(server_input);
    if (server > 0)
        waitpid(server, NULL, 0);
}

static int count_in_log(const char *text)
{
    AUTO_FREE char *path = file_join(scratch, "log");
    struct file log;
    int count = 0;
    if (file_read(path, 1 << 20, &log, NULL))
        return 0;
    for (char *at = (char *)log.data; (at = strstr(at, text)); at++)
        count++;
    file_release(&log);
    return count;
}

/* ---- one pull ---- */

/* A model of one pinned file and one that is not; `fault` is the first part of its addresses. */
struct model {
    char *url, *config_url;
    struct model_file files[3];
    struct model_entry entry;
};

static void make_model(struct model *m, const char *id, const char *fault)
{
    m->url = xasprintf("/%s/resolve/%s/weights.bin", fault, id);
    m->config_url = xasprintf("/%s/resolve/%s/config.json", fault, id);
    m->files[0] = (struct model_file){"weights.bin", m->url, SIZE, sha256};
    m->files[1] = (struct model_file){"config.json", m->config_url, 0, NULL};
    m->files[2] = (struct model_file){0};
    m->entry = (struct model_entry){id, id, "none", m->files};
}

static void release_model(struct model *m)
{
    free(m->url);
    free(m->config_url);
}

static struct model_pull_options quick_options(void)
{
    return (struct model_pull_options){.endpoint = endpoint,
                                       .ca_file = ca_file,
                                       .retries = 3,
                                       .retry_pause_s = 0.01,
                                       .stall_s = 1};
}

static int pull(const char *id, const char *fault, const struct model_pull_options *options,
                struct error *err)
{
    struct model m;
    make_model(&m, id, fault);
    int rc = model_pull(&m.entry, options, err);
    release_model(&m);
    return rc;
}

static char *path_of(const char *id, const char *suffix, const char *name)
{
    return xasprintf("%s/keepsake/models/%s%s/%s", scratch, id, suffix, name);
}

static bool is_installed(const char *id)
{
    AUTO_FREE char *weights = path_of(id, "", "weights.bin");
    AUTO_FREE char *config = path_of(id, "", "config.json");
    AUTO_FREE char *lock = path_of(id, "", ".lock");
    AUTO_FREE char *partial = path_of(id, ".partial", "");
    struct file f;
    if (file_read(weights, SIZE, &f, NULL))
        return false;
    bool same = f.size == SIZE && memcmp(f.data, body, SIZE) == 0;
    file_release(&f);
    return same && access(config, R_OK) == 0 && access(lock, F_OK) != 0 &&
           access(partial, F_OK) != 0;
}

static long part_size(const char *id)
{
    AUTO_FREE char *path = path_of(id, ".partial", "weights.bin.part");
    struct stat info;
    return stat(path, &info) == 0 ? (long)info.st_size : -1;
}

/* Leaves what an earlier pull would have: `size` bytes, right or not. */
static void leave_part(const char *id, size_t size, bool right)
{
    AUTO_FREE char *folder = path_of(id, ".partial", "");
    AUTO_FREE char *path = path_of(id, ".partial", "weights.bin.part");
    if (file_make_folders(folder, NULL))
        abort();
    FILE *f = fopen(path, "w");
    for (size_t i = 0; f && i < size; i++)
        fputc(right ? body[i % SIZE] : 'y', f);
    if (!f || fclose(f))
        abort();
}

static void succeeds(const char *fault)
{
    struct model_pull_options options = quick_options();
    struct error err = ERROR_INIT;
    int rc = pull(fault, fault, &options, &err);
    if (!ok(rc == 0 && is_installed(fault), "%s: pulled and in place", fault))
        diag("%d %s", rc, err.message);
}

static void fails(const char *fault, int code, const char *says)
{
    struct model_pull_options options = quick_options();
    struct error err = ERROR_INIT;
    AUTO_FREE char *place = path_of(fault, "", "");
    int rc = pull(fault, fault, &options, &err);
    if (!ok(rc == code && strstr(err.message, says) && access(place, F_OK) != 0, "%s: %s", fault,
            says))
        diag("%d %s", rc, err.message);
}

/* ---- tests ---- */

static void test_cuts(void)
{
    succeeds("plain");
    is_int(count_in_log("/plain/resolve/plain/weights.bin"), 1, "plain: one request");
    succeeds("plain");
    is_int(count_in_log("/plain/resolve/plain/"), 2, "plain: a complete model is left alone");
    succeeds("cut");
    is_int(count_in_log("/cut/resolve/cut/weights.bin range=bytes=120000-"), 1,
           "cut: continued where it broke off");
    succeeds("cutquietly");
    is_int(count_in_log("weights.bin range=bytes=5000-"), 1, "cutquietly: continued");
    fails("alwayscut", ERR_NETWORK, "copy the model's files from another machine");
    is_int(count_in_log("/alwayscut/resolve/alwayscut/weights.bin"), 4, "alwayscut: four tries");
    is_int(part_size("alwayscut"), 1000, "alwayscut: the part is kept");
    succeeds("stall");
    is_int(count_in_log("/stall/resolve/stall/weights.bin range=bytes=1000-"), 1,
           "stall: given up and continued");
}

static void test_refusals(void)
{
    fails("saysmore", ERR_CORRUPT, "offers a file of 301000 bytes, not of 300000");
    fails("saysless", ERR_CORRUPT, "offers a file of 1000 bytes, not of 300000");
    fails("sendsmore", ERR_CORRUPT, "sends more than the expected 300000 bytes");
    fails("otherfile", ERR_CORRUPT, "another SHA-256");
    fails("wrong", ERR_CORRUPT, "was deleted");
    is_int(part_size("wrong"), -1, "wrong: nothing is left of it");
    fails("page", ERR_CORRUPT, "not valid JSON");
    fails("missing", ERR_NETWORK, "HTTP 404");
    fails("secret", ERR_NETWORK, "put its token into HF_TOKEN");
    fails("circle", ERR_NETWORK, "redirects");
    fails("movedplain", ERR_NETWORK, "Protocol \"http\"");
}

static void test_busy(void)
{
    double start = clock_seconds();
    succeeds("busy");
    ok(clock_seconds() - start >= 1, "busy: waited as long as asked");
    succeeds("busyplain");
    start = clock_seconds();
    fails("busylong", ERR_NETWORK, "slow down (HTTP 429)");
    ok(clock_seconds() - start < 5, "busylong: a day is not waited for");
    succeeds("broken");
    is_int(count_in_log("/broken/resolve/broken/weights.bin"), 3, "broken: the third try");
    fails("alwaysbroken", ERR_NETWORK, "HTTP status 503");
}

static void test_resuming(void)
{
    leave_part("plainpart", 100000, true);
    struct model_pull_options options = quick_options();
    ok(pull("plainpart", "plain", &options, NULL) == 0 && is_installed("plainpart"),
       "a part of an earlier pull is used");
    is_int(count_in_log("plainpart/weights.bin range=bytes=100000-"), 1, "... with a Range");
    leave_part("stale", 100000, false);
    ok(pull("stale", "plain", &options, NULL) == 0 && is_installed("stale"),
       "a part of another file is found out and replaced");
    leave_part("whole", SIZE, true);
    ok(pull("whole", "plain", &options, NULL) == 0 && is_installed("whole"),
       "a whole part is not asked for again");
    is_int(count_in_log("/plain/resolve/whole/weights.bin"), 0, "... indeed");
    leave_part("long", SIZE + 5000, true);
    ok(pull("long", "plain", &options, NULL) == 0 && is_installed("long"),
       "a part that is too long is replaced");
    leave_part("toofar", 1000, true);
    succeeds("toofar");
    leave_part("norange", 1000, false);
    succeeds("norange");
    leave_part("otherrange", 1000, true);
    succeeds("otherrange");

    AUTO_FREE char *path = path_of("plain", "", "weights.bin");
    AUTO_FREE char *config = path_of("plain", "", "config.json");
    FILE *f = fopen(path, "r+");
    bool changed = f && fputc('!', f) != EOF && fclose(f) == 0 && unlink(config) == 0;
    ok(changed && pull("plain", "plain", &options, NULL) == 0 && is_installed("plain"),
       "a damaged and incomplete model is repaired");
}

static void test_token(void)
{
    setenv("HF_TOKEN", "hf_secret", 1);
    succeeds("moved");
    is_int(count_in_log("0 /moved/resolve/moved/weights.bin range= auth=Bearer hf_secret"), 1,
           "the token goes to the endpoint");
    is_int(count_in_log("1 /plain/resolve/moved/weights.bin range= auth=\n"), 1,
           "and not to where it redirects");
    setenv("HF_TOKEN", "hf_secret\nX-Header: 1", 1);
    struct model_pull_options options = quick_options();
    struct error err = ERROR_INIT;
    ok(pull("injected", "plain", &options, &err) == ERR_INVALID && !strstr(err.message, "secret"),
       "a token with a line end is refused, and not shown");
    unsetenv("HF_TOKEN");
}

static void test_endpoints(void)
{
    struct model_pull_options options = quick_options();
    struct error err = ERROR_INIT;
    options.ca_file = NULL;
    int rc = pull("untrusted", "plain", &options, &err);
    ok(rc == ERR_NETWORK && strstr(err.message, "certificate"),
       "a certificate of an unknown authority is refused");
    options = quick_options();
    options.endpoint = "http://localhost:1";
    is_int(pull("insecure", "plain", &options, &err), ERR_INVALID, "http is refused");
    options.endpoint = "https://user:password@localhost:1";
    ok(pull("named", "plain", &options, &err) == ERR_INVALID && !strstr(err.message, "password@"),
       "a password in the endpoint is refused, and not shown");
    options.endpoint = "https://localhost:1";
    double start = clock_seconds();
    rc = pull("refused", "plain", &options, &err);
    ok(rc == ERR_NETWORK && strstr(err.message, "/models/refused (`keepsake model pull") &&
           strstr(err.message, "--model DIR") && clock_seconds() - start < 5,
       "without a network the way out is told at once");
    diag("%s", err.message);
    is_int(model_pull(model_entry("mini"), NULL, &err), ERR_INVALID, "mini cannot be pulled");
    setenv("HF_ENDPOINT", endpoint, 1);
    options.endpoint = NULL;
    ok(pull("environment", "plain", &options, &err) == 0, "HF_ENDPOINT is used");
}

struct watch {
    int calls;
    uint64_t most, total, stop_at;
    double rate;
};

static void on_progress(void *context, const struct model_pull_progress *p)
{
    struct watch *w = context;
    w->calls++;
    if (p->done > w->most) {
        w->most = p->done;
        w->total = p->total;
        w->rate = p->bytes_per_second;
    }
}

static bool on_cancelled(void *context)
{
    const struct watch *w = context;
    return w->stop_at && w->most >= w->stop_at;
}

static void test_progress(void)
{
    struct watch watch = {.stop_at = 100000};
    struct model_pull_options options = quick_options();
    struct error err = ERROR_INIT;
    options.progress = on_progress;
    options.cancelled = on_cancelled;
    options.context = &watch;
    is_int(pull("cancelled", "slow", &options, &err), ERR_CANCELLED, "a pull is cancelled");
    ok(part_size("cancelled") >= 100000 && part_size("cancelled") < SIZE, "its part is kept");
    watch = (struct watch){0};
    ok(pull("cancelled", "slow", &options, &err) == 0 && is_installed("cancelled"),
       "the next pull ends it");
    ok(watch.calls >= 3 && watch.most == SIZE && watch.total == SIZE && watch.rate > 0,
       "progress was shown (%d times, %.0f bytes a second)", watch.calls, watch.rate);
}

/* Runs one more pull in a process of its own. */
static pid_t start_pull(const char *id, const char *fault)
{
    pid_t child = fork();
    if (child == 0) {
        struct model_pull_options options = quick_options();
        _exit(pull(id, fault, &options, NULL) == 0 && is_installed(id) ? 0 : 1);
    }
    return child;
}

static void test_two_at_once(void)
{
    pid_t children[3];
    int good = 0, status;
    for (int i = 0; i < 3; i++)
        children[i] = start_pull("together", "slow");
    for (int i = 0; i < 3; i++)
        good += waitpid(children[i], &status, 0) > 0 && status == 0;
    is_int(good, 3, "three pulls at once all succeed");
    is_int(count_in_log("/slow/resolve/together/weights.bin"), 1, "... and one downloads");
}

/* The file-size limit stands for a full disk: both fail the write. */
static void test_full_disk(void)
{
    struct rlimit old, small;
    struct model_pull_options options = quick_options();
    struct error err = ERROR_INIT;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = 50000;
    setrlimit(RLIMIT_FSIZE, &small);
    int rc = pull("full", "plain", &options, &err);
    setrlimit(RLIMIT_FSIZE, &old);
    if (!ok(rc == ERR_IO && strstr(err.message, "cannot save the download"),
            "a failed write is told"))
        diag("%d %s", rc, err.message);
    ok(pull("full", "plain", &options, &err) == 0 && is_installed("full"), "and continued later");

    struct model m;
    make_model(&m, "huge", "plain");
    m.files[0].size = (uint64_t)1 << 60;
    rc = model_pull(&m.entry, &options, &err);
    ok(rc == ERR_IO && strstr(err.message, "free some space"), "what cannot fit is not begun");
    release_model(&m);
}

int main(void)
{
    if (!mkdtemp(scratch))
        return 1;
    setenv("XDG_DATA_HOME", scratch, 1);
    unsetenv("HF_TOKEN");
    unsetenv("HF_ENDPOINT");
    make_body();
    if (start_server()) {
        test_cuts();
        test_refusals();
        test_busy();
        test_resuming();
        test_token();
        test_endpoints();
        test_progress();
        test_two_at_once();
        test_full_disk();
    } else {
        skip("needs node and openssl for a server of its own");
    }
    stop_server();
    AUTO_FREE char *remove = xasprintf("rm -rf '%s'", scratch);
    ok(system(remove) == 0, "the test's files are removed");
    free(ca_file);
    free(endpoint);
    return done_testing();
}
