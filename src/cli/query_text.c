/* SPDX-License-Identifier: MIT */
/* Shows queries and mistakes in them on the terminal. */
#include "cli/query_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/output.h"
#include "forms/forms.h"
#include "search/explain.h"

enum { LONGEST_SHOWN = 400 }; /* bytes of a query that are repeated below an error */

/* ---- mistakes ---- */

static size_t columns_of(const char *text, size_t length)
{
    AUTO_FREE char *printable = text_printable(text, length);
    return text_columns(printable);
}

void query_text_report(const struct context *context, const char *text,
                       const struct syntax_fault *fault, const struct error *problem)
{
    size_t length = strlen(text), begin = fault->span.begin, end = fault->span.end;
    if (context->settings.json) {
        output_error_json(problem);
        return;
    }
    output_error("%s", problem->message);
    if (length > LONGEST_SHOWN || begin > length || end > length || end < begin)
        return;
    AUTO_FREE char *shown = text_printable(text, length);
    size_t marks = columns_of(text + begin, end - begin);
    fprintf(stderr, "  %s\n  %*s^", shown, (int)columns_of(text, begin), "");
    for (size_t i = 1; i < marks; i++)
        fputc('~', stderr);
    fputc('\n', stderr);
}

/* ---- explanations ---- */

static void print_explained(const struct explained *explained, int level)
{
    printf("%*s", 2 * level, "");
    output_text(explained->words);
    if (level > 1 && explained->photos >= 0)
        printf(explained->photos == 1 ? " (%" PRId64 " photo)" : " (%" PRId64 " photos)",
               explained->photos);
    printf("%s\n", explained->count ? ":" : "");
    for (size_t i = 0; i < explained->count; i++)
        print_explained(&explained->parts[i], level + 1);
}

int query_text_explain(struct context *context, const struct understood *query,
                       const struct understood_options *options, struct error *err)
{
    struct explained root;
    int rc = explain_query(context->store, query, options, &root, err);
    if (rc)
        return rc;
    if (context->settings.json) {
        output_json(form_explanation(query, &root));
    } else {
        printf("the query is read as\n");
        print_explained(&root, 1);
        printf(root.photos == 1 ? "the criteria leave %" PRId64 " photo, %s\n"
                                : "the criteria leave %" PRId64 " photos, %s\n",
               root.photos, explain_sort(query));
    }
    explained_release(&root);
    return 0;
}

/* ---- help ---- */

static const char introduction[] =
    "Words, in their order, say what the photos show. Signs and quotes have a meaning:\n"
    "\n"
    "  \"some words\"        written in the name of the file or a folder, in a label, ...\n"
    "  -snow -(deep snow)  should not be in the photo\n"
    "  beach + sunset      both should be in the photo; the weaker match decides\n"
    "  cat OR dog          either of them, with OR in capitals; (cat OR dog) on a sofa\n"
    "  beach^2             counts for more; also (two dogs)^2\n"
    "  like:812            looks like a photo of the gallery, or like:FILE\n"
    "  -in:trash           - before a criterion excludes the photos that meet it\n"
    "  \\label:x            a word after \\ has no special meaning\n"
    "\n"
    "Criteria are exact. Quote values with blanks (label:\"Anna Maria\"), and separate several\n"
    "values by commas (type:jpeg,heic). Dates and numbers can also have ranges (2..5, 2.., ..5)\n"
    "and the signs <, <=, > and >=.\n"
    "\n";

void query_text_help(void)
{
    const struct keyword *keyword;
    fputs(introduction, stdout);
    for (size_t i = 0; (keyword = keyword_at(i)) != NULL; i++) {
        AUTO_FREE char *example = xasprintf("%s:%s", keyword->word, keyword->example);
        printf("  %-20s photos %s\n", example, keyword->about);
    }
    fputs(
        "\nA query of criteria alone lists the newest photos first. In a shell, put the query in\n"
        "quotes: keepsake search 'dog -snow'. docs/query.md explains more, and has the grammar.\n",
        stdout);
}
