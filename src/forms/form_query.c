/* SPDX-License-Identifier: MIT */
/* The JSON of queries: how one was read, and where one is wrong. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "forms/forms.h"
#include "search/explain.h"

/* Converts an offset in bytes to one in characters. */
static json_t *form_offset(const char *text, size_t bytes)
{
    json_int_t characters = 0;
    for (size_t i = 0; i < bytes && text[i]; i++)
        characters += (text[i] & 0xc0) != 0x80;
    return json_integer(characters);
}

static void set_span(json_t *object, const char *text, struct syntax_span span)
{
    json_object_set_new(object, "begin", form_offset(text, span.begin));
    json_object_set_new(object, "end", form_offset(text, span.end));
}

static const char *kind_name(const struct explained *explained)
{
    static const char *const names[] = {[SYNTAX_ALL] = "all",
                                        [SYNTAX_ANY] = "any",
                                        [SYNTAX_NOT] = "not",
                                        [SYNTAX_CAPTION] = "caption",
                                        [SYNTAX_WRITTEN] = "written",
                                        [SYNTAX_LIKE] = "like",
                                        [SYNTAX_CRITERION] = "criterion"};
    return names[explained->kind];
}

static json_t *form_explained(const char *text, const struct explained *explained)
{
    json_t *object = json_object(), *parts = json_array();
    form_set_text(object, "words", explained->words);
    form_set_text(object, "text", explained->text);
    json_object_set_new(object, "kind", json_string(kind_name(explained)));
    form_set_text(object, "criterion", explained->keyword ? explained->keyword->word : NULL);
    set_span(object, text, explained->span);
    form_set_text(object, "without", explained->without);
    json_object_set_new(object, "photos",
                        explained->photos < 0 ? json_null() : json_integer(explained->photos));
    for (size_t i = 0; i < explained->count; i++)
        json_array_append_new(parts, form_explained(text, &explained->parts[i]));
    json_object_set_new(object, "parts", parts);
    return object;
}

/* The part that says the order; null: the query has none. */
static json_t *form_sort(const struct understood *query)
{
    struct syntax_query sort = query->syntax, rest = query->syntax;
    if (!query->syntax.sort)
        return json_null();
    json_t *object = json_object();
    sort.root = NULL;
    rest.sort = QUERY_SORT_DEFAULT;
    AUTO_FREE char *printed = syntax_print(&sort), *without = syntax_print(&rest);
    form_set_text(object, "text", printed);
    set_span(object, query->text, query->syntax.sort_span);
    form_set_text(object, "without", without);
    return object;
}

json_t *form_explanation(const struct understood *query, const struct explained *root)
{
    json_t *object = json_object();
    AUTO_FREE char *printed = syntax_print(&query->syntax);
    form_set_text(object, "query", query->text);
    form_set_text(object, "read_as", printed);
    json_object_set_new(object, "order", json_string(explain_sort(query)));
    json_object_set_new(object, "sort", form_sort(query));
    json_object_set_new(object, "listed", json_boolean(query->is_listed));
    json_object_set_new(object, "photos", json_integer(root->photos));
    json_object_set_new(object, "tree", form_explained(query->text, root));
    return object;
}

json_t *form_position(const char *text, const struct syntax_fault *fault)
{
    json_t *object = json_object();
    set_span(object, text, fault->span);
    json_object_set_new(object, "instead", form_text(fault->instead));
    return object;
}

static json_t *form_keyword(const struct keyword *keyword)
{
    json_t *object = json_object(), *values = json_array();
    const struct criterion *criterion =
        keyword->criterion ? criterion_find(keyword->criterion) : NULL;
    const char *value;
    for (size_t i = 0; (value = keyword_choice(keyword, i)) != NULL; i++)
        json_array_append_new(values, json_string(value));
    json_object_set_new(object, "word", json_string(keyword->word));
    json_object_set_new(object, "example", json_string(keyword->example));
    json_object_set_new(object, "about", json_string(keyword->about));
    form_set_text(object, "fact", criterion && criterion->fact ? criterion->fact->name : NULL);
    json_object_set_new(object, "values", values);
    return object;
}

json_t *form_keywords(void)
{
    json_t *keywords = json_array();
    const struct keyword *keyword;
    for (size_t i = 0; (keyword = keyword_at(i)) != NULL; i++)
        json_array_append_new(keywords, form_keyword(keyword));
    return json_pack("{so}", "criteria", keywords);
}
