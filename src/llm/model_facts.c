/* SPDX-License-Identifier: MIT */
/* Limits of models, by name. */
#include "llm/model_facts.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

static bool ends_in_date(const char *name, size_t n)
{
    if (n < 10 || name[n - 9] != '-')
        return false;
    for (size_t i = n - 8; i < n; i++)
        if (!isdigit((unsigned char)name[i]))
            return false;
    return true;
}

void model_plain_name(const char *model, char *ret_name, size_t size)
{
    const char *prefix = strstr(model, "anthropic.");
    text_copy(ret_name, size, prefix ? prefix + strlen("anthropic.") : model);
    ret_name[strcspn(ret_name, "@")] = '\0';
    char *version = strstr(ret_name, "-v");
    if (version && isdigit((unsigned char)version[2]) && strchr(version, ':'))
        *version = '\0';
    size_t n = strlen(ret_name);
    if (ends_in_date(ret_name, n))
        ret_name[n - 9] = '\0';
}

/* From Anthropic's vision page: high resolution (2576 px, 4784 tokens) from Opus 4.7 and the 5
 * models on. For haiku-5-5 the page does not say, so it gets the older, smaller size, which every
 * model accepts. */
static const struct {
    const char *prefix;
    bool high_resolution;
    bool long_context; /* true: 1,000,000 tokens, 600 images; false: 200,000 and 100 */
} families[] = {
    {"claude-haiku-5", false, true},  {"claude-sonnet-5", true, true},
    {"claude-opus-5", true, true},    {"claude-opus-4-8", true, false},
    {"claude-opus-4-7", true, false}, {"claude-fable-5", true, true},
    {"claude-mythos-5", true, true},
};

void model_limits(const char *model, struct llm_limits *ret_limits)
{
    char name[128];
    bool high = false, large = false;
    model_plain_name(model, name, sizeof name);
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        size_t n = strlen(families[i].prefix);
        if (strncmp(name, families[i].prefix, n) != 0 || isalnum((unsigned char)name[n]))
            continue;
        high = families[i].high_resolution;
        large = families[i].long_context;
    }
    *ret_limits = (struct llm_limits){
        .images = large ? 600 : 100,
        .image_edge_px = high ? 2576 : 1568,
        .image_tokens = high ? 4784 : 1568,
        .many_images = 20,
        .many_image_edge_px = 2000,
        .image_bytes = 3700000, /* base64 of 5 MB, the lowest limit of all platforms */
        .request_bytes = 32000000,
        .tools = true,
        .strict_image_size = true,
    };
}
