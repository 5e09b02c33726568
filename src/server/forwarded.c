/* SPDX-License-Identifier: MIT */
/* Parses lists of forwarded addresses from the right. */
#include "server/forwarded.h"

#include <string.h>
#include <strings.h>

#define NODE_SIZE 64 /* of "[address]:port" */

/* One element of a list, [begin, end). */
struct span {
    const char *begin, *end;
};

static struct span trim_span(const char *begin, const char *end)
{
    while (begin < end && (*begin == ' ' || *begin == '\t'))
        begin++;
    while (end > begin && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return (struct span){begin, end};
}

/* "192.0.2.7", "192.0.2.7:80", "[2001:db8::1]:80", "2001:db8::1", the same in quotes. */
static bool read_node(struct span node, struct address *ret_address)
{
    char text[NODE_SIZE];
    if (node.end - node.begin >= 2 && *node.begin == '"' && node.end[-1] == '"')
        node = (struct span){node.begin + 1, node.end - 1};
    size_t length = (size_t)(node.end - node.begin);
    if (length == 0 || length >= sizeof text)
        return false;
    memcpy(text, node.begin, length);
    text[length] = '\0';
    char *at = text;
    if (*at == '[') {
        char *close = strchr(++at, ']');
        if (!close || (close[1] && close[1] != ':'))
            return false;
        *close = '\0';
    } else if (strchr(at, ':') == strrchr(at, ':')) {
        at[strcspn(at, ":")] = '\0';
    }
    return address_parse(at, ret_address);
}

/* The value of for= in one element of Forwarded: "for=192.0.2.7;proto=https". */
static bool read_element(struct span element, struct address *ret_address)
{
    size_t quotes = 0;
    for (const char *at = element.begin; at < element.end; at++)
        quotes += *at == '"';
    if (quotes % 2) /* the comma was inside quotes: half an element */
        return false;
    for (const char *at = element.begin; at < element.end;) {
        const char *end = memchr(at, ';', (size_t)(element.end - at));
        end = end ? end : element.end;
        struct span pair = trim_span(at, end);
        if (pair.end - pair.begin > 4 && strncasecmp(pair.begin, "for=", 4) == 0)
            return read_node((struct span){pair.begin + 4, pair.end}, ret_address);
        at = end + (end < element.end);
    }
    return false;
}

typedef bool read_function(struct span place, struct address *ret_address);

/* Walks from the right past trusted proxies, and stops at an element that cannot be parsed. */
static struct address walk_list(const struct network *trusted, size_t count,
                                const struct address *peer, const char *list, read_function *read)
{
    struct address client = *peer, next;
    const char *end = list + strlen(list);
    while (network_has(trusted, count, &client)) {
        const char *begin = end;
        while (begin > list && begin[-1] != ',')
            begin--;
        struct span place = trim_span(begin, end);
        if (!read(place, &next))
            break;
        client = next;
        if (begin == list)
            break;
        end = begin - 1;
    }
    return client;
}

struct address forwarded_client(const struct network *trusted, size_t count,
                                const struct address *peer, const struct forwarded *headers)
{
    if (!network_has(trusted, count, peer))
        return *peer;
    struct address by_list = *peer, by_standard = *peer;
    if (headers->list)
        by_list = walk_list(trusted, count, peer, headers->list, read_node);
    if (headers->standard)
        by_standard = walk_list(trusted, count, peer, headers->standard, read_element);
    if (!headers->list)
        return by_standard;
    if (headers->standard && memcmp(&by_list, &by_standard, sizeof by_list) != 0)
        return *peer;
    return by_list;
}

bool forwarded_last(const char *list, char *ret_text, size_t size)
{
    if (!list)
        return false;
    const char *end = list + strlen(list), *comma = strrchr(list, ',');
    struct span last = trim_span(comma ? comma + 1 : list, end);
    size_t length = (size_t)(last.end - last.begin);
    if (length == 0 || length >= size)
        return false;
    memcpy(ret_text, last.begin, length);
    ret_text[length] = '\0';
    return true;
}
