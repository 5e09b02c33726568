/* What a stranger puts into a request's target and headers: taken apart, or refused with a
 * sentence. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
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
