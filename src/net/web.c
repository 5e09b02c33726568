/* SPDX-License-Identifier: MIT */
/* Reads curl(1)'s variables for certificates and proxies. */
#include "net/web.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const char *first_given(const char *const *names, const char **ret_name)
{
    for (; *names; names++) {
        const char *value = getenv(*names);
        if (value && value[0]) {
            *ret_name = *names;
            return value;
        }
    }
    return NULL;
}

char *web_ca_file(void)
{
    static const char *const names[] = {"SSL_CERT_FILE", "CURL_CA_BUNDLE", NULL};
    const char *name, *value = first_given(names, &name);
    return value ? xstrdup(value) : NULL;
}

/* Matches names separated by commas or blanks; each stands for all hosts that end with it. */
static bool is_excepted(const char *host, const char *list)
{
    static const char between[] = ", \t";
    size_t length = strlen(host);
    for (const char *at = list; *(at += strspn(at, between));) {
        size_t n = strcspn(at, between);
        const char *name = at + (*at == '.');
        size_t bare = n - (*at == '.');
        bool all = n == 1 && *at == '*';
        bool ends =
            bare > 0 && bare <= length && strncasecmp(host + length - bare, name, bare) == 0;
        if (all || (ends && (bare == length || host[length - bare - 1] == '.')))
            return true;
        at += n;
    }
    return false;
}

char *web_proxy(const char *host)
{
    static const char *const proxies[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                          NULL};
    static const char *const exceptions[] = {"no_proxy", "NO_PROXY", NULL};
    const char *name, *unused;
    const char *proxy = first_given(proxies, &name), *list = first_given(exceptions, &unused);
    if (!proxy || (list && is_excepted(host, list)))
        return NULL;
    const char *at = strstr(proxy, "://");
    at = at ? at + 3 : proxy;
    size_t n = strcspn(at, "/?#");
    for (size_t i = 0; i < n; i++)
        if (at[i] == '@')
            at += i + 1, n -= i + 1, i = (size_t)-1;
    return xasprintf("the proxy %.*s (%s)", (int)n, at, name);
}
