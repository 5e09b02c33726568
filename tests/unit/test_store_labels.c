/* SPDX-License-Identifier: MIT */
/* Labels, albums and never-send rules, on any kind of store. */
#include "store/labels.h"

#include "base/limits.h"
#include "covering.h"
#include "store/listing.h"
#include "store/records.h"
#include "store/rules.h"
#include "store_fixture.h"

static struct error err;

/* "name photo-path [x,y,w,h]" lines, or what stopped it. */
struct listed {
    char text[4096];
    size_t length, count;
    size_t stop_after; /* 0: never */
    int64_t photo, id; /* of the last */
};

static int note(void *context, const struct store_label *label)
{
    struct listed *l = context;
    l->length += (size_t)snprintf(l->text + l->length, sizeof l->text - l->length, "%s %s",
                                  label->name, label->path ? label->path : "-");
    if (label->has_box)
        l->length +=
            (size_t)snprintf(l->text + l->length, sizeof l->text - l->length, " %g,%g,%g,%g",
                             label->box.x, label->box.y, label->box.width, label->box.height);
    l->length += (size_t)snprintf(l->text + l->length, sizeof l->text - l->length, "\n");
    l->photo = label->photo;
    l->id = label->id;
    return ++l->count == l->stop_after ? 23 : 0;
}

static int note_name(void *context, const struct store_name *name)
{
    struct listed *l = context;
    l->length += (size_t)snprintf(l->text + l->length, sizeof l->text - l->length, "%s %s %lld\n",
                                  name->name, name->folded, (long long)name->labels);
    return ++l->count == l->stop_after ? 23 : 0;
}

static void lists(struct store *store, int64_t photo, const char *name, const char *want,
                  const char *what)
{
    struct listed l = {.length = 0};
    int rc = store_list_labels(store, photo, name, note, &l, &err);
    if (rc)
        diag("%s", err.message);
    ok(rc == 0 && strcmp(l.text, want) == 0, "%s", what);
    if (strcmp(l.text, want) != 0)
        diag("got\n%s", l.text);
}

static int64_t label(struct store *store, const char *path, const char *name,
                     const struct store_box *box)
{
    int64_t id = 0;
    if (store_add_label(store, fixture_id(store, path), name, box, &id, &err))
        ok(false, "label %s: %s", path, err.message);
    return id;
}

static void apply(struct store *store, struct store_change change)
{
    if (store_apply(store, &change, 1, &err))
        ok(false, "%s", err.message);
}

static void test_labels(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    const struct store_box box = {.x = 0.25, .y = 0, .width = 0.5, .height = 1};
    lists(store, 0, NULL, "", "a new gallery has no labels");
    fixture_put(store, "/b", 2);
    fixture_put(store, "/a", 1);
    int64_t a = fixture_id(store, "/a"), b = fixture_id(store, "/b");
    int64_t mia = label(store, "/b", " Mia ", &box), found = 0;
    ok(mia > 0, "adds a label");
    is_int(label(store, "/b", "MIA", &box), mia, "the same once more is given back");
    int64_t whole = label(store, "/b", "mia", NULL);
    ok(whole != mia, "of the whole photo it is another");
    is_int(label(store, "/b", "Mia", NULL), whole, "... and given back, too");
    label(store, "/a", "mia", NULL);
    label(store, "/a", "\xC3\x89mile", NULL);
    label(store, "/b", "Zo\xC3\xAB; DROP TABLE label", NULL);
    lists(store, 0, NULL,
          "mia /a\nMia /b 0.25,0,0.5,1\nmia /b\nZo\xC3\xAB; DROP TABLE label /b\n\xC3\x89mile /a\n",
          "all: by name, path and id");
    lists(store, b, NULL, "Mia /b 0.25,0,0.5,1\nmia /b\nZo\xC3\xAB; DROP TABLE label /b\n",
          "of one photo");
    lists(store, 0, " MIA", "mia /a\nMia /b 0.25,0,0.5,1\nmia /b\n", "of one name");
    lists(store, a, "E\xCC\x81MILE", "\xC3\x89mile /a\n", "of both, accents written otherwise");
    lists(store, 0, "nobody", "", "of a name that none has");
    struct listed names = {.length = 0}, l = {.stop_after = 2};
    is_int(store_list_names(store, note_name, &names, &err), 0, "names alone");
    ok((strncmp(names.text, "mia mia 3\n", 10) == 0 ||
        strncmp(names.text, "Mia mia 3\n", 10) == 0) &&
           strcmp(names.text + 10, "Zo\xC3\xAB; DROP TABLE label zo\xC3\xAB; drop table label 1\n"
                                   "\xC3\x89mile \xC3\xA9mile 1\n") == 0,
       "... each once, with the number of its labels");
    names = (struct listed){.stop_after = 1};
    is_int(store_list_names(store, note_name, &names, &err), 23, "... or stopped");
    is_int(store_list_labels(store, 0, NULL, note, &l, &err), 23, "a list can be stopped");
    is_int((long long)l.count, 2, "... there");

    is_int(store_find_photo(store, "/b", &found, &err), 0, "finds a photo by its path");
    is_int(found, b, "... that one");
    is_int(store_find_photo(store, "/bb", &found, &err), ERR_NOT_FOUND, "... or not");
    ok(strstr(err.message, "/bb") != NULL, "... %s", err.message);

    is_int(store_rename_label(store, mia, "Mia B.", &err), 0, "a label is renamed");
    lists(store, b, "MIA b.", "Mia B. /b 0.25,0,0.5,1\n", "... it has the new name");
    int64_t other = label(store, "/b", "Ben", NULL);
    is_int(store_rename_label(store, other, "MIA", &err), 0, "renames to what is there already");
    lists(store, b, "mia", "MIA /b\n", "... they become one");
    is_int(store_remove_label(store, whole, &err), ERR_NOT_FOUND, "... the other is gone");
    is_int(store_remove_label(store, other, &err), 0, "a label is removed");
    lists(store, b, "mia", "", "... it is gone");
    is_int(store_remove_label(store, other, &err), ERR_NOT_FOUND, "removes once only");
    is_int(store_rename_label(store, other, "x", &err), ERR_NOT_FOUND, "... nor renames");
    struct store_status status;
    ok(store_status(store, &status, &err) == 0 && status.labels == 4, "status counts them");
}

static void test_refusals(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    int64_t id;
    char longest[LIMIT_LABEL_NAME_BYTES + 2];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    fixture_put(store, "/a", 1);
    int64_t a = fixture_id(store, "/a");
    const char *const names[] = {"", " ", "\xE2\x80\x8B", "a\tb", "a\x7f", "\xC3", longest};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        is_int(store_add_label(store, a, names[i], NULL, &id, &err), ERR_INVALID, err.message);
    is_int(store_add_label(store, a, longest + 1, NULL, &id, &err), 0, "the longest name");
    is_int(store_rename_label(store, id, "", &err), ERR_INVALID, "no name to be renamed to");
    is_int(store_add_label(store, a + 77, "Mia", NULL, &id, &err), ERR_NOT_FOUND, "no such photo");
    const struct store_box boxes[] = {
        {0, 0, 0, 1},        {0, 0, 1, 0},   {-0.1, 0, 0.5, 0.5}, {0, -0.1, 0.5, 0.5},
        {0.6, 0, 0.5, 1},    {0, 0.6, 1, 1}, {0, 0, -0.5, 0.5},   {(double)NAN, 0, 0.5, 0.5},
        {0, 0, INFINITY, 1},
    };
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++)
        is_int(store_add_label(store, a, "Mia", &boxes[i], &id, &err), ERR_INVALID, err.message);
    const struct store_box rounded = {0.1, 0.7, 0.9, 0.3}; /* 0.7 + 0.3 > 1 in some roundings */
    is_int(store_add_label(store, a, "Mia", &rounded, &id, &err), 0, "a box to the edges");
    struct fixture_photo unread;
    struct store_change *change = fixture_add(&unread, "/unread", 3);
    memset(unread.hash, 0, sizeof unread.hash);
    apply(store, *change);
    is_int(store_add_label(store, fixture_id(store, "/unread"), "Mia", NULL, &id, &err),
           ERR_INVALID, "a photo whose content is not known");
    ok(strstr(err.message, "/unread") && strstr(err.message, "keepsake index"), "... %s",
       err.message);
}

/* ---- labels belong to content ---- */

static void test_content(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    fixture_put(store, "/m", 1);
    label(store, "/m", "Mia", NULL);
    apply(store,
          (struct store_change){.kind = STORE_COPY, .path = "/z", .id = fixture_id(store, "/m")});
    apply(store,
          (struct store_change){.kind = STORE_COPY, .path = "/c", .id = fixture_id(store, "/m")});
    lists(store, 0, NULL, "Mia /c\n", "of copies the first by path is named");
    lists(store, fixture_id(store, "/z"), NULL, "Mia /z\n", "every copy has the label");
    apply(store,
          (struct store_change){.kind = STORE_MOVE, .path = "/b", .id = fixture_id(store, "/c")});
    lists(store, 0, NULL, "Mia /b\n", "it goes with a photo that moves");
    int64_t count;
    is_int(store_forget(store, "/", &count, &err), 0, "all is forgotten");
    lists(store, 0, NULL, "Mia -\n", "... and the label stays");
    fixture_put(store, "/again", 1);
    lists(store, 0, NULL, "Mia /again\n", "... for the same content elsewhere");

    fixture_put(store, "/again", 2);
    lists(store, 0, NULL, "Mia /again\n", "it goes over to new content at the path");
    fixture_put(store, "/old", 1);
    lists(store, fixture_id(store, "/old"), NULL, "", "... and the old one has it no more");
    apply(store, (struct store_change){
                     .kind = STORE_COPY, .path = "/other", .id = fixture_id(store, "/again")});
    fixture_put(store, "/again", 3);
    lists(store, 0, NULL, "Mia /other\n", "not when another photo has the old content");
    lists(store, fixture_id(store, "/again"), NULL, "", "... which keeps it");

    label(store, "/again", "Ben", NULL);
    label(store, "/again", "Mia", NULL);
    label(store, "/old", "Zoe", NULL);
    fixture_put(store, "/again", 1);
    lists(store, 0, "Ben", "Ben -\n", "not when the new content is known at another path");
    fixture_put(store, "/old", 3);
    lists(store, 0, "Ben", "Ben /old\n", "... so that two files may change places");
    lists(store, 0, "Zoe", "Zoe /again\n", "... both ways");
}

static void test_merging(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    fixture_put(store, "/new", 8);
    label(store, "/new", "Mia", NULL);
    int64_t count;
    is_int(store_forget(store, "/new", &count, &err), 0, "a content that nothing has now");
    fixture_put(store, "/a", 7);
    label(store, "/a", "mia", NULL);
    label(store, "/a", "Ben", NULL);
    fixture_put(store, "/a", 8);
    struct listed l = {.length = 0};
    is_int(store_list_labels(store, 0, NULL, note, &l, &err), 0, "comes to a labelled photo");
    is_int((long long)l.count, 2, "... each label is there once");
    ok(strncmp(l.text, "Ben /a\n", 7) == 0 && strstr(l.text, "ia /a\n"), "... of both");
}

static void test_filter(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    AUTO(store) *reader = NULL;
    static const char *const paths[] = {"/a", "/b", "/b/c", "/d", "/e", "/f"};
    for (size_t i = 0; i < 6; i++)
        fixture_put(store, paths[i], i);
    if (store_tend_index(store, &err) || store_open(gallery, STORE_READ, &reader, &err))
        ok(false, "%s", err.message);
    struct store_filter filter = {.label = "MIA"};
    struct store_hit hits[8];
    float query[FIXTURE_DIM];
    size_t count = 9;
    fixture_vector(2, FIXTURE_DIM, query);
    ok(!store_search(reader, query, 8, &filter, hits, &count, &err) && count == 0,
       "a name that none has: no photo");
    int64_t first = label(store, "/b/c", "Mia", NULL);
    label(store, "/e", "mia", NULL);
    label(store, "/f", "Ben", NULL);
    ok(!store_search(reader, query, 8, &filter, hits, &count, &err) && count == 2 &&
           hits[0].id == fixture_id(store, "/b/c") && hits[1].id == fixture_id(store, "/e"),
       "a search for a name, as another process gives it");
    filter.folder = "/b";
    ok(!store_search(reader, query, 8, &filter, hits, &count, &err) && count == 1 &&
           hits[0].id == fixture_id(store, "/b/c"),
       "... below a folder");
    ok(!store_remove_label(store, first, &err) &&
           !store_search(reader, query, 8, &filter, hits, &count, &err) && count == 0,
       "... and takes it away");
}

/* ---- albums ---- */

static int note_album(void *context, const struct store_album *album)
{
    struct listed *l = context;
    l->length += (size_t)snprintf(l->text + l->length, sizeof l->text - l->length,
                                  "%s|%s|%s|%lld|%lld\n", album->name, album->folded, album->query,
                                  (long long)album->put_in, (long long)album->left_out);
    l->id = album->id;
    return ++l->count == l->stop_after ? 23 : 0;
}

static int note_member(void *context, const struct store_member *member)
{
    struct listed *l = context;
    l->length += (size_t)snprintf(l->text + l->length, sizeof l->text - l->length, "%s %02x %d\n",
                                  member->album, member->hash[0], member->put_in);
    return ++l->count == l->stop_after ? 23 : 0;
}

static void albums_are(struct store *store, const char *want, const char *what)
{
    struct listed l = {.length = 0};
    if (store_list_albums(store, note_album, &l, &err))
        diag("%s", err.message);
    is_str(l.text, want, what);
}

static void members_are(struct store *store, const char *want, const char *what)
{
    struct listed l = {.length = 0};
    if (store_list_members(store, note_member, &l, &err))
        diag("%s", err.message);
    is_str(l.text, want, what);
}

static int note_path(void *context, const struct store_photo *photo)
{
    struct listed *l = context;
    l->length +=
        (size_t)snprintf(l->text + l->length, sizeof l->text - l->length, "%s ", photo->path);
    return 0;
}

static void members_match(struct store *store, const char *criterion, const char *name,
                          const char *want, const char *what)
{
    struct criteria *made;
    struct listed l = {.length = 0};
    if (criteria_leaf(criterion, CRITERIA_IS, &name, 1, &made, &err))
        ok(false, "%s", err.message);
    AUTO(criteria) *where = made;
    struct store_filter filter = {.where = where};
    if (store_list_photos(store, &filter, NULL, 0, 100, note_path, &l, &err))
        diag("%s", err.message);
    is_str(l.text, want, what);
}

static void test_albums(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    struct store_status status;
    int64_t trip = 0, family = 0, id = 0;
    albums_are(store, "", "a new gallery has no albums");
    fixture_put(store, "/a", 1);
    fixture_put(store, "/b", 2);
    fixture_put(store, "/copy", 2);
    fixture_put(store, "/c", 3);
    int64_t a = fixture_id(store, "/a"), b = fixture_id(store, "/b"), c = fixture_id(store, "/c");
    is_int(store_add_album(store, " Tr\xC3\xADp ", "in:trips", &trip, &err), 0, "adds an album");
    is_int(store_add_album(store, "\xE5\xAE\xB6\xE4\xBA\xBA", "", &family, &err), 0,
           "... with a name in another script, and without a query");
    ok(trip > 0 && family > trip, "... each with an id");
    is_int(store_add_album(store, "TRI\xCC\x81P", "x", &id, &err), ERR_INVALID,
           "an equal name in another spelling is refused");
    ok(strstr(err.message, "already") != NULL, "... %s", err.message);
    albums_are(store,
               "Tr\xC3\xADp|tr\xC3\xADp|in:trips|0|0\n"
               "\xE5\xAE\xB6\xE4\xBA\xBA|\xE5\xAE\xB6\xE4\xBA\xBA||0|0\n",
               "albums are listed by name");
    is_int(store_set_members(store, trip, (int64_t[]){a, b}, 2, STORE_MEMBER_PUT_IN, &err), 0,
           "puts photos in");
    is_int(store_set_members(store, trip, &c, 1, STORE_MEMBER_LEFT_OUT, &err), 0,
           "leaves a photo out");
    is_int(store_set_members(store, family, &a, 1, STORE_MEMBER_PUT_IN, &err), 0,
           "puts a photo into another album");
    members_match(store, "album_in", "tri\xCC\x81P", "/copy /b /a ",
                  "a criterion selects what was put in, with copies");
    members_match(store, "album_out", "Tr\xC3\xADp", "/c ", "... and what was left out");
    members_match(store, "album_in", "nobody", "", "... of an album that exists");
    is_int(store_set_members(store, trip, &a, 1, STORE_MEMBER_BY_QUERY, &err), 0,
           "lets the query decide again");
    is_int(store_set_members(store, trip, &b, 1, STORE_MEMBER_LEFT_OUT, &err), 0,
           "leaves out what was put in");
    members_match(store, "album_in", "tr\xC3\xADp", "", "... so that it is no longer in");
    members_match(store, "album_out", "tr\xC3\xADp", "/c /copy /b ", "... but out");
    is_int(store_set_members(store, trip, (int64_t[]){a, 4711}, 2, STORE_MEMBER_PUT_IN, &err),
           ERR_NOT_FOUND, "a photo that does not exist is refused");
    is_int(store_set_members(store, 99, &a, 1, STORE_MEMBER_PUT_IN, &err), ERR_NOT_FOUND,
           "... and so is an album");
    ok(store_status(store, &status, &err) == 0 && status.albums == 2, "status counts albums");

    is_int(store_change_album(store, trip, NULL, "label:Mia", &err), 0, "changes a query");
    is_int(store_change_album(store, trip, "Porto", NULL, &err), 0, "renames an album");
    is_int(store_change_album(store, family, "porto", NULL, &err), ERR_INVALID,
           "... but not to the name of another");
    is_int(store_change_album(store, 99, "x", NULL, &err), ERR_NOT_FOUND,
           "an album that does not exist cannot be changed");
    albums_are(store,
               "Porto|porto|label:Mia|0|2\n"
               "\xE5\xAE\xB6\xE4\xBA\xBA|\xE5\xAE\xB6\xE4\xBA\xBA||1|0\n",
               "the change keeps what was done by hand");
    /* The first byte of a content's hash is its number (store_fixture.h). */
    members_are(store, "Porto 02 0\nPorto 03 0\n\xE5\xAE\xB6\xE4\xBA\xBA 01 1\n",
                "members are listed by album and content");

    apply(store, (struct store_change){.kind = STORE_REMOVE, .path = "/a"});
    members_match(store, "album_in", "\xE5\xAE\xB6\xE4\xBA\xBA", "", "a photo is forgotten");
    fixture_put(store, "/again", 1);
    members_match(store, "album_in", "\xE5\xAE\xB6\xE4\xBA\xBA", "/again ",
                  "... and in its album when it comes back under another path");
    fixture_put(store, "/again", 9);
    members_match(store, "album_in", "\xE5\xAE\xB6\xE4\xBA\xBA", "/again ",
                  "... also after an edit");
    fixture_put(store, "/copy", 8);
    members_match(store, "album_out", "porto", "/c /b ", "an edited copy is another photo");

    is_int(store_remove_album(store, trip, &err), 0, "removes an album");
    is_int(store_remove_album(store, trip, &err), ERR_NOT_FOUND, "... once");
    members_match(store, "album_out", "porto", "", "... with what was done by hand");
    is_int(store_add_album(store, "  ", "", &id, &err), ERR_INVALID, err.message);
    is_int(store_add_album(store, "a\nb", "", &id, &err), ERR_INVALID, err.message);
    is_int(store_add_album(store, "ok", "\xff", &id, &err), ERR_INVALID, err.message);
}

/* ---- rules ---- */

struct rules {
    char text[1024];
    size_t length;
};

static int note_rule(void *context, const struct store_rule *rule)
{
    struct rules *r = context;
    r->length +=
        (size_t)snprintf(r->text + r->length, sizeof r->text - r->length, "%s:%s\n",
                         rule->kind == STORE_RULE_FOLDER ? "folder" : "label", rule->value);
    return 0;
}

static void covered(struct store *store, const char *path, const char *want)
{
    char *phrase = NULL;
    if (find_covering(store, fixture_id(store, path), &phrase, &err))
        diag("%s", err.message);
    if (!ok(want ? phrase && strcmp(phrase, want) == 0 : !phrase, "%s: %s", path,
            want ? want : "not covered"))
        diag("got %s", phrase ? phrase : "nothing");
    free(phrase);
}

static void test_rules(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    static const char *const paths[] = {"/p/a",       "/p/b/c", "/p/bb", "/p/b",
                                        "/p/b\xff/d", "/q/mia", "/q/ben"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        fixture_put(store, paths[i], i);
    label(store, "/q/mia", "Mia", NULL);
    label(store, "/q/ben", "Ben", NULL);
    covered(store, "/p/b/c", NULL);
    int failed = store_add_rule(store, STORE_RULE_FOLDER, "/p/b/", &err) ||
                 store_add_rule(store, STORE_RULE_FOLDER, "/p/b", &err) ||
                 store_add_rule(store, STORE_RULE_FOLDER, "/p/b\xff", &err) ||
                 store_add_rule(store, STORE_RULE_LABEL, " MIA", &err) ||
                 store_add_rule(store, STORE_RULE_LABEL, "mia", &err);
    is_int(failed, 0, "adds rules, some twice");
    struct rules r = {.length = 0};
    is_int(store_list_rules(store, note_rule, &r, &err), 0, "lists them");
    is_str(r.text, "folder:/p/b\nfolder:/p/b\xff\nlabel:MIA\n", "... folders first");
    covered(store, "/p/a", NULL);
    covered(store, "/p/b/c", "the folder /p/b");
    covered(store, "/p/b", "the folder /p/b");
    covered(store, "/p/bb", NULL);
    covered(store, "/p/b\xff/d", "the folder /p/b\xEF\xBF\xBD");
    covered(store, "/q/mia", "the label 'MIA'");
    covered(store, "/q/ben", NULL);
    fixture_put(store, "/q/copy", 1);
    fixture_put(store, "/q/other", 9);
    covered(store, "/q/copy", "the folder /p/b (a copy is in it)");
    covered(store, "/q/other", NULL);
    char *phrase;
    is_int(find_covering(store, 4711, &phrase, &err), ERR_NOT_FOUND, "no such photo");
    struct store_status status;
    ok(store_status(store, &status, &err) == 0 && status.rules == 3, "status counts them");

    is_int(store_remove_rule(store, STORE_RULE_LABEL, "Mia", &err), 0, "removes one");
    covered(store, "/q/mia", NULL);
    is_int(store_remove_rule(store, STORE_RULE_LABEL, "Mia", &err), ERR_NOT_FOUND, "... once");
    is_int(store_remove_rule(store, STORE_RULE_FOLDER, "/p/b//", &err), 0, "... a folder");
    covered(store, "/p/b/c", NULL);
    covered(store, "/q/copy", NULL);
    is_int(store_add_rule(store, STORE_RULE_FOLDER, "/", &err), 0, "all folders");
    covered(store, "/q/ben", "the folder /");
    static const char *const bad[] = {"p/b", "", "/p/../b", "/p//b", "/p/.", "/.."};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        is_int(store_add_rule(store, STORE_RULE_FOLDER, bad[i], &err), ERR_INVALID, err.message);
    is_int(store_add_rule(store, STORE_RULE_LABEL, " ", &err), ERR_INVALID, err.message);
}

int main(void)
{
    fixture_start();
    test_labels();
    test_refusals();
    test_content();
    test_merging();
    test_filter();
    test_albums();
    test_rules();
    fixture_cleanup();
    return done_testing();
}
