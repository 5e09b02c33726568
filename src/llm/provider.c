/* SPDX-License-Identifier: MIT */
/* Helpers that the providers share: addresses, keys and unsupported parts. */
#include "llm/provider.h"

#include <string.h>

#include "base/memory.h"
#include "llm/keys.h"
#include "llm/messages_body.h"

/* Every model of the Messages API can write this many tokens in one reply. */
#define SAFE_TOKENS 4096

/* Returns the length without trailing slashes. */
static size_t trim_slashes(char *address, size_t n)
{
    while (n > 0 && address[n - 1] == '/')
        address[--n] = '\0';
    return n;
}

/* Removes the overlap of address and path: "https://host/v1" and "/v1/messages" become
 * "https://host" and that path. */
static void cut_path(char *address, const char *path)
{
    size_t n = trim_slashes(address, strlen(address));
    for (size_t size = strlen(path); size > 1; size--) {
        bool is_part = path[size] == '\0' || path[size] == '/';
        if (!is_part || n < size || memcmp(address + n - size, path, size) != 0)
            continue;
        address[n - size] = '\0';
        trim_slashes(address, n - size);
        return;
    }
}

char *provider_address(const char *option, const char *variable, char *otherwise, const char *path)
{
    char *address = option && *option ? xstrdup(option) : keys_variable(variable);
    if (address)
        free(otherwise);
    else
        address = otherwise;
    if (address)
        cut_path(address, path);
    return address;
}

bool provider_lacks(const struct llm *llm, enum llm_part part)
{
    return llm->without & 1U << part;
}

void provider_fit_messages(const struct llm *llm, struct messages_form *form)
{
    form->no_tools = provider_lacks(llm, PART_TOOLS);
    form->no_stream = provider_lacks(llm, PART_STREAM);
    form->no_cache = provider_lacks(llm, PART_CACHE);
    form->no_effort = provider_lacks(llm, PART_EFFORT);
    form->max_tokens = provider_lacks(llm, PART_LIMIT) ? SAFE_TOKENS : 0;
    if (provider_lacks(llm, PART_TRANSFORMATIONS))
        form->image_transformations = false;
}

int provider_key(struct llm *llm, const struct llm_options *options, const char *const *variables,
                 struct error *err)
{
    llm->key_name = variables[0];
    if (options->key_file) {
        llm->key_name = "the key file";
        return keys_read_file(options->key_file, &llm->key, err);
    }
    for (const char *const *name = variables; *name; name++) {
        llm->key = keys_variable(*name);
        if (!llm->key)
            continue;
        llm->key_name = *name;
        return keys_check(llm->key, *name, err);
    }
    return 0;
}

void provider_bearer(const struct llm *llm, struct headers *headers)
{
    if (!llm->key)
        return;
    char *value = xasprintf("Bearer %s", llm->key);
    headers_set(headers, "authorization", value);
    keys_forget(value);
}

bool provider_variable_is_set(const char *name)
{
    AUTO_FREE char *value = keys_variable(name);
    return value != NULL;
}
