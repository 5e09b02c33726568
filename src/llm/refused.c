/* SPDX-License-Identifier: MIT */
/* Determines which part of a request a server refuses, from the error message of any server. */
#include "llm/refused.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

static const char *const names[PARTS] = {
    [PART_TOOLS] = "tools",
    [PART_STREAM_OPTIONS] = "stream_options",
    [PART_STREAM] = "streams",
    [PART_LIMIT_NAME] = "this name of max_tokens",
    [PART_LIMIT] = "so large a max_tokens",
    [PART_SYSTEM] = "the role \"system\"",
    [PART_ROLES] = "photos right after a tool's result",
    [PART_TRANSFORMATIONS] = "transformations of images",
    [PART_CACHE] = "cache_control",
    [PART_EFFORT] = "an effort",
    [PART_BEARER] = "a bearer token",
    [PART_VERSION] = "this anthropic-version",
};

const char *part_name(enum llm_part part)
{
    return part < PARTS ? names[part] : "";
}

/* Whether the text has one of the words in the list, which ends with a NULL. */
static bool has_any(const char *words, const char *const *list)
{
    for (; *list; list++)
        if (strstr(words, *list))
            return true;
    return false;
}

/* Matches a whole word, with an optional s: "tool", "tools", "tool_choice", but not "toolbox". */
static bool has_word(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = words; (at = strstr(at, word)) != NULL; at += n) {
        const char *end = at + n + (at[n] == 's');
        if ((at == words || !isalpha((unsigned char)at[-1])) && !isalpha((unsigned char)*end))
            return true;
    }
    return false;
}

static const char *const refusing[] = {
    "support",   "not permitted", "not allow",  "unknown",     "unrecogni", "unexpected", "extra",
    "forbidden", "not implement", "disabled",   "invalid",     "must be",   "only",       "cannot",
    "can't",     "does not",      "deprecated", "not enabled", "not valid", "no such",    NULL};

static bool is_role_order(const char *words)
{
    static const char *const order[] = {"alternat",    "after role",      "after tool",
                                        "consecutive", "unexpected role", "last role",
                                        NULL};
    return strstr(words, "role") && has_any(words, order);
}

static bool is_system_role(const char *words)
{
    static const char *const roles[] = {"system role",   "role system",   "system message",
                                        "system prompt", "role 'system'", "role \"system\"",
                                        "`system`",      "'system'",      NULL};
    return has_any(words, roles) && has_any(words, refusing);
}

static enum llm_part limit_part(const char *words)
{
    static const char *const by_value[] = {"less than", "at most", "too large", "too many",
                                           "exceed",    "range",   "<=",        "greater",
                                           "larger",    "maximum", "up to",     "above",
                                           NULL};
    static const char *const by_name[] = {
        "unsupported", "not support", "not permitted", "unknown", "unrecogni",
        "use 'max",    "use max",     "deprecated",    "extra",   NULL};
    if (!strstr(words, "max_tokens") && !strstr(words, "max_completion_tokens") &&
        !strstr(words, "max_new_tokens") && !strstr(words, "max_output_tokens"))
        return PART_NONE;
    if (has_any(words, by_name))
        return PART_LIMIT_NAME;
    return has_any(words, by_value) ? PART_LIMIT : PART_NONE;
}

/* A complaint about malformed calls of an earlier turn is not about tools as such. */
static bool is_about_tools(const char *words)
{
    static const char *const history[] = {
        "tool_call_id", "tool_use_id", "tool_use ids", "tool_result", "tool call id",
        "messages.",    NULL};
    return (has_word(words, "tool") || strstr(words, "tool_choice") || strstr(words, "tool-") ||
            strstr(words, "function call") || strstr(words, "function_call") ||
            strstr(words, "--jinja")) &&
           !has_any(words, history);
}

static enum llm_part named_part(const char *words)
{
    static const struct {
        const char *word;
        enum llm_part part;
    } named[] = {
        {"stream_options", PART_STREAM_OPTIONS},
        {"include_usage", PART_STREAM_OPTIONS},
        {"transformations", PART_TRANSFORMATIONS},
        {"cache_control", PART_CACHE},
        {"prompt caching", PART_CACHE},
        {"reasoning_effort", PART_EFFORT},
        {"reasoning effort", PART_EFFORT},
        {"output_config", PART_EFFORT},
        {"anthropic-version", PART_VERSION},
        {"anthropic_version", PART_VERSION},
    };
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (strstr(words, named[i].word))
            return named[i].part;
    if (has_word(words, "effort") && has_any(words, refusing))
        return PART_EFFORT;
    if (has_word(words, "stream") || strstr(words, "streaming"))
        return has_any(words, refusing) ? PART_STREAM : PART_NONE;
    return PART_NONE;
}

static bool may_refuse(long status)
{
    static const long statuses[] = {400, 404, 405, 415, 422, 500, 501};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i] == status)
            return true;
    return false;
}

enum llm_part part_refused(long status, const char *words)
{
    static const char *const missing[] = {"required", "missing",  "must",      "provide",
                                          "need",     "no x-api", "not found", NULL};
    if (status == 401 || status == 403)
        return strstr(words, "x-api-key") && has_any(words, missing) ? PART_BEARER : PART_NONE;
    if (!may_refuse(status))
        return PART_NONE;
    if (is_role_order(words))
        return PART_ROLES;
    enum llm_part part = named_part(words);
    if (part == PART_NONE)
        part = limit_part(words);
    if (part == PART_NONE && is_about_tools(words))
        part = PART_TOOLS;
    if (part == PART_NONE && is_system_role(words))
        part = PART_SYSTEM;
    return part;
}
