/* SPDX-License-Identifier: MIT */
/* What the model may do by itself: search again, and look closer.
 *
 *     search_photos {query, from?, until?, folder?, count?}
 *     view_photo    {number, box?}      box: [x1,y1,x2,y2] in pixels of that image
 *
 * Pictures that a tool adds are numbered on from those before. Nothing a model gives is trusted:
 * what is not as the schema says is answered with a sentence, and the search stays within the
 * filter of the conversation. Nothing tells whether there is a folder whose photos all stay here:
 * the answer is that of a folder that is not there. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "ask/ask.h"

/* {name, description, input_schema} of both; without facts, from, until and folder are not offered:
 * their answers would tell facts. */
json_t *tools_schema(bool with_facts);

/* What one call came to. */
struct tool_result {
    json_t *content; /* blocks for the model: text, and placeholders of pictures */
    bool is_error;
    char *sentence; /* for people: "3 photos for "red kite"" */
    size_t first;   /* pictures from here on were added by it */
};
void tool_result_release(struct tool_result *result);

/* Runs a call. What the model did wrong is a result with is_error; an error is the gallery's. */
int tool_run(struct ask *ask, const char *name, const json_t *input, struct tool_result *ret_result,
             struct error *err) MUST_CHECK;

/* ---- what the files of the tools share ---- */

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

/* False, with what is wrong in *ret_problem (to free). Absent, null and "" are the same, and so
 * are 3, 3.0 and "3". */
bool tool_read_search(const json_t *input, struct tool_search *ret_search, char **ret_problem);
bool tool_read_view(const json_t *input, struct tool_view *ret_view, char **ret_problem);

int tool_search_photos(struct ask *ask, const struct tool_search *search,
                       struct tool_result *result, struct error *err) MUST_CHECK;
/* The folder that the model's words name, by the last parts of its path ("Italy", "2019/Italy") or
 * whole: into *ret_folder, for the caller to free. NULL there: no folder with a photo that may
 * leave is called so, or, with result->is_error, the model was told what is wrong. */
int tool_find_folder(struct ask *ask, const char *name, struct tool_result *result,
                     char **ret_folder, struct error *err) MUST_CHECK;
int tool_view_photo(struct ask *ask, const struct tool_view *view, struct tool_result *result,
                    struct error *err) MUST_CHECK;

void tool_say(struct tool_result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same as an error for the model, and as the sentence. */
void tool_refuse(struct tool_result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
