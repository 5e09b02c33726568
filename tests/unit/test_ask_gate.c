/* SPDX-License-Identifier: MIT */
/* The gate: nothing of a photo under a rule passes, and the ledger knows of each attempt before it
 * leaves. Over a real gallery and a real (unreachable) server. */
#include "ask/gate.h"
#include "base/file.h"
#include "base/json.h"
#include "image/encode.h"
#include "store/rules.h"
#include "store_fixture.h"
#include "tree.h"

static struct error err;
static char *folder;
static struct store *store;
static struct llm *llm;

/* ---- a gallery of two photos with files, and a conversation with both ---- */

static int64_t add_photo(const char *name, uint8_t shade)
{
    AUTO(image) *image = NULL;
    AUTO_FREE uint8_t *data = NULL;
    size_t size;
    if (image_new(64, 48, &image, &err))
        abort();
    memset(image->rgb, shade, (size_t)64 * 48 * 3);
    if (image_encode_jpeg(image, 90, &data, &size, &err))
        abort();
    tree_write(folder, name, data, size);
    AUTO_FREE char *path = file_join(folder, name);
    struct fixture_photo photo;
    struct store_change *change = fixture_add(&photo, path, shade);
    hash_bytes(data, size, photo.hash);
    if (store_apply(store, change, 1, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    return fixture_id(store, path);
}

static void add_picture(struct pictures *pictures, int64_t id)
{
    struct picture picture = {.caption = xasprintf("Image %d: a caption", pictures->last + 1)};
    struct view_request request = {.edge_px = 1568, .max_tokens = 1568};
    if (store_get_photo(store, id, &picture.photo, &err) ||
        gate_render(store, &picture.photo, &request, &picture.view, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    pictures_add(pictures, &picture);
}

static json_t *conversation(void)
{
    return json_pack("[{s:s, s:[o, {s:s, s:s}]}, {s:s, s:[{s:s, s:s}, o]},"
                     " {s:s, s:[{s:s, s:s, s:[o]}]}]",
                     "role", "user", "content", picture_block(1), "type", "text", "text",
                     "Question: what?", "role", "assistant", "content", "type", "text", "text",
                     "Let me look.", picture_block(2), "role", "user", "content", "type",
                     "tool_result", "tool_use_id", "toolu_1", "content", picture_block(2));
}

/* The body that would be sent for the conversation. */
static json_t *body_of(const struct pictures *pictures, struct gate_load *ret_load)
{
    AUTO_JSON *messages = conversation();
    AUTO_FREE char *body = NULL;
    size_t size;
    json_t *root = NULL;
    struct llm_request request = {.messages = messages, .max_tokens = 100};
    if (gate_body(store, llm, &request, pictures, false, &body, &size, ret_load, &err) ||
        json_read_bytes(body, size, "body", &root, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    ok(ret_load->body_bytes == size, "the load tells the body's size");
    return root;
}

static const char *field(const json_t *block, const char *key)
{
    const char *text = json_string_value(json_object_get(block, key));
    return text ? text : "";
}

static const json_t *content_of(const json_t *body, size_t message)
{
    return json_object_get(json_array_get(json_object_get(body, "messages"), message), "content");
}

static void test_fill(const struct pictures *pictures)
{
    struct gate_load load;
    AUTO_JSON *body = body_of(pictures, &load);
    const json_t *first = content_of(body, 0);
    is_str(field(json_array_get(first, 0), "text"), "Image 1: a caption", "a caption");
    is_str(field(json_array_get(first, 1), "type"), "image", "then its picture");
    is_str(field(json_array_get(first, 2), "text"), "Question: what?", "the text stays");
    is_str(field(json_array_get(content_of(body, 1), 1), "type"), "picture",
           "what the model said is not touched");
    const json_t *result = json_array_get(content_of(body, 2), 0);
    const json_t *inner = json_object_get(result, "content");
    is_str(field(json_array_get(inner, 1), "type"), "image", "a picture in a tool's result");
    is_str(field(result, "tool_use_id"), "toolu_1", "... whose other fields stay");
    /* 64 x 48 is 3 x 2 patches of 28 pixels. */
    is_int(load.image_tokens, 12, "tokens of the pictures, exactly");
    ok(load.input_tokens > 12 && load.image_bytes < load.body_bytes, "and of the text, about");
}

static int count_entry(void *context, const struct ledger_entry *entry)
{
    (void)entry;
    ++*(int *)context;
    return 0;
}

static int entries(void)
{
    int count = 0;
    if (store_ledger_list(store, 0, count_entry, &count, &err))
        return -1;
    return count;
}

static void test_rules(const struct pictures *pictures, int64_t second)
{
    AUTO_FREE char *private = file_join(folder, "private");
    struct store_photo photo;
    struct view_request request = {.edge_px = 100};
    struct view view;
    is_int(store_add_rule(store, STORE_RULE_FOLDER, private, &err), 0, "a rule is made");
    is_int(store_get_photo(store, second, &photo, &err), 0, "a photo under it");
    is_int(gate_render(store, &photo, &request, &view, &err), ERR_DENIED, "is not rendered");
    ok(strstr(err.message, "never-send") && strstr(err.message, private), "... %s", err.message);
    store_photo_release(&photo);
    struct gate_load load;
    AUTO_JSON *body = body_of(pictures, &load);
    AUTO_FREE char *text = json_dumps(json_object_get(body, "messages"), JSON_COMPACT);
    const json_t *result = json_array_get(content_of(body, 2), 0);
    const json_t *inner = json_object_get(result, "content");
    is_int((long long)json_array_size(inner), 1, "a picture rendered before the rule");
    ok(strstr(field(json_array_get(inner, 0), "text"), "Image 2: the owner no longer shares"),
       "is left out of the body: %s", field(json_array_get(inner, 0), "text"));
    ok(strstr(text, "Image 1: a caption") && !strstr(text, "Image 2: a caption"),
       "with its caption; the other one goes");
    is_int(load.image_tokens, 6, "and is not counted");
    is_int(store_remove_rule(store, STORE_RULE_FOLDER, private, &err), 0, "the rule is removed");
    is_int(entries(), 0, "nothing of this is in the ledger");
}

struct seen {
    struct ledger_entry last;
    char photos[2000], detail[2000], request[64];
    int sent, ended;
};

static int see(void *context, const struct ledger_entry *entry)
{
    struct seen *seen = context;
    seen->sent += entry->event == LEDGER_SENT;
    seen->ended += entry->event != LEDGER_SENT;
    seen->last = *entry;
    if (entry->event == LEDGER_SENT)
        snprintf(seen->photos, sizeof seen->photos, "%s", entry->photos);
    snprintf(seen->detail, sizeof seen->detail, "%s", entry->detail);
    snprintf(seen->request, sizeof seen->request, "%s", entry->request);
    return 0;
}

/* Looks into the ledger from within: the entry must be there when the attempt begins. */
static int on_sending(void *context, int attempt, size_t bytes, struct error *problem)
{
    struct seen seen = {0};
    (void)context, (void)problem;
    int rc = store_ledger_list(store, 0, see, &seen, &err);
    ok(rc == 0 && seen.sent == attempt && seen.ended == attempt - 1 && bytes > 0,
       "attempt %d is in the ledger before its first byte, and how the one before ended", attempt);
    return 0;
}

static void on_retry(void *context, const char *sentence, double wait_s)
{
    (void)context, (void)sentence, (void)wait_s;
}

static void test_send(const struct pictures *pictures)
{
    AUTO_JSON *messages = conversation();
    struct llm_request request = {.messages = messages, .max_tokens = 100};
    struct llm_events events = {.sending = on_sending, .retry = on_retry};
    struct gate_sender sender = {&principal_owner, "test"};
    struct llm_reply reply;
    int rc = gate_send(store, llm, &sender, &request, pictures, &events, &reply, &err);
    is_int(rc, ERR_NETWORK, "a server that is not there");
    llm_reply_release(&reply);
    struct seen seen = {0};
    is_int(store_ledger_list(store, 0, see, &seen, &err), 0, "the ledger");
    ok(seen.sent == 3 && seen.ended == 3, "three attempts, each with its end");
    ok(strstr(seen.detail, "127.0.0.1"), "which says why: %s", seen.detail);
    AUTO_JSON *photos = NULL;
    is_int(json_read_bytes(seen.photos, strlen(seen.photos), "photos", &photos, &err), 0,
           "its photos");
    is_int((long long)json_array_size(photos), 2, "both of them, each once as it stands");
    is_int(json_integer_value(json_object_get(json_array_get(photos, 0), "width")), 64,
           "with their size");
}

/* For senders without an llm. */
static void test_records(const struct pictures *pictures)
{
    AUTO_JSON *photos = json_array();
    json_array_append_new(photos,
                          gate_photo_json(&pictures->items[0].photo, &pictures->items[0].view));
    struct gate_parcel parcel = {.sender = {&principal_owner, "mcp"},
                                 .provider = "mcp",
                                 .host = "a client",
                                 .model = "",
                                 .photos = photos,
                                 .bytes = 1234,
                                 .cost_usd = NAN};
    char name[GATE_NAME_SIZE] = "";
    is_int(gate_record_sent(store, &parcel, name, &err), 0, "a parcel is written down");
    is_int((long long)strlen(name), GATE_NAME_SIZE - 1, "under a name");
    struct seen seen = {0};
    is_int(store_ledger_list(store, 0, see, &seen, &err), 0, "the ledger");
    ok(seen.last.event == LEDGER_SENT && seen.last.bytes == 1234 && isnan(seen.last.cost_usd) &&
           strcmp(seen.request, name) == 0,
       "has it");
    is_int(gate_record_end(store, &parcel, name, LEDGER_ANSWERED, NULL, NAN, "", &err), 0,
           "and its end");
    is_int(store_ledger_list(store, 0, see, &seen, &err), 0, "the ledger");
    ok(seen.last.event == LEDGER_ANSWERED && strcmp(seen.request, name) == 0, "under its name");
}

int main(void)
{
    fixture_start();
    folder = tree_new();
    AUTO_FREE char *gallery = fixture_gallery();
    store = fixture_open(gallery);
    setenv("ANTHROPIC_API_KEY", "sk-ant-of-a-test", 1);
    struct llm_options options = {.provider = "anthropic", .base_url = "http://127.0.0.1:1"};
    if (!is_int(llm_open(&options, &llm, &err), 0, "a server that is not there"))
        return done_testing();
    struct pictures pictures = {0};
    int64_t first = add_photo("a.jpg", 40), second = add_photo("private/b.jpg", 200);
    add_picture(&pictures, first);
    add_picture(&pictures, second);
    test_fill(&pictures);
    test_rules(&pictures, second);
    test_send(&pictures);
    test_records(&pictures);
    pictures_release(&pictures);
    llm_close(llm);
    store_close(store);
    tree_remove(folder);
    free(folder);
    fixture_cleanup();
    return done_testing();
}
