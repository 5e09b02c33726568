/* SPDX-License-Identifier: MIT */
/* Stores the list of hosts to which requests without TLS are allowed. */
#include "cli/plain_hosts.h"

#include <string.h>

#include "base/file.h"
#include "base/file_replace.h"
#include "base/memory.h"
#include "base/text.h"

#define LIST_BYTES_MAX ((size_t)64 << 10)

/* NULL without HOME. */
static char *list_path(void)
{
    AUTO_FREE char *folder = file_state_home();
    return folder ? file_join(folder, "plain-http") : NULL;
}

/* Returns "" if there is no list. */
static char *read_list(void)
{
    struct file f;
    struct error ignored;
    AUTO_FREE char *path = list_path();
    if (!path || file_read(path, LIST_BYTES_MAX, &f, &ignored))
        return xstrdup("");
    char *list = xstrndup((const char *)f.data, f.size);
    file_release(&f);
    for (char *at = list; *at; at++)
        *at = *at == '\n' || *at == '\r' ? ' ' : *at;
    return list;
}

char *plain_hosts_all(const char *setting)
{
    AUTO_FREE char *list = read_list();
    return xasprintf("%s %s", setting ? setting : "", list);
}

static bool is_listed(const char *list, const char *host)
{
    size_t n = strlen(host);
    while (*list) {
        list += strspn(list, " ");
        size_t size = strcspn(list, " ");
        if (size == n && n > 0 && memcmp(list, host, n) == 0)
            return true;
        list += size;
    }
    return false;
}

int plain_hosts_keep(const char *host, struct error *err)
{
    AUTO_FREE char *path = list_path();
    AUTO_FREE char *list = read_list();
    if (!path || is_listed(list, host))
        return 0;
    AUTO_FREE char *longer = xasprintf("%s%s\n", list, host);
    for (char *at = longer; *at; at++)
        *at = *at == ' ' ? '\n' : *at;
    AUTO_FREE char *folder = file_parent(path);
    int rc = file_make_folders(folder, err);
    return rc ? rc : file_replace(path, longer, strlen(longer), 0600, err);
}
