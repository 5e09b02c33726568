/* SPDX-License-Identifier: MIT */
/* What a stranger puts into a request's target and headers: taken apart, or refused with a
 * sentence. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "server/client.h"
#include "server/forwarded.h"
#include "server/headers.h"
#include "server/origin.h"
#include "server/router.h"
#include "server/target.h"

static void check_target(const char *text)
{
    struct target t;
    struct error err = ERROR_INIT;
    int64_t n;
    int rc = target_parse(text, &t, &err);
    if (rc != err.code || (rc && !err.message[0]))
        BUG("an error without its sentence");
    if (rc)
        return;
    struct match m = router_find(routes, "GET", t.path);
    if (m.route && strstr(t.path, "..") != NULL)
        BUG("a path that climbs has a route");
    for (size_t i = 0; i < t.count; i++) {
        const char *value = t.parameters[i].value;
        if (!text_is_utf8(value, strlen(value)))
            BUG("a value that is not UTF-8");
        if (!target_get_int(&t, t.parameters[i].name, 1, 1000, 0, &n, &err) && (n < 1 || n > 1000))
            BUG("a number out of its range");
    }
    if (target_check_names(&t, "q limit", &err) && !err.message[0])
        BUG("an error without its sentence");
    target_release(&t);
}

static void check_range(const char *text, int64_t size)
{
    struct range r = range_parse(text, size);
    if (r.kind == RANGE_PART && (r.first < 0 || r.first > r.last || r.last >= size))
        BUG("a range outside the file");
}

/* What proxies and those who pretend to be one send. */
static void check_forwarded(const char *text)
{
    struct network trusted[2], other;
    struct error err = ERROR_INIT;
    struct address peer;
    char last[16], name[NETWORK_NAME_SIZE];
    if (network_parse("127.0.0.1", &trusted[0], &err) ||
        network_parse("10.0.0.0/8", &trusted[1], &err) || !address_parse("127.0.0.1", &peer))
        BUG("addresses that are refused");
    const struct forwarded as[] = {{text, NULL}, {NULL, text}, {text, text}};
    for (size_t i = 0; i < sizeof as / sizeof *as; i++) {
        struct address client = forwarded_client(trusted, 2, &peer, &as[i]);
        address_network(&client, name);
    }
    struct address stranger;
    if (!address_parse("192.0.2.1", &stranger))
        BUG("an address that is refused");
    struct address client = forwarded_client(trusted, 2, &stranger, &as[2]);
    if (memcmp(&client, &stranger, sizeof client) != 0)
        BUG("who is no proxy was believed");
    if (forwarded_last(text, last, sizeof last) && strchr(last, ','))
        BUG("a list for its last part");
    if (network_parse(text, &other, &err) == 0 && (other.bits < 0 || other.bits > 128))
        BUG("a network of %d bits", other.bits);
}

static void check_base_path(const char *text)
{
    struct client_rules rules;
    struct error err;
    if (client_rules_init(&rules, NULL, 0, text, &err))
        return;
    AUTO_FREE char *path = xasprintf("%s/", rules.base_path);
    if (strpbrk(path, "\r\n\" ;?%") || strstr(path, "/../"))
        BUG("a path that needs an escape, or leads upwards");
    struct client client = {.tls = false};
    text_copy(client.base, sizeof client.base, rules.base_path);
    client_target(&client, text);
    client_rules_release(&rules);
}

static void check_rest(const char *text)
{
    struct target t, again;
    struct error err;
    if (target_parse(text, &t, &err))
        return;
    AUTO_FREE char *rest = target_without(&t, "token");
    AUTO_FREE char *target = xasprintf("/?%s", rest);
    if (target_parse(target, &again, &err))
        BUG("a rest that is refused: %s", err.message);
    if (target_get(&again, "token") || again.count + (target_get(&t, "token") != NULL) != t.count)
        BUG("a rest that is not the rest");
    target_release(&again);
    target_release(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const given[] = {"photos.example"};
    const struct origin_names names = {given, 1, true};
    AUTO_FREE char *text = xstrndup((const char *)data, size);
    char value[16];
    check_target(text);
    check_range(text, 0);
    check_range(text, 1000);
    check_range(text, INT64_MAX);
    etag_matches(text, "abc", true);
    if (cookie_get(text, "keepsake_session", value, sizeof value) && strchr(value, ';'))
        BUG("a cookie with another one in it");
    accepts_gzip(text);
    check_forwarded(text);
    check_base_path(text);
    check_rest(text);
    media_type_is(text, "application/json");
    media_type_is(text, "image/*");
    origin_host_is_known(&names, text);
    if (origin_is_host(text, "photos.example") && strcasecmp(text, "http://photos.example") != 0 &&
        strcasecmp(text, "https://photos.example") != 0 &&
        strcasecmp(text, "http://photos.example:80") != 0 &&
        strcasecmp(text, "https://photos.example:443") != 0)
        BUG("a foreign origin");
    return 0;
}
