/* What the model may do by itself: search again, and look closer.
 *
 *     search_photos {query, from?, until?, folder?, count?}
 *     view_photo    {number, box?}      box: [x1,y1,x2,y2] in pixels of that image
 *
 * Pictures that a tool adds are numbered on from those before. Nothing a model gives is trusted:
 * what is not as the schema says is answered with a sentence, and the search stays within the
 * filter of the conversation. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "ask/ask.h"

/* {name, description, input_schema} of both. */
json_t *tools_schema(void);

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

/* False, with what is wrong in *ret_problem (to free). Absent and null are the same. */
bool tool_read_search(const json_t *input, struct tool_search *ret_search, char **ret_problem);
bool tool_read_view(const json_t *input, struct tool_view *ret_view, char **ret_problem);

int tool_search_photos(struct ask *ask, const struct tool_search *search,
                       struct tool_result *result, struct error *err) MUST_CHECK;
int tool_view_photo(struct ask *ask, const struct tool_view *view, struct tool_result *result,
                    struct error *err) MUST_CHECK;

void tool_say(struct tool_result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same as an error for the model, and as the sentence. */
void tool_refuse(struct tool_result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
