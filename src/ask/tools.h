/* SPDX-License-Identifier: MIT */
/* The tools that the model may call: another search, and a closer view.
 *
 *     search_photos {query, from?, until?, folder?, count?}
 *     view_photo    {number, box?}      box: [x1,y1,x2,y2] in pixels of that image
 *
 * Pictures that a tool adds continue the numbering. The model's input is untrusted: input that
 * violates the schema is answered with a sentence, and the search stays within the filter of the
 * conversation. No answer reveals whether a folder exists whose photos are all withheld: the
 * answer is the same as for a folder that does not exist. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "ask/ask.h"

/* Returns {name, description, input_schema} of both tools. Without facts, from, until and folder
 * are not offered, because their answers would reveal facts. */
json_t *tools_schema(bool with_facts);

/* The result of one call. */
struct tool_result {
    json_t *content; /* blocks for the model: text, and placeholders of pictures */
    bool is_error;
    char *sentence; /* for people: "3 photos for "red kite"" */
    size_t first;   /* index of the first picture that it added */
};
void tool_result_release(struct tool_result *result);

/* Runs a call. A mistake of the model is a result with is_error; a failure of the gallery is an
 * error. */
int tool_run(struct ask *ask, const char *name, const json_t *input, struct tool_result *ret_result,
             struct error *err) MUST_CHECK;

/* ---- shared by the files of the tools ---- */

#define TOOL_QUERY_BYTES_MAX 1000
#define TOOL_PHOTOS_MAX 10

struct tool_search {
    const char *query, *from, *until, *folder; /* borrowed; all but query may be NULL */
    int count;
};
struct tool_view {
    int number;
    bool has_box;
    double box[4];
};

/* Return false with a description of the problem in *ret_problem, which the caller frees.
 * Absent, null and "" are equivalent, and so are 3, 3.0 and "3". */
bool tool_read_search(const json_t *input, struct tool_search *ret_search, char **ret_problem);
bool tool_read_view(const json_t *input, struct tool_view *ret_view, char **ret_problem);

int tool_search_photos(struct ask *ask, const struct tool_search *search,
                       struct tool_result *result, struct error *err) MUST_CHECK;
/* Finds the folder that the model names, by its whole path or the last parts of it ("Italy",
 * "2019/Italy"), and sets *ret_folder, which the caller frees. NULL there means that no folder
 * with a sendable photo has this name or, with result->is_error, that the model was told the
 * problem. */
int tool_find_folder(struct ask *ask, const char *name, struct tool_result *result,
                     char **ret_folder, struct error *err) MUST_CHECK;
int tool_view_photo(struct ask *ask, const struct tool_view *view, struct tool_result *result,
                    struct error *err) MUST_CHECK;

void tool_say(struct tool_result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same as an error for the model, and as the sentence. */
void tool_refuse(struct tool_result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
