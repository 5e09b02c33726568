/* SPDX-License-Identifier: MIT */
/* A saved conversation: any JSON is gone on with, or refused with a sentence; what was restored
 * saves and restores again, and makes a body. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "ask/ask_internal.h"
#include "base/json.h"
#include "base/memory.h"

static char folder[] = "/tmp/keepsake-fuzz-XXXXXX";
static struct store *store;
static struct llm *llm;

static void clean_up(void)
{
    static const char *const files[] = {"g.db", "g.db-wal", "g.db-shm"};
    store_close(store);
    llm_close(llm);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        AUTO_FREE char *path = xasprintf("%s/%s", folder, files[i]);
        unlink(path);
    }
    rmdir(folder);
}

static void start(void)
{
    struct llm_options options = {.provider = "anthropic", .base_url = "http://127.0.0.1:1"};
    if (!mkdtemp(folder))
        abort();
    AUTO_FREE char *gallery = xasprintf("%s/g.db", folder);
    if (store_open(gallery, STORE_WRITE, &store, NULL) || llm_open(&options, &llm, NULL))
        abort();
    atexit(clean_up);
}

static struct ask *open_ask(void)
{
    static const struct ask_options options = {.principal = &principal_owner};
    struct ask *ask;
    if (ask_open(store, NULL, "mini", llm, &options, &ask, NULL))
        abort();
    return ask;
}

static void go_on(struct ask *ask)
{
    AUTO_JSON *saved = ask_save(ask);
    AUTO(ask) *again = open_ask();
    struct error problem = ERROR_INIT;
    if (ask_restore(again, saved, &problem))
        BUG("what was saved is refused: %s", problem.message);
    AUTO_JSON *twice = ask_save(again);
    if (!json_equal(saved, twice))
        BUG("saved twice, it differs");
    AUTO_FREE char *body = NULL;
    size_t size;
    struct gate_load load;
    struct llm_request request = session_request(again, again->messages);
    if (gate_body(store, llm, &request, &again->pictures, false, &body, &size, &load, &problem) &&
        !problem.message[0])
        BUG("no body, and no sentence");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_JSON *saved = NULL;
    struct error problem = ERROR_INIT;
    if (!store)
        start();
    if (json_read_bytes(data, size, "input", &saved, NULL))
        return 0;
    AUTO(ask) *ask = open_ask();
    if (ask_restore(ask, saved, &problem) == 0)
        go_on(ask);
    else if (!problem.message[0])
        BUG("refused without a sentence");
    return 0;
}
