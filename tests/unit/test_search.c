/* SPDX-License-Identifier: MIT */
/* search_run from a sentence or a picture to photos, with mini: against the vectors that PyTorch
 * gives for the same photos and sentences (towers.json). */
#include <dlfcn.h>
#include <sqlite3.h>

#include "base/file.h"
#include "search/label_names.h"
#include "search_fixture.h"
#include "store/labels.h"

/* A large JPEG is decoded at a fraction of its size, at least twice what the tower sees, while
 * Pillow read it whole: the photo finds itself with 0.997 at worst here. */
#define LEAST_SELF_SCORE 0.99
/* Two photos are in Adobe RGB (exiftool says so), which the reference took for sRGB. */
#define LEAST_SELF_SCORE_OTHER_COLOURS 0.97

static void test_texts(const struct reference *r, struct store *store, struct clip *clip)
{
    const json_t *texts = json_object_get(r->root, "texts");
    for (size_t i = 0; i < json_array_size(texts); i++) {
        const json_t *entry = json_array_get(texts, i);
        struct search_request request = {.text = json_string_value(json_object_get(entry, "text")),
                                         .k = LIMIT_RESULTS};
        float query[DIM];
        struct search_results results;
        if (!read_vector(entry, query) ||
            search_run(store, clip, "mini", &request, &results, &err)) {
            ok(false, "%s: %s", request.text, err.message);
            continue;
        }
        ok(ranks_like(r, &results, query, TEXT_TOLERANCE) && !results.truncated, "\"%s\"",
           request.text);
        search_results_release(&results);
    }
}

static double least_self_score(const char *path)
{
    bool other = strstr(path, "000000020247") || strstr(path, "000000062554");
    return other ? LEAST_SELF_SCORE_OTHER_COLOURS : LEAST_SELF_SCORE;
}

static void test_pictures(const struct reference *r, struct store *store, struct clip *clip)
{
    for (size_t i = 0; i < r->images; i++) {
        char path[4096];
        shared_path(path, sizeof path, r->paths[i] + 1);
        struct search_request request = {.like = path, .k = r->images};
        struct search_results results;
        if (search_run(store, clip, "mini", &request, &results, &err)) {
            ok(false, "%s", err.message);
            continue;
        }
        double self = results.count ? results.items[0].score : 0;
        /* Cauchy-Schwarz: no score differs by more than the length that separates the vectors. */
        double tolerance = sqrt(fmax(0, 2 - 2 * self)) + TEXT_TOLERANCE;
        ok(self >= least_self_score(r->paths[i]) &&
               strcmp(results.items[0].photo.path, r->paths[i]) == 0 &&
               ranks_like(r, &results, r->vectors[i], tolerance),
           "like %s: itself first, with %.4f", r->paths[i], self);
        search_results_release(&results);
    }
}

/* The bytes of a picture, and a photo of the gallery, find what the file finds. */
static void test_other_pictures(const struct reference *r, struct store *store, struct clip *clip)
{
    char path[4096];
    shared_path(path, sizeof path, r->paths[0] + 1);
    struct file file;
    struct search_results by_file, by_data, by_photo;
    if (file_read(path, LIMIT_PHOTO_FILE_BYTES, &file, &err) ||
        search_run(store, clip, "mini", &(struct search_request){.like = path, .k = 3}, &by_file,
                   &err)) {
        ok(false, "%s", err.message);
        return;
    }
    struct search_request data = {.like_data = file.data, .like_size = file.size, .k = 3};
    is_int(search_run(store, clip, "mini", &data, &by_data, &err), 0,
           "search by a picture's bytes");
    bool same = by_data.count == 3;
    for (size_t i = 0; same && i < 3; i++)
        same = by_data.items[i].photo.id == by_file.items[i].photo.id &&
               by_data.items[i].score == by_file.items[i].score;
    ok(same, "... finds what the file finds");
    is_int(by_data.items[0].strength, SEARCH_STRONG, "... itself, strongly");
    int64_t id = by_data.items[0].photo.id;
    struct search_request photo = {.like_photo = id, .k = r->images};
    is_int(search_run(store, clip, "mini", &photo, &by_photo, &err), 0, "search by a photo");
    is_int((long long)by_photo.count, (long long)r->images - 1, "... finds all but itself");
    bool itself = false, ordered = true;
    for (size_t i = 0; i < by_photo.count; i++) {
        const struct search_result *item = &by_photo.items[i];
        itself = itself || item->photo.id == id;
        double want = reference_score(r, item->photo.path, r->vectors[0]);
        ordered = ordered && fabs(item->score - want) < 1e-6 &&
                  (i == 0 || item->score <= by_photo.items[i - 1].score);
    }
    ok(!itself && ordered, "... with the cosines of the vectors, best first");
    size_t differing = 0;
    for (size_t skip = 1; skip < by_photo.count; skip += 7) {
        struct search_results page = {.items = NULL};
        photo.skip = skip;
        photo.k = skip + 5;
        if (search_run(store, clip, "mini", &photo, &page, &err))
            ok(false, "search by a photo, from number %zu on: %s", skip, err.message);
        for (size_t i = 0; i < page.count; i++)
            differing += page.items[i].photo.id != by_photo.items[skip + i].photo.id;
        differing += page.count != (by_photo.count - skip < 5 ? by_photo.count - skip : 5);
        search_results_release(&page);
    }
    is_int((long long)differing, 0, "search by a photo: each page is its part of the whole list");
    file_release(&file);
    search_results_release(&by_file);
    search_results_release(&by_data);
    search_results_release(&by_photo);
}

static void refused(struct store *store, struct clip *clip, struct search_request request, int code,
                    const char *part)
{
    struct search_results results;
    is_int(search_run(store, clip, "mini", &request, &results, &err), code,
           "the search is refused");
    ok(says(part), "... %s", err.message);
}

static void test_refusals(struct store *store, struct clip *clip)
{
    AUTO_FREE char *huge = xmalloc(LIMIT_QUERY_BYTES + 2);
    memset(huge, 'a', LIMIT_QUERY_BYTES + 1);
    huge[LIMIT_QUERY_BYTES + 1] = '\0';
    AUTO_FREE char *text_file = xasprintf("%s/notes.txt", fixture_folder);
    FILE *f = fopen(text_file, "w");
    ok(f && fputs("not a picture\n", f) >= 0 && fclose(f) == 0, "a file that is no picture");
    refused(store, clip, (struct search_request){.text = "", .k = 5}, ERR_INVALID, "empty");
    refused(store, clip, (struct search_request){.text = " \t\n", .k = 5}, ERR_INVALID, "empty");
    refused(store, clip, (struct search_request){.text = "caf\xe9", .k = 5}, ERR_INVALID, "UTF-8");
    refused(store, clip, (struct search_request){.text = huge, .k = 5}, ERR_LIMIT, "limit");
    refused(store, clip, (struct search_request){.text = "x", .k = 0}, ERR_INVALID, "1 to 10000");
    refused(store, clip, (struct search_request){.text = "x", .k = 10001}, ERR_INVALID, "10000");
    refused(store, clip, (struct search_request){.k = 5}, ERR_INVALID, "either");
    refused(store, clip, (struct search_request){.text = "x", .like = text_file, .k = 5},
            ERR_INVALID, "only one");
    refused(store, clip, (struct search_request){.like = text_file, .like_photo = 1, .k = 5},
            ERR_INVALID, "only one");
    refused(store, clip, (struct search_request){.like_photo = 4711, .k = 5}, ERR_NOT_FOUND,
            "4711");
    refused(store, clip, (struct search_request){.like_data = "no", .like_size = 2, .k = 5},
            ERR_UNSUPPORTED, "");
    refused(store, clip, (struct search_request){.like = "/nowhere/a.jpg", .k = 5}, ERR_NOT_FOUND,
            "/nowhere/a.jpg");
    refused(store, clip, (struct search_request){.like = text_file, .k = 5}, ERR_UNSUPPORTED,
            text_file);
}

static void test_other_galleries(struct clip *clip)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = NULL;
    struct search_request request = {.text = "a dog", .k = 5};
    struct search_results results;
    if (store_open(gallery, STORE_WRITE, &store, &err))
        ok(false, "%s", err.message);
    is_int(search_run(store, clip, "mini", &request, &results, &err), 0, "an unbound gallery");
    is_int((long long)results.count, 0, "... gives nothing");
    search_results_release(&results);
    struct store_model model = model_of(clip, "mini");
    is_int(store_bind_model(store, &model, &err), 0, "bound");
    is_int(search_run(store, clip, "mini", &request, &results, &err), 0, "an empty gallery");
    is_int((long long)results.count, 0, "... gives nothing");
    search_results_release(&results);
    is_int(search_run(store, clip, "maxi", &request, &results, &err), ERR_MISMATCH,
           "a model by another name");
    ok(says("mini") && says("maxi"), "... %s", err.message);
}

static void test_long_text(struct store *store, struct clip *clip)
{
    char text[4000];
    for (size_t i = 0; i + 4 < sizeof text; i += 4)
        snprintf(text + i, 5, "dog ");
    struct search_request request = {.text = text, .k = 1};
    struct search_results results;
    is_int(search_run(store, clip, "mini", &request, &results, &err), 0, "a very long text");
    ok(results.truncated && results.count == 1, "... is cut, and says so");
    search_results_release(&results);
}

static void label(struct store *store, int64_t photo, const char *name)
{
    int64_t id;
    if (store_add_label(store, photo, name, NULL, &id, &err))
        ok(false, "%s: %s", name, err.message);
}

/* The names of the results, "-" for none; the caller frees. */
static char *names_of(struct store *store, struct clip *clip, struct search_request request)
{
    struct search_results results;
    char *names = xstrdup("");
    if (search_run(store, clip, "mini", &request, &results, &err))
        return names;
    for (size_t i = 0; i < results.count; i++) {
        const char *own = results.items[i].names;
        char *longer = xasprintf("%s%s%s", names, i ? " / " : "", own ? own : "-");
        free(names);
        names = longer;
    }
    search_results_release(&results);
    return names;
}

/* What is said of the script of a text: "" when all of it is read. */
static void check_script(struct store *store, struct clip *clip, const char *text, bool is_question,
                         const char *want)
{
    struct search_results results;
    struct search_request request = {.text = text, .is_question = is_question, .k = 5};
    if (search_run(store, clip, "mini", &request, &results, &err)) {
        ok(false, "%s: %s", text, err.message);
        return;
    }
    bool all_none = true;
    for (size_t i = 0; i < results.count; i++)
        all_none = all_none && results.items[i].strength == SEARCH_NONE;
    is_str(results.language_unsupported ? "unread"
           : results.partly_unread      ? "partly"
                                        : "",
           want, text);
    if (results.language_unsupported)
        ok(all_none && results.count > 0, "... every photo is none");
    search_results_release(&results);
}

static void test_scripts(struct store *store, struct clip *clip)
{
    static const char *const read[] = {"a dog in the snow",
                                       "caf\u00E9 in Z\u00FCrich",
                                       "cafe\u0301",
                                       "\uFF44\uFF4F\uFF47",
                                       "ti\u1EBFng Vi\u1EC7t",
                                       "\U0001F436",
                                       "1984",
                                       "?!"};
    static const char *const unread[] = {
        "\u4E00\u53EA\u72D7\u5728\u96EA\u5730\u91CC", /* a dog in the snow, Chinese */
        "\u0441\u043E\u0431\u0430\u043A\u0430",       /* dog, Russian */
        "\u72AC",                                     /* dog, Japanese */
        "\uAC1C",                                     /* dog, Korean */
        "\u03C3\u03BA\u03CD\u03BB\u03BF\u03C2",       /* dog, Greek */
        "\u0643\u0644\u0628",                         /* dog, Arabic */
        "\u0915\u0941\u0924\u094D\u0924\u093E",       /* dog, Hindi: vowels are marks */
        "\u0E2B\u0E21\u0E32",                         /* dog, Thai */
        "dog \u4E00\u53EA\u72D7\u5728\u96EA\u5730\u91CC",
        "ein Hund rennt durch den Schnee",
        "un chien dans la neige",
        "perro corriendo en la nieve",
    };
    for (size_t i = 0; i < sizeof read / sizeof *read; i++)
        check_script(store, clip, read[i], false, "");
    for (size_t i = 0; i < sizeof unread / sizeof *unread; i++)
        check_script(store, clip, unread[i], false, "unread");
    check_script(store, clip, "dog \u72D7 in the snow", false, "partly");
    check_script(store, clip, "what is a \u72D7\u72D7 doing?", true, "unread");
    /* What is not read changes nothing: the same scores as without it. */
    struct search_results plain, mixed;
    struct search_request one = {.text = "dog in the snow", .k = 5};
    struct search_request other = {.text = "dog \u72D7 in the snow", .k = 5};
    bool good = search_run(store, clip, "mini", &one, &plain, &err) == 0 &&
                search_run(store, clip, "mini", &other, &mixed, &err) == 0;
    if (!ok(good, "with and without a word that is not read"))
        return;
    bool same = plain.count == mixed.count;
    for (size_t i = 0; same && i < plain.count; i++)
        same = plain.items[i].photo.id == mixed.items[i].photo.id &&
               plain.items[i].score == mixed.items[i].score;
    ok(same, "... the same photos and scores");
    search_results_release(&plain);
    search_results_release(&mixed);
}

static void check_names(struct store *store, struct clip *clip, const char *text, bool is_question,
                        const char *want)
{
    struct search_request request = {.text = text, .is_question = is_question, .k = 3};
    AUTO_FREE char *got = names_of(store, clip, request);
    is_str(got, want, text);
}

static void test_names(struct store *store, struct clip *clip)
{
    label(store, 1, "Will");
    label(store, 2, "Anna");
    label(store, 2, "Will");
    label(store, 3, "Mary Ann");
    label(store, 4, "Ann");
    check_names(store, clip, "What will Will do?", true, "Will / Will / -");
    check_names(store, clip, "What will he do?", true, "- / - / -");
    check_names(store, clip, "Will's and anna's boat", false, "Anna, Will / Will / -");
    check_names(store, clip, "mary ann", false, "Mary Ann / - / -");
    check_names(store, clip, "ann and mary ann", false, "Ann / Mary Ann / -");
    check_names(store, clip, "annals of goodwill", false, "- / - / -");
    label(store, 5, "\u5916\u516C"); /* grandpa, Chinese */
    check_names(store, clip, "\u5916\u516C\u624B\u91CC\u62FF\u7740\u4EC0\u4E48", true,
                "\u5916\u516C / - / -");
    check_script(store, clip, "\u5916\u516C\u624B\u91CC\u62FF\u7740\u4EC0\u4E48", true, "unread");
    check_script(store, clip, "\u5916\u516C", false, "");
    check_script(store, clip, "\u5916\u516C with a kite", false, "");
    check_script(store, clip, "who is \u5916\u516C?", true, "");
    AUTO_FREE char *filtered =
        names_of(store, clip,
                 (struct search_request){
                     .text = "anna", .k = 3, .filter = &(struct store_filter){.label = "will"}});
    is_str(filtered, "Anna / -", "a label that is asked for, and a name");
    /* The same text is seen with and without question words. */
    struct search_results plain, question;
    struct search_request one = {.text = "a dog in the snow", .k = 5};
    struct search_request other = {
        .text = "Where was there a dog in the snow?", .is_question = true, .k = 5};
    if (search_run(store, clip, "mini", &one, &plain, &err) ||
        search_run(store, clip, "mini", &other, &question, &err)) {
        ok(false, "%s", err.message);
        return;
    }
    bool same = plain.count == question.count;
    for (size_t i = 0; same && i < plain.count; i++)
        same = plain.items[i].photo.id == question.items[i].photo.id &&
               plain.items[i].score == question.items[i].score;
    ok(same, "a question is searched by what it asks to see");
    search_results_release(&plain);
    search_results_release(&question);
}

/* Returns the names that a query speaks of, folded: certain ones, '|', uncertain ones. */
static char *found_names(struct store *store, struct clip *clip, const char *text)
{
    struct names names;
    char *joined = xstrdup("");
    if (names_find(store, clip, text, false, &names, &err))
        return joined;
    for (size_t i = 0; i < names.count; i++) {
        char *longer = xasprintf("%s%s%s", joined,
                                 i == names.sure ? "|"
                                 : i             ? ","
                                                 : "",
                                 names.folded[i]);
        free(joined);
        joined = longer;
    }
    AUTO_FREE char *all = joined;
    joined = xasprintf("%s%s", all, names.alone ? "!" : "");
    names_release(&names);
    return joined;
}

/* Which words of queries are names; '!' means that the query is nothing but names. */
static void test_common_names(struct store *store, struct clip *clip)
{
    static const char *const labels[] = {
        "Rose",         "Mark",    "Grace",         "Joy",       "Ana",           "Mei",
        "\u5c0f\u660e", "O'Brien", "Jos\u00e9",     "Jean-Luc",  "John",          "Chelsea",
        "Dogs",         "Surfing", "Photo",         "Beautiful", "Grandma Helen", "Zo\u00eb",
        "will.i.am",    "Miles",   "Birthday Party"};
    static const struct {
        const char *query, *names;
    } cases[] = {
        {"a rose in a vase", ""},
        {"a boy with a mark on his face", ""},
        {"Rose in the garden", "|rose"},
        {"Mark and Grace", "|grace,mark!"},
        {"saying grace with joy", ""},
        {"ana on the beach", "ana"},
        {"ANA ON THE BEACH", "ana"},
        {"banana", ""},
        {"mei", "mei!"},
        {"Mei and ana", "ana,mei!"},
        {"\u5c0f\u660e", "\u5c0f\u660e!"},
        {"\u5c0f\u660e and ana", "\u5c0f\u660e,ana!"},
        {"o\u2019brien's house", "o'brien"},
        {"obrien at home", "o'brien"},
        {"jose with a hat", "jos\u00e9"},
        {"JOSE\u0301", "jos\u00e9!"},
        {"jean-luc skiing", "jean-luc"},
        {"blue jeans", ""},
        {"john and chelsea", "chelsea,john!"},
        {"two dogs surfing", ""},
        {"Dogs on the beach", "|dogs"},
        {"photo of a beautiful day", ""},
        {"grandma in the kitchen", "|grandma helen"},
        {"grandma helen in the kitchen", "grandma helen"},
        {"zoe", "zo\u00eb!"},
        {"miles away", ""},
        {"a birthday party", "birthday party"},
    };
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        label(store, 6, labels[i]);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_FREE char *got = found_names(store, clip, cases[i].query);
        is_str(got, cases[i].names, cases[i].query);
    }
}

/* ---- pages ---- */

static int steps; /* of SQLite statements */

__attribute__((visibility("default"))) int sqlite3_step(sqlite3_stmt *statement)
{
    int (*real)(sqlite3_stmt *) = (int (*)(sqlite3_stmt *))dlsym(RTLD_NEXT, "sqlite3_step");
    steps++;
    return real(statement);
}

static int search_page(struct store *store, struct clip *clip, size_t skip, size_t k,
                       struct search_results *ret_results)
{
    struct search_request request = {.text = "a dog", .k = k, .skip = skip};
    int before = steps;
    if (search_run(store, clip, "mini", &request, ret_results, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    return steps - before;
}

static void test_pages(struct store *store, struct clip *clip)
{
    struct search_results all, page, past;
    int whole = search_page(store, clip, 0, 8, &all);
    int part = search_page(store, clip, 6, 8, &page);
    search_page(store, clip, 1000, 1010, &past);
    is_int((long long)page.count, 2, "a later page");
    bool same = page.count == 2 && all.count == 8;
    for (size_t i = 0; same && i < 2; i++)
        same = page.items[i].photo.id == all.items[6 + i].photo.id &&
               page.items[i].strength == all.items[6 + i].strength;
    ok(same, "is what follows the pages before");
    ok(part + 8 < whole, "for which those are not read again: %d steps, not %d", part, whole);
    is_int((long long)page.ranked, 8, "how many were ranked is told");
    ok(past.count == 0 && past.ranked < 1010, "and past the last there is none");
    search_results_release(&all);
    search_results_release(&page);
    search_results_release(&past);
}

int main(void)
{
    if (!shared_exists("mini/towers.json") || !shared_exists("photos/coco-by-86/images")) {
        skip("no reference vectors and photos here (KEEPSAKE_SHARED)");
        return done_testing();
    }
    fixture_start();
    AUTO(clip) *clip = NULL;
    struct clip_options options = {.precision = CLIP_PRECISION_F32};
    static struct reference r;
    AUTO_FREE char *gallery = fixture_gallery();
    if (is_int(clip_open("models/mini", &options, &clip, &err), 0, "the model mini is opened") &&
        is_int((long long)clip_dim(clip), DIM, "... its vectors") && read_reference(&r)) {
        AUTO(store) *store = fill(&r, clip, gallery);
        test_texts(&r, store, clip);
        test_pages(store, clip);
        test_pictures(&r, store, clip);
        test_other_pictures(&r, store, clip);
        test_refusals(store, clip);
        test_other_galleries(clip);
        test_long_text(store, clip);
        test_scripts(store, clip);
        test_names(store, clip);
        test_common_names(store, clip);
    }
    json_decref(r.root);
    fixture_cleanup();
    return done_testing();
}
