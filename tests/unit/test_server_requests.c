/* SPDX-License-Identifier: MIT */
/* What requests are taken apart with: targets, headers, origins, routes. Expected values are those
 * of RFC 3986, 6265, 9110 and 6454. */
#include <string.h>

#include "base/memory.h"
#include "server/headers.h"
#include "server/origin.h"
#include "server/router.h"
#include "server/target.h"
#include "tap.h"

static void check_value(const char *target, const char *name, const char *want)
{
    struct target t;
    struct error err;
    if (target_parse(target, &t, &err)) {
        ok(false, "%s: %s", target, err.message);
        return;
    }
    const char *got = target_get(&t, name);
    ok(got && want ? strcmp(got, want) == 0 : got == want, "%s has %s=%s", target, name,
       want ? want : "(nothing)");
    target_release(&t);
}

static void refuse(const char *target)
{
    struct target t;
    struct error err = ERROR_INIT;
    ok(target_parse(target, &t, &err) == ERR_INVALID && err.message[0], "%.60s is refused", target);
}

static void test_targets(void)
{
    check_value("/a?q=two%20dogs", "q", "two dogs");
    check_value("/a?q=two+dogs", "q", "two dogs");
    check_value("/a?q=1%2B1", "q", "1+1");
    check_value("/a?q=%E7%8B%97", "q", "狗");
    check_value("/a?q=%e7%8b%97&x=1", "x", "1");
    check_value("/a?q=a%26b%3Dc", "q", "a&b=c");
    check_value("/a?q=a=b", "q", "a=b");
    check_value("/a?q=", "q", "");
    check_value("/a?download", "download", "");
    check_value("/a?&&q=1&", "q", "1");
    check_value("/a?Q=1", "q", NULL);
    check_value("/a", "q", NULL);
    refuse("");
    refuse("a?b=c");
    refuse("http://evil.example/");
    refuse("*");
    refuse("/a?q=%");
    refuse("/a?q=%4");
    refuse("/a?q=%4g");
    refuse("/a?q=%00");
    refuse("/a?%00=1");
    refuse("/a?q=%ff");
    refuse("/a?q=%c0%af");
    refuse("/a?q=%ed%a0%80");
    refuse("/a?q=1&q=2");
    refuse("/a?q=1&%71=2");
    char many[400] = "/a?";
    for (int i = 0; i < 33; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "a%d=&", i);
    refuse(many);
    struct target t;
    ok(!target_parse("/%2e%2e/etc?x=1", &t, NULL), "a path with escapes");
    is_str(t.path, "/%2e%2e/etc", "stays as it came");
    target_release(&t);
}

static void test_numbers(void)
{
    struct target t;
    struct error err;
    int64_t n = 0;
    ok(!target_parse("/a?good=12&zero=0&lead=012&sign=-1&plus=%2B1&big=9223372036854775808"
                     "&most=9223372036854775807&text=1x&space=%201&empty=&float=1.5",
                     &t, &err),
       "a target with numbers");
    ok(!target_get_int(&t, "good", 1, 100, 0, &n, &err) && n == 12, "a number");
    ok(!target_get_int(&t, "none", 1, 100, 7, &n, &err) && n == 7, "or what is meant without it");
    ok(!target_get_int(&t, "most", 0, INT64_MAX, 0, &n, &err) && n == INT64_MAX, "2^63 - 1");
    ok(target_get_int(&t, "good", 13, 100, 0, &n, &err) == ERR_INVALID, "too small");
    ok(target_get_int(&t, "good", 1, 11, 0, &n, &err) == ERR_INVALID, "too large");
    static const char *const bad[] = {"lead", "sign",  "plus",  "big",
                                      "text", "space", "empty", "float"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(target_get_int(&t, bad[i], 0, INT64_MAX, 0, &n, &err) == ERR_INVALID, "not '%s'",
           target_get(&t, bad[i]));
    ok(!target_check_names(&t, "good zero lead sign plus big most text space empty float", &err),
       "all names are known");
    ok(target_check_names(&t, "goo good1 zero", &err) == ERR_INVALID, "no part of a name is one");
    target_release(&t);
}

static void check_range(const char *header, int64_t size, enum range_kind kind, int64_t first,
                        int64_t last)
{
    struct range r = range_parse(header, size);
    ok(r.kind == kind && (kind != RANGE_PART || (r.first == first && r.last == last)),
       "Range '%s' of %lld", header ? header : "(none)", (long long)size);
}

/* RFC 9110, 14.1.2 has the first five. */
static void test_ranges(void)
{
    check_range("bytes=0-499", 10000, RANGE_PART, 0, 499);
    check_range("bytes=500-999", 10000, RANGE_PART, 500, 999);
    check_range("bytes=-500", 10000, RANGE_PART, 9500, 9999);
    check_range("bytes=9500-", 10000, RANGE_PART, 9500, 9999);
    check_range("bytes=0-0,-1", 10000, RANGE_ALL, 0, 0);
    check_range("bytes=0-99999", 10000, RANGE_PART, 0, 9999);
    check_range("bytes=-99999", 10000, RANGE_PART, 0, 9999);
    check_range("bytes=007-008", 10000, RANGE_PART, 7, 8);
    check_range("BYTES=1-2", 10000, RANGE_PART, 1, 2);
    check_range("bytes=10000-", 10000, RANGE_NOT_SATISFIABLE, 0, 0);
    check_range("bytes=99999999999999999999-", 10000, RANGE_NOT_SATISFIABLE, 0, 0);
    check_range("bytes=0-99999999999999999999", 10000, RANGE_PART, 0, 9999);
    check_range("bytes=-99999999999999999999", 10000, RANGE_PART, 0, 9999);
    check_range("bytes=-0", 10000, RANGE_NOT_SATISFIABLE, 0, 0);
    check_range("bytes=0-", 0, RANGE_NOT_SATISFIABLE, 0, 0);
    check_range("bytes=-5", 0, RANGE_NOT_SATISFIABLE, 0, 0);
    check_range(NULL, 10000, RANGE_ALL, 0, 0);
    static const char *const bad[] = {"",          "bytes",     "bytes=",     "bytes=-",
                                      "bytes=a-b", "bytes=5-4", "bytes=1-2x", "lines=1",
                                      "bytes=--1", "bytes=1",   "bytes=+1-2", "bytes=1 -2"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_range(bad[i], 10000, RANGE_ALL, 0, 0);
}

static void test_encodings(void)
{
    static const char *const taken[] = {"gzip", "deflate, gzip;q=0.5", "GZIP", "br,gzip ;q=1.0"};
    static const char *const refused[] = {"",           "identity",     "gzip;q=0", "gzip;q=0.000",
                                          "gzip; q=0 ", "x-gzip-other", "br",       "gzipped"};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        ok(accepts_gzip(taken[i]), "'%s' takes gzip", taken[i]);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        ok(!accepts_gzip(refused[i]), "'%s' does not", refused[i]);
    ok(!accepts_gzip(NULL), "nor does silence");
}

static void check_without(const char *target, const char *name, const char *want)
{
    struct target t;
    struct error err;
    if (target_parse(target, &t, &err)) {
        ok(false, "%s: %s", target, err.message);
        return;
    }
    AUTO_FREE char *rest = target_without(&t, name);
    ok(strcmp(rest, want) == 0, "%s without %s: %s", target, name, rest);
    target_release(&t);
}

static void test_without(void)
{
    check_without("/?token=x", "token", "");
    check_without("/?a=1&token=x&b=2", "token", "a=1&b=2");
    check_without("/?q=two+dogs%0D%0ASet-Cookie:x&token=1", "token",
                  "q=two%20dogs%0D%0ASet-Cookie%3Ax");
    check_without("/?q=%E7%8B%97", "token", "q=%E7%8B%97");
}

static void test_tags(void)
{
    ok(etag_matches("\"abc\"", "abc", true), "a tag");
    ok(etag_matches("\"x\", \"abc\"", "abc", true), "the second of a list");
    ok(etag_matches("\"x\" , W/\"abc\"", "abc", true), "a weak one, compared weakly");
    ok(!etag_matches("W/\"abc\"", "abc", false), "not strongly");
    ok(etag_matches("*", "abc", true), "any address is allowed");
    ok(!etag_matches("\"abcd\"", "abc", true), "not a longer one");
    ok(!etag_matches("abc", "abc", true), "not without quotes");
    ok(!etag_matches("\"abc", "abc", true), "not with one quote");
    ok(!etag_matches("\"x,abc\"", "abc", true), "not within another");
    ok(!etag_matches("", "abc", true), "not in nothing");
    ok(!etag_matches(NULL, "abc", true), "not without the header");
}

static void test_cookies(void)
{
    char value[8];
    ok(cookie_get("a=1; b=2", "b", value, sizeof value) && !strcmp(value, "2"), "a cookie");
    ok(cookie_get("bb=1;b=2 ;c", "b", value, sizeof value) && !strcmp(value, "2"), "of whole name");
    ok(cookie_get("b=", "b", value, sizeof value) && !strcmp(value, ""), "an empty one");
    ok(cookie_get("b=1=2", "b", value, sizeof value) && !strcmp(value, "1=2"),
       "with an equals sign");
    ok(!cookie_get("b=12345678", "b", value, sizeof value), "not one that is too long");
    ok(!cookie_get("b", "b", value, sizeof value), "not one without value");
    ok(!cookie_get("ab=1", "b", value, sizeof value), "not a part of a name");
    ok(!cookie_get(NULL, "b", value, sizeof value), "not without the header");
}

static void test_media_types(void)
{
    ok(media_type_is("application/json", "application/json"), "JSON");
    ok(media_type_is("Application/JSON; charset=utf-8", "application/json"), "with parameters");
    ok(!media_type_is("application/jsonp", "application/json"), "not a longer type");
    ok(!media_type_is("text/plain", "application/json"), "not plain text, which a form can send");
    ok(media_type_is("image/jpeg", "image/*"), "of a family");
    ok(!media_type_is("image/", "image/*"), "not without a member");
    ok(!media_type_is("images/jpeg", "image/*"), "not of another family");
    ok(!media_type_is(NULL, "image/*"), "not without the header");
}

static void test_hosts(void)
{
    static const char *const given[] = {"photos.example", "10.0.0.5"};
    const struct origin_names names = {given, 2, false}, any = {given, 2, true};
    static const char *const good[] = {"localhost",           "LOCALHOST:8420", "127.0.0.1:8420",
                                       "[::1]:8420",          "[::1]",          "photos.example",
                                       "Photos.Example:8420", "10.0.0.5:80"};
    static const char *const bad[] = {"",
                                      "evil.example",
                                      "localhost.evil.example",
                                      "localhost@evil.example",
                                      "evil.example#localhost",
                                      "photos.example.evil.example",
                                      "127.0.0.1.nip.io",
                                      "127.0.0.2",
                                      "localhost:",
                                      "localhost:x",
                                      "localhost:80:80",
                                      "localhost:123456",
                                      "[::1",
                                      "[::1]x",
                                      "::1",
                                      "localhost/",
                                      "local host",
                                      "192.168.1.2"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ok(origin_host_is_known(&names, good[i]), "Host '%s'", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!origin_host_is_known(&names, bad[i]), "not Host '%s'", bad[i]);
    ok(!origin_host_is_known(&names, NULL), "not without a Host");
    ok(origin_host_is_known(&any, "192.168.1.2:8420"), "any address, bound to all of them");
    ok(origin_host_is_known(&any, "[fe80::1]:8420"), "of IPv6, too");
    ok(!origin_host_is_known(&any, "evil.example"), "but not any name");
}

static void test_origins(void)
{
    ok(origin_is_host("http://localhost:8420", "localhost:8420"), "the same");
    ok(origin_is_host("https://Photos.example", "photos.example"), "behind a proxy");
    ok(origin_is_host("https://photos.example", "photos.example:443"), "the usual port, written");
    ok(origin_is_host("http://[::1]:8420", "[::1]:8420"), "a Host with an IPv6 address");
    ok(!origin_is_host("http://localhost:8421", "localhost:8420"), "not another port");
    ok(!origin_is_host("http://localhost", "localhost:8420"), "not the usual port");
    ok(!origin_is_host("http://127.0.0.1:8420", "localhost:8420"), "not another name");
    ok(!origin_is_host("http://localhost:8420.evil.example", "localhost:8420"), "not a longer one");
    ok(!origin_is_host("http://evil.example@localhost:8420", "localhost:8420"), "no user");
    ok(!origin_is_host("null", "localhost:8420"), "not null");
    ok(!origin_is_host("file://localhost:8420", "localhost:8420"), "not another scheme");
    ok(!origin_is_host("", "localhost:8420"), "not nothing");
    ok(!origin_is_host("http://localhost:8420", NULL), "not without a Host");
}

static void test_routes(void)
{
    struct match m = router_find(routes, "GET", "/api/v1/photos/12/thumbnail");
    ok(m.route && !strcmp(m.route->pattern, "/api/v1/photos/{id}/thumbnail") && m.id == 12,
       "an id");
    m = router_find(routes, "DELETE", "/api/v1/ask/0123456789abcdef0123456789abcdef");
    ok(m.route && !strcmp(m.conversation, "0123456789abcdef0123456789abcdef"), "a conversation");
    m = router_find(routes, "PUT", "/api/v1/labels");
    ok(!m.route && !strcmp(m.allow, "GET, POST"), "the methods of a path");
    static const char *const bad[] = {"/api/v1/photos/0",
                                      "/api/v1/photos/-1",
                                      "/api/v1/photos/01",
                                      "/api/v1/photos/1/",
                                      "/api/v1/photos/1x",
                                      "/api/v1/photos/%31",
                                      "/api/v1/photos/",
                                      "/api/v1/photos/9223372036854775808",
                                      "/api/v1/photos/1/../2",
                                      "/api/v1//photos",
                                      "/API/v1/photos",
                                      "/api/v1/ask/0123456789ABCDEF0123456789abcdef",
                                      "/api/v1/ask/0123456789abcdef",
                                      "/etc/passwd",
                                      ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        m = router_find(routes, "GET", bad[i]);
        ok(!m.route && !m.allow[0], "no route '%s'", bad[i]);
    }
}

int main(void)
{
    test_targets();
    test_numbers();
    test_ranges();
    test_encodings();
    test_without();
    test_tags();
    test_cookies();
    test_media_types();
    test_hosts();
    test_origins();
    test_routes();
    return done_testing();
}
