/* SPDX-License-Identifier: MIT */
/* Whom a request comes from: networks, the lists of proxies (RFC 7239, sections 4, 6 and 7), and
 * what is counted against a network. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "server/client.h"
#include "server/forwarded.h"
#include "server/guesses.h"
#include "tap.h"

/* ---- networks ---- */

static struct address address_of(const char *text)
{
    struct address address;
    if (!address_parse(text, &address))
        BUG("%s is no address", text);
    return address;
}

static void check_network(const char *text, const char *want)
{
    char name[NETWORK_NAME_SIZE];
    struct address address = address_of(text);
    address_network(&address, name);
    ok(strcmp(name, want) == 0, "%s is counted as %s: %s", text, want, name);
}

static void check_member(const char *network, const char *address, bool want)
{
    struct network n;
    struct error err;
    struct address a = address_of(address);
    if (network_parse(network, &n, &err)) {
        ok(false, "%s: %s", network, err.message);
        return;
    }
    ok(network_has(&n, 1, &a) == want, "%s %s %s", network, want ? "has" : "has not", address);
}

static void test_networks(void)
{
    check_network("192.0.2.7", "192.0.2.7");
    check_network("::ffff:192.0.2.7", "192.0.2.7");
    check_network("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
    check_network("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64");
    check_network("2001:db8:1:3::1", "2001:db8:1:3::/64");
    check_network("::1", "::/64");
    check_member("10.0.0.0/8", "10.255.0.1", true);
    check_member("10.0.0.0/8", "11.0.0.1", false);
    check_member("10.0.0.0/8", "::ffff:10.1.2.3", true);
    check_member("192.0.2.4/30", "192.0.2.7", true);
    check_member("192.0.2.4/30", "192.0.2.8", false);
    check_member("192.0.2.7", "192.0.2.7", true);
    check_member("192.0.2.7", "192.0.2.6", false);
    check_member("0.0.0.0/0", "203.0.113.9", true);
    check_member("0.0.0.0/0", "2001:db8::1", false);
    check_member("fd00::/8", "fdff::1", true);
    check_member("fd00::/8", "fe00::1", false);
    check_member("::1", "::1", true);
    static const char *const bad[] = {"",          "localhost", "10.0.0.0/33", "::1/129",
                                      "10.0.0.0/", "10.0.0/8",  "1.2.3.4/-1",  "1.2.3.4/8x",
                                      "unix:/x",   "*",         "1.2.3.4/ 8",  "[::1]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct network n;
        struct error err = ERROR_INIT;
        ok(network_parse(bad[i], &n, &err) == ERR_INVALID && err.message[0], "'%s' is refused",
           bad[i]);
    }
}

/* ---- lists of proxies ---- */

static void check_client(const char *peer, const char *list, const char *standard, const char *want)
{
    static const char *const texts[] = {"127.0.0.1", "10.0.0.0/8"};
    struct network trusted[2];
    struct error err;
    for (size_t i = 0; i < 2; i++)
        if (network_parse(texts[i], &trusted[i], &err))
            BUG("%s", err.message);
    struct forwarded headers = {list, standard};
    struct address from = address_of(peer);
    struct address client = forwarded_client(trusted, 2, &from, &headers);
    char name[INET6_ADDRSTRLEN];
    address_name(&client, name);
    ok(strcmp(name, want) == 0, "from %s: %s | %s is %s: %s", peer, list ? list : "-",
       standard ? standard : "-", want, name);
}

static void test_forwarded(void)
{
    check_client("192.0.2.1", "203.0.113.9", "for=203.0.113.9", "192.0.2.1");
    check_client("127.0.0.1", NULL, NULL, "127.0.0.1");
    check_client("127.0.0.1", "203.0.113.9", NULL, "203.0.113.9");
    check_client("127.0.0.1", "198.51.100.1, 203.0.113.9", NULL, "203.0.113.9");
    check_client("127.0.0.1", "198.51.100.1, 203.0.113.9, 10.1.2.3", NULL, "203.0.113.9");
    check_client("127.0.0.1", "203.0.113.9 ,10.1.2.3,\t127.0.0.1", NULL, "203.0.113.9");
    check_client("127.0.0.1", "10.1.1.1, 10.1.2.3", NULL, "10.1.1.1");
    check_client("127.0.0.1", "203.0.113.9:4711", NULL, "203.0.113.9");
    check_client("127.0.0.1", "[2001:db8::1]:4711", NULL, "2001:db8::1");
    check_client("127.0.0.1", "2001:db8::1", NULL, "2001:db8::1");
    check_client("127.0.0.1", "::ffff:203.0.113.9", NULL, "203.0.113.9");
    check_client("127.0.0.1", "203.0.113.9, unknown", NULL, "127.0.0.1");
    check_client("127.0.0.1", "203.0.113.9, unknown, 10.1.2.3", NULL, "10.1.2.3");
    check_client("127.0.0.1", "", NULL, "127.0.0.1");
    check_client("127.0.0.1", ",,,", NULL, "127.0.0.1");
    check_client("127.0.0.1", "1.2.3.4.5", NULL, "127.0.0.1");
    check_client("127.0.0.1", NULL, "for=203.0.113.9", "203.0.113.9");
    check_client("127.0.0.1", NULL, "For=\"[2001:db8::1]:4711\"", "2001:db8::1");
    check_client("127.0.0.1", NULL, "for=198.51.100.1, proto=https; for=203.0.113.9;by=10.0.0.1",
                 "203.0.113.9");
    check_client("127.0.0.1", NULL, "for=203.0.113.9, for=10.1.2.3;proto=http", "203.0.113.9");
    check_client("127.0.0.1", NULL, "for=_hidden", "127.0.0.1");
    check_client("127.0.0.1", NULL, "by=203.0.113.9", "127.0.0.1");
    check_client("127.0.0.1", NULL, "for=203.0.113.9;host=\"x,for=198.51.100.1;y\"", "127.0.0.1");
    /* Both, and one of them is the client's own: nobody is believed. */
    check_client("127.0.0.1", "203.0.113.9", "for=203.0.113.9", "203.0.113.9");
    check_client("127.0.0.1", "203.0.113.9", "for=198.51.100.1", "127.0.0.1");
}

static void test_last(void)
{
    char text[8];
    ok(forwarded_last("a, b ", text, sizeof text) && strcmp(text, "b") == 0, "the last of a list");
    ok(forwarded_last("https", text, sizeof text) && strcmp(text, "https") == 0, "or the only one");
    ok(!forwarded_last("a,", text, sizeof text) && !forwarded_last(NULL, text, sizeof text),
       "or none");
    ok(!forwarded_last("12345678", text, sizeof text), "or one that is too long");
}

/* ---- base paths ---- */

static void test_base_paths(void)
{
    static const char *const good[][2] = {{"/photos", "/photos"},
                                          {"photos/", "/photos"},
                                          {"/", ""},
                                          {"", ""},
                                          {"/a/b-c_d.e~f", "/a/b-c_d.e~f"}};
    static const char *const bad[] = {"/a//b", "/..",  "/a/../b", "/a b",
                                      "/%41",  "/a?b", "/a\r\nb", "/."};
    struct client_rules rules;
    struct error err;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (client_rules_init(&rules, NULL, 0, good[i][0], &err))
            BUG("%s", err.message);
        ok(strcmp(rules.base_path, good[i][1]) == 0, "'%s' is '%s'", good[i][0], rules.base_path);
        client_rules_release(&rules);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(client_rules_init(&rules, NULL, 0, bad[i], &err) == ERR_INVALID, "'%s' is no path",
           bad[i]);
    struct client client = {.base = "/photos"};
    is_str(client_target(&client, "/photos/?q=1"), "/?q=1", "the base is taken off");
    is_str(client_target(&client, "/?q=1"), "/?q=1", "where the proxy left it on");
    is_str(client_target(&client, "/photosx/"), "/photosx/", "not a part of a name");
    ok(!client_target(&client, "/photos") && !client_target(&client, "/photos?q=1"),
       "a slash is missing");
}

/* ---- guesses ---- */

static void test_guesses(void)
{
    struct guesses *g = guesses_new();
    ok(guesses_next_at(g, "192.0.2.1") <= 0, "a first password is checked at once");
    for (int i = 0; i < 4; i++)
        guesses_add(g, "192.0.2.1", false);
    ok(guesses_next_at(g, "192.0.2.1") <= 0, "a fifth one, too");
    double before = 0;
    for (int i = 0; i < 4; i++) {
        guesses_add(g, "192.0.2.1", false);
        double wait = guesses_next_at(g, "192.0.2.1") - clock_seconds();
        ok(wait > before && wait <= 16, "later ones later: in %g s", wait);
        before = wait;
    }
    for (int i = 0; i < 50; i++)
        guesses_add(g, "192.0.2.1", false);
    ok(guesses_next_at(g, "192.0.2.1") - clock_seconds() <= 16, "but nobody is locked out");
    ok(guesses_guilt(g, "192.0.2.1") > 0 && guesses_guilt(g, "192.0.2.2") <= 0,
       "nor blamed for others");
    ok(guesses_next_at(g, "192.0.2.2") - clock_seconds() <= 1, "the brake for all is a second");
    guesses_add(g, "192.0.2.3", true);
    ok(guesses_next_at(g, "192.0.2.3") <= 0, "and none for who knew the password");
    guesses_free(g);
}

int main(void)
{
    test_networks();
    test_forwarded();
    test_last();
    test_base_paths();
    test_guesses();
    return done_testing();
}
