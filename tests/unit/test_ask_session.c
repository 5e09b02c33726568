/* SPDX-License-Identifier: MIT */
/* A conversation by its functions: what is prepared, dropped and sent again after a failure, what
 * the tools do, and that the owner can decline. Over synthetic photos and mini; sending over the
 * stand-in of tests/llm where node is there. */
#include <sys/wait.h>

#include "ask/ask_internal.h"
#include "ask/tools.h"
#include "base/json.h"
#include "image/encode.h"
#include "indexing.h"

static struct error err;
static struct fixture f;
static struct store *store;

static bool says(const char *text, const char *part)
{
    bool found = text && strstr(text, part);
    if (!found)
        diag("'%s' is not in: %s", part, text ? text : "(null)");
    return found;
}

static void write_large(const char *folder, const char *name)
{
    AUTO(image) *image = NULL;
    AUTO_FREE uint8_t *data = NULL;
    size_t size;
    if (image_new(3000, 2000, &image, &err))
        abort();
    for (size_t i = 0; i < (size_t)3000 * 2000 * 3; i++)
        image->rgb[i] = (uint8_t)(i / 9000 % 256);
    if (image_encode_jpeg(image, 80, &data, &size, &err))
        abort();
    tree_write(folder, name, data, size);
}

static void make_gallery(void)
{
    f = fixture_new();
    picture_write(f.photos, "Italy/a.png", 1);
    picture_write(f.photos, "Italy/b.png", 2);
    picture_write(f.photos, "2019/Spain/c.png", 3);
    picture_write(f.photos, "2020/Spain/d.png", 4);
    write_large(f.photos, "large.jpg");
    is_int(gallery_index(f.db, f.photos).added, 5, "the question has five photos");
    if (store_open(f.db, STORE_WRITE, &store, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
}

static struct llm *open_llm(const char *url)
{
    struct llm *llm;
    struct llm_options options = {.provider = "anthropic", .base_url = url};
    if (llm_open(&options, &llm, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    return llm;
}

/* The filter says that the owner chose these photos: they need not match. */
static struct ask *open_ask(struct llm *llm, size_t k)
{
    struct ask *ask;
    struct ask_options options = {
        .principal = &principal_owner, .k = k, .filter = {.folder = f.photos}, .purpose = "test"};
    if (ask_open(store, test_clip, "mini", llm, &options, &ask, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    return ask;
}

/* ---- preparing ---- */

static void is_numbered(const struct outbox *outbox, size_t count, const char *name)
{
    bool good = outbox->count == count;
    for (size_t i = 0; good && i < count; i++) {
        AUTO_FREE char *label = xasprintf("Image %zu: ", i + 1);
        good = outbox->photos[i].number == (int)i + 1 &&
               strncmp(outbox->photos[i].caption, label, strlen(label)) == 0;
    }
    ok(good, "%s", name);
}

static size_t count_in_body(const struct ask *ask, const char *part)
{
    AUTO_FREE char *body = NULL;
    size_t size, count = 0;
    if (ask_body(ask, &body, &size, &err))
        return 0;
    for (const char *at = body; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

static void test_prepare(struct llm *llm)
{
    AUTO(ask) *ask = open_ask(llm, 5);
    ok(!ask_would_send(ask), "nothing is prepared");
    is_int(ask_prepare(ask, " ", &err), ERR_INVALID, "an empty question");
    is_int(ask_prepare(ask, "\xff", &err), ERR_INVALID, "one that is not UTF-8");
    is_int(ask_prepare(ask, "stripes", &err), 0, "a question");
    is_numbered(ask_outbox(ask), 5, "five photos, numbered, with captions");
    is_int((long long)count_in_body(ask, "\"image/jpeg\""), 5, "five in the body");
    int64_t second = ask_outbox(ask)->photos[1].photo.id;
    int64_t bytes = (int64_t)ask_outbox(ask)->bytes, tokens = ask_outbox(ask)->tokens;
    is_int(ask_drop(ask, 999, &err), ERR_NOT_FOUND, "a photo that is not there");
    is_int(ask_drop(ask, second, &err), 0, "one that is");
    is_numbered(ask_outbox(ask), 4, "the others are numbered anew");
    is_int((long long)count_in_body(ask, "\"image/jpeg\""), 4, "four in the body");
    ok((int64_t)ask_outbox(ask)->bytes < bytes && ask_outbox(ask)->tokens < tokens,
       "fewer bytes and tokens");
    while (ask_outbox(ask)->count > 0)
        if (ask_drop(ask, ask_outbox(ask)->photos[0].photo.id, &err))
            break;
    ok(!ask_would_send(ask) && ask_outbox(ask)->bytes == 0, "all dropped: nothing would be sent");
    struct ask_answer answer;
    is_int(ask_send(ask, NULL, &answer, &err), 0, "sending it");
    ok(answer.nothing_matches && answer.requests == 0, "sends nothing");
    ask_answer_release(&answer);
}

static void test_again(struct llm *llm)
{
    AUTO(ask) *ask = open_ask(llm, 2);
    AUTO_FREE char *before = NULL, *after = NULL;
    size_t size_before, size_after;
    struct ask_answer answer;
    is_int(ask_send(ask, NULL, &answer, &err), ERR_INVALID, "nothing is prepared");
    ask_answer_release(&answer);
    if (ask_prepare(ask, "stripes", &err) || ask_body(ask, &before, &size_before, &err))
        abort();
    is_int(ask_send(ask, NULL, &answer, &err), ERR_NETWORK, "a server that is not there");
    ok(answer.text[0] == '\0' && answer.count == 0, "no answer");
    ask_answer_release(&answer);
    is_int(ask_body(ask, &after, &size_after, &err), 0, "the question is still prepared");
    ok(size_before == size_after && memcmp(before, after, size_before) == 0, "as it was");
}

/* ---- tools ---- */

/* The sentence, or the error; *ret_added: pictures. */
static char *run_tool(struct ask *ask, const char *name, const char *input, size_t *ret_added)
{
    AUTO_JSON *json = json_loads(input, 0, NULL);
    struct tool_result result;
    if (tool_run(ask, name, json, &result, &err)) {
        diag("%s", err.message);
        return NULL;
    }
    *ret_added = ask->pictures.count - result.first;
    char *sentence =
        xasprintf("%s%s", result.is_error ? "error: " : "", result.sentence ? result.sentence : "");
    tool_result_release(&result);
    return sentence;
}

static void searches(struct ask *ask, const char *folder, size_t added, const char *part)
{
    AUTO_FREE char *input = xasprintf("{\"query\": \"stripes\", \"folder\": \"%s\"}", folder);
    size_t pictures = ask->pictures.count, got = 0;
    AUTO_FREE char *sentence = run_tool(ask, "search_photos", input, &got);
    ok(got == added && says(sentence, part), "folder %s: %s", folder, sentence);
    pictures_cut(&ask->pictures, pictures);
}

static void test_folders(struct llm *llm)
{
    AUTO(ask) *ask = open_ask(llm, 1);
    AUTO_FREE char *italy = file_join(f.photos, "Italy");
    searches(ask, "Italy", 2, "2 new photos");
    searches(ask, "italy/", 2, "2 new photos");
    searches(ask, "Spain", 0, "error: several folders");
    searches(ask, "2019/Spain", 1, "1 new photo");
    searches(ask, "Portugal", 0, "there is no folder");
    searches(ask, italy, 2, "2 new photos");
    searches(ask, "/etc", 0, "error: this folder is outside");
    searches(ask, "/", 0, "error: this folder is outside");
    size_t added;
    AUTO_FREE char *dated =
        run_tool(ask, "search_photos", "{\"query\": \"a\", \"from\": \"2019\"}", &added);
    ok(added == 0 && says(dated, "0 new photos"), "photos without a date: %s", dated);
    AUTO_FREE char *odd =
        run_tool(ask, "search_photos", "{\"query\": \"a\", \"from\": \"2019-02-31\"}", &added);
    ok(added == 0 && says(odd, "error: "), "a day that is none: %s", odd);
    AUTO_FREE char *unknown = run_tool(ask, "remove_photo", "{}", &added);
    ok(says(unknown, "error: there is no tool"), "an unknown tool");
}

static const struct picture *last_picture(const struct ask *ask)
{
    return &ask->pictures.items[ask->pictures.count - 1];
}

static void test_views(struct llm *llm)
{
    AUTO(ask) *ask = open_ask(llm, 5);
    if (ask_prepare(ask, "stripes", &err))
        abort();
    int large = 0, small = 0;
    for (size_t i = 0; i < ask->pictures.count; i++)
        *(ask->pictures.items[i].view.photo_width == 3000 ? &large : &small) = (int)i + 1;
    int width = pictures_find(&ask->pictures, large)->view.width;
    size_t added;
    AUTO_FREE char *tiny = xasprintf("{\"number\": %d}", small);
    AUTO_FREE char *refused = run_tool(ask, "view_photo", tiny, &added);
    ok(added == 0 && says(refused, "already shown in full resolution"),
       "a small photo is all there");
    AUTO_FREE char *whole = xasprintf("{\"number\": %d}", large);
    AUTO_FREE char *larger = run_tool(ask, "view_photo", whole, &added);
    ok(added == 1 && last_picture(ask)->view.width > width, "%s, not %d", larger, width);
    AUTO_FREE char *again = xasprintf("{\"number\": %d}", ask->pictures.last);
    AUTO_FREE char *twice = run_tool(ask, "view_photo", again, &added);
    ok(added == 0 && says(twice, "error: "), "once is enough");
    const struct view *view = &pictures_find(&ask->pictures, large)->view;
    AUTO_FREE char *right_half = xasprintf("{\"number\": %d, \"box\": [%d, 0, %d, %d]}", large,
                                           view->width / 2, view->width, view->height);
    AUTO_FREE char *half = run_tool(ask, "view_photo", right_half, &added);
    view = &last_picture(ask)->view;
    ok(added == 1 && view->part.left == 1500 && view->part.width == 1500, "the right half: %s",
       half);
    AUTO_FREE char *lower =
        xasprintf("{\"number\": %d, \"box\": [0, %d, %d, %d]}", ask->pictures.last,
                  view->height / 2, view->width / 2, view->height);
    AUTO_FREE char *quarter = run_tool(ask, "view_photo", lower, &added);
    view = &last_picture(ask)->view;
    ok(added == 1 && abs(view->part.left - 1500) <= 1 && abs(view->part.width - 750) <= 2 &&
           abs(view->part.top - 1000) <= 2 && abs(view->part.height - 1000) <= 2,
       "%s: %d,%d %dx%d", quarter, view->part.left, view->part.top, view->part.width,
       view->part.height);
    AUTO_FREE char *beside =
        run_tool(ask, "view_photo", "{\"number\": 1, \"box\": [9000, 0, 9100, 10]}", &added);
    ok(added == 0 && says(beside, "outside Image 1"), "a box outside: %s", beside);
}

/* What the owner took out stays out. */
static void test_dropped(struct llm *llm)
{
    AUTO(ask) *ask = open_ask(llm, 1);
    size_t added = 0;
    if (ask_prepare(ask, "stripes", &err))
        abort();
    int64_t photo = ask_outbox(ask)->photos[0].photo.id;
    is_int(ask_drop(ask, photo, &err), 0, "the best photo is dropped");
    AUTO_FREE char *found =
        run_tool(ask, "search_photos", "{\"query\": \"stripes\", \"count\": 10}", &added);
    bool there = false;
    for (size_t i = 0; i < ask->pictures.count; i++)
        there = there || ask->pictures.items[i].photo.id == photo;
    ok(added == 4 && !there, "a tool finds the others only: %s", found);
}

/* ---- over the stand-in ---- */

struct stand_in {
    pid_t pid;
    int to_it;
    int port; /* 0: it is not there */
};

static struct stand_in stand_in_start(void)
{
    struct stand_in s = {0};
    int in[2], out[2];
    char line[64] = "";
    TREE_CHECK(pipe(in) == 0 && pipe(out) == 0);
    fflush(stdout);
    s.pid = fork();
    if (s.pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[1]);
        close(out[0]);
        execlp("node", "node", "tests/llm/stand_in.mjs", (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    s.to_it = in[1];
    ssize_t n = read(out[0], line, sizeof line - 1);
    close(out[0]);
    if (n > 0 && strncmp(line, "PORT ", 5) == 0)
        s.port = atoi(line + 5);
    return s;
}

static void stand_in_stop(struct stand_in *s)
{
    close(s->to_it);
    waitpid(s->pid, NULL, 0);
}

struct watch {
    bool allow;
    size_t asked, added;
    char sentence[300];
};

static bool on_approve(void *context, const struct outbox *added)
{
    struct watch *watch = context;
    watch->asked += added->count;
    return watch->allow;
}

static void on_done(void *context, const char *name, const char *sentence,
                    const struct outbox *added)
{
    struct watch *watch = context;
    (void)name;
    watch->added += added->count;
    snprintf(watch->sentence, sizeof watch->sentence, "%s", sentence);
}

static void test_approval(int port)
{
    AUTO_FREE char *url = xasprintf("http://127.0.0.1:%d/tools", port);
    for (int allow = 0; allow < 2; allow++) {
        AUTO(llm) *llm = open_llm(url);
        AUTO(ask) *ask = open_ask(llm, 2);
        struct watch watch = {.allow = allow};
        struct ask_events events = {.context = &watch, .approve = on_approve, .tool_done = on_done};
        struct ask_answer answer;
        is_int(ask_prepare(ask, "stripes", &err), 0, "a question");
        is_int(ask_send(ask, &events, &answer, &err), 0, "is sent");
        is_int((long long)watch.asked, 2, "the model wants two more photos");
        is_int((long long)watch.added, allow ? 2 : 0, allow ? "it gets them" : "it gets none");
        ok(allow || (says(watch.sentence, "declined") && says(answer.text, "declined")),
           "and is told: %s", watch.sentence);
        is_int((long long)ask->pictures.count, allow ? 4 : 2, "pictures of the conversation");
        ok(says(answer.text, allow ? "Images seen: 4" : "Images seen: 2"), "that the model saw");
        ask_answer_release(&answer);
    }
}

/* What the file shows is in the question once, under whichever of its paths. */
static void test_copies(struct llm *llm)
{
    picture_write(f.photos, "copies/a.png", 1);
    picture_write(f.photos, "copies/b.png", 2);
    picture_write(f.photos, "copies/c.png", 3);
    picture_write(f.photos, "copies/d.png", 4);
    write_large(f.photos, "copies/large.jpg");
    is_int(gallery_index(f.db, f.photos).copied, 5, "a copy of each photo");
    AUTO(ask) *ask = open_ask(llm, 8);
    size_t added = 0, same = 0;
    if (ask_prepare(ask, "stripes", &err))
        abort();
    is_numbered(ask_outbox(ask), 5, "ten paths, five photos");
    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < i; k++)
            same += memcmp(ask->pictures.items[i].view.hash, ask->pictures.items[k].view.hash,
                           HASH_BYTES) == 0;
    is_int((long long)same, 0, "none of them twice");
    is_int(ask_drop(ask, ask_outbox(ask)->photos[0].photo.id, &err), 0, "one is dropped");
    AUTO_FREE char *found =
        run_tool(ask, "search_photos", "{\"query\": \"stripes\", \"count\": 10}", &added);
    is_int((long long)added, 0, "its copy does not come by a tool");
    ok(says(found, "0 new photos, 4 seen before"), "each of the others counts once");
}

int main(void)
{
    setenv("ANTHROPIC_API_KEY", "sk-ant-stand-in", 1);
    test_clip_open(1);
    make_gallery();
    AUTO(llm) *llm = open_llm("http://127.0.0.1:1");
    test_prepare(llm);
    test_again(llm);
    test_folders(llm);
    test_views(llm);
    test_dropped(llm);
    struct stand_in stand_in = stand_in_start();
    if (stand_in.port)
        test_approval(stand_in.port);
    else
        skip("node is not installed");
    stand_in_stop(&stand_in);
    test_copies(llm);
    store_close(store);
    clip_close(test_clip);
    fixture_release(&f);
    return done_testing();
}
