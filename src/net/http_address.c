/* SPDX-License-Identifier: MIT */
/* Parses the address of a server, and refuses those that photos and keys must not be sent to. */
#include "net/http_address.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"

static bool is_loopback(const char *host)
{
    struct in_addr four;
    struct in6_addr six;
    size_t n = strlen(host);
    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (n > 10 && strcasecmp(host + n - 10, ".localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &four) == 1)
        return (ntohl(four.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool has_part(CURLU *parts, CURLUPart part)
{
    char *text = NULL;
    bool found = curl_url_get(parts, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return found;
}

static void copy_host(const char *host, char *ret_host, size_t size)
{
    size_t n = strlen(host);
    bool brackets = n >= 2 && host[0] == '[' && host[n - 1] == ']';
    AUTO_FREE char *bare = xstrndup(host + brackets, n - 2 * brackets);
    AUTO_FREE char *safe = text_printable(bare, strlen(bare));
    text_copy(ret_host, size, safe);
}

static bool is_listed(const char *hosts, const char *host)
{
    while (hosts && *hosts) {
        hosts += strspn(hosts, " ,");
        size_t n = strcspn(hosts, " ,");
        size_t brackets = n >= 2 && hosts[0] == '[' && hosts[n - 1] == ']';
        if (n == strlen(host) + 2 * brackets && n > 0 &&
            strncasecmp(hosts + brackets, host, n - 2 * brackets) == 0)
            return true;
        hosts += n;
    }
    return false;
}

static int check_parts(CURLU *parts, const char *where, const char *plain_hosts,
                       struct http_address *address, struct error *err)
{
    char *host = NULL, *scheme = NULL;
    if (curl_url_get(parts, CURLUPART_HOST, &host, 0) ||
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0)) {
        curl_free(host);
        return error_set(err, ERR_INVALID, "%s is not an address such as https://host/path", where);
    }
    copy_host(host, address->host, sizeof address->host);
    address->loopback = is_loopback(address->host);
    bool secure = strcmp(scheme, "https") == 0, plain = strcmp(scheme, "http") == 0;
    curl_free(host);
    curl_free(scheme);
    if (has_part(parts, CURLUPART_USER) || has_part(parts, CURLUPART_PASSWORD))
        return error_set(err, ERR_INVALID,
                         "%s contains a user name or password: put keys in the environment", where);
    if (has_part(parts, CURLUPART_QUERY) || has_part(parts, CURLUPART_FRAGMENT))
        return error_set(err, ERR_INVALID, "%s must end before any '?' or '#'", where);
    address->plain = plain && !address->loopback && is_listed(plain_hosts, address->host);
    if (plain && !address->loopback && !address->plain)
        return error_set(err, ERR_INVALID,
                         "%s must begin with https://: photos and keys are not sent unencrypted "
                         "to %s; if that is your own machine or container on a network that you "
                         "trust, allow it with --llm-plain-http %s",
                         where, address->host, address->host);
    if (!secure && !plain)
        return error_set(err, ERR_INVALID, "%s must begin with https://", where);
    return 0;
}

int http_read_address(const char *url, const char *where, const char *plain_hosts,
                      struct http_address *ret_address, struct error *err)
{
    struct http_address address = {"", false, false};
    CURLU *parts = curl_url();
    if (!parts)
        memory_exhausted(strlen(url));
    int rc =
        curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME)
            ? error_set(err, ERR_INVALID, "%s is not an address such as https://host/path", where)
            : check_parts(parts, where, plain_hosts, &address, err);
    curl_url_cleanup(parts);
    if (!rc)
        *ret_address = address;
    return rc;
}
