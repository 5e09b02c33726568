/* SPDX-License-Identifier: MIT */
/* Determines the client of a request from the connection and the headers of trusted proxies. */
#include "server/client.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "server/forwarded.h"

/* Segments of unreserved characters, none of them "." or "..", so that no escape is needed
 * anywhere. */
static bool is_base_path(const char *path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
    if (strlen(path) >= CLIENT_PREFIX_SIZE)
        return false;
    for (const char *at = path; *at;) {
        if (*at++ != '/')
            return false;
        size_t length = strspn(at, plain);
        if (length == 0 || strspn(at, ".") == length)
            return false;
        at += length;
    }
    return true;
}

/* "photos/" and "/photos" are the same; "/" is none. */
static char *normal_base_path(const char *given)
{
    size_t length = strlen(given);
    while (length > 0 && given[length - 1] == '/')
        length--;
    AUTO_FREE char *path = xstrndup(given, length);
    return xasprintf("%s%s", path[0] && path[0] != '/' ? "/" : "", path);
}

int client_rules_init(struct client_rules *ret_rules, const char *const *proxies, size_t count,
                      const char *base_path, struct error *err)
{
    struct client_rules rules = {.trusted = xcalloc(count + 1, sizeof *rules.trusted)};
    int rc = 0;
    for (size_t i = 0; !rc && i < count; i++)
        rc = network_parse(proxies[i], &rules.trusted[rules.trusted_count++], err);
    rules.base_path = normal_base_path(base_path ? base_path : "");
    if (!rc && !is_base_path(rules.base_path))
        rc = error_set(err, ERR_INVALID,
                       "invalid base path %s: write it as /photos, with letters, digits and -_.~",
                       base_path);
    if (rc)
        client_rules_release(&rules);
    else
        *ret_rules = rules;
    return rc;
}

void client_rules_release(struct client_rules *rules)
{
    free(rules->trusted);
    free(rules->base_path);
    *rules = (struct client_rules){.trusted = NULL};
}

static bool copy_header(const struct http_request *request, const char *name, char *ret_text,
                        size_t size)
{
    const char *value = http_header(request, name);
    ret_text[0] = '\0';
    if (!value)
        return true;
    text_copy(ret_text, size, value);
    return strlen(value) < size;
}

/* The requested host and scheme as the trusted proxy reports them. */
static bool read_proxy(const struct http_request *request, struct client *client)
{
    char scheme[8], prefix[CLIENT_PREFIX_SIZE], host[CLIENT_HOST_SIZE];
    AUTO_FREE char *protos = http_header_list(request, "X-Forwarded-Proto");
    AUTO_FREE char *hosts = http_header_list(request, "X-Forwarded-Host");
    AUTO_FREE char *prefixes = http_header_list(request, "X-Forwarded-Prefix");
    client->tls = forwarded_last(protos, scheme, sizeof scheme) && strcasecmp(scheme, "https") == 0;
    if (forwarded_last(hosts, host, sizeof host))
        memcpy(client->host, host, sizeof host);
    if (!forwarded_last(prefixes, prefix, sizeof prefix))
        return true;
    AUTO_FREE char *base = normal_base_path(prefix);
    if (!is_base_path(base))
        return false;
    text_copy(client->base, sizeof client->base, base);
    return true;
}

bool client_read(const struct client_rules *rules, const struct http_request *request,
                 struct client *ret_client)
{
    struct address peer = {0};
    *ret_client = (struct client){.tls = false};
    bool good = copy_header(request, "Host", ret_client->host, sizeof ret_client->host);
    memcpy(ret_client->sent_host, ret_client->host, sizeof ret_client->host);
    text_copy(ret_client->base, sizeof ret_client->base, rules->base_path);
    if (!address_parse(request->address, &peer))
        return false;
    struct address client = peer;
    bool relayed = network_has(rules->trusted, rules->trusted_count, &peer);
    if (relayed) {
        AUTO_FREE char *list = http_header_list(request, "X-Forwarded-For");
        AUTO_FREE char *standard = http_header_list(request, "Forwarded");
        struct forwarded headers = {list, standard};
        client = forwarded_client(rules->trusted, rules->trusted_count, &peer, &headers);
        relayed = list || standard;
        good = read_proxy(request, ret_client) && good;
    }
    address_name(&client, ret_client->address);
    address_network(&client, ret_client->network);
    ret_client->loopback = !relayed && address_is_loopback(&client);
    return good;
}

const char *client_target(const struct client *client, const char *target)
{
    size_t length = strlen(client->base);
    if (length == 0 || strncmp(target, client->base, length) != 0)
        return target;
    if (target[length] == '/')
        return target + length;
    return target[length] == '\0' || target[length] == '?' ? NULL : target;
}
