#include "llm/provider.h"

#include <string.h>

#include "base/memory.h"
#include "llm/keys.h"

char *provider_address(const char *option, const char *variable, char *otherwise)
{
    char *address = option && *option ? xstrdup(option) : keys_variable(variable);
    if (address)
        free(otherwise);
    else
        address = otherwise;
    for (size_t n = address ? strlen(address) : 0; n && address[n - 1] == '/'; n--)
        address[n - 1] = '\0';
    return address;
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
